//! What of the list is shown: it all stands in the URL, and one pure function answers it.

use std::collections::HashMap;

use nephoscope_model::{
    Scope,
    ec2::{Instance, InstanceId, InstanceState},
};
use serde::{Deserialize, Serialize};

use super::{beside::Beside, columns::Column, filter::Filter, prices::Bill};
use crate::{
    components::{named_columns, shown_columns},
    csv,
    params::Params,
    paths::{self, Link},
};

/// Rows on a page. More would make a page of thousands slow to render and slow to scroll.
pub const PAGE: usize = 100;

/// The names of the list's own parameters.
pub mod param {
    /// The filter's text.
    pub const TEXT: &str = "q";
    /// The column, with a `-` before it when descending.
    pub const SORT: &str = "sort";
    /// The page, from 1.
    pub const PAGE: &str = "page";
    /// The columns, comma-separated; left out for the usual ones.
    pub const COLUMNS: &str = crate::components::column_chooser::COLUMNS;
    /// The ids of the instances that are selected, comma-separated.
    pub const SELECTED: &str = "selected";
}

/// How many selected instances an address names at most: it must stay one that can be sent to somebody.
pub const MOST_IN_ADDRESS: usize = 20;

/// What of the list is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// What was typed into the filter.
    pub text: String,
    /// Only these states; empty for all.
    pub states: Vec<InstanceState>,
    /// Sorted by.
    pub sort: Column,
    /// Whether the other way round.
    pub descending: bool,
    /// The page, from 1.
    pub page: usize,
    /// The columns, from left to right; empty for the usual ones.
    pub columns: Vec<Column>,
    /// The instances that are selected, at most [`MOST_IN_ADDRESS`].
    pub selected: Vec<InstanceId>,
}

impl ListQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        let sort = params.get(param::SORT);
        let (descending, word) = sort.strip_prefix('-').map_or((false, sort.as_str()), |word| (true, word));
        let states = params.all(paths::param::STATE);
        let columns = params.all(param::COLUMNS);
        let selected = params.all(param::SELECTED);
        let selected = selected.iter().flat_map(|list| list.split(',')).filter_map(|id| id.parse().ok());
        Self {
            text: params.get(param::TEXT),
            states: InstanceState::ALL
                .into_iter()
                .filter(|state| states.iter().any(|list| list.split(',').any(|word| word == state.as_str())))
                .collect(),
            sort: Column::from_word(word).filter(|column| column.is_sortable()).unwrap_or_default(),
            descending,
            page: params.get(param::PAGE).parse().unwrap_or(1).max(1),
            columns: named_columns(&Column::ALL, &columns, Column::as_str, Column::is_usual),
            selected: selected.take(MOST_IN_ADDRESS).collect(),
        }
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, scope: &Scope) -> String {
        let states: Vec<&str> = self.states.iter().map(|state| state.as_str()).collect();
        let sort = match (self.sort, self.descending) {
            (Column::Name, false) => String::new(),
            (column, false) => column.as_str().to_owned(),
            (column, true) => format!("-{}", column.as_str()),
        };
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let columns: Vec<&str> = self.columns.iter().map(|column| column.as_str()).collect();
        let selected: Vec<&str> = self.selected.iter().map(InstanceId::as_str).collect();
        Link::new("/ec2")
            .query(param::TEXT, &self.text)
            .query(paths::param::STATE, &states.join(","))
            .query(param::SORT, &sort)
            .query(param::PAGE, &page)
            .query(param::COLUMNS, &columns.join(","))
            .query(param::SELECTED, &selected.join(","))
            .scope(scope)
            .build()
    }

    /// The same, sorted by a column; the other way round when it was sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: Column) -> Self {
        // The newest first is what everybody wants of a time, of checks what is wrong, and of prices the highest.
        let first = matches!(column, Column::Launched | Column::Status | Column::Price);
        let descending = if self.sort == column { !self.descending } else { first };
        Self { sort: column, descending, page: 1, ..self.clone() }
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
        Self { states, page: 1, ..self.clone() }
    }

    /// The same on another page.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The columns that are shown. The name is always one of them.
    #[must_use]
    pub fn shown_columns(&self) -> Vec<Column> {
        shown_columns(&Column::ALL, &self.columns, Column::is_usual)
    }

    /// The same without what narrows the list.
    #[must_use]
    pub fn widened(&self) -> Self {
        Self { text: String::new(), states: Vec::new(), page: 1, ..self.clone() }
    }

    /// Whether it needs to be known what the status checks say.
    #[must_use]
    pub fn needs_checks(&self) -> bool {
        self.columns.contains(&Column::Status)
            || self.sort == Column::Status
            || Filter::parse(&self.text).asks_for_checks()
    }

    /// Whether it shows something of prices in the table.
    #[must_use]
    pub fn shows_prices(&self) -> bool {
        self.shown_columns().contains(&Column::Price)
            || self.sort == Column::Price
            || Filter::parse(&self.text).asks_for_prices()
    }

    /// Whether it hides anything.
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.states.is_empty() || !Filter::parse(&self.text).is_empty()
    }
}

