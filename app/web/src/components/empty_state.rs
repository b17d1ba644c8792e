//! What stands where a list would be.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};

/// Says that there is nothing, why, and what to do about it.
///
/// ```ignore
/// view! {
///     <EmptyState title="No instances match" text="Remove a filter to see more.">
///         <a class="btn btn-sm" href=paths::ec2(&scope)>"Clear filters"</a>
///     </EmptyState>
/// }
/// ```
#[component]
pub fn EmptyState(
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(optional, into)]
    text: String,
    /// What is drawn above.
    #[prop(optional, into)]
    glyph: Option<Glyph>,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-state-icon"><Icon glyph=glyph.unwrap_or(Glyph::Cloud)/></span>
            <p class="empty-state-title">{title}</p>
            {(!text.is_empty()).then(|| view! { <p class="quiet">{text}</p> })}
            {children.map(|children| view! { <div class="empty-state-actions">{children()}</div> })}
        </div>
    }
}
