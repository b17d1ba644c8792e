//! The way to the other pages of a list that is in the browser, as links.

use leptos::prelude::*;

use super::dynamic::nothing;

/// Which rows of a list are shown, and the way to the others; nothing when there is one page only. `first` is the number of the first row,
/// `href` gives the address of a page.
#[must_use]
pub fn pager(
    (page, pages): (usize, usize),
    (first, last): (usize, usize),
    matching: usize,
    href: impl Fn(usize) -> String,
) -> AnyView {
    if pages < 2 {
        return nothing();
    }
    let link = |label: &'static str, to: usize, possible: bool| {
        if possible {
            view! { <a class="btn btn-sm" href=href(to)>{label}</a> }.into_any()
        } else {
            view! { <span class="btn btn-sm btn-disabled" aria-disabled="true">{label}</span> }.into_any()
        }
    };
    view! {
        <nav class="flex flex-wrap items-center justify-between gap-2 px-4 py-2" aria-label="Pages">
            <span class="quiet tabular-nums">
                {format!("{first}–{last} of {matching} · page {page} of {pages}")}
            </span>
            <span class="flex gap-2">
                {link("Previous", page.saturating_sub(1), page > 1)} {link("Next", page + 1, page < pages)}
            </span>
        </nav>
    }
    .into_any()
}
