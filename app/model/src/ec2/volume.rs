//! EBS volumes.

use serde::{Deserialize, Serialize};

use super::{InstanceId, ResourceId, Tag};
use crate::{AccountId, Region, Timestamp};

/// An EBS volume ([Volume](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "vol-0123456789abcdef0"))]
    pub id: ResourceId,
    /// The account that owns it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// The value of its `Name` tag; empty when there is none.
    pub name: String,
    /// In EC2's word: `creating`, `available`, `in-use`, `deleting`, `deleted`, `error`.
    pub state: String,
    /// Its size in GiB.
    pub size_gib: i32,
    /// Such as `gp3`.
    pub volume_type: String,
    /// Operations a second that it is provisioned with or, of some types, reaches at times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iops: Option<i32>,
    /// MiB a second that it is provisioned with; of `gp3` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throughput_mib: Option<i32>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The ARN of the key that it is encrypted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Whether several instances may have it at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_attach: bool,
    /// What it is attached to. Only some types can be attached to several instances.
    pub attachments: Vec<VolumeAttachment>,
    /// Availability zone, such as `eu-west-1a`.
    pub zone: String,
    /// The snapshot it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub created_at: Option<Timestamp>,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl Volume {
    /// Whether it serves nothing, and only costs. What is being made or deleted, or failed, is something else.
    #[must_use]
    pub fn is_unattached(&self) -> bool {
        self.attachments.is_empty() && self.state == "available"
    }
}

/// What a volume is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VolumeAttachment {
    /// The instance; nothing where AWS manages what it is attached to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "i-0123456789abcdef0"))]
    pub instance_id: Option<InstanceId>,
    /// The ARN of what it is attached to, where AWS manages that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_resource: Option<String>,
    /// As what the instance sees it, such as `/dev/xvda`; may be empty.
    pub device: String,
    /// In EC2's word: `attaching`, `attached`, `detaching`, `busy`, …
    pub state: String,
    /// When it was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub attached_at: Option<Timestamp>,
    /// Whether it is deleted when the instance is terminated.
    pub delete_on_termination: bool,
}

impl VolumeAttachment {
    /// Its state, where that is not the usual one.
    #[must_use]
    pub fn unusual_state(&self) -> Option<&str> {
        Some(self.state.as_str()).filter(|state| !matches!(*state, "attached" | ""))
    }

    /// What becomes of the volume with the instance.
    #[must_use]
    pub const fn fate(&self) -> &'static str {
        fate(self.delete_on_termination)
    }

    /// What it is attached to, in a word.
    #[must_use]
    pub fn target(&self) -> &str {
        match (&self.instance_id, &self.managed_resource) {
            (Some(id), _) => id.as_str(),
            (None, Some(arn)) => arn,
            (None, None) => "something that AWS does not name",
        }
    }
}

/// What becomes of a volume when the instance that has it is terminated.
#[must_use]
pub const fn fate(delete_on_termination: bool) -> &'static str {
    if delete_on_termination { "deleted on termination" } else { "kept on termination" }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn volume() -> Volume {
        Volume {
            id: "vol-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
            name: "data".to_owned(),
            state: "available".to_owned(),
            size_gib: 30,
            volume_type: "gp3".to_owned(),
            iops: Some(3_000),
            throughput_mib: Some(125),
            encrypted: true,
            kms_key: None,
            multi_attach: false,
            attachments: Vec::new(),
            zone: "eu-west-1a".to_owned(),
            snapshot_id: None,
            created_at: None,
            tags: Vec::new(),
        }
    }

    #[test]
    fn only_what_is_available_serves_nothing() {
        assert!(volume().is_unattached());
        for state in ["creating", "deleting", "deleted", "error", "in-use"] {
            assert!(!Volume { state: state.to_owned(), ..volume() }.is_unattached(), "{state}");
        }
    }

    #[test]
    fn what_it_is_attached_to_has_a_word() {
        let mut attachment = VolumeAttachment {
            instance_id: Some("i-0123456789abcdef0".parse().expect("an id")),
            managed_resource: None,
            device: "/dev/xvda".to_owned(),
            state: "attached".to_owned(),
            attached_at: None,
            delete_on_termination: true,
        };
        assert_eq!(attachment.target(), "i-0123456789abcdef0");
        assert_eq!((attachment.unusual_state(), attachment.fate()), (None, "deleted on termination"));
        attachment.state = "busy".to_owned();
        assert_eq!(attachment.unusual_state(), Some("busy"));
        attachment.instance_id = None;
        assert!(attachment.target().starts_with("something"));
        attachment.managed_resource = Some("arn:aws:ecs:x".to_owned());
        assert_eq!(attachment.target(), "arn:aws:ecs:x");
    }
}
