//! What belongs to EC2 beside instances: the kinds that are looked at in lists, and the ids that tags are given to.

use serde::{Deserialize, Serialize};

use super::{ElasticAddress, InstanceId, SecurityGroup, Snapshot, Tag, Volume};
use crate::{AccountId, Operation, Place, Region, validated_string};

/// The id of something in EC2 that has tags: an instance, a volume, a snapshot, an allocated address or a security group, told by what it
/// begins with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceId(String);
validated_string!(ResourceId, "an id of EC2 such as vol-0123456789abcdef0", |text| {
    let prefixes = ResourceKind::ALL.into_iter().map(ResourceKind::prefix).chain(["i-"]);
    prefixes.filter_map(|prefix| text.strip_prefix(prefix)).any(|hex| {
        matches!(hex.len(), 8 | 17) && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
});

impl ResourceId {
    /// What it is the id of; nothing for an instance's.
    #[must_use]
    pub fn kind(&self) -> Option<ResourceKind> {
        ResourceKind::ALL.into_iter().find(|kind| self.0.starts_with(kind.prefix()))
    }

    /// The instance that it is the id of; nothing for anything else's.
    #[must_use]
    pub fn instance(&self) -> Option<InstanceId> {
        self.0.parse().ok()
    }
}

impl From<InstanceId> for ResourceId {
    fn from(id: InstanceId) -> Self {
        Self(id.into())
    }
}

/// What is listed beside instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// EBS volumes.
    Volume,
    /// Snapshots of volumes.
    Snapshot,
    /// Elastic addresses.
    Address,
    /// Security groups.
    SecurityGroup,
}

impl ResourceKind {
    /// All of them, in the order of their tabs.
    pub const ALL: [Self; 4] = [Self::Volume, Self::Snapshot, Self::Address, Self::SecurityGroup];

    /// What their ids begin with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Volume => "vol-",
            Self::Snapshot => "snap-",
            Self::Address => "eipalloc-",
            Self::SecurityGroup => "sg-",
        }
    }

    /// As it stands in addresses: `/ec2/volumes`, `/api/ec2/volumes`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Volume => "volumes",
            Self::Snapshot => "snapshots",
            Self::Address => "addresses",
            Self::SecurityGroup => "security-groups",
        }
    }

    /// From that part of an address.
    #[must_use]
    pub fn from_path(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.path() == segment)
    }

    /// What one of them is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Snapshot => "snapshot",
            Self::Address => "address",
            Self::SecurityGroup => "security group",
        }
    }

    /// What many of them are called.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Volume => "volumes",
            Self::Snapshot => "snapshots",
            Self::Address => "addresses",
            Self::SecurityGroup => "security groups",
        }
    }

    /// The operation by which they are listed.
    #[must_use]
    pub const fn list_operation(self) -> Operation {
        match self {
            Self::Volume => Operation::ListVolumes,
            Self::Snapshot => Operation::ListSnapshots,
            Self::Address => Operation::ListAddresses,
            Self::SecurityGroup => Operation::ListSecurityGroups,
        }
    }

    /// The word for one of them that deserves a look: it costs money and serves nothing, or lets strangers in. A filter finds such by
    /// `is:<word>`. Nothing of snapshots, of which no such thing can be told.
    #[must_use]
    pub const fn remark(self) -> Option<&'static str> {
        match self {
            Self::Volume => Some("unattached"),
            Self::Address => Some("unassociated"),
            Self::SecurityGroup => Some("open"),
            Self::Snapshot => None,
        }
    }
}

/// One of what is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say what they hold")]
pub enum Resource {
    Volume(Volume),
    Snapshot(Snapshot),
    Address(ElasticAddress),
    SecurityGroup(SecurityGroup),
}

/// The same field of each kind.
macro_rules! each {
    ($resource:expr, $it:ident => $field:expr) => {
        match $resource {
            Resource::Volume($it) => $field,
            Resource::Snapshot($it) => $field,
            Resource::Address($it) => $field,
            Resource::SecurityGroup($it) => $field,
        }
    };
}

impl Resource {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> ResourceKind {
        match self {
            Self::Volume(_) => ResourceKind::Volume,
            Self::Snapshot(_) => ResourceKind::Snapshot,
            Self::Address(_) => ResourceKind::Address,
            Self::SecurityGroup(_) => ResourceKind::SecurityGroup,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ResourceId {
        each!(self, it => &it.id)
    }

    /// The account that owns it.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        each!(self, it => &it.account)
    }

