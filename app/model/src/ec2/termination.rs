//! Terminating an instance after a while in which it can be undone.

use serde::{Deserialize, Serialize};

use super::{InstanceId, StateChange};
use crate::{AccountId, Error, Place, Region, Timestamp};

/// An instance that is terminated when its time has come, unless somebody undoes it before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Termination {
    /// The instance.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "i-0123456789abcdef0"))]
    pub id: InstanceId,
    /// Its account.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// Its region.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// Its name, or its id when it has none: what was typed to confirm it.
    pub name: String,
    /// Who asked for it.
    pub by: String,
    /// When it is terminated.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub due_at: Timestamp,
    /// How many seconds that is from now, by the server's clock; 0 when it is being done.
    pub seconds_left: u32,
}

impl Termination {
    /// What is about to happen: `web-1 terminates in 60 s`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} terminates in {} s", self.name, self.seconds_left)
    }

    /// Where the instance is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }
}

/// How a termination ended whose time had come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TerminationEnd {
    /// AWS does it.
    Done,
    /// It was not done, and why.
    NotDone(Error),
}

/// What came of asking to terminate an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Terminating {
    /// It is being terminated.
    Now(StateChange),
    /// It waits for its time.
    Queued(Termination),
}
