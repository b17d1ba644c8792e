//! What stands where a part of a page would be that could not be read.

use leptos::prelude::*;
use nephoscope_model::Error;

use super::error_notice::ErrorNotice;

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
