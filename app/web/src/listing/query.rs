//! Which rows and columns an address asks for, and the answer: one page of rows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::order::Sort;
use crate::{
    components::{named_columns, shown_columns},
    params::Params,
    paths::Link,
};

/// Rows on a page. More would make a page of thousands slow to render and slow to scroll.
pub const PAGE: usize = 100;

/// The names of the parameters that every list has.
pub mod param {
    /// The filter's text.
    pub const TEXT: &str = "q";
    /// The column, with a `-` before it when descending.
    pub const SORT: &str = "sort";
    /// The page, from 1.
    pub const PAGE: &str = "page";
    /// The columns, comma-separated; left out for the usual ones.
    pub const COLUMNS: &str = crate::components::column_chooser::COLUMNS;
    /// The keys of the rows that are selected, comma-separated.
    pub const SELECTED: &str = "selected";
}

/// How many selected rows an address names at most: it must stay one that can be sent to somebody.
pub const MOST_IN_ADDRESS: usize = 20;

/// What a list shows a row of.
pub trait Row: Clone {
    /// What tells it from all others of its list, in addresses and selections. There is no comma in it.
    fn key(&self) -> String;
}

/// A column, as far as every list needs to know it.
pub trait Column: Copy + PartialEq + Send + Sync + 'static {
    /// As it stands in addresses and filters.
    fn key(self) -> &'static str;
    /// As it stands above the column.
    fn label(self) -> &'static str;
    /// Whether it is shown when nothing else was chosen.
    fn is_usual(self) -> bool;
    /// Whether the largest, or the newest, is what people look for first.
    fn begins_descending(self) -> bool;
    /// Whether the list can be sorted by it.
    fn is_sortable(self) -> bool {
        true
    }
}

/// What of a list is shown. The first of its columns is always shown, and is what the list is sorted by when nothing else was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query<C: 'static> {
    all: &'static [C],
    /// What was typed into the filter.
    pub text: String,
    /// Sorted by.
    pub sort: C,
    /// Whether the other way round.
    pub descending: bool,
    /// The page, from 1.
    pub page: usize,
    /// The columns, from left to right; empty for the usual ones.
    pub columns: Vec<C>,
    /// The [keys](Row::key) of the rows that are selected, at most [`MOST_IN_ADDRESS`].
    pub selected: Vec<String>,
}

impl<C: Column> Query<C> {
    /// Reads it from an address, for a list that has these columns. What makes no sense is as if it were not there.
    ///
    /// # Panics
    /// If there is no column at all.
    #[must_use]
    pub fn from_params(all: &'static [C], params: &Params) -> Self {
        let sort = params.get(param::SORT);
        let (descending, word) = sort.strip_prefix('-').map_or((false, sort.as_str()), |word| (true, word));
        let column = all.iter().copied().find(|column| column.key() == word && column.is_sortable());
        let selected = params.all(param::SELECTED);
        let selected = selected.iter().flat_map(|list| list.split(',')).filter(|key| !key.is_empty());
        Self {
            all,
            text: params.get(param::TEXT),
            sort: column.unwrap_or(all[0]),
            descending: descending && column.is_some(),
            page: params.get(param::PAGE).parse().unwrap_or(1).max(1),
            columns: named_columns(all, &params.all(param::COLUMNS), C::key, C::is_usual),
            selected: selected.take(MOST_IN_ADDRESS).map(str::to_owned).collect(),
        }
    }

    /// Adds it to an address.
    #[must_use]
    pub fn write(&self, link: Link) -> Link {
        let sort = match (self.sort, self.descending) {
            (column, false) if column == self.all[0] => String::new(),
            (column, false) => column.key().to_owned(),
            (column, true) => format!("-{}", column.key()),
        };
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let columns: Vec<&str> = self.columns.iter().map(|column| column.key()).collect();
        link.query(param::TEXT, &self.text)
            .query(param::SORT, &sort)
            .query(param::PAGE, &page)
            .query(param::COLUMNS, &columns.join(","))
            .query(param::SELECTED, &self.selected.join(","))
    }

