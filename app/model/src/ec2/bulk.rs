//! One action for many instances at once, and one change of the tags of many things.

use serde::{Deserialize, Serialize};

use super::{InstanceAction, InstanceId, ResourceId, StateChange, Tag};
use crate::{Error, Place};

/// What can be done to many instances at once. Terminating is not among it: each name has to be typed.
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
}

impl BulkAction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Start, Self::Stop, Self::Reboot];
}

impl From<BulkAction> for InstanceAction {
    fn from(action: BulkAction) -> Self {
        match action {
            BulkAction::Start => Self::Start,
            BulkAction::Stop => Self::Stop,
            BulkAction::Reboot => Self::Reboot,
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

/// What became of one instance of many: a change or an error, never both.
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
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_destructive_is_done_to_many() {
        assert!(BulkAction::ALL.into_iter().all(|action| !InstanceAction::from(action).is_destructive()));
        assert!(serde_json::from_str::<BulkAction>("\"terminate\"").is_err());
    }
}
