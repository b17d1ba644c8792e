//! Elastic addresses.

use serde::{Deserialize, Serialize};

use super::{InstanceId, ResourceId, Tag};
use crate::{AccountId, Region};

/// An elastic address ([Address](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ElasticAddress {
    /// The id of its allocation.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eipalloc-0123456789abcdef0"))]
    pub id: ResourceId,
    /// The account that has it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// The value of its `Name` tag; empty when there is none.
    pub name: String,
    /// The address itself.
    #[cfg_attr(feature = "openapi", schema(example = "203.0.113.7"))]
    pub public_ip: String,
    /// The id of its association; nothing while it serves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub association_id: Option<String>,
    /// The instance it is associated with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "i-0123456789abcdef0"))]
    pub instance_id: Option<InstanceId>,
    /// The network interface it is associated with, of an instance, a NAT gateway, a load balancer, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<String>,
    /// The private address it is associated with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip: Option<String>,
    /// The service of AWS that manages it: `alb`, `nlb`, `rnat` (a NAT gateway of a region), `rds`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// From where AWS announces it: the region, or a zone at the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_border_group: Option<String>,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl ElasticAddress {
    /// The service that manages it, in a person's words.
    #[must_use]
    pub fn service_text(&self) -> Option<&str> {
        Some(match self.service.as_deref()? {
            "alb" => "Application Load Balancer",
            "nlb" => "Network Load Balancer",
            "rnat" => "NAT gateway",
            "rds" => "RDS",
            other => other,
        })
    }

    /// Whether it serves nothing, and only costs.
    #[must_use]
    pub const fn is_unassociated(&self) -> bool {
        self.association_id.is_none() && self.instance_id.is_none() && self.network_interface_id.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_it_is_associated_with_it_is_associated() {
        let free = ElasticAddress {
            id: "eipalloc-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
            name: String::new(),
            public_ip: "203.0.113.7".to_owned(),
            association_id: None,
            instance_id: None,
            network_interface_id: None,
            private_ip: None,
            service: None,
            network_border_group: Some("eu-west-1".to_owned()),
            tags: Vec::new(),
        };
        assert!(free.is_unassociated());
        let managed = ElasticAddress { service: Some("rnat".to_owned()), ..free.clone() };
        assert_eq!((free.service_text(), managed.service_text()), (None, Some("NAT gateway")));
        let of_gateway = ElasticAddress { network_interface_id: Some("eni-1".to_owned()), ..free.clone() };
        let of_instance = ElasticAddress { instance_id: "i-01234567".parse().ok(), ..free };
        assert!(!of_gateway.is_unassociated() && !of_instance.is_unassociated());
    }
}
