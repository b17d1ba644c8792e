//! One action for many instances at once.

use serde::{Deserialize, Serialize};

use super::{InstanceAction, InstanceId, StateChange};
use crate::{Error, Place, Result};

/// How many instances one request changes at most. Each costs AWS three calls, and the rate of those that change something is
/// [limited per account and region](https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
pub const MOST_AT_ONCE: usize = 100;

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

/// Makes sure that a number of instances is one that can be changed at once.
///
/// # Errors
/// `invalid_input` for none, and for more than [`MOST_AT_ONCE`].
pub fn check_count(count: usize) -> Result<()> {
    match count {
        0 => Err(Error::invalid("No instance is named.").with_hint("Name at least one.")),
        1..=MOST_AT_ONCE => Ok(()),
        _ => Err(Error::invalid(format!("{count} instances are too many at once."))
            .with_hint(format!("At most {MOST_AT_ONCE} can be changed by one request."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_destructive_is_done_to_many() {
        assert!(BulkAction::ALL.into_iter().all(|action| !InstanceAction::from(action).is_destructive()));
        assert!(serde_json::from_str::<BulkAction>("\"terminate\"").is_err());
    }

    #[test]
    fn none_and_too_many_are_refused() {
        assert!(check_count(1).is_ok() && check_count(MOST_AT_ONCE).is_ok());
        assert!(check_count(0).is_err() && check_count(MOST_AT_ONCE + 1).is_err());
    }
}
