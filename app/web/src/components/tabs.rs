//! Choices that live in the URL: links, so that they work without JavaScript, can be shared and gone back to.

use leptos::prelude::*;

use super::dynamic::dynamic;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TabLink {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the present one.
    pub current: bool,
}

impl TabLink {
    /// A choice.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current }
    }
}

/// A row of joined buttons: time ranges, statistics.
///
/// ```ignore
/// view! { <Segmented label="Time range" links=move || ranges(range.get())/> }
/// ```
#[component]
pub fn Segmented(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The choices.
    #[prop(into)]
    links: Signal<Vec<TabLink>>,
) -> impl IntoView {
    view! { <nav class="segmented" aria-label=label>{dynamic(move || anchors(links.get()))}</nav> }
}

/// A row of underlined tabs: the parts of a detail page.
///
/// ```ignore
/// view! { <Tabs label="Instance" links=move || tabs(tab.get())/> }
/// ```
#[component]
pub fn Tabs(
    /// What the parts belong to.
    #[prop(into)]
    label: String,
    /// The parts.
    #[prop(into)]
    links: Signal<Vec<TabLink>>,
) -> impl IntoView {
    view! { <nav class="tab-row" aria-label=label>{dynamic(move || anchors(links.get()))}</nav> }
}

fn anchors(links: Vec<TabLink>) -> AnyView {
    links
        .into_iter()
        .map(|link| {
            view! {
                <a href=link.href aria-current=link.current.then_some("true")>
                    {link.label}
                </a>
            }
        })
        .collect_view()
        .into_any()
}
