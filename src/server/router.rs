//! All routes and the layers around them.

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use nephoscope_model::{Error, ErrorCode};
use tower::util::MapRequestLayer;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, NotForContentType, Predicate},
    },
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
};
use tracing::Instrument;

use super::{
    access, account_forms, idempotency, live, openid, pages, plain, probes,
    problem::{self, ApiError},
    rest, s3_forms,
    security::{
        allowance::{self, Allowance, USUAL_BODY},
        client, cookie_names, cross_site, headers, limits,
    },
    session, settings,
    state::App,
};

/// Names a request in the log, the audit and the answer.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The whole server as one service.
pub fn router(app: &App) -> Router {
    let document = app.openapi().clone();
    let (rest, _) = rest::routes().split_for_parts();
    let router = rest
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::once))
        .route("/api/openapi.json", get(move || async move { axum::Json(document.as_ref().clone()) }))
        .route("/api/live", get(live::connect))
        .route("/login", post(session::log_in_by_form))
        .route("/login/code", post(session::log_in_by_code))
        .route("/login/openid/{provider}", get(openid::begin))
        .route("/login/openid/{provider}/callback", get(openid::finish))
        .route("/logout", post(session::log_out_by_form))
        .route("/password", get(settings::ask_password).post(settings::redeem_link))
        .route("/s3", post(s3_forms::create))
        .route("/s3/{name}", post(s3_forms::change))
        // The same for what may take long.
        .route("/s3/{name}/copy", post(s3_forms::change))
        .route("/s3/{name}/upload", post(s3_forms::upload))
        .route("/settings/people", post(settings::invite))
        .route("/settings/people/{name}", post(settings::change_person))
        .route("/settings/me", post(settings::change_me))
        .route("/settings/accounts", post(account_forms::change_account))
        .route("/settings/scopes", post(account_forms::change_scopes))
        .route("/healthz", get(probes::healthz))
        .route("/readyz", get(probes::readyz))
        .route("/metrics", get(probes::metrics));
    protect(pages::add(router, app).fallback(pages::file_or_not_found), app)
}

/// Puts around routes what every request passes and every response carries. Tests put routes of their own in.
pub fn protect(router: Router<App>, app: &App) -> Router {
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(
        DefaultPredicate::new()
            .and(NotForContentType::const_new("application/wasm"))
            // Files that are saved: of any size, with a length and parts.
            .and(NotForContentType::const_new("application/octet-stream")),
    );
    // The last one is the outermost: a request meets them from the bottom to the top.
    router
        .layer(middleware::from_fn_with_state(app.clone(), limits::per_user))
        .layer(middleware::from_fn_with_state(app.clone(), access::identify))
        .layer(middleware::from_fn_with_state(app.clone(), cookie_names::translate))
        .layer(middleware::from_fn(cross_site::refuse))
        .layer(middleware::from_fn_with_state(app.clone(), limits::per_address))
        .layer(middleware::from_fn(limits::refuse_large_head))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(allowance::limit_body))
        .layer(middleware::from_fn(allowance::refuse_large))
        .layer(middleware::from_fn(allowance::limit_time))
        .layer(CatchPanicLayer::custom(on_panic))
        .layer(middleware::from_fn_with_state(app.clone(), shape_errors))
        .layer(compression)
        .layer(middleware::from_fn(headers::add))
        .layer(middleware::from_fn(log))
        .layer(middleware::from_fn_with_state(app.clone(), client::identify))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
        .layer(MapRequestLayer::new(forget_request_id))
        .with_state(app.clone())
}

/// Names requests ourselves, whatever a client sends: the name stands in the audit.
#[derive(Clone, Copy)]
struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _request: &http::Request<B>) -> Option<RequestId> {
        uuid::Uuid::now_v7().to_string().parse().ok().map(RequestId::new)
    }
}

/// A client's own id for a request is not ours.
fn forget_request_id(mut request: Request) -> Request {
    request.headers_mut().remove(&REQUEST_ID);
    request
}

