//! Launching instances: what is asked for, and what there is to choose from.

use serde::{Deserialize, Serialize};

use super::{InstanceTypeName, MOST_TAGS, ResourceId, ResourceKind, SecurityGroup, Tag};
use crate::{Error, Result, Timestamp, error::shorten, validated_string};

/// The most instances that one request launches here. AWS takes more, but nobody types that many by intent.
pub const MOST_LAUNCHED: u32 = 20;
/// The most security groups of a network interface that AWS takes without a raised quota.
const MOST_GROUPS: usize = 5;

fn is_hex_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| {
        matches!(hex.len(), 8 | 17) && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

/// The id of a machine image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageId(String);
validated_string!(ImageId, "the id of an image such as ami-0123456789abcdef0", |text| is_hex_id(
    text, "ami-"
));

/// The id of a launch template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TemplateId(String);
validated_string!(TemplateId, "the id of a launch template such as lt-0123456789abcdef0", |text| is_hex_id(
    text, "lt-"
));

/// The id of a subnet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubnetId(String);
validated_string!(SubnetId, "the id of a subnet such as subnet-0123456789abcdef0", |text| is_hex_id(
    text, "subnet-"
));

/// What to launch. What is left out comes from the template, or is AWS's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct LaunchRequest {
    /// A launch template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub template: Option<TemplateId>,
    /// Which version of it: a number, `$Default` (when left out) or `$Latest`.
    pub template_version: Option<String>,
    /// A machine image; needed without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "ami-0123456789abcdef0"))]
    pub image: Option<ImageId>,
    /// Such as `t3.medium`; needed without a template.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "t3.medium"))]
    pub instance_type: Option<InstanceTypeName>,
    /// How many, 1 to 20; one when left out. All of them are launched, or none.
    pub count: Option<u32>,
    /// What they are called: the tag `Name`.
    pub name: Option<String>,
    /// The SSH key pair.
    pub key_name: Option<String>,
    /// Where they are put; a subnet of the default network when left out.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub subnet: Option<SubnetId>,
    /// Their security groups; the network's default one when there are none.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub security_groups: Vec<ResourceId>,
    /// Tags beside the name, of the instances and their volumes.
    pub tags: Vec<Tag>,
    /// Whether terminating must be allowed first.
    pub termination_protection: bool,
}

impl LaunchRequest {
    /// How many instances are asked for.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count.unwrap_or(1)
    }

    /// All tags, the name first.
    #[must_use]
    pub fn all_tags(&self) -> Vec<Tag> {
        let name = self.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let name = name.map(|name| Tag { key: "Name".to_owned(), value: name.to_owned() });
        name.into_iter().chain(self.tags.iter().cloned()).collect()
    }

    /// What of it AWS would refuse whatever there is in the account.
    ///
    /// # Errors
    /// `invalid_input`, which names the field.
    pub fn check(&self) -> Result<()> {
        if self.template.is_none() {
            if self.image.is_none() {
                return Err(Error::invalid("Choose an image, or a launch template that names one."));
            }
            if self.instance_type.is_none() {
                return Err(Error::invalid("Choose an instance type, or a launch template that names one."));
            }
        }
        if let Some(version) = &self.template_version {
            if self.template.is_none() {
                return Err(Error::invalid("A version without a launch template says nothing."));
            }
            let is_number = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number && version != "$Default" && version != "$Latest" {
                return Err(Error::invalid(
                    "The version of a launch template is a number, $Default or $Latest.",
                ));
            }
        }
        if !(1..=MOST_LAUNCHED).contains(&self.count()) {
            return Err(Error::invalid(format!(
                "Between 1 and {MOST_LAUNCHED} instances are launched at once."
            )));
        }
        if self.security_groups.len() > MOST_GROUPS {
            return Err(Error::invalid(format!("An instance has at most {MOST_GROUPS} security groups.")));
        }
        for group in &self.security_groups {
            if group.kind() != Some(ResourceKind::SecurityGroup) {
                return Err(Error::invalid(format!("{group} is not a security group.")));
            }
        }
        let tags = self.all_tags();
        if tags.len() > MOST_TAGS {
            return Err(Error::invalid(format!("An instance has at most {MOST_TAGS} tags.")));
        }
        for (index, tag) in tags.iter().enumerate() {
            tag.check()?;
            if tags[..index].iter().any(|other| other.key == tag.key) {
                return Err(Error::invalid(format!(
                    "The tag {:?} stands there twice.",
                    shorten(&tag.key, 40)
                )));
            }
        }
        Ok(())
    }
}

