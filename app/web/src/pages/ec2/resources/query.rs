//! What of a list is shown: it all stands in the URL, and one pure function answers it.

use nephoscope_model::{
    Account, Scope,
    ec2::{Resource, ResourceId, ResourceKind},
};
use serde::{Deserialize, Serialize};

use super::{
    columns::{Column, columns},
    filter::Filter,
};
use crate::{
    csv,
    listing::{self, Query, Row, Sort},
    params::Params,
    paths::{self, Link},
};

impl Row for Resource {
    fn key(&self) -> String {
        self.id().to_string()
    }
}

/// What of a list is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Which list it is.
    pub kind: ResourceKind,
    /// Which of them, and what of them.
    pub list: Query<Column>,
    /// The one whose details are shown.
    pub open: Option<ResourceId>,
}

impl ListQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub fn from_params(kind: ResourceKind, params: &Params) -> Self {
        let open = params.get(paths::param::OPEN).parse().ok();
        Self {
            kind,
            list: Query::from_params(columns(kind), params),
            open: open.filter(|id: &ResourceId| id.kind() == Some(kind)),
        }
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, scope: &Scope) -> String {
        self.list
            .write(Link::new("/ec2").segment(self.kind.path()))
            .query_opt(paths::param::OPEN, self.open.as_ref().map(ResourceId::as_str))
            .scope(scope)
            .build()
    }

    /// The same with another list below what is open.
    #[must_use]
    pub fn with(&self, list: Query<Column>) -> Self {
        Self { list, ..self.clone() }
    }

    /// The same with another filter.
    #[must_use]
    pub fn filtered(&self, text: &str) -> Self {
        self.with(self.list.filtered(text))
    }

    /// The same with the details of one, or of none.
    #[must_use]
    pub fn opened(&self, open: Option<ResourceId>) -> Self {
        Self { open, ..self.clone() }
    }

    /// The filter that finds what deserves a look, see [`ResourceKind::remark`].
    #[must_use]
    pub fn remark_filter(&self) -> Option<String> {
        self.kind.remark().map(|word| format!("is:{word}"))
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The rows of the page.
    pub list: listing::Shown<Resource>,
    /// How many there are that deserve a look.
    pub remarkable: usize,
}

/// The order of the list, see [`listing::order`].
#[must_use]
pub fn order(
    all: &[Resource],
    (by, descending): Sort<Column>,
    accounts: &[Account],
    before: Option<&Vec<usize>>,
) -> Vec<usize> {
    let keyed: Vec<_> = all.iter().map(|resource| (by.sort_key(resource, accounts), resource)).collect();
    listing::order(&keyed, before, |(a, one), (b, other)| {
        let order = match (a, b) {
            (Some(a), Some(b)) if descending => b.cmp(a),
            (Some(a), Some(b)) => a.cmp(b),
            // What there is nothing of comes last, whichever way round.
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        // What is shared stands in the lists of several accounts.
        order
            .then_with(|| one.name().cmp(other.name()))
            .then_with(|| one.id().cmp(other.id()))
            .then_with(|| one.place().cmp(&other.place()))
    })
}

/// What of a list that is in order the filter lets pass.
fn matching<'a>(
    sorted: &[&'a Resource],
    kind: ResourceKind,
    query: &Query<Column>,
    accounts: &[Account],
) -> Vec<&'a Resource> {
    let filter = Filter::parse(kind, &query.text);
    sorted.iter().filter(|resource| filter.matches(resource, accounts)).copied().collect()
}

/// Filters and cuts a list that is in order. The columns have no part in it.
#[must_use]
pub fn show(sorted: &[&Resource], kind: ResourceKind, query: &Query<Column>, accounts: &[Account]) -> Shown {
    Shown {
        list: listing::show(&matching(sorted, kind, query, accounts), sorted.len(), query.page),
        remarkable: sorted.iter().filter(|resource| resource.is_remarkable()).count(),
    }
}

