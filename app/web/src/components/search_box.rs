//! Where one types what is looked for.

use leptos::{html, prelude::*};

use super::{
    fields::Kept,
    icons::{Glyph, Icon},
};
use crate::hydration::{use_hydrated, when_hydrated};

/// A search field that acts on every key. What was typed before the page was hydrated counts as soon as it is.
///
/// ```ignore
/// view! {
///     <SearchBox
///         label="Search log groups"
///         placeholder="Search by name, region or account"
///         name=param::FIND
///         text=find.text
///         on_text=Callback::new(move |text| find.typed(text))
///     />
/// }
/// ```
#[component]
pub fn SearchBox(
    /// What it is called.
    label: &'static str,
    /// What can be typed.
    placeholder: &'static str,
    /// The parameter that it is in a form, which works without JavaScript.
    #[prop(optional)]
    name: Option<&'static str>,
    /// More classes.
    #[prop(optional)]
    class: &'static str,
    /// The id of a longer explanation.
    #[prop(optional)]
    described_by: Option<&'static str>,
    /// What it shows.
    #[prop(into)]
    text: Signal<String>,
    /// Takes what was typed.
    on_text: Callback<String>,
) -> impl IntoView {
    let node: NodeRef<html::Input> = NodeRef::new();
    let hydrated = use_hydrated();
    let initial = text.get_untracked();
    when_hydrated(move || {
        // There is none yet when the page was reached by a link, and none any more when it was left.
        let Some(input) = node.try_get_untracked().flatten() else { return };
        let typed = input.value();
        if text.try_get_untracked().is_some_and(|text| text != typed) {
            on_text.run(typed);
        }
    });
    let typed = move |event| {
        // Until then other parts of the page still expect what the server rendered.
        if hydrated.get_untracked() {
            on_text.run(event_target_value(&event));
        }
    };
    view! {
        <label class=format!("search-box {class}")>
            <Icon glyph=Glyph::Search/>
            <span class="sr-only">{label}</span>
            <input
                type="search"
                name=name
                value=initial
                prop:value=Kept(text)
                placeholder=placeholder
                autocomplete="off"
                spellcheck="false"
                aria-describedby=described_by
                node_ref=node
                on:input=typed
            />
        </label>
    }
}