/// A launch template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LaunchTemplate {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: TemplateId,
    /// The name.
    pub name: String,
    /// What is launched when no version is said.
    pub default_version: i64,
    /// The newest.
    pub latest_version: i64,
}

/// A machine image of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ImageId,
    /// The name.
    pub name: String,
    /// `x86_64`, `arm64`, …
    pub architecture: Option<String>,
    /// Such as `Linux/UNIX`.
    pub platform: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub created_at: Option<Timestamp>,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Subnet {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: SubnetId,
    /// The value of its `Name` tag; empty when there is none.
    pub name: String,
    /// Its network.
    pub vpc_id: String,
    /// Such as `eu-west-1a`.
    pub zone: String,
    /// Its addresses, such as `10.0.1.0/24`.
    pub cidr: String,
    /// How many of them are free.
    pub free_addresses: i32,
}

/// A security group, as far as one chooses by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupChoice {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ResourceId,
    /// Its name.
    pub name: String,
    /// Its network: only subnets of the same fit.
    pub vpc_id: Option<String>,
}

impl From<SecurityGroup> for GroupChoice {
    fn from(group: SecurityGroup) -> Self {
        Self { id: group.id, name: group.name, vpc_id: group.vpc_id }
    }
}

/// What an account has in a region to launch with. A part that could not be read is empty, and the errors say why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct LaunchChoices {
    /// By name.
    pub templates: Vec<LaunchTemplate>,
    /// The account's own, the newest first.
    pub images: Vec<Image>,
    /// Names of SSH key pairs.
    pub key_pairs: Vec<String>,
    /// By network and zone.
    pub subnets: Vec<Subnet>,
    /// By name.
    pub security_groups: Vec<GroupChoice>,
    /// What could not be read.
    pub errors: Vec<Error>,
}

/// What a request to launch would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LaunchCheck {
    /// How many instances.
    pub count: u32,
    /// The list price of all of them, in millionths of a US dollar an hour; nothing when it is not known, as for a type that a template
    /// names.
    pub micros_per_hour: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> LaunchRequest {
        LaunchRequest {
            image: "ami-0123456789abcdef0".parse().ok(),
            instance_type: "t3.micro".parse().ok(),
            ..LaunchRequest::default()
        }
    }

    fn tag(key: &str) -> Tag {
        Tag { key: key.to_owned(), value: String::new() }
    }

    #[test]
    fn what_cannot_be_right_is_told_before_aws_is_asked() {
        let template = || "lt-0123456789abcdef0".parse().ok();
        assert_eq!(request().check(), Ok(()));
        assert_eq!(LaunchRequest { template: template(), ..LaunchRequest::default() }.check(), Ok(()));
        let version = |version: &str| LaunchRequest {
            template: template(),
            template_version: Some(version.to_owned()),
            ..request()
        };
        assert_eq!(version("$Latest").check(), Ok(()));
        assert_eq!(version("12").check(), Ok(()));
        for (wrong, word) in [
            (LaunchRequest::default(), "image"),
            (LaunchRequest { instance_type: None, ..request() }, "type"),
            (LaunchRequest { template_version: Some("1".to_owned()), ..request() }, "template"),
            (version("newest"), "version"),
            (version(""), "version"),
            (LaunchRequest { count: Some(0), ..request() }, "Between"),
            (LaunchRequest { count: Some(21), ..request() }, "Between"),
            (
                LaunchRequest {
                    security_groups: vec!["vol-0123456789abcdef0".parse().expect("an id")],
                    ..request()
                },
                "group",
            ),
            (LaunchRequest { tags: vec![tag("aws:x")], ..request() }, "aws:x"),
            (LaunchRequest { tags: vec![tag("")], ..request() }, "key"),
            (LaunchRequest { tags: vec![tag("a"), tag("a")], ..request() }, "twice"),
            (LaunchRequest { name: Some("web".to_owned()), tags: vec![tag("Name")], ..request() }, "twice"),
        ] {
            let error = wrong.check().expect_err(word);
            assert!(error.message.contains(word), "{error:?}");
        }
    }

    #[test]
    fn the_name_is_a_tag_and_blanks_are_none() {
        let named = LaunchRequest { name: Some(" web ".to_owned()), tags: vec![tag("env")], ..request() };
        let keys: Vec<_> = named.all_tags().into_iter().map(|tag| (tag.key, tag.value)).collect();
        assert_eq!(keys, [("Name".to_owned(), "web".to_owned()), ("env".to_owned(), String::new())]);
        assert!(LaunchRequest { name: Some("  ".to_owned()), ..request() }.all_tags().is_empty());
    }
}
