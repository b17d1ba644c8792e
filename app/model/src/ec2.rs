//! EC2 instances.

mod address;
mod bulk;
mod console;
mod launch;
mod price;
mod protection;
mod resource;
mod security_group;
mod snapshot;
mod status;
mod stop;
mod tags;
mod termination;
mod types;
mod volume;

pub use address::ElasticAddress;
pub use bulk::{BulkAction, BulkResult, InstanceTarget, TagResult, TagTarget};
pub use console::{ConsoleOutput, readable};
pub use launch::{
    GroupChoice, Image, ImageId, LaunchCheck, LaunchChoices, LaunchRequest, LaunchTemplate, MOST_LAUNCHED,
    Subnet, SubnetId, TemplateId,
};
pub use price::{HOURS_OF_MONTH, ListPrice, PriceKey, dollars, month_text, monthly, sum_text, unpriced};
pub use protection::Protection;
pub use resource::{Resource, ResourceId, ResourceKind, name_in};
pub use security_group::{PeerKind, RulePeer, SecurityGroup, SecurityRule};
use serde::{Deserialize, Serialize};
pub use snapshot::Snapshot;
pub use status::{CheckStatus, ScheduledEvent, StatusChecks};
pub use stop::{StopOptions, hibernation_refusal};
pub use tags::{MOST_IN_KEY, MOST_IN_VALUE, MOST_TAGS, TagChanges};
pub use termination::{Terminating, Termination, TerminationEnd};
pub use types::{InstanceType, InstanceTypeName, check_type_change, memory_text, type_change_refusal};
pub use volume::{Volume, VolumeAttachment};

use crate::{AccountId, Error, Operation, Place, Region, Timestamp, validated_string};

/// An instance id: `i-` and 8 or 17 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceId(String);
validated_string!(InstanceId, "an instance id such as i-0123456789abcdef0", |text| {
    text.strip_prefix("i-").is_some_and(|hex| {
        matches!(hex.len(), 8 | 17) && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
});

/// The life of an instance, in EC2's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    /// Starting.
    Pending,
    /// Up.
    Running,
    /// On its way to stopped.
    Stopping,
    /// Down, its volumes kept.
    Stopped,
    /// On its way to terminated.
    ShuttingDown,
    /// Gone; AWS shows it for about an hour.
    Terminated,
    /// A state that this version does not know.
    Unknown,
}

impl InstanceState {
    /// All states that AWS documents, in the order of life.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Running, Self::Stopping, Self::Stopped, Self::ShuttingDown, Self::Terminated];

    /// EC2's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Unknown => "unknown",
        }
    }

    /// From EC2's word; anything new is `Unknown`.
    #[must_use]
    pub fn from_aws(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or(Self::Unknown)
    }

    /// Whether it will become another state by itself.
    #[must_use]
    pub const fn is_transitional(self) -> bool {
        matches!(self, Self::Pending | Self::Stopping | Self::ShuttingDown)
    }
}

/// A key and its value. Both are text from outside: show, never interpret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tag {
    /// At most 128 characters in AWS.
    pub key: String,
    /// At most 256 characters in AWS; may be empty.
    pub value: String,
}

/// An EC2 instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "i-0123456789abcdef0"))]
    pub id: InstanceId,
    /// The account that owns it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// The value of its `Name` tag; empty when there is none.
    pub name: String,
    /// Where it is in its life.
    pub state: InstanceState,
    /// Why it is in that state, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_reason: Option<String>,
    /// Such as `t3.medium`.
    pub instance_type: String,
    /// Availability zone, such as `eu-west-1a`.
    pub zone: String,
    /// Private IPv4 address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
    /// Public IPv4 address; only while it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    /// When it was last started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub launched_at: Option<Timestamp>,
    /// `x86_64`, `arm64`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Such as `Linux/UNIX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The image it was started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_id: Option<String>,
    /// Its network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// Its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// The SSH key pair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The ARN of its instance profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam_profile: Option<String>,
    /// Names of its security groups.
    pub security_groups: Vec<String>,
    /// Whether it was launched so that it can hibernate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hibernation: bool,
    /// `dedicated` or `host`; nothing on hardware that it shares with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenancy: Option<String>,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl Instance {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:{}:ec2:{}:{}:instance/{}", self.region.partition(), self.region, self.account, self.id)
    }

    /// The word a person must type before it is terminated: its name, or its id when it has none, or none that can be typed as it is shown.
    #[must_use]
    pub fn confirmation(&self) -> &str {
        let name = self.name.trim();
        let is_odd = name.is_empty() || name.contains("  ") || name.chars().any(char::is_control);
        if is_odd { self.id.as_str() } else { name }
    }
}

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
            Self::Stop => matches!(state, S::Running | S::Pending),
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

    /// A running one, about which AWS tells little.
    pub(super) fn instance() -> Instance {
        Instance {
            id: "i-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
            name: String::new(),
            state: InstanceState::Running,
            state_reason: None,
            instance_type: "t3.medium".to_owned(),
            zone: "eu-west-1a".to_owned(),
            private_ip: None,
            public_ip: None,
            launched_at: None,
            architecture: None,
            platform: None,
            image_id: None,
            vpc_id: None,
            subnet_id: None,
            key_name: None,
            iam_profile: None,
            security_groups: Vec::new(),
            hibernation: false,
            tenancy: None,
            tags: Vec::new(),
        }
    }

    #[test]
    fn states_are_the_words_of_ec2() {
        for state in InstanceState::ALL {
            assert_eq!(InstanceState::from_aws(state.as_str()), state);
            assert_eq!(serde_json::to_value(state).ok(), Some(state.as_str().into()));
        }
        assert_eq!(InstanceState::from_aws("hovering"), InstanceState::Unknown);
    }

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
    fn instance_ids_are_checked() {
        assert!("i-0123456789abcdef0".parse::<InstanceId>().is_ok());
        for bad in ["i-123", "i-0123456789ABCDEF0", "0123456789abcdef0", "i-0123456789abcdef0/..", ""] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad}");
        }
    }
}
