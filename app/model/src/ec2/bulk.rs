//! One action for many instances at once, and one change of the tags of many things.

use serde::{Deserialize, Serialize};

use super::{InstanceAction, InstanceId, ResourceId, StateChange, Tag, Terminating, Termination};
use crate::{Error, Place, Result};

/// What can be done to many instances at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum BulkAction {
    /// Bring stopped instances up.
    Start,
    /// Bring running instances down; their volumes are kept.
    Stop,
    /// Restart the operating systems in place.
    Reboot,
    /// Delete them for ever.
    Terminate,
}

impl BulkAction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Start, Self::Stop, Self::Reboot, Self::Terminate];
}

impl From<BulkAction> for InstanceAction {
    fn from(action: BulkAction) -> Self {
        match action {
            BulkAction::Start => Self::Start,
            BulkAction::Stop => Self::Stop,
            BulkAction::Reboot => Self::Reboot,
            BulkAction::Terminate => Self::Terminate,
        }
    }
}

/// One of the instances that are to be changed, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceTarget {
    /// Where it is.
    pub place: Place,
    /// Which it is.
    pub id: InstanceId,
}

/// What became of one instance of many: a change, a termination that waits, or an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// The instance.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "i-0123456789abcdef0"))]
    pub id: InstanceId,
    /// Where it is; nothing when it was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The states before and now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<StateChange>,
    /// When it is going to be terminated, so that it can be undone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub termination: Option<Termination>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl BulkResult {
    /// Of one that was reached.
    #[must_use]
    pub fn of(id: InstanceId, place: Place, done: Result<Terminating>) -> Self {
        let nothing = Self { id, place: Some(place), change: None, termination: None, error: None };
        match done {
            Ok(Terminating::Now(change)) => Self { change: Some(change), ..nothing },
            Ok(Terminating::Queued(termination)) => Self { termination: Some(termination), ..nothing },
            Err(error) => Self { error: Some(error), ..nothing },
        }
    }

    /// Of one that was not reached.
    #[must_use]
    pub const fn not_found(id: InstanceId, error: Error) -> Self {
        Self { id, place: None, change: None, termination: None, error: Some(error) }
    }
}

/// One of the things of EC2 whose tags are to be changed, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagTarget {
    /// Where it is.
    pub place: Place,
    /// Which it is.
    pub id: ResourceId,
}

/// What became of the tags of one of many: its tags or an error, never both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TagResult {
    /// Which it is.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "vol-0123456789abcdef0"))]
    pub id: ResourceId,
    /// Where it is; nothing when it was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The tags that it has now, sorted by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// Why they were not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}
