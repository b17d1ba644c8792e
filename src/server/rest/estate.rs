//! Who is calling, and the accounts there are.

use axum::{Json, extract::State};
use nephoscope_model::{Account, identity::Viewer};

use crate::server::{access::Authenticated, problem::Problem, state::App};

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

/// The AWS accounts and regions that are looked at.
#[utoipa::path(
    get, path = "/api/accounts", tag = "accounts",
    responses(
        (status = 200, description = "The accounts, in the order they were configured", body = Vec<Account>),
        (status = 401, description = "Not logged in", body = Problem),
    )
)]
pub(in crate::server) async fn accounts(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Json<Vec<Account>> {
    Json(app.ops().accounts(&caller))
}