    /// The same, sorted by a column; the other way round when it was sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: C) -> Self {
        let descending = if self.sort == column { !self.descending } else { column.begins_descending() };
        Self { sort: column, descending, page: 1, ..self.clone() }
    }

    /// The same on another page.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The same with this in the filter, from the first page unless it is there already: what is typed counts before the address follows.
    #[must_use]
    pub fn typed(&self, text: &str) -> Self {
        if self.text == text { self.clone() } else { self.filtered(text) }
    }

    /// The same with another filter, from its first page.
    #[must_use]
    pub fn filtered(&self, text: &str) -> Self {
        Self { text: text.to_owned(), page: 1, ..self.clone() }
    }

    /// The same with the usual columns.
    #[must_use]
    pub fn with_usual_columns(&self) -> Self {
        Self { columns: Vec::new(), ..self.clone() }
    }

    /// The same with these rows selected.
    #[must_use]
    pub fn selecting(&self, selected: Vec<String>) -> Self {
        Self { selected, ..self.clone() }
    }

    /// What it is sorted by, and whether the other way round.
    #[must_use]
    pub fn order(&self) -> Sort<C> {
        (self.sort, self.descending)
    }

    /// What decides which rows are shown: neither another column nor a tick makes a list filter and sort thousands of rows again.
    #[must_use]
    pub fn sieve(&self) -> Self {
        Self { columns: Vec::new(), selected: Vec::new(), ..self.clone() }
    }

    /// The columns that are shown.
    #[must_use]
    pub fn shown_columns(&self) -> Vec<C> {
        shown_columns(self.all, &self.columns, C::is_usual)
    }

    /// The columns that a person may choose: all but the first, as (key, label).
    #[must_use]
    pub fn choices(&self) -> Vec<(&'static str, &'static str)> {
        self.all.iter().skip(1).map(|column| (column.key(), column.label())).collect()
    }
}

/// One page of rows, and the numbers around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown<T> {
    /// The rows of the page.
    pub rows: Vec<T>,
    /// All that match.
    pub matching: usize,
    /// All that there are.
    pub total: usize,
    /// The page shown: the last one when a later one was asked for.
    pub page: usize,
    /// How many pages there are, at least 1.
    pub pages: usize,
    /// The keys of all that match, in order. Not sent along with the first rows of a long list: the list itself is not there yet then.
    #[serde(skip)]
    pub keys: Arc<[String]>,
}

impl<T> Shown<T> {
    /// What stands for a long list until it is there, see [`Loaded`](super::Loaded).
    #[must_use]
    pub fn first(self) -> Self {
        Self { keys: Arc::default(), ..self }
    }

    /// How many match, in words: `7`, or `7 of 40` when others do not.
    #[must_use]
    pub fn count(&self) -> String {
        let Self { matching, total, .. } = self;
        if matching == total { total.to_string() } else { format!("{matching} of {total}") }
    }
}

/// Cuts the page out of what matches, which is in order. `total` is how many there are, `page` is from 1.
#[must_use]
pub fn show<T: Row>(matching: &[&T], total: usize, page: usize) -> Shown<T> {
    let pages = matching.len().div_ceil(PAGE).max(1);
    let page = page.clamp(1, pages);
    Shown {
        rows: matching.iter().skip((page - 1) * PAGE).take(PAGE).map(|row| (*row).clone()).collect(),
        matching: matching.len(),
        total,
        page,
        pages,
        keys: matching.iter().map(|row| row.key()).collect(),
    }
}

