//! What of the list is shown: it all stands in the URL, and one pure function answers it.

use nephoscope_model::{Scope, lambda::Function};
use serde::{Deserialize, Serialize};

use super::{
    columns::{Beside, Column},
    filter::Filter,
};
use crate::{
    components::{named_columns, shown_columns},
    csv,
    params::Params,
    paths::Link,
};

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
    /// The columns, comma-separated; left out for the usual ones.
    pub const COLUMNS: &str = crate::components::column_chooser::COLUMNS;
    /// Whether the form for a new function is open.
    pub const CREATE: &str = "create";
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
    /// The columns, from left to right; empty for the usual ones.
    pub columns: Vec<Column>,
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
            sort: Column::from_word(word).unwrap_or_default(),
            descending,
            page: params.get(param::PAGE).parse().unwrap_or(1).max(1),
            columns: named_columns(
                &Column::ALL,
                &params.all(param::COLUMNS),
                Column::as_str,
                Column::is_usual,
            ),
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
        let columns: Vec<&str> = self.columns.iter().map(|column| column.as_str()).collect();
        Link::new("/lambda")
            .query(param::TEXT, &self.text)
            .query(param::SORT, &sort)
            .query(param::PAGE, &page)
            .query(param::COLUMNS, &columns.join(","))
            .query(param::CREATE, if self.create { "1" } else { "" })
            .scope(scope)
            .build()
    }

    /// The same, sorted by a column; the other way round when it was sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: Column) -> Self {
        let descending = if self.sort == column { !self.descending } else { column.begins_descending() };
        Self { sort: column, descending, page: 1, ..self.clone() }
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

/// All that match, in order.
fn found<'a>(all: &'a [Function], query: &ListQuery, beside: &Beside) -> Vec<&'a Function> {
    let filter = Filter::parse(&query.text);
    let mut found: Vec<&Function> = all.iter().filter(|function| filter.matches(function, beside)).collect();
    found.sort_by(|a, b| {
        let order = query.sort.compare(a, b, query.descending, beside);
        // Functions of one name are in many places, and equal rows must not jump.
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.place().cmp(&b.place()))
    });
    found
}

/// Filters, sorts and cuts. The columns have no part in it.
#[must_use]
pub fn show(all: &[Function], query: &ListQuery, beside: &Beside) -> Shown {
    let found = found(all, query, beside);
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

/// A file of all that match, in order: the columns that are shown, and before them where and what each is.
#[must_use]
pub fn to_csv(all: &[Function], query: &ListQuery, beside: &Beside) -> String {
    let columns = query.shown_columns();
    let columns: Vec<Column> =
        columns.into_iter().filter(|column| !matches!(column, Column::Name | Column::Region)).collect();
    let head = ["Account ID", "Region", "Name"].into_iter();
    let mut text = csv::row(head.chain(columns.iter().map(|column| column.label())));
    for function in found(all, query, beside) {
        let key = [function.account.to_string(), function.region.to_string(), function.name.to_string()];
        let rest = columns.iter().map(|column| column.text(function, beside));
        text += &csv::row(key.into_iter().chain(rest));
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use nephoscope_model::{Account, Timestamp, lambda::FunctionMeasures};

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

    pub(in super::super) fn measured(
        function: &Function,
        invocations: f64,
        errors: f64,
        p95: f64,
    ) -> FunctionMeasures {
        FunctionMeasures {
            invocations: Some(invocations),
            errors: Some(errors),
            p95_ms: Some(p95),
            ..FunctionMeasures::unknown(&function.place(), function.name.clone())
        }
    }

    fn beside() -> Beside {
        Beside::new(accounts(), Vec::new())
    }

    fn query(text: &str) -> ListQuery {
        ListQuery::from_params(&Params::parse(text))
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        let all = Scope::default();
        for href in [
            "/lambda",
            "/lambda?q=runtime:python&sort=-memory&page=2",
            "/lambda?columns=errors,handler&create=1",
        ] {
            let (_, search) = href.split_once('?').unwrap_or_default();
            assert_eq!(query(search).href(&all), href);
        }
        assert_eq!(query("sort=colour&page=x"), query(""));
    }

    #[test]
    fn the_list_is_filtered_sorted_and_cut() {
        let list: Vec<Function> = (0..150).map(|n| function(&format!("f-{n:03}"), "python3.12", n)).collect();
        let shown = show(&list, &query("sort=-memory"), &beside());
        assert_eq!((shown.rows.len(), shown.total, shown.pages), (PAGE, 150, 2));
        assert_eq!(shown.rows[0].name.as_str(), "f-149");
        let last = show(&list, &query("page=9"), &beside());
        assert_eq!((last.page, last.rows[0].name.as_str()), (2, "f-100"));
        let one = show(&list, &query("q=name:f-007"), &beside());
        assert_eq!((one.matching, one.rows.len(), one.pages), (1, 1, 1));
    }

    #[test]
    fn a_column_turns_round_when_it_is_chosen_again() {
        let by_memory = query("").sorted_by(Column::Memory);
        assert!(by_memory.descending && !by_memory.sorted_by(Column::Memory).descending);
        assert!(query("").sorted_by(Column::Name).descending, "it was sorted by name already");
        assert!(!by_memory.sorted_by(Column::Name).descending);
    }

    #[test]
    fn the_file_holds_all_pages_of_what_is_filtered_and_no_formula() {
        let mut list: Vec<Function> =
            (0..150).map(|n| function(&format!("f-{n:03}"), "python3.12", n)).collect();
        "=HYPERLINK(1)".clone_into(&mut list[149].description);
        let wanted = query("q=-f-00&sort=-name&columns=description,region,memory");
        let csv = to_csv(&list, &wanted, &beside());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 140);
        assert_eq!(lines[0], "Account ID,Region,Name,Memory,Description");
        assert_eq!(lines[1], "111111111111,us-east-1,f-149,149 MB,'=HYPERLINK(1)");
    }
}
