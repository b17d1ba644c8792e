//! How old what is shown is, and a way to ask again.

use leptos::prelude::*;
use nephoscope_model::Timestamp;

use super::{
    dynamic::{dynamic, flag, nothing},
    icons::{Glyph, Icon},
    time::Ago,
};

/// The age of the oldest part of what is shown, and a refresh button.
///
/// ```ignore
/// view! { <Freshness oldest=oldest on_refresh=Callback::new(move |()| refresh()) busy=busy/> }
/// ```
#[component]
pub fn Freshness(
    /// When the oldest part was fetched.
    #[prop(into)]
    oldest: Signal<Option<Timestamp>>,
    /// Asks again.
    on_refresh: Callback<()>,
    /// Whether it is asking now.
    #[prop(optional, into)]
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <span class="freshness">
            {dynamic(move || match oldest.get() {
                Some(at) => view! { <span class="quiet">"Updated " <Ago at=at/></span> }.into_any(),
                None => nothing(),
            })}
            <button
                type="button"
                class="btn btn-sm btn-square needs-js"
                class:is-spinning=busy
                title="Refresh"
                aria-label="Refresh"
                aria-busy=flag(busy)
                on:click=move |_| {
                    if !busy.get_untracked() {
                        on_refresh.run(());
                    }
                }
            >
                <Icon glyph=Glyph::Refresh/>
            </button>
        </span>
    }
}
