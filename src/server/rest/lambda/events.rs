//! Test events: payloads that are kept to try a function with.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    Operation,
    lambda::{TestEvent, TestEventName},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Answer, locate};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::{Body, Params, ScopeParams},
    state::App,
};

/// The test events that are kept for a function, by name. Everybody who sees the function sees them.
#[utoipa::path(
    get, path = "/api/lambda/{name}/events", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    responses(
        (status = 200, description = "The events", body = Vec<TestEvent>),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<TestEvent>> {
    let (place, name) = locate(&app, &caller, Operation::ListTestEvents, &name, &scope).await?;
    Ok(Json(app.ops().list_test_events(&caller.0, &place, &name).await?))
}

/// A test event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct EventBody {
    /// Any JSON, up to 256 KiB.
    #[schema(value_type = Object)]
    payload: Value,
}

/// Keep a payload for a function, in the place of one of that name.
#[utoipa::path(
    put, path = "/api/lambda/{name}/events/{event}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("event" = String, Path, example = "one-line"), ScopeParams),
    request_body = EventBody,
    responses(
        (status = 200, description = "The event", body = TestEvent),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 409, description = "As many are kept for the function as may: 50", body = Problem),
        (status = 413, description = "The payload is larger than 256 KiB", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn save(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, event)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
    Body(EventBody { payload }): Body<EventBody>,
) -> Answer<TestEvent> {
    let event: TestEventName = event.parse()?;
    let (place, name) = locate(&app, &caller, Operation::SaveTestEvent, &name, &scope).await?;
    let payload = payload.to_string();
    Ok(Json(app.ops().save_test_event(&caller.0, &place, &name, &event, payload).await?))
}

/// Forget a test event.
#[utoipa::path(
    delete, path = "/api/lambda/{name}/events/{event}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ("event" = String, Path, example = "one-line"), ScopeParams),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function or event", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn remove(
    State(app): State<App>,
    caller: Authenticated,
    Path((name, event)): Path<(String, String)>,
    Params(scope): Params<ScopeParams>,
) -> Result<StatusCode, ApiError> {
    let event: TestEventName = event.parse()?;
    let (place, name) = locate(&app, &caller, Operation::RemoveTestEvent, &name, &scope).await?;
    app.ops().remove_test_event(&caller.0, &place, &name, &event).await?;
    Ok(StatusCode::NO_CONTENT)
}