/// A file of all that the filter lets pass of a list that is in order, with all columns.
#[must_use]
pub fn to_csv(
    sorted: &[&Resource],
    kind: ResourceKind,
    query: &Query<Column>,
    accounts: &[Account],
) -> String {
    let columns = columns(kind);
    let mut text = csv::row(columns.iter().map(|column| column.label));
    for resource in matching(sorted, kind, query, accounts) {
        text += &csv::row(columns.iter().map(|column| column.text(resource, accounts)));
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use nephoscope_model::{
        Timestamp,
        ec2::{
            ElasticAddress, PeerKind, RulePeer, SecurityGroup, SecurityRule, Tag, Volume, VolumeAttachment,
        },
    };

    use super::*;
    use crate::listing::{PAGE, arranged};

    pub(in super::super) fn accounts() -> Vec<Account> {
        vec![Account {
            id: "111111111111".parse().expect("an id"),
            name: "production".to_owned(),
            color: nephoscope_model::scope::AccountColor::Red,
            regions: vec!["us-east-1".parse().expect("a region")],
        }]
    }

    pub(in super::super) fn volume(number: u32, name: &str, attached: bool) -> Resource {
        let attachment = VolumeAttachment {
            instance_id: "i-0123456789abcdef0".parse().ok(),
            managed_resource: None,
            device: "/dev/xvda".to_owned(),
            state: "attached".to_owned(),
            attached_at: None,
            delete_on_termination: true,
        };
        Resource::Volume(Volume {
            id: format!("vol-{number:017x}").parse().expect("an id"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            name: name.to_owned(),
            state: if attached { "in-use" } else { "available" }.to_owned(),
            size_gib: i32::try_from(number).expect("small"),
            volume_type: "gp3".to_owned(),
            iops: number.is_multiple_of(2).then_some(3_000),
            throughput_mib: None,
            encrypted: attached,
            kms_key: None,
            multi_attach: false,
            attachments: if attached { vec![attachment] } else { Vec::new() },
            zone: "us-east-1a".to_owned(),
            snapshot_id: None,
            created_at: Some(Timestamp::from_millis(i64::from(number))),
            tags: vec![Tag { key: "Team".to_owned(), value: "data & <b>".to_owned() }],
        })
    }

    pub(in super::super) fn address(ip: &str) -> Resource {
        Resource::Address(ElasticAddress {
            id: "eipalloc-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            name: String::new(),
            public_ip: ip.to_owned(),
            association_id: None,
            instance_id: None,
            network_interface_id: None,
            private_ip: None,
            service: None,
            network_border_group: None,
            tags: Vec::new(),
        })
    }

    pub(in super::super) fn group() -> Resource {
        let ssh = SecurityRule {
            protocol: "tcp".to_owned(),
            from_port: Some(22),
            to_port: Some(22),
            peers: vec![RulePeer {
                kind: PeerKind::Ipv4,
                value: "0.0.0.0/0".to_owned(),
                description: None,
                everybody: true,
                stale: None,
            }],
            open: true,
        };
        Resource::SecurityGroup(SecurityGroup {
            id: "sg-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            owner: None,
            name: "bastion".to_owned(),
            description: "SSH from anywhere".to_owned(),
            vpc_id: Some("vpc-1".to_owned()),
            inbound: vec![ssh],
            outbound: Vec::new(),
            tags: Vec::new(),
        })
    }

    fn query(search: &str) -> ListQuery {
        ListQuery::from_params(ResourceKind::Volume, &Params::parse(search))
    }

    fn sorted<'a>(all: &'a [Resource], query: &ListQuery) -> Vec<&'a Resource> {
        arranged(all, &order(all, query.list.order(), &accounts(), None))
    }

    fn answer(all: &[Resource], search: &str) -> Shown {
        let query = query(search);
        show(&sorted(all, &query), ResourceKind::Volume, &query.list, &accounts())
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let all = Scope::default();
        for href in [
            "/ec2/volumes",
            "/ec2/volumes?q=type:gp3%20is:unattached&sort=-size&page=2&open=vol-01234567",
            "/ec2/volumes?sort=-name",
            "/ec2/volumes?columns=size,snapshot&open=vol-01234567",
        ] {
            let (_, search) = href.split_once('?').unwrap_or_default();
            assert_eq!(query(search).href(&all), href);
        }
        for odd in ["sort=-colour&page=x", "open=sg-01234567", "open=i-01234567", "columns=colour"] {
            assert_eq!(query(odd), query(""), "{odd}");
        }
    }

    #[test]
    fn the_list_is_filtered_sorted_and_cut() {
        let all: Vec<Resource> = (0..250).map(|n| volume(n, &format!("v-{n:03}"), n != 7)).collect();
        let shown = answer(&all, "sort=-size");
        assert_eq!((shown.list.rows.len(), shown.list.total, shown.list.pages), (PAGE, 250, 3));
        assert_eq!((shown.list.rows[0].name(), shown.remarkable), ("v-249", 1));
        let idle = answer(&all, "q=is:unattached").list;
        assert_eq!((idle.matching, idle.rows[0].name()), (1, "v-007"));
    }

    #[test]
    fn what_there_is_nothing_of_comes_last_either_way() {
        let all: Vec<Resource> = (0..4).map(|n| volume(n, &format!("v-{n}"), true)).collect();
        let names = |search: &str| {
            let shown = answer(&all, search);
            shown.list.rows.iter().map(|it| it.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("sort=iops"), ["v-0", "v-2", "v-1", "v-3"]);
        assert_eq!(names("sort=-iops"), ["v-0", "v-2", "v-1", "v-3"]);
    }

    #[test]
    fn the_file_holds_all_pages_and_no_formula() {
        let mut all: Vec<Resource> = (0..150).map(|n| volume(n, &format!("v-{n:03}"), true)).collect();
        all.push(volume(999, "=HYPERLINK(1)", false));
        let query = query("q=-v-00");
        let csv = to_csv(&sorted(&all, &query), ResourceKind::Volume, &query.list, &accounts());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 150 - 10 + 1);
        assert!(lines[0].starts_with("Name,ID,State,Size (GiB),Type,IOPS"), "{}", lines[0]);
        assert!(lines[1].starts_with("'=HYPERLINK(1),vol-"), "{}", lines[1]);
        assert!(lines[2].contains("production,111111111111,us-east-1,Team=data & <b>"), "{}", lines[2]);
    }
}
