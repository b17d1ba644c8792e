//! What stands where a part of a page would be that could not be read.

use leptos::prelude::*;
use nephoscope_model::Error;

use crate::components::ErrorNotice;

/// The error, and a button that tries again.
pub(in crate::pages) fn failure(error: Error, retry: Callback<()>) -> AnyView {
    view! {
        <ErrorNotice error=error>
            <button type="button" class="btn btn-sm needs-js" on:click=move |_| retry.run(())>
                "Try again"
            </button>
        </ErrorNotice>
    }
    .into_any()
}
