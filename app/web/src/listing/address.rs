//! The address of a list while somebody looks at it. What is typed and ticked counts at once; the URL follows a moment later.

use leptos::prelude::*;

use super::{
    query::{Column, Query},
    selection::{Selection, use_selection},
};
use crate::url_text::{UrlText, use_url_text};

/// What of a list is shown now, and the addresses of all else. Cheap to copy.
#[expect(missing_debug_implementations, reason = "columns need none")]
pub struct Address<C: Column> {
    /// What is shown now.
    pub present: Signal<Query<C>>,
    /// What of that decides which rows are shown.
    pub sieve: Memo<Query<C>>,
    /// The columns that are shown.
    pub columns: Memo<Vec<C>>,
    /// The rows that are selected.
    pub selection: Selection,
    /// What is typed into the filter.
    pub filter: UrlText,
    href: Callback<Query<C>, String>,
}

impl<C: Column> Clone for Address<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C: Column> Copy for Address<C> {}

/// The address of the page's list: `in_url` is what its URL says, `href` makes the URL of another one.
pub fn use_address<C: Column>(
    in_url: Memo<Query<C>>,
    href: impl Fn(Query<C>) -> String + Send + Sync + 'static,
) -> Address<C> {
    let href = Callback::new(href);
    let filter = use_url_text(Memo::new(move |_| in_url.with(|query| query.text.clone())), move |text| {
        untrack(|| href.run(in_url.with(|query| query.filtered(text))))
    });
    let selection =
        use_selection(Memo::new(move |_| in_url.with(|query| query.selected.clone())), move |keys| {
            untrack(|| href.run(in_url.with(|query| query.selecting(keys))))
        });
    let present = Signal::derive(move || {
        let selected = selection.in_address();
        filter.text.with(|text| in_url.with(|query| query.typed(text).selecting(selected)))
    });
    Address {
        present,
        sieve: Memo::new(move |_| filter.text.with(|text| in_url.with(|query| query.typed(text).sieve()))),
        columns: Memo::new(move |_| in_url.with(Query::shown_columns)),
        selection,
        filter,
        href,
    }
}

impl<C: Column> Address<C> {
    /// The URL of what `other` makes of what is shown now.
    #[must_use]
    pub fn href(self, other: impl FnOnce(&Query<C>) -> Query<C>) -> String {
        self.href.run(self.present.with(other))
    }

    /// The URL without the filter.
    #[must_use]
    pub fn cleared(self) -> String {
        self.href(|query| query.filtered(""))
    }
}