    /// The region it is in.
    #[must_use]
    pub fn region(&self) -> &Region {
        each!(self, it => &it.region)
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account().clone(), region: self.region().clone() }
    }

    /// The value of its `Name` tag, or a security group's own name; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        each!(self, it => &it.name)
    }

    /// All its tags, sorted by key.
    #[must_use]
    pub fn tags(&self) -> &[Tag] {
        each!(self, it => &it.tags)
    }

    /// Gives it other tags, of which one may be its name.
    pub fn set_tags(&mut self, tags: Vec<Tag>) {
        let name = name_in(&tags);
        match self {
            Self::Volume(it) => (it.name, it.tags) = (name, tags),
            Self::Snapshot(it) => (it.name, it.tags) = (name, tags),
            Self::Address(it) => (it.name, it.tags) = (name, tags),
            Self::SecurityGroup(it) => it.tags = tags,
        }
    }

    /// Whether it deserves a look, see [`ResourceKind::remark`].
    #[must_use]
    pub fn is_remarkable(&self) -> bool {
        match self {
            Self::Volume(it) => it.is_unattached(),
            Self::Address(it) => it.is_unassociated(),
            Self::SecurityGroup(it) => it.is_open(),
            Self::Snapshot(_) => false,
        }
    }

    /// Its ARN. Snapshots have no account in theirs
    /// ([list](https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html)).
    #[must_use]
    pub fn arn(&self) -> String {
        let (region, id) = (self.region(), self.id());
        let (account, word) = match self {
            Self::Volume(it) => (it.account.as_str(), "volume"),
            Self::Snapshot(_) => ("", "snapshot"),
            Self::Address(it) => (it.account.as_str(), "elastic-ip"),
            Self::SecurityGroup(it) => (it.owner.as_ref().unwrap_or(&it.account).as_str(), "security-group"),
        };
        format!("arn:{}:ec2:{region}:{account}:{word}/{id}", region.partition())
    }
}

/// The value of the tag `Name`; empty when there is none.
#[must_use]
pub fn name_in(tags: &[Tag]) -> String {
    tags.iter().find(|tag| tag.key == "Name").map(|tag| tag.value.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is_of() {
        let id = |text: &str| text.parse::<ResourceId>();
        for (text, kind) in [
            ("vol-0123456789abcdef0", Some(ResourceKind::Volume)),
            ("snap-01234567", Some(ResourceKind::Snapshot)),
            ("eipalloc-0123456789abcdef0", Some(ResourceKind::Address)),
            ("sg-0123456789abcdef0", Some(ResourceKind::SecurityGroup)),
            ("i-0123456789abcdef0", None),
        ] {
            let id = id(text).expect(text);
            assert_eq!((id.kind(), id.instance().is_some()), (kind, kind.is_none()), "{text}");
        }
        for bad in
            ["", "vol-", "vol-123", "vol-0123456789ABCDEF0", "vpc-01234567", "sgr-01234567", "x/vol-01234567"]
        {
            assert!(id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_read_back() {
        for kind in ResourceKind::ALL {
            assert_eq!(ResourceKind::from_path(kind.path()), Some(kind));
        }
        assert_eq!(ResourceKind::from_path("instances"), None);
    }

    #[test]
    fn a_name_is_a_tag_but_for_security_groups() {
        let tags = vec![Tag { key: "Name".to_owned(), value: "new".to_owned() }];
        let (volume, group) =
            (super::super::volume::tests::volume(), super::super::security_group::tests::group());
        let (mut volume, mut group) = (Resource::Volume(volume), Resource::SecurityGroup(group));
        volume.set_tags(tags.clone());
        group.set_tags(tags.clone());
        assert_eq!((volume.name(), volume.tags()), ("new", tags.as_slice()));
        assert_eq!((group.name(), group.tags()), ("web", tags.as_slice()));
        volume.set_tags(Vec::new());
        assert_eq!(volume.name(), "");
        assert_eq!(volume.arn(), "arn:aws:ec2:eu-west-1:111111111111:volume/vol-0123456789abcdef0");
    }

    #[test]
    fn what_another_account_shares_has_an_arn_of_that_account() {
        let shared = super::super::security_group::tests::group();
        let shared = SecurityGroup { owner: "222222222222".parse().ok(), ..shared };
        let arn = "arn:aws:ec2:eu-west-1:222222222222:security-group/sg-0123456789abcdef0";
        assert_eq!(Resource::SecurityGroup(shared).arn(), arn);
    }
}
