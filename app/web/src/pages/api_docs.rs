//! The REST interface, as its OpenAPI document describes it.

mod document;
mod operation;

use leptos::prelude::*;

pub use self::document::{ApiDocument, ApiField, ApiGroup, ApiOperation, ApiResponse};
use self::operation::OperationCard;
use crate::{
    api::{ApiResult, docs::get_api_document},
    components::{ErrorNotice, PageHeader, wait_for},
};

/// The server's OpenAPI document. The server provides it as a context, since it is the only place that knows its own routes.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct OpenApiDocument(pub std::sync::Arc<serde_json::Value>);

/// The page.
#[component]
pub fn ApiDocsPage() -> impl IntoView {
    let document = Resource::new(|| (), |()| get_api_document());
    view! {
        <PageHeader
            title="API"
            text=MaybeProp::from(
                "Everything these pages do, programs can do too. Log in with a POST to /api/authenticate, then send the token as a bearer.",
            )
        >
            <a class="btn btn-sm" href="/api/openapi.json" rel="external">
                "OpenAPI document"
            </a>
        </PageHeader>
        {wait_for("Reading the description", move || Box::pin(async move { document_view(document.await) }))}
    }
}

fn document_view(document: ApiResult<ApiDocument>) -> AnyView {
    let document = match document {
        Ok(document) => document,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let contents = document
        .groups
        .iter()
        .map(|group| {
            view! {
                <a class="chip" href=format!("#{}", group.anchor)>
                    {group.name.clone()}
                    <span class="quiet">{group.operations.len().to_string()}</span>
                </a>
            }
        })
        .collect_view();
    let groups = document.groups.into_iter().map(group_view).collect_view();
    view! {
        <nav class="chip-row" aria-label="Groups">
            {contents}
        </nav>
        {groups}
    }
    .into_any()
}

fn group_view(group: ApiGroup) -> AnyView {
    let operations = group
        .operations
        .into_iter()
        .map(|operation| view! { <OperationCard operation=operation/> })
        .collect_view();
    view! {
        <section class="panel" id=group.anchor>
            <header class="panel-head">
                <h2>{group.name}</h2>
                <p class="quiet">{group.text}</p>
            </header>
            {operations}
        </section>
    }
    .into_any()
}