/// One line and one count for each request.
async fn log(request: Request, next: Next) -> Response {
    let id = access::request_id(request.extensions());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let client = client::of(request.extensions()).address;
    let span = tracing::info_span!("request", id, %client, %method, path);
    let started = std::time::Instant::now();
    let answer = next.run(request).instrument(span.clone());
    let response = problem::REQUEST_ID.scope(id, answer).await;
    let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
    let _entered = span.enter();
    let millis = started.elapsed().as_millis();
    if status >= 500 {
        tracing::warn!(status, millis, "{method} {path} {status}");
    } else {
        tracing::debug!(status, millis, "{method} {path} {status}");
    }
    metrics::counter!("nephoscope_http_requests_total", "method" => method_label(&method), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("nephoscope_http_request_duration_seconds").record(seconds);
    response
}

/// A client may invent methods; the metrics must not grow with them.
fn method_label(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn on_panic(panic: Box<dyn std::any::Any + Send>) -> Response {
    let words =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!("a handler panicked: {}", words.unwrap_or("(no words)"));
    ApiError(Error::internal()).into_response()
}

/// Gives every error the same shape, whichever layer made it: a problem document under `/api`, a small page elsewhere. What already
/// is a document or a page stays as it is.
async fn shape_errors(State(app): State<App>, request: Request, next: Next) -> Response {
    let (path, id) = (request.uri().path().to_owned(), access::request_id(request.extensions()));
    let is_api = path == "/api" || path.starts_with("/api/");
    let is_probe = matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics");
    let wants_page = !is_api
        && !is_probe
        && request
            .headers()
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let kind =
        response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_problem = kind.starts_with("application/problem+json");
    let is_shaped = is_problem
        || kind.starts_with("text/html")
        || kind.starts_with("application/json")
        || response.headers().contains_key("serverfnerror");
    if wants_page && !kind.starts_with("text/html") {
        return error_page(response, status, &id, &plain::stylesheet(app.leptos())).await;
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR && response.headers().contains_key("serverfnerror") {
        return with_status_of_its_code(response).await;
    }
    if is_shaped || !is_api {
        return response;
    }
    let mut shaped = ApiError(error_of(status, &path)).into_response();
    *shaped.status_mut() = status;
    if let Some(allow) = response.headers().get(header::ALLOW) {
        shaped.headers_mut().insert(header::ALLOW, allow.clone());
    }
    shaped
}

/// Leptos 0.8 answers 500 when it does not understand the arguments of a server function, before the function runs. The body says
/// better what it is.
async fn with_status_of_its_code(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, USUAL_BODY).await else {
        return ApiError(Error::internal()).into_response();
    };
    if let Ok(error) = serde_json::from_slice::<Error>(&bytes) {
        parts.status = StatusCode::from_u16(error.code.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn error_of(status: StatusCode, path: &str) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::not_found(format!("There is no {path} in the API.")),
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::new(ErrorCode::MethodNotAllowed, format!("{path} does not take this method."))
                .with_hint("GET /api/openapi.json lists everything there is.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => rest::too_large(Allowance::of(path).body),
        StatusCode::GATEWAY_TIMEOUT => {
            Error::new(ErrorCode::Timeout, "The request took longer than the server waits.")
                .with_hint("Narrow the accounts and regions, or try again.")
        }
        status if status.is_client_error() => Error::invalid("The request is not understood."),
        _ => Error::internal(),
    }
}

/// A page without anything but words: whatever failed, this does not.
async fn error_page(response: Response, status: StatusCode, id: &str, stylesheet: &str) -> Response {
    let title = match status {
        StatusCode::NOT_FOUND => "There is no such page",
        StatusCode::FORBIDDEN => "This is not allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "That was too much at once",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::SERVICE_UNAVAILABLE => "Temporarily unavailable",
        StatusCode::GATEWAY_TIMEOUT => "This took too long",
        status if status.is_client_error() => "The request was not understood",
        _ => "Something went wrong inside nephoscope",
    };
    let (mut parts, body) = response.into_parts();
    let known = axum::body::to_bytes(body, USUAL_BODY)
        .await
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let words = |key: &str| known.as_ref().and_then(|known| known[key].as_str()).map(access::escape);
    let detail = words("detail").unwrap_or_default();
    let hint = words("hint").unwrap_or_else(|| "Try again. If it stays, tell your administrator.".to_owned());
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · nephoscope</title><link rel=\"stylesheet\" href=\"{stylesheet}\"></head>\
         <body class=\"p-8\"><main><h1 class=\"text-xl font-semibold\">{title}</h1>\
         <p class=\"my-4\">{detail} {hint}</p><p class=\"quiet\">Request <code>{id}</code></p>\
         <p class=\"my-4\"><a class=\"link\" href=\"/dashboard\">Back to the dashboard</a></p></main></body></html>"
    );
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("text/html; charset=utf-8"));
    let policy =
        http::HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'");
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Response::from_parts(parts, Body::from(html))
}
