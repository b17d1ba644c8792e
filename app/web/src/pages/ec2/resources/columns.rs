//! The columns of the lists: what each shows as text, which is also what is filtered, sorted and exported.

use std::{borrow::Cow, fmt};

use nephoscope_model::{
    Account, Timestamp,
    ec2::{InstanceId, Resource, ResourceKind, SecurityRule, Tag, VolumeAttachment},
};

use crate::listing;

type Text = for<'a> fn(&'a Resource, &'a [Account]) -> Cow<'a, str>;
type Number = fn(&Resource) -> Option<i64>;

/// One column of a list.
#[derive(Clone, Copy)]
pub struct Column {
    /// As it stands in addresses and filters: `size`.
    pub key: &'static str,
    /// As it stands above the column.
    pub label: &'static str,
    text: Text,
    /// What it is sorted by, where that is not its text.
    number: Option<Number>,
    /// Whether a filter must name all of it: `size:8` is not 80.
    pub whole: bool,
    usual: bool,
}

/// No list has two of one key.
impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Column {}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

impl listing::Column for Column {
    fn key(self) -> &'static str {
        self.key
    }

    fn label(self) -> &'static str {
        self.label
    }

    fn is_usual(self) -> bool {
        self.usual
    }

    fn begins_descending(self) -> bool {
        self.number.is_some()
    }
}

/// What rows are sorted by. What has none comes last either way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey {
    Number(i64),
    Text(String),
}

impl Column {
    const fn new(key: &'static str, label: &'static str, text: Text) -> Self {
        Self { key, label, text, number: None, whole: false, usual: true }
    }

    /// Shown only when it is chosen; in the file, and filtered by, all the same.
    const fn unusual(self) -> Self {
        Self { usual: false, ..self }
    }

    const fn by(self, number: Number) -> Self {
        Self { number: Some(number), ..self }
    }

    const fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// What it shows of a resource; may be empty.
    pub fn text<'a>(&self, resource: &'a Resource, accounts: &'a [Account]) -> Cow<'a, str> {
        (self.text)(resource, accounts)
    }

    pub(super) fn sort_key(&self, resource: &Resource, accounts: &[Account]) -> Option<SortKey> {
        match self.number {
            Some(number) => number(resource).map(SortKey::Number),
            None => {
                let text = self.text(resource, accounts);
                (!text.is_empty()).then(|| SortKey::Text(text.to_lowercase()))
            }
        }
    }
}

/// Something of one kind; of the others nothing.
macro_rules! of {
    ($variant:ident, $it:ident => $text:expr) => {
        |resource, _| match resource {
            Resource::$variant($it) => $text,
            _ => Cow::Borrowed(""),
        }
    };
}
macro_rules! number_of {
    ($variant:ident, $it:ident => $number:expr) => {
        |resource| match resource {
            Resource::$variant($it) => $number,
            _ => None,
        }
    };
}

const NAME: Column = Column::new("name", "Name", |it, _| it.name().into());
const ID: Column = Column::new("id", "ID", |it, _| it.id().as_str().into()).unusual();
const ACCOUNT: Column = Column::new("account", "Account", |it, accounts| {
    let known = accounts.iter().find(|account| account.id == *it.account());
    known.map_or(it.account().as_str(), |account| &account.name).into()
});
/// Found by `account:`, too.
pub(super) const ACCOUNT_ID: Column =
    Column::new("account-id", "Account ID", |it, _| it.account().as_str().into()).unusual();
const REGION: Column = Column::new("region", "Region", |it, _| it.region().as_str().into());
const TAGS: Column = Column::new("tags", "Tags", |it, _| tags_text(it.tags()).into()).unusual();

const VOLUMES: &[Column] = &[
    NAME,
    ID,
    Column::new("state", "State", of!(Volume, it => (&it.state).into())),
    Column::new("size", "Size (GiB)", of!(Volume, it => it.size_gib.to_string().into()))
        .by(number_of!(Volume, it => Some(it.size_gib.into())))
        .whole(),
    Column::new("type", "Type", of!(Volume, it => (&it.volume_type).into())),
    Column::new("iops", "IOPS", of!(Volume, it => optional(it.iops)))
        .by(number_of!(Volume, it => it.iops.map(Into::into)))
        .whole(),
    Column::new("throughput", "MiB/s", of!(Volume, it => optional(it.throughput_mib)))
        .by(number_of!(Volume, it => it.throughput_mib.map(Into::into)))
        .whole(),
    Column::new("encrypted", "Encrypted", of!(Volume, it => yes_no(it.encrypted))),
    Column::new(
        "instance",
        "Attached to",
        of!(Volume, it => {
            let targets: Vec<&str> = it.attachments.iter().map(VolumeAttachment::target).collect();
            targets.join(", ").into()
        }),
    ),
    Column::new("zone", "Zone", of!(Volume, it => (&it.zone).into())),
    Column::new("created", "Created", of!(Volume, it => time(it.created_at)))
        .by(number_of!(Volume, it => it.created_at.map(Timestamp::as_millis))),
    Column::new(
        "snapshot",
        "Snapshot",
        of!(Volume, it => it.snapshot_id.as_deref().unwrap_or_default().into()),
    )
    .unusual(),
    ACCOUNT,
    ACCOUNT_ID,
    REGION,
    TAGS,
];

