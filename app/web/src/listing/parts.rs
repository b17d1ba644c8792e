//! What stands around the rows of a list.

use leptos::prelude::*;

use super::{
    address::Address,
    query::{Column, Query, Shown, bounds, param},
};
use crate::{
    components::{
        ActionButton, Dynamic, EmptyState, Glyph, QueryForm, SearchBox, column_chooser, dynamic, pager, text,
    },
    csv,
    url_text::UrlText,
};

/// The words of a list's filter.
#[derive(Clone, Copy, Debug)]
pub struct FilterWords {
    /// What it filters: `Filter volumes`.
    pub label: &'static str,
    /// What stands in the empty field.
    pub placeholder: &'static str,
    /// How a word is narrowed, for those who cannot see the placeholder.
    pub help: &'static str,
}

/// The field that filters the list.
#[must_use]
pub fn filter_form<C: Column>(address: Address<C>, words: FilterWords) -> AnyView {
    filter_field(address.filter, words)
}

fn filter_field(filter: UrlText, words: FilterWords) -> AnyView {
    let FilterWords { label, placeholder, help } = words;
    view! {
        <QueryForm own=&[param::TEXT, param::PAGE] class="min-w-0 flex-1 basis-72" label=label>
            <SearchBox
                label=label
                placeholder=placeholder
                name=param::TEXT
                class="w-full max-w-xl"
                described_by="filter-help"
                text=filter.text
                on_text=Callback::new(move |text| filter.typed(text))
            />
            <p id="filter-help" class="sr-only">
                "Words must all be found. " {help} " Exclude with a minus sign."
            </p>
        </QueryForm>
    }
    .into_any()
}

/// Which columns are shown.
#[must_use]
pub fn chooser<C: Column>(address: Address<C>) -> AnyView {
    let shown =
        Memo::new(move |_| address.columns.with(|all| all.iter().map(|it| it.key()).collect::<Vec<_>>()));
    let choices = address.present.with_untracked(Query::choices);
    let is_shown = move |word| shown.with(|shown| shown.contains(&word));
    column_chooser(choices, is_shown, text(move || address.href(Query::with_usual_columns)))
}

/// Saves what the filter lets pass, on all pages. `reason` says why there is nothing to save.
#[must_use]
pub fn export_button(
    file: String,
    reason: Signal<Option<String>>,
    content: impl Fn() -> String + Send + Sync + 'static,
) -> AnyView {
    let save = Callback::new(move |()| csv::save(&file, &content()));
    view! {
        <ActionButton label="Export CSV" glyph=Glyph::Download class="btn-ghost" reason=reason on_press=save/>
    }
    .into_any()
}

/// The heads of the columns, which sort.
#[must_use]
pub fn heads<C: Column>(address: Address<C>) -> Dynamic {
    dynamic(move || {
        let (sort, descending) = address.present.with(|query| (query.sort, query.descending));
        let head = |column: C| {
            if !column.is_sortable() {
                return view! { <th scope="col">{column.label()}</th> }.into_any();
            }
            let order = (sort == column).then_some(if descending { "descending" } else { "ascending" });
            let href = address.href(|query| query.sorted_by(column));
            view! {
                <th scope="col" aria-sort=order>
                    <a href=href>{column.label()}</a>
                </th>
            }
            .into_any()
        };
        address.columns.get().into_iter().map(head).collect_view().into_any()
    })
}

/// What stands in the place of the rows when there are none: `noun` is their plural, `clear` makes the address without the filter. Nothing
/// when there are rows.
#[must_use]
pub fn emptiness<T>(
    shown: &Shown<T>,
    all_failed: bool,
    noun: &str,
    glyph: Glyph,
    clear: impl FnOnce() -> String,
) -> Option<AnyView> {
    if shown.total == 0 {
        let (title, text) = if all_failed {
            ("No answer".to_owned(), "None of the accounts and regions could be asked.".to_owned())
        } else {
            (format!("No {noun}"), format!("There are no {noun} in these accounts and regions."))
        };
        return Some(view! { <EmptyState title=title text=text glyph=glyph/> }.into_any());
    }
    if shown.matching > 0 {
        return None;
    }
    let (title, clear) = (format!("No {noun} match"), clear());
    Some(
        view! {
            <EmptyState title=title text="Nothing fits this filter." glyph=Glyph::Filter>
                <a class="btn btn-sm" href=clear>
                    "Clear filter"
                </a>
            </EmptyState>
        }
        .into_any(),
    )
}

/// Which rows are shown, and the way to the others.
#[must_use]
pub fn pages<T, C: Column>(shown: &Shown<T>, address: Address<C>) -> AnyView {
    let href = |page| address.href(|query| query.on_page(page));
    pager((shown.page, shown.pages), bounds(shown.page, shown.rows.len()), shown.matching, href)
}
