//! The description of the REST interface.

use leptos::prelude::*;

use super::{ApiResult, Json};
use crate::pages::api_docs::ApiDocument;

/// What the page about the REST interface shows, taken from the server's OpenAPI document.
///
/// # Errors
/// `unauthenticated` when nobody is logged in.
#[server(endpoint = "docs/openapi", input = Json, output = Json)]
pub async fn get_api_document() -> ApiResult<ApiDocument> {
    use crate::pages::api_docs::OpenApiDocument;

    super::door()?;
    let document =
        use_context::<OpenApiDocument>().ok_or_else(|| super::fail(nephoscope_model::Error::internal()))?;
    Ok(ApiDocument::from_openapi(&document.0))
}
