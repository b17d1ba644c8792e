//! Forms whose answers live in the URL.

use leptos::{
    ev, html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlFormElement},
};
use leptos_router::hooks::use_url;

use super::dynamic::dynamic;
use crate::{
    browser,
    hydration::when_hydrated,
    navigation::use_navigator,
    params::Params,
    paths::{Link, param},
};

/// A `GET` form to this page. It keeps the other parameters of the URL (but never a position in a list), leaves out empty
/// fields, and navigates without loading the page again; without JavaScript it is a plain form.
///
/// ```ignore
/// view! {
///     <QueryForm own=&["user", "outcome"] class="toolbar">
///         <input name="user" value=user/>
///         <button class="btn btn-sm">"Apply"</button>
///     </QueryForm>
/// }
/// ```
#[component]
pub fn QueryForm(
    /// The names of the fields it holds.
    own: &'static [&'static str],
    /// Its classes.
    #[prop(optional)]
    class: &'static str,
    /// What it is called.
    #[prop(optional, into)]
    label: Option<String>,
    /// Whether it applies itself as soon as a field changes.
    #[prop(optional)]
    instant: bool,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let url = use_url();
    let navigator = use_navigator();
    let kept = Memo::new(move |_| url.with(|url| kept_pairs(own, &Params::parse(url.search()))));
    let node: NodeRef<html::Form> = NodeRef::new();
    let go = move |values: &[(String, String)]| {
        let path = url.with_untracked(|url| url.path().to_owned());
        let link = values.iter().fold(Link::new(&path), |link, (name, value)| link.query(name, value));
        navigator.go(&link.build(), false);
    };
    let apply = move |form: &HtmlFormElement| go(&browser::form_values(form));
    if instant {
        when_hydrated(move || {
            // What was chosen before anybody heard it.
            if let Some(form) = node.try_get_untracked().flatten()
                && let Some(values) = browser::take_edits(&form)
            {
                go(&values);
            }
        });
    }
    let submit = move |event: ev::SubmitEvent| {
        if let Some(form) = event.target().and_then(|target| target.dyn_into().ok()) {
            event.prevent_default();
            apply(&form);
        }
    };
    let change = move |event: ev::Event| {
        if !instant {
            return;
        }
        let input: Element = event_target(&event);
        if let Ok(Some(form)) = input.closest("form") {
            apply(&form.unchecked_into());
        }
    };
    view! {
        <form
            method="get"
            class=class
            // For browsers without scripts, so it need not follow the address; following it would outlive a page that goes with it.
            action=url.with_untracked(|url| url.path().to_owned())
            aria-label=label
            // A browser that comes back must not put old answers into it: they are in the address.
            autocomplete="off"
            node_ref=node
            on:submit=submit
            on:change=change
        >
            {dynamic(move || {
                kept.get()
                    .into_iter()
                    .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
                    .collect_view()
                    .into_any()
            })}
            {children()}
        </form>
    }
}

/// The parameters of the URL that a form must carry along.
fn kept_pairs(own: &[&str], params: &Params) -> Vec<(String, String)> {
    let kept = params.pairs().filter(|(name, _)| *name != param::BEFORE && !own.contains(name));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_what_is_not_its_own_and_starts_lists_anew() {
        let params = Params::parse("?account=1&user=ada&before=x&q=50%2541");
        let kept =
            [("account", "1"), ("q", "50%41")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(kept_pairs(&["user"], &params), kept);
    }
}
