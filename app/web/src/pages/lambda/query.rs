//! What of the list is shown: it all stands in the URL, and one pure function answers it.

use std::cmp::Ordering;

use nephoscope_model::{Account, Scope, lambda::Function};
use serde::{Deserialize, Serialize};

use super::filter::Filter;
use crate::{params::Params, paths::Link};

/// Rows on a page.
pub const PAGE: usize = 100;

/// The names of the list's own parameters.
pub mod param {
    /// The filter's text.
    pub const TEXT: &str = "q";
    /// The column, with a `-` before it when descending.
    pub const SORT: &str = "sort";
    /// The page, from 1.
    pub const PAGE: &str = "page";
    /// Whether the form for a new function is open.
    pub const CREATE: &str = "create";
}

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the labels say what they are")]
pub enum Column {
    #[default]
    Name,
    Runtime,
    Memory,
    Timeout,
    CodeSize,
    Modified,
    Account,
    Region,
}

impl Column {
    /// All of them, from left to right.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Runtime,
        Self::Memory,
        Self::Timeout,
        Self::CodeSize,
        Self::Modified,
        Self::Account,
        Self::Region,
    ];

    /// As it stands in a URL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Runtime => "runtime",
            Self::Memory => "memory",
            Self::Timeout => "timeout",
            Self::CodeSize => "size",
            Self::Modified => "modified",
            Self::Account => "account",
            Self::Region => "region",
        }
    }

    /// As it stands above the column.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Runtime => "Runtime",
            Self::Memory => "Memory",
            Self::Timeout => "Timeout",
            Self::CodeSize => "Code size",
            Self::Modified => "Modified",
            Self::Account => "Account",
            Self::Region => "Region",
        }
    }

    fn compare(self, a: &Function, b: &Function, accounts: &[Account]) -> Ordering {
        let account = |function: &Function| {
            let known = accounts.iter().find(|account| account.id == function.account);
            known.map_or_else(|| function.account.to_string(), |account| account.name.clone())
        };
        match self {
            Self::Name => a.name.as_str().to_lowercase().cmp(&b.name.as_str().to_lowercase()),
            Self::Runtime => a.runtime.cmp(&b.runtime),
            Self::Memory => a.memory_mb.cmp(&b.memory_mb),
            Self::Timeout => a.timeout_secs.cmp(&b.timeout_secs),
            Self::CodeSize => a.code_size.cmp(&b.code_size),
            Self::Modified => a.last_modified.cmp(&b.last_modified),
            Self::Account => account(a).cmp(&account(b)),
            Self::Region => a.region.cmp(&b.region),
        }
    }
}

/// What of the list is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// What was typed into the filter.
    pub text: String,
    /// Sorted by.
    pub sort: Column,
    /// Whether the other way round.
    pub descending: bool,
    /// The page, from 1.
    pub page: usize,
    /// Whether the form for a new function is open.
    pub create: bool,
}

impl ListQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        let sort = params.get(param::SORT);
        let (descending, word) = sort.strip_prefix('-').map_or((false, sort.as_str()), |word| (true, word));
        Self {
            text: params.get(param::TEXT),
            sort: Column::ALL.into_iter().find(|column| column.as_str() == word).unwrap_or_default(),
            descending,
            page: params.get(param::PAGE).parse().unwrap_or(1).max(1),
            create: !params.get(param::CREATE).is_empty(),
        }
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, scope: &Scope) -> String {
        let sort = match (self.sort, self.descending) {
            (Column::Name, false) => String::new(),
            (column, false) => column.as_str().to_owned(),
            (column, true) => format!("-{}", column.as_str()),
        };
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        Link::new("/lambda")
            .query(param::TEXT, &self.text)
            .query(param::SORT, &sort)
            .query(param::PAGE, &page)
            .query(param::CREATE, if self.create { "1" } else { "" })
            .scope(scope)
            .build()
    }

    /// The same, sorted by a column; the other way round when it was sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: Column) -> Self {
        // The newest, and the largest, are what people look for first.
        let first = matches!(column, Column::Modified | Column::CodeSize | Column::Memory | Column::Timeout);
        let descending = if self.sort == column { !self.descending } else { first };
        Self { sort: column, descending, page: 1, ..self.clone() }
    }

    /// The same on another page.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }
}

