//! What of the list is shown: it all stands in the URL, and one pure function answers it.

use std::collections::HashMap;

use nephoscope_model::{
    Scope,
    ec2::{Instance, InstanceState},
};
use serde::{Deserialize, Serialize};

use super::{beside::Beside, columns::Column, filter::Filter, prices::Bill};
use crate::{
    csv,
    listing::{self, Query, Row, Sort},
    params::Params,
    paths::{self, Link},
};

impl Row for Instance {
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// What of the list is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Which instances, and what of them.
    pub list: Query<Column>,
    /// Only these states; empty for all.
    pub states: Vec<InstanceState>,
}

impl ListQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        let states = params.all(paths::param::STATE);
        Self {
            list: Query::from_params(Column::ALL, params),
            states: InstanceState::ALL
                .into_iter()
                .filter(|state| states.iter().any(|list| list.split(',').any(|word| word == state.as_str())))
                .collect(),
        }
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, scope: &Scope) -> String {
        let states: Vec<&str> = self.states.iter().map(|state| state.as_str()).collect();
        self.list.write(Link::new("/ec2")).query(paths::param::STATE, &states.join(",")).scope(scope).build()
    }

    /// The same with another list.
    #[must_use]
    pub fn with(&self, list: Query<Column>) -> Self {
        Self { list, ..self.clone() }
    }

    /// The same with a state added or taken away; `None` shows all states.
    #[must_use]
    pub fn toggled(&self, state: Option<InstanceState>) -> Self {
        let mut states = self.states.clone();
        match state {
            None => states.clear(),
            Some(state) if states.contains(&state) => states.retain(|known| *known != state),
            Some(state) => {
                states.push(state);
                states.sort_unstable();
            }
        }
        Self { states, ..self.with(self.list.on_page(1)) }
    }

    /// The same without what narrows the list.
    #[must_use]
    pub fn widened(&self) -> Self {
        Self { states: Vec::new(), ..self.with(self.list.filtered("")) }
    }

    /// Whether it needs to be known what the status checks say.
    #[must_use]
    pub fn needs_checks(&self) -> bool {
        self.list.columns.contains(&Column::Status)
            || self.list.sort == Column::Status
            || Filter::parse(&self.list.text).asks_for_checks()
    }

    /// Whether it shows something of prices in the table.
    #[must_use]
    pub fn shows_prices(&self) -> bool {
        self.list.shown_columns().contains(&Column::Price)
            || self.list.sort == Column::Price
            || Filter::parse(&self.list.text).asks_for_prices()
    }

    /// Whether it hides anything.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.states.is_empty() || !Filter::parse(&self.list.text).is_empty()
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The rows of the page.
    pub list: listing::Shown<Instance>,
    /// How many in each state, among those that the text lets pass; states without any are left out.
    pub by_state: Vec<(InstanceState, usize)>,
    /// What of those that match runs, and what that costs.
    pub bill: Bill,
}

/// The order of the list, see [`listing::order`].
#[must_use]
pub fn order(
    all: &[Instance],
    (by, descending): Sort<Column>,
    beside: &Beside,
    before: Option<&Vec<usize>>,
) -> Vec<usize> {
    listing::order(all, before, |a, b| {
        by.compare(a, b, descending, beside)
            // Names repeat.
            .then_with(|| Column::Name.compare(a, b, false, beside))
            .then_with(|| a.id.cmp(&b.id))
    })
}

