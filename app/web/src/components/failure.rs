//! What stands where a part of a page would be that could not be read.

use leptos::prelude::*;
use nephoscope_model::{Error, ErrorCode};

use super::{empty_state::EmptyState, error_notice::ErrorNotice, icons::Glyph};

/// The error, and a button that tries again.
///
/// ```ignore
/// match rows.await {
///     Ok(rows) => view! { <Rows rows=rows/> }.into_any(),
///     Err(error) => failure(error.0, Callback::new(move |()| rows.refetch())),
/// }
/// ```
#[must_use]
pub fn failure(error: Error, retry: Callback<()>) -> AnyView {
    view! {
        <ErrorNotice error=error>
            <button type="button" class="btn btn-sm needs-js" on:click=move |_| retry.run(())>
                "Try again"
            </button>
        </ErrorNotice>
    }
    .into_any()
}

/// The words for a page about one thing that is not there.
pub struct Missing {
    /// Such as `No such instance`.
    pub title: &'static str,
    /// What it is.
    pub glyph: Glyph,
    /// Such as `All instances`.
    pub all: &'static str,
    /// Where they are.
    pub href: Signal<String>,
}

/// That there is no such thing, with the way to all of them; any other error as [`failure`] shows it.
#[must_use]
pub fn missing_or_failure(error: Error, missing: Missing, retry: Callback<()>) -> AnyView {
    if error.code != ErrorCode::NotFound {
        return failure(error, retry);
    }
    let Missing { title, glyph, all, href } = missing;
    let message = [Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! {
        <EmptyState title=title text=message glyph=glyph>
            <a class="btn btn-sm" href=href>
                {all}
            </a>
        </EmptyState>
    }
    .into_any()
}
