//! Who is calling.

use axum::Json;
use nephoscope_model::identity::Viewer;

use crate::server::{access::Authenticated, problem::Problem};

/// Who is calling.
#[utoipa::path(
    get, path = "/api/session", tag = "session",
    responses(
        (status = 200, description = "The caller", body = Viewer),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn viewer(Authenticated(caller): Authenticated) -> Json<Viewer> {
    Json(caller.viewer())
}
