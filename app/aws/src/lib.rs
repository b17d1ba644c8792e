//! The cloud: AWS's SDK on one side, nephoscope's words on the other.
//!
//! One file per AWS service. SDK types come in, `model` types go out, and nothing of the SDK leaves this crate, so what AWS
//! renames is renamed in one place. A [`Cloud`] keeps one client per account, region and service, made when first needed, on one
//! shared HTTP client; it bounds how much is asked of an account at once, turns pages until there are no more, and makes
//! every failure a [`nephoscope_model::Error`] that keeps AWS's code and request id and names the missing permission.
//!
//! Nothing here decides who may do what, caches, or writes an audit: that is `ops`. Nothing here polls: that is `live`.

mod actor;
mod calls;
mod checks;
mod cloud;
mod cloudwatch;
mod credentials;
mod ec2;
mod error;
mod estate;
mod kms;
mod lambda;
mod logs;
mod organizations;
mod paging;
mod policy;
mod price;
mod pricing;
pub mod replay;
mod role;
mod s3;
mod site;
mod sts;

pub use actor::Actor;
pub use cloud::{Cloud, CloudBuilder, Patience};
pub use cloudwatch::{Fold, Stretch};
pub use credentials::{AccountConfig, CredentialsSource};
pub use kms::KeyService;
pub use lambda::KnownAlias;
pub use logs::LogPage;
pub use policy::account_policy;
pub use price::price_micros;
pub use s3::{ByteRange, LARGEST_COPY, ListedPart, ObjectCopy, ObjectStream, Part, SignedLink, Upload};
pub use site::{CallRecord, OnCall};
