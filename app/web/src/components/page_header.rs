//! The head of every page.

use leptos::prelude::*;
use leptos_meta::Title;

use super::dynamic::{dynamic, nothing};

/// The page's one `<h1>`, how many there are, and its actions; sets the document's title too.
///
/// ```ignore
/// view! {
///     <PageHeader title="EC2 instances" count=move || format!("{}", shown.get().len())>
///         <Freshness oldest=oldest on_refresh=refresh busy=busy/>
///     </PageHeader>
/// }
/// ```
#[component]
pub fn PageHeader(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// How many there are, such as `40` or `3 of 40`; nothing is shown while it is empty.
    #[prop(optional, into)]
    count: MaybeProp<String>,
    /// One line below the title.
    #[prop(optional, into)]
    text: MaybeProp<String>,
    /// What the page is part of: a label …
    #[prop(optional, into)]
    parent: MaybeProp<String>,
    /// … and its address.
    #[prop(optional, into)]
    parent_href: MaybeProp<String>,
    /// The actions, at the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    // The server writes the title when all of the page is there. By then another rendering may have taken this one's place.
    let first = title.get_untracked();
    view! {
        <Title text=move || title.try_get().unwrap_or_else(|| first.clone())/>
        <header class="page-header">
            <div class="page-header-text">
                {dynamic(move || match parent.get() {
                    Some(label) => {
                        view! {
                            <nav class="breadcrumb" aria-label="Breadcrumb">
                                <a href=parent_href.get().unwrap_or_default()>{label}</a>
                                <span aria-hidden="true">"/"</span>
                            </nav>
                        }
                        .into_any()
                    }
                    None => nothing(),
                })}
                <h1>
                    <span>{title}</span>
                    {dynamic(move || count_view(count.get()))}
                </h1>
                {dynamic(move || match text.get() {
                    Some(text) => view! { <p class="quiet wrap-anywhere">{text}</p> }.into_any(),
                    None => nothing(),
                })}
            </div>
            {children.map(|children| view! { <div class="page-header-actions">{children()}</div> })}
        </header>
    }
}

/// How many there are, beside a title; nothing while that is not known.
pub(super) fn count_view(count: Option<String>) -> AnyView {
    match count {
        Some(count) if !count.is_empty() => {
            view! { <span class="count">{format!("({count})")}</span> }.into_any()
        }
        _ => nothing(),
    }
}
