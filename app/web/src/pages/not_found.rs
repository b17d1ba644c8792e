//! What an address shows that leads nowhere.

use leptos::prelude::*;

use crate::{
    components::{EmptyState, Glyph, PageHeader, text},
    paths,
    scope::use_scope,
};

/// Says that there is no such page, with status 404, and offers the ones there are.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    let scope = use_scope();
    view! {
        <PageHeader title="Page not found"/>
        <section class="panel">
            <EmptyState
                title="There is nothing at this address"
                text="It may have been mistyped, or what it showed is gone. Instances that were terminated disappear from AWS after about an hour."
                glyph=Glyph::Search
            >
                <a class="btn btn-sm btn-primary" href=text(move || paths::dashboard(&scope.get()))>
                    "Dashboard"
                </a>
                <a class="btn btn-sm" href=text(move || paths::ec2(&scope.get()))>
                    "EC2 instances"
                </a>
                <a class="btn btn-sm" href=text(move || paths::logs(&scope.get()))>
                    "Logs"
                </a>
            </EmptyState>
        </section>
    }
}
