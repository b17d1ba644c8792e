//! Copying a text.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    dynamic::text as text_of,
    icons::{Glyph, Icon},
    toasts::use_toasts,
};
use crate::browser;

/// A small button that copies a text and says so.
///
/// ```ignore
/// view! { <CopyButton text=instance.arn() label="Copy ARN"/> }
/// ```
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What the button is called.
    #[prop(into)]
    label: Signal<String>,
    /// Whether the label is shown, rather than only spoken.
    #[prop(optional)]
    labelled: bool,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let toasts = use_toasts();
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            if browser::copy_text(text).await {
                done.set(true);
                set_timeout(move || done.set(false), Duration::from_secs(2));
            } else {
                toasts.warn("The browser did not allow copying. Select the text and copy it by hand.");
            }
        });
    };
    let name = text_of(move || if done.get() { "Copied".to_owned() } else { label.get() });
    view! {
        <button
            type="button"
            class="btn btn-ghost btn-xs needs-js copy-button"
            class:btn-square=!labelled
            class:is-done=done
            title=name
            aria-label=name
            on:click=copy
        >
            <span class="copy-idle"><Icon glyph=Glyph::Copy/></span>
            <span class="copy-done"><Icon glyph=Glyph::Check/></span>
            {labelled.then(|| view! { <span>{name}</span> })}
        </button>
    }
}
