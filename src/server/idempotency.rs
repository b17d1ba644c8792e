//! `Idempotency-Key`: a request that creates something may be sent again when its answer was lost, and is done once.
//!
//! The header is that of the [IETF draft](https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use nephoscope_model::Error;
use nephoscope_ops::Repeat;
use nephoscope_store::KeptAnswer;

use super::{
    access::Access,
    problem::{self, ApiError},
    rest::too_large,
    security::allowance::Allowance,
    state::App,
};

/// The header with the key.
pub(super) const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Stands in an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What creates something in AWS, or has somebody's code run. Answers that hold secrets are not among them: they would be kept.
pub(super) const CREATES: [&str; 7] = [
    "/api/ec2/launch",
    "/api/s3/create",
    "/api/s3/{name}/copy",
    "/api/s3/{name}/uploads",
    "/api/lambda/deploy",
    "/api/lambda/invoke/{name}",
    "/api/lambda/{name}/versions",
];

/// The middleware: does a request with a key once, and gives its answer again.
pub(super) async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    let creates = request.method() == Method::POST
        && request.extensions().get::<MatchedPath>().is_some_and(|path| CREATES.contains(&path.as_str()));
    let key = request.headers().get(&KEY).cloned();
    let caller = request.extensions().get::<Access>().and_then(|access| access.caller().cloned());
    // Who is nobody is told so by the handler.
    let (true, Some(key), Some(caller)) = (creates, key, caller) else { return next.run(request).await };

    let (head, body) = request.into_parts();
    let limit = Allowance::of(head.uri.path()).body;
    let Ok(body) = to_bytes(body, limit).await else { return ApiError(too_large(limit)).into_response() };
    let address = head.uri.path_and_query().map_or("", |address| address.as_str());
    let parts = [head.method.as_str().as_bytes(), address.as_bytes(), body.as_ref()];
    let begun = match app.ops().begin_keyed(&caller, key.to_str().unwrap_or_default(), &parts).await {
        Ok(Repeat::First(begun)) => begun,
        Ok(Repeat::Again(answer)) => return replay(answer),
        Err(error) => return ApiError(error).into_response(),
    };
    // It goes on though the client has gone: that is what the key is for.
    let id = problem::REQUEST_ID.try_with(String::clone).unwrap_or_default();
    let work = problem::REQUEST_ID.scope(id, async move {
        let response = next.run(Request::from_parts(head, Body::from(body))).await;
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let answer = head.status.is_success().then(|| KeptAnswer {
            status: head.status.as_u16(),
            content_type: head
                .headers
                .get(header::CONTENT_TYPE)
                .and_then(|kind| kind.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: body.to_vec(),
        });
        app.ops().end_keyed(&begun, answer).await;
        Response::from_parts(head, Body::from(body))
    });
    tokio::spawn(tracing::Instrument::in_current_span(work)).await.unwrap_or_else(|error| {
        tracing::error!("a request with an idempotency key did not come to its end: {error}");
        ApiError(Error::internal()).into_response()
    })
}

fn replay(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let kind = HeaderValue::from_str(&answer.content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
