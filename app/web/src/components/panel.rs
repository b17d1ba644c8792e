//! The surfaces that content lies on.

use leptos::prelude::*;

use super::{dynamic::dynamic, page_header::count_view};

/// A titled surface: a table, a chart, a list.
///
/// ```ignore
/// view! { <Panel title="Tags" count=move || format!("{}", tags.len())>…</Panel> }
/// ```
#[component]
pub fn Panel(
    /// The title, an `<h2>`.
    #[prop(into)]
    title: Signal<String>,
    /// How many there are.
    #[prop(optional, into)]
    count: MaybeProp<String>,
    /// What stands at the right of the title.
    #[prop(optional, into)]
    actions: ViewFn,
    /// The content; tables and lists fill the panel to its edges, other content goes into a `panel-body`.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel">
            <header class="panel-head">
                <h2>
                    <span>{title}</span>
                    {dynamic(move || count_view(count.get()))}
                </h2>
                <div class="panel-actions">{actions.run()}</div>
            </header>
            {children()}
        </section>
    }
}

/// Grey bars where content is about to be.
///
/// ```ignore
/// view! { <Transition fallback=|| view! { <Loading/> }>…</Transition> }
/// ```
#[component]
pub fn Loading(
    /// What is being waited for.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="sr-only">{label.unwrap_or_else(|| "Loading".to_owned())}</span>
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
}
