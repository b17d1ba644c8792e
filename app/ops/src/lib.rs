//! Every operation of nephoscope, once.
//!
//! Server functions, REST handlers, WebSocket commands, jobs and the command line are thin doors into the methods of [`Ops`]. Each
//! operation does the same five steps: who is calling and may they; which accounts and regions; do it; record it; tell the
//! caches. Nothing reaches AWS or the store by another way.
//!
//! Permission is checked by type: what changes something takes a [`Grant`] that only the check can make, so that a forgotten
//! check does not compile. What cannot be recorded is not done: a change begins only after the record of its start is durable.

mod audit;
mod builder;
mod cache;
mod caller;
mod ec2;
mod estate;
mod identity;
mod live;
mod logs;
mod metrics;
mod record;

pub use builder::{Ops, OpsBuilder};
pub use caller::{Administer, Caller, Grant, Need, Operate, Read};
pub use identity::{LoginLimits, Session, SigningKey, TOKEN_LIFETIME_SECS};
pub use live::{InstancesWatch, LogWatch, MetricWatch};