const SNAPSHOTS: &[Column] = &[
    NAME,
    ID,
    Column::new("state", "State", of!(Snapshot, it => (&it.state).into())),
    Column::new("progress", "Progress", of!(Snapshot, it => (&it.progress).into())),
    Column::new("volume", "Volume", of!(Snapshot, it => it.volume_id.as_deref().unwrap_or_default().into())),
    Column::new("size", "Size (GiB)", of!(Snapshot, it => it.size_gib.to_string().into()))
        .by(number_of!(Snapshot, it => Some(it.size_gib.into())))
        .whole(),
    Column::new("started", "Started", of!(Snapshot, it => time(it.started_at)))
        .by(number_of!(Snapshot, it => it.started_at.map(Timestamp::as_millis))),
    Column::new("encrypted", "Encrypted", of!(Snapshot, it => yes_no(it.encrypted))),
    Column::new("tier", "Tier", of!(Snapshot, it => (&it.tier).into())).unusual(),
    ACCOUNT,
    ACCOUNT_ID,
    REGION,
    Column::new("description", "Description", of!(Snapshot, it => (&it.description).into())),
    TAGS,
];

const ADDRESSES: &[Column] = &[
    NAME,
    ID,
    Column::new("ip", "Public IP", of!(Address, it => (&it.public_ip).into())),
    Column::new(
        "instance",
        "Associated with",
        of!(Address, it => {
            let instance = it.instance_id.as_ref().map(InstanceId::as_str);
            instance.or(it.service_text()).or(it.network_interface_id.as_deref()).or(it.association_id.as_deref()).unwrap_or_default().into()
        }),
    ),
    Column::new(
        "private",
        "Private IP",
        of!(Address, it => it.private_ip.as_deref().unwrap_or_default().into()),
    ),
    Column::new(
        "border",
        "Border group",
        of!(Address, it => {
            it.network_border_group.as_deref().unwrap_or_default().into()
        }),
    ),
    ACCOUNT,
    ACCOUNT_ID,
    REGION,
    TAGS,
];

const SECURITY_GROUPS: &[Column] = &[
    NAME,
    ID,
    Column::new("vpc", "VPC", of!(SecurityGroup, it => it.vpc_id.as_deref().unwrap_or_default().into())),
    Column::new("inbound", "Inbound rules", of!(SecurityGroup, it => lines(&it.inbound, "from")))
        .by(number_of!(SecurityGroup, it => i64::try_from(it.inbound.len()).ok())),
    Column::new("outbound", "Outbound rules", of!(SecurityGroup, it => lines(&it.outbound, "to")))
        .by(number_of!(SecurityGroup, it => i64::try_from(it.outbound.len()).ok())),
    ACCOUNT,
    ACCOUNT_ID,
    REGION,
    Column::new("description", "Description", of!(SecurityGroup, it => (&it.description).into())),
    TAGS,
];

/// The columns of a list, from left to right.
#[must_use]
pub const fn columns(kind: ResourceKind) -> &'static [Column] {
    match kind {
        ResourceKind::Volume => VOLUMES,
        ResourceKind::Snapshot => SNAPSHOTS,
        ResourceKind::Address => ADDRESSES,
        ResourceKind::SecurityGroup => SECURITY_GROUPS,
    }
}

fn optional(number: Option<i32>) -> Cow<'static, str> {
    number.map(|number| number.to_string()).unwrap_or_default().into()
}

const fn yes_no(yes: bool) -> Cow<'static, str> {
    Cow::Borrowed(if yes { "yes" } else { "no" })
}

fn time(at: Option<Timestamp>) -> Cow<'static, str> {
    at.map(Timestamp::to_utc_text).unwrap_or_default().into()
}

fn lines(rules: &[SecurityRule], word: &str) -> Cow<'static, str> {
    rules.iter().map(|rule| rule.line(word)).collect::<Vec<_>>().join("; ").into()
}

fn tags_text(tags: &[Tag]) -> String {
    tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_list_has_each_column_once_and_begins_with_the_name() {
        for kind in ResourceKind::ALL {
            let keys: BTreeSet<_> = columns(kind).iter().map(|column| column.key).collect();
            assert_eq!(keys.len(), columns(kind).len(), "{kind:?}");
            assert_eq!(columns(kind)[0].key, "name");
        }
    }
}