/// The numbers of the first and the last row of a page, from 1.
#[must_use]
pub fn bounds(page: usize, rows: usize) -> (usize, usize) {
    let before = (page.max(1) - 1) * PAGE;
    (before + usize::from(rows > 0), before + rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fruit {
        Name,
        Weight,
        Origin,
        Color,
    }

    impl Column for Fruit {
        fn key(self) -> &'static str {
            match self {
                Self::Name => "name",
                Self::Weight => "weight",
                Self::Origin => "origin",
                Self::Color => "color",
            }
        }

        fn label(self) -> &'static str {
            self.key()
        }

        fn is_usual(self) -> bool {
            !matches!(self, Self::Origin | Self::Color)
        }

        fn begins_descending(self) -> bool {
            self == Self::Weight
        }

        fn is_sortable(self) -> bool {
            self != Self::Color
        }
    }

    const ALL: &[Fruit] = &[Fruit::Name, Fruit::Weight, Fruit::Origin, Fruit::Color];

    fn query(search: &str) -> Query<Fruit> {
        Query::from_params(ALL, &Params::parse(search))
    }

    #[test]
    fn an_address_is_read_as_it_was_written() {
        for search in [
            "",
            "q=red%20apple&sort=-weight&page=2&columns=origin",
            "sort=-name",
            "sort=origin",
            "selected=a/b,c",
        ] {
            let href = query(search).write(Link::new("/fruit")).build();
            assert_eq!(href.split_once('?').map_or("", |it| it.1), search);
        }
        assert_eq!(query("sort=-shape&page=x&columns=shape"), query(""));
        assert_eq!(query("sort=-color"), query(""), "nothing sorts by it");
        assert_eq!(query("columns=weight"), query(""), "the usual columns need not be named");
    }

    #[test]
    fn what_is_typed_begins_at_the_first_page_and_what_was_typed_stays_where_it_is() {
        let third = query("q=red&page=3");
        assert_eq!(third.typed("red"), third);
        assert_eq!(third.typed("re"), query("q=re"));
    }

    #[test]
    fn a_column_turns_round_when_it_is_chosen_again() {
        let by_weight = query("page=3").sorted_by(Fruit::Weight);
        assert!(by_weight.descending && by_weight.page == 1);
        assert!(!by_weight.sorted_by(Fruit::Weight).descending);
        assert!(query("").sorted_by(Fruit::Name).descending, "it was sorted by name already");
    }

    #[test]
    fn the_first_column_is_always_shown_and_never_a_choice() {
        assert_eq!(query("columns=origin").shown_columns(), [Fruit::Name, Fruit::Origin]);
        assert_eq!(
            query("columns=origin").with_usual_columns().shown_columns(),
            [Fruit::Name, Fruit::Weight]
        );
        assert_eq!(query("").choices(), [("weight", "weight"), ("origin", "origin"), ("color", "color")]);
    }

    #[test]
    fn a_selection_outlasts_other_filters_and_pages_and_has_no_part_in_what_matches() {
        let many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        let many = query(&format!("selected={},,&q=a&page=2&columns=origin", many.join(",")));
        assert_eq!(many.selected.len(), MOST_IN_ADDRESS);
        assert_eq!(many.filtered("b").on_page(2).sorted_by(Fruit::Weight).selected, many.selected);
        assert_eq!(many.sieve(), query("q=a&page=2"));
        assert!(many.selecting(Vec::new()).selected.is_empty());
    }

    impl Row for u32 {
        fn key(&self) -> String {
            self.to_string()
        }
    }

    #[test]
    fn rows_are_cut() {
        let all: Vec<u32> = (0..250).rev().collect();
        let odd: Vec<&u32> = all.iter().filter(|n| *n % 2 == 1).collect();
        let shown = show(&odd, all.len(), 1);
        assert_eq!(
            (shown.rows.len(), shown.rows[0], shown.pages, shown.count()),
            (PAGE, 249, 2, "125 of 250".into())
        );
        assert_eq!((shown.keys.len(), shown.keys[1].as_str()), (125, "247"));
        assert!(shown.first().keys.is_empty());
        let last = show(&odd, all.len(), 9);
        assert_eq!((last.page, bounds(last.page, last.rows.len())), (2, (101, 125)));
        let none = show::<u32>(&[], 0, 1);
        assert_eq!((none.pages, bounds(1, 0), none.count()), (1, (0, 0), "0".into()));
    }
}