/// Filters, counts and cuts a list that is in order. The columns and the selection have no part in it.
#[must_use]
pub fn show(sorted: &[&Instance], query: &ListQuery, beside: &Beside) -> Shown {
    let filter = Filter::parse(&query.list.text);
    let passes = |instance: &&&Instance| filter.matches(instance, beside);
    let found: Vec<&Instance> = sorted.iter().filter(passes).copied().collect();
    let by_state = InstanceState::ALL
        .into_iter()
        .chain([InstanceState::Unknown])
        .map(|state| (state, found.iter().filter(|instance| instance.state == state).count()))
        .filter(|(state, count)| *count > 0 || query.states.contains(state))
        .collect();
    let matching: Vec<&Instance> = found
        .into_iter()
        .filter(|instance| query.states.is_empty() || query.states.contains(&instance.state))
        .collect();
    Shown {
        list: listing::show(&matching, sorted.len(), query.list.page),
        by_state,
        bill: Bill::of(&matching, &beside.prices),
    }
}

/// A file of the instances with these keys, in this order: the columns that are shown, and before them where and what each is.
#[must_use]
pub fn to_csv(all: &[Instance], keys: &[String], columns: &[Column], beside: &Beside) -> String {
    let known: HashMap<&str, &Instance> =
        all.iter().map(|instance| (instance.id.as_str(), instance)).collect();
    let columns = columns.iter().filter(|column| !matches!(column, Column::Id | Column::Region));
    let columns: Vec<Column> = columns.copied().collect();
    let head = ["Account ID", "Region", "Instance ID"].into_iter();
    let mut text = csv::row(head.chain(columns.iter().map(|column| column.file_label())));
    for instance in keys.iter().filter_map(|key| known.get(key.as_str())) {
        let key = [instance.account.to_string(), instance.region.to_string(), instance.id.to_string()];
        let rest = columns.iter().map(|column| column.file_text(instance, beside));
        text += &csv::row(key.into_iter().chain(rest));
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use nephoscope_model::{Account, AccountId, Region, ec2::Tag};

    use super::*;
    use crate::listing::Column as _;

    /// One account, and no checks.
    pub(in super::super) fn beside() -> Beside {
        let account = Account {
            id: account(),
            name: "production".to_owned(),
            color: nephoscope_model::scope::AccountColor::Red,
            regions: vec![region()],
        };
        Beside { accounts: vec![account], ..Beside::default() }
    }

    fn account() -> AccountId {
        "111111111111".parse().expect("an id")
    }

    fn region() -> Region {
        "us-east-1".parse().expect("a region")
    }

    pub(in super::super) fn instance(number: u32, name: &str, state: &str) -> Instance {
        Instance {
            id: format!("i-{number:017x}").parse().expect("an id"),
            account: account(),
            region: region(),
            name: name.to_owned(),
            state: InstanceState::from_aws(state),
            state_reason: None,
            instance_type: "t3.medium".to_owned(),
            zone: "us-east-1a".to_owned(),
            private_ip: Some(format!("10.0.0.{number}")),
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
            tags: vec![Tag { key: "Team".to_owned(), value: "payments".to_owned() }],
        }
    }

    fn query(search: &str) -> ListQuery {
        ListQuery::from_params(&Params::parse(search))
    }

    fn answer(all: &[Instance], search: &str) -> Shown {
        let query = query(search);
        let order = order(all, query.list.order(), &beside(), None);
        show(&listing::arranged(all, &order), &query, &beside())
    }

    #[test]
    fn the_url_survives_a_round_trip_and_nonsense_is_ignored() {
        let full = query("q=web+tag:a%3Db&state=stopped,running&sort=-launched&page=3");
        assert_eq!(
            full.href(&Scope::default()),
            "/ec2?q=web%20tag:a%3Db&sort=-launched&page=3&state=running,stopped"
        );
        let odd = query("state=flying&sort=colour&page=-1");
        assert_eq!(odd, query(""));
        assert_eq!(odd.href(&Scope::default()), "/ec2");
        let repeated = query("state=running&state=stopped");
        assert_eq!(repeated.states.len(), 2);
    }

    #[test]
    fn columns_and_selection_stand_in_the_address_and_the_usual_ones_do_not() {
        let one = "i-00000000000000001";
        let chosen = query(&format!("columns=vpc,state,nonsense&columns=image&selected={one}"));
        assert_eq!(chosen.list.shown_columns(), [Column::Name, Column::State, Column::Image, Column::Vpc]);
        let address = format!("/ec2?columns=state,image,vpc&selected={one}");
        assert_eq!(chosen.href(&Scope::default()), address);
        let usual = Column::ALL.iter().filter(|column| column.is_usual()).map(|column| column.key());
        let usual: Vec<&str> = usual.collect();
        let usual = query(&format!("columns={}", usual.join(",")));
        assert_eq!(usual.href(&Scope::default()), "/ec2");
        assert_eq!(usual.list.shown_columns().len(), 11);
        let many = query(&format!("selected={one}&q=a&state=running&page=2&sort=tags"));
        assert_eq!((many.list.selected.len(), many.list.sort), (1, Column::Name));
        assert_eq!(many.widened().list.selected, many.list.selected);
        assert!(!many.widened().narrows() && many.narrows());
    }

    #[test]
    fn checks_are_read_only_where_something_of_them_is_shown() {
        for needs in ["columns=status", "sort=status", "sort=-status", "q=status:impaired"] {
            assert!(query(needs).needs_checks(), "{needs}");
        }
        for not in ["", "columns=state,uptime", "q=status"] {
            assert!(!query(not).needs_checks(), "{not}");
        }
    }

    #[test]
    fn prices_are_shown_unless_their_column_is_not_chosen() {
        for shows in ["", "columns=price", "columns=state&sort=-price", "columns=state&q=price:>10"] {
            assert!(query(shows).shows_prices(), "{shows}");
        }
        assert!(!query("columns=state,type&q=price").shows_prices());
        assert!(query("").list.sorted_by(Column::Price).descending, "what costs most comes first");
    }

    #[test]
    fn the_file_holds_all_pages_of_what_is_filtered_and_no_formula() {
        let mut all: Vec<Instance> = (0..250).map(|n| instance(n, &format!("web-{n}"), "running")).collect();
        all.push(instance(999, "=HYPERLINK(1)", "stopped"));
        let shown = answer(&all, "q=-web-24&sort=-name");
        let csv = to_csv(
            &all,
            &shown.list.keys,
            &query("columns=type,id,region,price").list.shown_columns(),
            &beside(),
        );
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 250 - 11 + 1);
        assert_eq!(lines[0], "Account ID,Region,Instance ID,Name,Type,Price (USD a month)");
        assert_eq!(lines[1], "111111111111,us-east-1,i-000000000000000ef,web-239,t3.medium,unknown");
        assert!(lines.last().is_some_and(|line| line.contains(",'=HYPERLINK(1),")));
    }

    #[test]
    fn sorting_again_turns_round_and_everything_else_starts_at_the_first_page() {
        let first = query("page=4&q=x");
        assert!(
            first.list.sorted_by(Column::Launched).descending
                && !first.list.sorted_by(Column::Type).descending
        );
        assert_eq!(first.toggled(None).list.page, 1);
        let both = first.toggled(Some(InstanceState::Stopped)).toggled(Some(InstanceState::Running));
        assert_eq!(both.states, [InstanceState::Running, InstanceState::Stopped]);
        assert!(both.toggled(None).states.is_empty());
        assert_eq!(both.toggled(Some(InstanceState::Running)).states, [InstanceState::Stopped]);
    }

    #[test]
    fn counts_by_state_follow_the_text_but_not_the_state() {
        let all =
            [instance(1, "web-1", "running"), instance(2, "web-2", "stopped"), instance(3, "db", "running")];
        let shown = answer(&all, "q=web&state=running,pending");
        assert_eq!(shown.list.rows.len(), 1);
        assert_eq!((shown.list.matching, shown.list.total), (1, 3));
        assert_eq!(
            shown.by_state,
            [(InstanceState::Pending, 0), (InstanceState::Running, 1), (InstanceState::Stopped, 1)]
        );
    }
}
