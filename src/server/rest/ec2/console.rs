//! The console of an instance: what it wrote, and what its screen shows.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::IntoResponse,
};
use nephoscope_model::{Operation, ec2::ConsoleOutput};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Params, ScopeParams},
    state::App,
};

/// As of when.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Latest {
    /// As it is now, which AWS tells of types on Nitro only, instead of as it was after the last start or stop.
    latest: bool,
}

/// What an instance wrote to its console, at most the last 64 KiB. It may hold secrets, so that it takes an operator, and is recorded.
/// Sequences for terminals are left out, and other control characters are shown as visible ones.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/console-output", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams, Latest),
    responses(
        (status = 200, description = "The text, and when AWS took it", body = ConsoleOutput),
        (status = 400, description = "Not an instance id, or AWS cannot tell it of this instance", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "Its state does not allow it", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn output(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Latest { latest }): Params<Latest>,
) -> Answer<ConsoleOutput> {
    let (place, id) = locate(&app, &caller, Operation::ReadConsole, &id, &scope).await?;
    Ok(Json(app.ops().read_console(&caller.0, &place, &id, latest).await?))
}

/// A picture's bytes, for the document only.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "the document says what it is, and nothing makes one")]
pub(in crate::server) struct Picture(Vec<u8>);

/// What the screen of an instance shows now. It may show secrets, so that it takes an operator, and is recorded.
#[utoipa::path(
    get, path = "/api/ec2/{instanceId}/console-screenshot", tag = "ec2",
    params(("instanceId" = String, Path, example = "i-0123456789abcdef0"), ScopeParams),
    responses(
        (status = 200, description = "The picture", body = Picture, content_type = "image/jpeg"),
        (status = 400, description = "Not an instance id, or AWS cannot show it of this instance", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such instance", body = Problem),
        (status = 409, description = "Its state does not allow it", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn screenshot(
    State(app): State<App>,
    caller: Authenticated,
    Path(id): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Result<impl IntoResponse, ApiError> {
    let (place, id) = locate(&app, &caller, Operation::TakeScreenshot, &id, &scope).await?;
    let jpeg = app.ops().take_screenshot(&caller.0, &place, &id).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg")], jpeg))
}