/// The answer: one page of rows, and the numbers around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The rows of the page.
    pub rows: Vec<Function>,
    /// All that match.
    pub matching: usize,
    /// All that there are.
    pub total: usize,
    /// The page shown: the last one when a later one was asked for.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
}

/// The numbers of the first and the last row of a page, from 1.
#[must_use]
pub fn bounds(page: usize, rows: usize) -> (usize, usize) {
    let before = (page.max(1) - 1) * PAGE;
    (before + usize::from(rows > 0), before + rows)
}

/// Filters, sorts and cuts.
#[must_use]
pub fn show(all: &[Function], query: &ListQuery, accounts: &[Account]) -> Shown {
    let filter = Filter::parse(&query.text);
    let mut found: Vec<&Function> =
        all.iter().filter(|function| filter.matches(function, accounts)).collect();
    found.sort_by(|a, b| {
        let order = query.sort.compare(a, b, accounts);
        let order = if query.descending { order.reverse() } else { order };
        // Functions of one name are in many places, and equal rows must not jump.
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.place().cmp(&b.place()))
    });
    let pages = found.len().div_ceil(PAGE).max(1);
    let page = query.page.clamp(1, pages);
    Shown {
        rows: found.iter().skip((page - 1) * PAGE).take(PAGE).map(|function| (*function).clone()).collect(),
        matching: found.len(),
        total: all.len(),
        page,
        pages,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use nephoscope_model::Timestamp;

    use super::*;

    pub(in super::super) fn accounts() -> Vec<Account> {
        vec![Account {
            id: "111111111111".parse().expect("an id"),
            name: "production".to_owned(),
            color: nephoscope_model::scope::AccountColor::Red,
            regions: vec!["us-east-1".parse().expect("a region")],
        }]
    }

    pub(in super::super) fn function(name: &str, runtime: &str, memory: i32) -> Function {
        Function {
            name: name.parse().expect("a name"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            arn: format!("arn:aws:lambda:us-east-1:111111111111:function:{name}"),
            description: "Takes orders".to_owned(),
            runtime: Some(runtime.to_owned()),
            handler: Some("main.handler".to_owned()),
            package_type: "Zip".to_owned(),
            architecture: "x86_64".to_owned(),
            memory_mb: memory,
            timeout_secs: 10,
            code_size: 1,
            last_modified: Some(Timestamp::from_millis(i64::from(memory))),
            state: None,
        }
    }

    fn query(text: &str) -> ListQuery {
        ListQuery::from_params(&Params::parse(text))
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let all = Scope::default();
        for href in ["/lambda", "/lambda?q=runtime:python&sort=-memory&page=2", "/lambda?create=1"] {
            let (_, search) = href.split_once('?').unwrap_or_default();
            assert_eq!(query(search).href(&all), href);
        }
        assert_eq!(query("sort=colour&page=x"), query(""));
    }

    #[test]
    fn the_list_is_filtered_sorted_and_cut() {
        let list: Vec<Function> = (0..150).map(|n| function(&format!("f-{n:03}"), "python3.12", n)).collect();
        let shown = show(&list, &query("sort=-memory"), &accounts());
        assert_eq!((shown.rows.len(), shown.total, shown.pages), (PAGE, 150, 2));
        assert_eq!(shown.rows[0].name.as_str(), "f-149");
        let last = show(&list, &query("page=9"), &accounts());
        assert_eq!((last.page, last.rows[0].name.as_str()), (2, "f-100"));
        let one = show(&list, &query("q=name:f-007"), &accounts());
        assert_eq!((one.matching, one.rows.len(), one.pages), (1, 1, 1));
    }

    #[test]
    fn a_column_turns_round_when_it_is_chosen_again() {
        let by_memory = query("").sorted_by(Column::Memory);
        assert!(by_memory.descending && !by_memory.sorted_by(Column::Memory).descending);
        assert!(query("").sorted_by(Column::Name).descending, "it was sorted by name already");
        assert!(!by_memory.sorted_by(Column::Name).descending);
    }
}
