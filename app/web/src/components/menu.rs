//! A drop-down that is a `<details>`, so that it opens without JavaScript.

use leptos::{
    ev, html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{HtmlDetailsElement, HtmlElement, Node},
};
use leptos_router::hooks::use_url;

/// A drop-down. With JavaScript it also closes on Escape, on a click elsewhere, and when the address changes.
///
/// ```ignore
/// view! { <Menu label="Account menu" summary=|| view! { <Icon glyph=Glyph::User/> }>…</Menu> }
/// ```
#[component]
pub fn Menu(
    /// What it is called.
    #[prop(into)]
    label: Signal<String>,
    /// What is always seen.
    #[prop(into)]
    summary: ViewFn,
    /// Classes of the outer element.
    #[prop(optional)]
    class: &'static str,
    /// Classes of the button.
    #[prop(optional, into)]
    button_class: Option<&'static str>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let node: NodeRef<html::Details> = NodeRef::new();
    let close = move || {
        if let Some(details) = node.get_untracked().filter(HtmlDetailsElement::open) {
            details.set_open(false);
            true
        } else {
            false
        }
    };
    let url = use_url();
    Effect::new(move |before: Option<()>| {
        url.track();
        if before.is_some() {
            close();
        }
    });
    Effect::new(move |_| {
        let click = window_event_listener(ev::click, move |event| {
            let inside = node.get_untracked().is_some_and(|details| {
                event
                    .target()
                    .and_then(|target| target.dyn_into::<Node>().ok())
                    .is_some_and(|target| details.contains(Some(&target)))
            });
            if !inside {
                close();
            }
        });
        on_cleanup(move || click.remove());
    });
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && close() {
            event.stop_propagation();
            if let Some(details) = node.get_untracked()
                && let Ok(Some(summary)) = details.query_selector("summary")
            {
                let _ = summary.unchecked_into::<HtmlElement>().focus();
            }
        }
    };
    view! {
        <details class=format!("menu-drop {class}") node_ref=node on:keydown=on_key>
            <summary class=button_class.unwrap_or("btn btn-sm btn-ghost") aria-label=label>
                {summary.run()}
            </summary>
            <div class="menu-body">{children()}</div>
        </details>
    }
}
