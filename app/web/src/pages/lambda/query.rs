//! What of the list is shown: it all stands in the URL, and one pure function answers it.

use nephoscope_model::{Scope, lambda::Function};

use super::{
    columns::{Beside, Column},
    filter::Filter,
};
use crate::{
    csv,
    listing::{self, Column as _, Query, Row, Sort},
    params::Params,
    paths::Link,
};

/// The parameter that says whether the form for a new function is open.
const CREATE: &str = "create";

impl Row for Function {
    fn key(&self) -> String {
        format!("{}/{}", self.place(), self.name)
    }
}

/// What of the list is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Which functions, and what of them.
    pub list: Query<Column>,
    /// Whether the form for a new function is open.
    pub create: bool,
}

impl ListQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub fn from_params(params: &Params) -> Self {
        Self { list: Query::from_params(Column::ALL, params), create: !params.get(CREATE).is_empty() }
    }

    /// Its address.
    #[must_use]
    pub fn href(&self, scope: &Scope) -> String {
        let link = self.list.write(Link::new("/lambda"));
        link.query(CREATE, if self.create { "1" } else { "" }).scope(scope).build()
    }

    /// The address with another list below the same form.
    #[must_use]
    pub fn with(&self, list: Query<Column>) -> Self {
        Self { list, ..self.clone() }
    }
}

/// The answer.
pub type Shown = listing::Shown<Function>;

/// The order of the list, see [`listing::order`].
#[must_use]
pub fn order(
    all: &[Function],
    (by, descending): Sort<Column>,
    beside: &Beside,
    before: Option<&Vec<usize>>,
) -> Vec<usize> {
    listing::order(all, before, |a, b| {
        let order = by.compare(a, b, descending, beside);
        // Functions of one name are in many places.
        order.then_with(|| a.name.cmp(&b.name)).then_with(|| a.place().cmp(&b.place()))
    })
}

/// What of a list that is in order the filter lets pass.
fn matching<'a>(sorted: &[&'a Function], query: &Query<Column>, beside: &Beside) -> Vec<&'a Function> {
    let filter = Filter::parse(&query.text);
    sorted.iter().filter(|function| filter.matches(function, beside)).copied().collect()
}

/// Filters and cuts a list that is in order. The columns have no part in it.
#[must_use]
pub fn show(sorted: &[&Function], query: &Query<Column>, beside: &Beside) -> Shown {
    listing::show(&matching(sorted, query, beside), sorted.len(), query.page)
}

/// A file of all that match of a list that is in order: the columns that are shown, and before them where and what each is.
#[must_use]
pub fn to_csv(sorted: &[&Function], query: &Query<Column>, beside: &Beside) -> String {
    let columns = query.shown_columns();
    let columns: Vec<Column> =
        columns.into_iter().filter(|column| !matches!(column, Column::Name | Column::Region)).collect();
    let head = ["Account ID", "Region", "Name"].into_iter();
    let mut text = csv::row(head.chain(columns.iter().map(|column| column.label())));
    for function in matching(sorted, query, beside) {
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
    use crate::listing::{PAGE, arranged};

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

    fn sorted<'a>(list: &'a [Function], query: &ListQuery) -> Vec<&'a Function> {
        arranged(list, &order(list, query.list.order(), &beside(), None))
    }

    fn answer(list: &[Function], search: &str) -> Shown {
        let query = query(search);
        show(&sorted(list, &query), &query.list, &beside())
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
        let shown = answer(&list, "sort=-memory");
        assert_eq!((shown.rows.len(), shown.total, shown.pages), (PAGE, 150, 2));
        assert_eq!(shown.rows[0].name.as_str(), "f-149");
        let last = answer(&list, "page=9");
        assert_eq!((last.page, last.rows[0].name.as_str()), (2, "f-100"));
        let one = answer(&list, "q=name:f-007");
        assert_eq!((one.matching, one.rows.len(), one.pages), (1, 1, 1));
    }

    #[test]
    fn the_file_holds_all_pages_of_what_is_filtered_and_no_formula() {
        let mut list: Vec<Function> =
            (0..150).map(|n| function(&format!("f-{n:03}"), "python3.12", n)).collect();
        "=HYPERLINK(1)".clone_into(&mut list[149].description);
        let wanted = query("q=-f-00&sort=-name&columns=description,region,memory");
        let csv = to_csv(&sorted(&list, &wanted), &wanted.list, &beside());
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines.len(), 1 + 140);
        assert_eq!(lines[0], "Account ID,Region,Name,Memory,Description");
        assert_eq!(lines[1], "111111111111,us-east-1,f-149,149 MB,'=HYPERLINK(1)");
    }
}
