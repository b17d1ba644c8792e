//! Every operation of nephoscope, once.
//!
//! Server functions, REST handlers, WebSocket commands, jobs and the command line are thin doors into the methods of [`Ops`]. Each
//! operation does the same five steps: who is calling and may they; which accounts and regions; do it; record it; tell the
//! caches. Nothing reaches AWS or the store by another way.
//!
//! Permission is checked by type: what changes something takes a [`Grant`] that only the check can make, so that a forgotten
//! check does not compile. What cannot be recorded is not done: a change begins only after the record of its start is durable.

mod accounts;
mod acting;
mod audit;
mod builder;
mod cache;
mod caches;
mod caller;
mod ec2;
mod estate;
mod identity;
mod keyed;
mod lambda;
mod limiter;
mod live;
mod logs;
mod many;
mod metrics;
mod record;
mod s3;
mod shared;
mod usage;
mod vault;

pub use accounts::KeyRotation;
pub use audit::AuditExport;
pub use builder::{Ops, OpsBuilder};
pub use caller::{Administer, Caller, Grant, Need, Operate, Own, Read};
pub use ec2::picture_text;
pub use identity::{
    LoggedIn, LoginLimits, NewTokenRequest, PersonChanged, ProviderAnswer, ProviderLogin, ProviderSettings,
    Providers, Session, SigningKey, SigningKeys, TOKEN_LIFETIME_SECS, Visitor,
};
pub use keyed::Repeat;
pub use lambda::archive_from_base64;
pub use limiter::{KeyedLimiter, network_of, wait_seconds};
pub use live::{InstancesWatch, LogWatch, MetricWatch, SubscriptionLimits};
pub use s3::{NewObject, NewPart, PAGE_OBJECTS, PreviewStream};
pub use shared::SharedListing;
pub use usage::Meter;
pub use vault::{MasterKeys, Purpose, Vault, give_to_owner_of_folder};
