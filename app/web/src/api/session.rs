//! Sessions of the browser.

use leptos::prelude::*;
use nephoscope_model::identity::Viewer;

use super::{ApiResult, Json};

/// Who is logged in.
///
/// # Errors
/// None but those of the connection.
#[server(endpoint = "session/viewer", input = Json, output = Json)]
pub async fn get_viewer() -> ApiResult<Option<Viewer>> {
    Ok(use_context::<Option<nephoscope_ops::Caller>>().flatten().map(|caller| caller.viewer()))
}
