//! EC2 instances.

mod action;
mod address;
mod bulk;
mod console;
mod details;
mod launch;
mod openness;
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

pub use action::{ActionRequest, InstanceAction, StateChange};
pub use address::ElasticAddress;
pub use bulk::{BulkAction, BulkResult, InstanceTarget, TagResult, TagTarget};
pub use console::{ConsoleOutput, readable};
pub use details::{BlockDevice, GroupName, InstanceDetails, NetworkInterface};
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
pub use volume::{Volume, VolumeAttachment, fate};

use crate::{AccountId, Place, Region, Timestamp, validated_string};

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
    /// Whether it is billed on demand: it is neither a spot instance, nor of a capacity block, nor on an Outpost.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub on_demand: bool,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_yes(is: &bool) -> bool {
    *is
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
            on_demand: true,
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
    fn instance_ids_are_checked() {
        assert!("i-0123456789abcdef0".parse::<InstanceId>().is_ok());
        for bad in ["i-123", "i-0123456789ABCDEF0", "0123456789abcdef0", "i-0123456789abcdef0/..", ""] {
            assert!(bad.parse::<InstanceId>().is_err(), "{bad}");
        }
    }
}
