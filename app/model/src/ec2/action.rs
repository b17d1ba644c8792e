//! What can be done to instances.

use serde::{Deserialize, Serialize};

use super::{InstanceId, InstanceState, StopOptions};
use crate::{Error, Operation};

/// What can be done to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InstanceAction {
    /// Bring a stopped instance up.
    Start,
    /// Bring a running instance down; its volumes are kept.
    Stop,
    /// Restart the operating system in place.
    Reboot,
    /// Delete it for ever.
    Terminate,
}

impl InstanceAction {
    /// All actions.
    pub const ALL: [Self; 4] = [Self::Start, Self::Stop, Self::Reboot, Self::Terminate];

    /// The lower-case verb, as it stands in paths.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reboot => "reboot",
            Self::Terminate => "terminate",
        }
    }

    /// The verb as a button says it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Reboot => "Reboot",
            Self::Terminate => "Terminate",
        }
    }

    /// The operation it is recorded as.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Start => Operation::StartInstance,
            Self::Stop => Operation::StopInstance,
            Self::Reboot => Operation::RebootInstance,
            Self::Terminate => Operation::TerminateInstance,
        }
    }

    /// Whether nothing brings back what it takes, so that the name must be typed first.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Terminate)
    }

    /// Whether EC2 takes the action in this state, and why not otherwise.
    ///
    /// # Errors
    /// `conflict`, with words for a disabled button's tooltip.
    pub fn allowed_in(self, state: InstanceState) -> Result<(), Error> {
        use InstanceState as S;
        let allowed = match self {
            Self::Start => matches!(state, S::Stopped | S::Pending | S::Running),
            Self::Stop => matches!(state, S::Running | S::Pending | S::Stopping | S::Stopped),
            Self::Reboot => matches!(state, S::Running),
            Self::Terminate => !matches!(state, S::Terminated),
        };
        if allowed {
            return Ok(());
        }
        Err(Error::new(
            crate::ErrorCode::Conflict,
            format!("An instance that is {} cannot {}.", state.as_str(), self.verb_passive()),
        ))
    }

    /// Whether the action would change anything in this state: what a button offers.
    #[must_use]
    pub const fn is_useful_in(self, state: InstanceState) -> bool {
        use InstanceState as S;
        match self {
            Self::Start => matches!(state, S::Stopped),
            // What hangs while it is stopping can be forced.
            Self::Stop => matches!(state, S::Running | S::Pending | S::Stopping),
            Self::Reboot => matches!(state, S::Running),
            Self::Terminate => !matches!(state, S::Terminated | S::ShuttingDown),
        }
    }

    const fn verb_passive(self) -> &'static str {
        match self {
            Self::Start => "be started",
            Self::Stop => "be stopped",
            Self::Reboot => "be rebooted",
            Self::Terminate => "be terminated",
        }
    }
}

/// What is to be done to an instance, with all that has to be said for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRequest {
    /// What to do.
    pub action: InstanceAction,
    /// How, when it is to stop.
    pub stop: StopOptions,
    /// What was typed to confirm it, where something has to be.
    pub confirmation: Option<String>,
}

impl From<InstanceAction> for ActionRequest {
    fn from(action: InstanceAction) -> Self {
        Self { action, stop: StopOptions::default(), confirmation: None }
    }
}

/// What an action did to an instance, as AWS told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StateChange {
    /// The instance.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: InstanceId,
    /// The state before.
    pub previous: InstanceState,
    /// The state now, usually a transitional one.
    pub current: InstanceState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_useful_action_is_always_an_allowed_one() {
        for action in InstanceAction::ALL {
            for state in InstanceState::ALL {
                if action.is_useful_in(state) {
                    assert!(action.allowed_in(state).is_ok(), "{action:?} in {state:?}");
                }
            }
        }
        assert!(InstanceAction::Start.allowed_in(InstanceState::Terminated).is_err());
    }

    #[test]
    fn what_hangs_while_it_is_stopping_can_be_stopped() {
        assert!(InstanceAction::Stop.is_useful_in(InstanceState::Stopping));
        assert!(!InstanceAction::Stop.is_useful_in(InstanceState::Stopped));
    }
}
