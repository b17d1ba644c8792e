use nephoscope_model::{
    Listing,
    ec2::{CheckStatus, ListPrice, PriceKey},
};

use super::super::{
    prices::Prices,
    query::tests::{beside, instance},
};
use super::*;

fn sorted(column: Column, descending: bool, mut list: Vec<Instance>) -> Vec<String> {
    list.sort_by(|a, b| column.compare(a, b, descending, &beside()));
    list.into_iter().map(|instance| instance.name).collect()
}

#[test]
fn names_with_numbers_sort_as_people_count_and_nameless_ones_come_last() {
    let list = || ["web-10", "", "web-2", "Web-1"].map(|name| instance(1, name, "running")).to_vec();
    assert_eq!(sorted(Column::Name, false, list()), ["Web-1", "web-2", "web-10", ""]);
    assert_eq!(sorted(Column::Name, true, list()), ["web-10", "web-2", "Web-1", ""]);
}

#[test]
fn addresses_sort_as_numbers_and_types_by_size() {
    let with = |name: &str, ip: Option<&str>, kind: &str| {
        let mut made = instance(1, name, "running");
        made.private_ip = ip.map(str::to_owned);
        kind.clone_into(&mut made.instance_type);
        made
    };
    let list = || {
        vec![
            with("a", Some("10.0.0.10"), "t3.2xlarge"),
            with("b", Some("10.0.0.9"), "t3.large"),
            with("c", None, "m5.metal"),
            with("d", Some("9.9.9.9"), "t3.12xlarge"),
        ]
    };
    assert_eq!(sorted(Column::PrivateIp, false, list()), ["d", "b", "a", "c"]);
    assert_eq!(sorted(Column::PrivateIp, true, list()), ["a", "b", "d", "c"]);
    assert_eq!(sorted(Column::Type, false, list()), ["c", "b", "a", "d"]);
}

#[test]
fn every_column_has_a_key_of_its_own() {
    let keys: std::collections::BTreeSet<_> = Column::ALL.iter().map(|column| column.key()).collect();
    assert_eq!(keys.len(), Column::ALL.len());
}

fn checks(of: &Instance, system: CheckStatus, instance: CheckStatus) -> StatusChecks {
    StatusChecks { id: of.id.clone(), system, instance, attached_disks: None, events: Vec::new() }
}

#[test]
fn what_is_worse_comes_first_descending_and_so_does_what_runs_longest() {
    let at = |text: &str| nephoscope_model::Timestamp::parse(text).ok();
    let made = |number, name: &str, state: &str, launched: &str| {
        let mut made = instance(number, name, state);
        made.launched_at = at(launched);
        made
    };
    let list = vec![
        made(1, "new", "running", "2026-11-20T00:00:00Z"),
        made(2, "old", "running", "2025-11-20T00:00:00Z"),
        made(3, "off", "stopped", "2024-11-20T00:00:00Z"),
    ];
    let mut beside = beside();
    beside.checks.insert(list[0].id.clone(), checks(&list[0], CheckStatus::Ok, CheckStatus::Ok));
    beside.checks.insert(list[1].id.clone(), checks(&list[1], CheckStatus::Ok, CheckStatus::Impaired));
    let names = |column: Column, descending| {
        let mut list = list.clone();
        list.sort_by(|a, b| column.compare(a, b, descending, &beside));
        list.into_iter().map(|instance| instance.name).collect::<Vec<_>>()
    };
    assert_eq!(names(Column::Status, true), ["old", "new", "off"]);
    assert_eq!(names(Column::Status, false), ["new", "old", "off"]);
    assert_eq!(names(Column::Uptime, true), ["old", "new", "off"]);
    assert_eq!(names(Column::Uptime, false), ["new", "old", "off"]);
}

#[test]
fn every_column_has_a_text_and_those_that_sort_put_what_is_missing_last() {
    let mut full = instance(2, "web", "running");
    full.region = "eu-west-1".parse().expect("a region");
    full.zone = "eu-west-1a".to_owned();
    full.security_groups = vec!["a".to_owned(), "b".to_owned()];
    full.launched_at = nephoscope_model::Timestamp::parse("2026-11-20T11:44:08Z").ok();
    let mut beside = beside();
    beside.now = nephoscope_model::Timestamp::parse("2026-11-20T14:44:08Z").ok();
    let checks = checks(&full, CheckStatus::Ok, CheckStatus::Impaired);
    beside.checks.insert(full.id.clone(), checks);
    full.platform = Some("x-1".to_owned());
    let key = PriceKey::of(&full).expect("a kind");
    let price = ListPrice { key, micros_per_hour: Some(1_700_000) };
    beside.prices = Prices::new(Some(&Listing { items: vec![price], sources: Vec::new() }));
    full.public_ip = Some("198.51.100.1".to_owned());
    for field in [
        &mut full.architecture,
        &mut full.image_id,
        &mut full.vpc_id,
        &mut full.subnet_id,
        &mut full.key_name,
    ] {
        *field = Some("x-1".to_owned());
    }
    for column in Column::ALL {
        assert!(!column.text(&full, &beside).is_empty(), "{column:?}");
        let empty = instance(1, "", "running");
        if column.is_sortable() && column.text(&empty, &beside).is_empty() {
            for descending in [false, true] {
                let order = column.compare(&full, &empty, descending, &beside);
                assert_eq!(order, Ordering::Less, "{column:?}");
            }
        }
    }
    assert_eq!(Column::SecurityGroups.text(&full, &beside), "a, b");
    assert_eq!(Column::Tags.text(&full, &beside), "Team=payments");
    assert_eq!(Column::Account.text(&full, &beside), "production");
    assert_eq!(Column::Status.text(&full, &beside), "1/2 passed, impaired");
    assert_eq!(Column::Uptime.text(&full, &beside), "3 h");
    assert_eq!(Column::Price.text(&full, &beside), "$1,241.00");
    assert_eq!(Column::Price.file_text(&full, &beside), "1241.00");
}
