//! Sessions of the browser.

use leptos::{prelude::*, server_fn::codec::Json};
use nephoscope_model::identity::Viewer;

use super::ApiResult;

/// Who is logged in.
///
/// # Errors
/// None but those of the connection.
#[server(endpoint = "session/viewer", input = Json)]
pub async fn get_viewer() -> ApiResult<Option<Viewer>> {
    Ok(use_context::<Option<nephoscope_ops::Caller>>().flatten().map(|caller| caller.viewer()))
}