/// The answer: one page of rows, and the numbers around it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The rows of the page.
    pub rows: Vec<Instance>,
    /// All that match.
    pub matching: usize,
    /// All that there are.
    pub total: usize,
    /// How many in each state, among those that the text lets pass; states without any are left out.
    pub by_state: Vec<(InstanceState, usize)>,
    /// What of those that match runs, and what that costs.
    pub bill: Bill,
    /// The page shown: the last one when a later one was asked for.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
    /// All that match, in order. Not sent along with the first rows of a long list: the list itself is not there yet then.
    #[serde(skip)]
    pub ids: Vec<InstanceId>,
}

/// The numbers of the first and the last row of a page, from 1.
#[must_use]
pub fn bounds(page: usize, rows: usize) -> (usize, usize) {
    let before = (page.max(1) - 1) * PAGE;
    (before + usize::from(rows > 0), before + rows)
}

/// Filters, counts, sorts and cuts. The columns and the selection have no part in it.
#[must_use]
pub fn show(all: &[Instance], query: &ListQuery, beside: &Beside) -> Shown {
    let filter = Filter::parse(&query.text);
    let found: Vec<&Instance> = all.iter().filter(|instance| filter.matches(instance, beside)).collect();
    let by_state = InstanceState::ALL
        .into_iter()
        .chain([InstanceState::Unknown])
        .map(|state| (state, found.iter().filter(|instance| instance.state == state).count()))
        .filter(|(state, count)| *count > 0 || query.states.contains(state))
        .collect();
    let mut matching: Vec<&Instance> = found
        .into_iter()
        .filter(|instance| query.states.is_empty() || query.states.contains(&instance.state))
        .collect();
    matching.sort_by(|a, b| {
        query
            .sort
            .compare(a, b, query.descending, beside)
            // Rows that are equal must not jump when the list arrives in another order.
            .then_with(|| Column::Name.compare(a, b, false, beside))
            .then_with(|| a.id.cmp(&b.id))
    });
    let pages = matching.len().div_ceil(PAGE).max(1);
    let page = query.page.clamp(1, pages);
    Shown {
        rows: matching
            .iter()
            .skip((page - 1) * PAGE)
            .take(PAGE)
            .map(|instance| (*instance).clone())
            .collect(),
        matching: matching.len(),
        total: all.len(),
        by_state,
        bill: Bill::of(&matching, &beside.prices),
        page,
        pages,
        ids: matching.iter().map(|instance| instance.id.clone()).collect(),
    }
}

