//! What AWS says of one instance beyond what the lists need.
//! [Instance](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html)

use serde::{Deserialize, Serialize};

use super::Instance;
use crate::Timestamp;

/// The tag that an Auto Scaling group gives to what it launched, with its name.
const AUTO_SCALING_TAG: &str = "aws:autoscaling:groupName";

/// What the page of an instance tells beside [`Instance`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct InstanceDetails {
    /// Its security groups. Names are unique only within a network.
    pub groups: Vec<GroupName>,
    /// The Auto Scaling group that it belongs to, which replaces it when it is stopped or terminated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_scaling_group: Option<String>,
    /// `spot`, `scheduled`, `capacity-block`, …; nothing when it is on demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<String>,
    /// The Outpost that it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outpost_arn: Option<String>,
    /// `ebs`, or `instance-store`, which is lost when it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_device_type: Option<String>,
    /// Such as `/dev/xvda`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_device_name: Option<String>,
    /// The EBS volumes that it has.
    pub devices: Vec<BlockDevice>,
    /// All its network interfaces.
    pub interfaces: Vec<NetworkInterface>,
    /// Whether its metadata is given to requests without a token (IMDSv1), which a web server can be tricked into; nothing when AWS
    /// does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_without_token: Option<bool>,
    /// Why it came into its state, in AWS's words, where [`Instance::state_reason`] has others: `User initiated (2026-11-27 21:34:30 GMT)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition_reason: Option<String>,
    /// The time that stands in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub transitioned_at: Option<Timestamp>,
}

/// A security group by its id and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupName {
    /// The id; may be empty in networks of long ago.
    #[cfg_attr(feature = "openapi", schema(example = "sg-0123456789abcdef0"))]
    pub id: String,
    /// The name; may be empty.
    pub name: String,
}

/// An EBS volume as an instance has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct BlockDevice {
    /// As what the instance sees it, such as `/dev/xvda`.
    pub device: String,
    /// The volume.
    #[cfg_attr(feature = "openapi", schema(example = "vol-0123456789abcdef0"))]
    pub volume_id: String,
    /// Whether it is deleted when the instance is terminated.
    pub delete_on_termination: bool,
}

/// A network interface of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NetworkInterface {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(example = "eni-0123456789abcdef0"))]
    pub id: String,
    /// Its subnet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_id: Option<String>,
    /// Its private IPv4 addresses, the first one first.
    pub private_ips: Vec<String>,
    /// The public IPv4 addresses of those.
    pub public_ips: Vec<String>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<String>,
    /// Its security groups.
    pub groups: Vec<GroupName>,
}

impl InstanceDetails {
    /// Why it cannot be stopped whatever its state; nothing when it can.
    #[must_use]
    pub fn stop_refusal(&self) -> Option<&'static str> {
        (self.root_device_type.as_deref() == Some("instance-store")).then_some(
            "Its root device is an instance store: it cannot be stopped, only rebooted or terminated.",
        )
    }

    /// Why the price list's on-demand price is not its own; nothing when it is.
    #[must_use]
    pub fn price_refusal(&self) -> Option<String> {
        match (self.lifecycle.as_deref(), &self.outpost_arn) {
            (Some("spot"), _) => Some("it is a spot instance".to_owned()),
            (Some(other), _) => Some(format!("its lifecycle is {other}")),
            (None, Some(_)) => Some("it runs on an Outpost".to_owned()),
            (None, None) => None,
        }
    }
}

impl Instance {
    /// The Auto Scaling group that it belongs to, by the tag that AWS keeps: it replaces what is stopped or terminated.
    #[must_use]
    pub fn auto_scaling_group(&self) -> Option<&str> {
        self.tags.iter().find(|tag| tag.key == AUTO_SCALING_TAG).map(|tag| tag.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Tag, tests::instance},
        *,
    };

    #[test]
    fn a_group_is_known_by_the_tag_that_aws_keeps() {
        let mut one = instance();
        assert_eq!(one.auto_scaling_group(), None);
        one.tags.push(Tag { key: "autoscaling:groupName".to_owned(), value: "mine".to_owned() });
        assert_eq!(one.auto_scaling_group(), None);
        one.tags.push(Tag { key: AUTO_SCALING_TAG.to_owned(), value: "web-group".to_owned() });
        assert_eq!(one.auto_scaling_group(), Some("web-group"));
    }

    #[test]
    fn what_is_not_on_demand_has_no_price_of_the_list() {
        let told = |lifecycle: Option<&str>, outpost: Option<&str>| InstanceDetails {
            lifecycle: lifecycle.map(str::to_owned),
            outpost_arn: outpost.map(str::to_owned),
            ..InstanceDetails::default()
        };
        assert_eq!(told(None, None).price_refusal(), None);
        assert_eq!(told(Some("spot"), None).price_refusal().as_deref(), Some("it is a spot instance"));
        assert!(told(Some("capacity-block"), None).price_refusal().is_some_and(|it| it.contains("block")));
        assert!(told(None, Some("arn:aws:outposts:x")).price_refusal().is_some());
    }

    #[test]
    fn what_lies_on_an_instance_store_cannot_be_stopped() {
        let root = |kind: &str| InstanceDetails {
            root_device_type: Some(kind.to_owned()),
            ..InstanceDetails::default()
        };
        assert!(root("instance-store").stop_refusal().is_some());
        assert!(root("ebs").stop_refusal().is_none() && InstanceDetails::default().stop_refusal().is_none());
    }
}