/// A file of the instances with these ids, in this order: the columns that are shown, and before them where and what each is.
#[must_use]
pub fn to_csv(all: &[Instance], ids: &[InstanceId], columns: &[Column], beside: &Beside) -> String {
    let known: HashMap<&InstanceId, &Instance> =
        all.iter().map(|instance| (&instance.id, instance)).collect();
    let columns = columns.iter().filter(|column| !matches!(column, Column::Id | Column::Region));
    let columns: Vec<Column> = columns.copied().collect();
    let head = ["Account ID", "Region", "Instance ID"].into_iter();
    let mut text = csv::row(head.chain(columns.iter().map(|column| column.file_label())));
    for instance in ids.iter().filter_map(|id| known.get(id)) {
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
            tags: vec![Tag { key: "Team".to_owned(), value: "payments".to_owned() }],
        }
    }

    fn query(search: &str) -> ListQuery {
        ListQuery::from_params(&Params::parse(search))
    }

    #[test]
    fn the_url_survives_a_round_trip_and_nonsense_is_ignored() {
        let full = query("q=web+tag:a%3Db&state=stopped,running&sort=-launched&page=3");
        assert_eq!(
            full.href(&Scope::default()),
            "/ec2?q=web%20tag:a%3Db&state=running,stopped&sort=-launched&page=3"
        );
        let odd = query("state=flying&sort=colour&page=-1");
        assert_eq!(odd, ListQuery { page: 1, ..ListQuery::default() });
        assert_eq!(odd.href(&Scope::default()), "/ec2");
        let repeated = query("state=running&state=stopped");
        assert_eq!(repeated.states.len(), 2);
    }

    #[test]
    fn columns_and_selection_stand_in_the_address_and_the_usual_ones_do_not() {
        let one = "i-00000000000000001";
        let chosen = query(&format!("columns=vpc,state,nonsense&columns=image&selected={one},x,{one}b"));
        assert_eq!(chosen.shown_columns(), [Column::Name, Column::State, Column::Image, Column::Vpc]);
        let address = format!("/ec2?columns=state,image,vpc&selected={one}");
        assert_eq!(chosen.href(&Scope::default()), address);
        let usual: Vec<&str> =
            Column::ALL.into_iter().filter(|column| column.is_usual()).map(Column::as_str).collect();
        let usual = query(&format!("columns={}", usual.join(",")));
        assert_eq!(usual.href(&Scope::default()), "/ec2");
        assert_eq!(usual.shown_columns().len(), 11);
        let many: Vec<String> = (0..30).map(|n| format!("i-{n:017x}")).collect();
        let many = query(&format!("selected={}&q=a&state=running&page=2&sort=tags", many.join(",")));
        assert_eq!((many.selected.len(), many.sort), (MOST_IN_ADDRESS, Column::Name));
        assert_eq!(many.widened().selected, many.selected);
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
        assert!(query("").sorted_by(Column::Price).descending, "what costs most comes first");
    }

    #[test]
    fn the_file_holds_all_pages_of_what_is_filtered_and_no_formula() {
        let mut all: Vec<Instance> = (0..250).map(|n| instance(n, &format!("web-{n}"), "running")).collect();
        all.push(instance(999, "=HYPERLINK(1)", "stopped"));
        let shown = show(&all, &query("q=-web-24&sort=-name"), &beside());
        let csv = to_csv(&all, &shown.ids, &query("columns=type,id,region,price").shown_columns(), &beside());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 250 - 11 + 1);
        assert_eq!(lines[0], "Account ID,Region,Instance ID,Name,Type,Price (USD a month)");
        assert_eq!(lines[1], "111111111111,us-east-1,i-000000000000000ef,web-239,t3.medium,unknown");
        assert!(lines.last().is_some_and(|line| line.contains(",'=HYPERLINK(1),")));
    }

    #[test]
    fn sorting_again_turns_round_and_everything_else_starts_at_the_first_page() {
        let first = query("page=4&q=x");
        let by_type = first.sorted_by(Column::Type);
        assert_eq!((by_type.descending, by_type.page), (false, 1));
        assert!(by_type.sorted_by(Column::Type).descending);
        assert!(first.sorted_by(Column::Launched).descending);
        let both = first.toggled(Some(InstanceState::Stopped)).toggled(Some(InstanceState::Running));
        assert_eq!(both.states, [InstanceState::Running, InstanceState::Stopped]);
        assert!(both.toggled(None).states.is_empty());
        assert_eq!(both.toggled(Some(InstanceState::Running)).states, [InstanceState::Stopped]);
    }

    #[test]
    fn counts_by_state_follow_the_text_but_not_the_state() {
        let all =
            [instance(1, "web-1", "running"), instance(2, "web-2", "stopped"), instance(3, "db", "running")];
        let shown = show(&all, &query("q=web&state=running,pending"), &beside());
        assert_eq!(shown.rows.len(), 1);
        assert_eq!((shown.matching, shown.total), (1, 3));
        assert_eq!(
            shown.by_state,
            [(InstanceState::Pending, 0), (InstanceState::Running, 1), (InstanceState::Stopped, 1)]
        );
    }

    #[test]
    fn thousands_are_cut_into_pages_and_a_page_too_far_is_the_last() {
        let all: Vec<Instance> = (0..250).map(|n| instance(n, &format!("web-{n}"), "running")).collect();
        let last = show(&all, &query("page=99"), &beside());
        assert_eq!((last.page, last.pages, last.rows.len()), (3, 3, 50));
        assert_eq!(bounds(last.page, last.rows.len()), (201, 250));
        assert_eq!(last.rows[0].name, "web-200");
        assert_eq!(bounds(1, 0), (0, 0));
    }
}
