//! The pages: rendered by `nephoscope-web`, with what they need from this request.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use leptos::{context::provide_context, nonce::use_nonce, prelude::use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use nephoscope_web::{App as Page, api::Refusal, pages::api_docs::OpenApiDocument, shell};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{access::Access, security::headers::page_policy, state::App};

/// How long browsers may keep what has no hash in its name: they ask again, and get 304 when nothing changed.
const REVALIDATE: &str = "no-cache";
/// How long browsers may keep what has a hash in its name.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The paths of all pages, found once in a process.
///
/// While leptos looks for them, no resource of the process loads, and one that is first polled then never
/// wakes again (leptos-rs/leptos#4773). So this must be over before any router answers, and never be repeated
/// while another one renders.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(Page));

/// Adds every page and every server function.
pub(super) fn add(router: Router<App>, app: &App) -> Router<App> {
    let routes = ROUTES.clone();
    let (for_context, options) = (app.clone(), app.leptos().clone());
    router.leptos_routes_with_context(
        app,
        routes,
        move || provide(&for_context),
        move || shell(options.clone()),
    )
}

/// What server functions and pages find in their context.
fn provide(app: &App) {
    let parts = use_context::<Parts>();
    let caller = parts.as_ref().and_then(|parts| parts.extensions.get::<Access>()?.caller().cloned());
    provide_context(caller);
    let refusal = parts.as_ref().and_then(|parts| parts.extensions.get::<Access>()?.refusal().cloned());
    provide_context(refusal.map(Refusal));
    provide_context(app.ops().clone());
    provide_context(OpenApiDocument(app.openapi().clone()));
    let response = use_context::<ResponseOptions>();
    if let (Some(response), Some(nonce)) = (response, use_nonce()) {
        if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce, reload_port(app))) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        // Pages show what only this person may see.
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// The port of what tells pages that they were rebuilt, if `cargo leptos watch` started this server.
fn reload_port(app: &App) -> Option<u32> {
    std::env::var_os("LEPTOS_WATCH").map(|_| app.leptos().reload_port)
}

/// Whether a path can only be a file of the site.
pub(super) fn is_file(path: &str) -> bool {
    const FOLDERS: [&str; 3] = ["/pkg/", "/vendor/", "/fonts/"];
    FOLDERS.iter().any(|folder| path.starts_with(folder))
        || matches!(path, "/favicon.svg" | "/favicon.ico" | "/robots.txt")
}

/// Everything else: a file of the site, or the page that says that there is none.
pub(super) async fn file_or_not_found(State(app): State<App>, request: Request) -> Response {
    let options = app.leptos().clone();
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") || path == "/api" {
        return super::problem::ApiError(
            nephoscope_model::Error::not_found(format!("There is no {path} in the API."))
                .with_hint("GET /api/openapi.json lists everything there is."),
        )
        .into_response();
    }
    let (parts, body) = request.into_parts();
    let file_request = Request::from_parts(parts.clone(), Body::empty());
    let files = ServeDir::new(&*options.site_root)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    match files.oneshot(file_request).await {
        Ok(response)
            if response.status() == StatusCode::NOT_FOUND
                || response.status() == StatusCode::METHOD_NOT_ALLOWED =>
        {
            // Nobody reads a page here, and rendering one costs more than files may: they are not counted.
            if is_file(&path) {
                return (response.status(), "There is no such file.\n").into_response();
            }
            let context = app.clone();
            let render = leptos_axum::render_app_async_with_context(
                move || provide(&context),
                move || shell(options.clone()),
            );
            let mut response = render(Request::from_parts(parts, body)).await;
            if response.status() == StatusCode::OK {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            response
        }
        Ok(response) => {
            let mut response = response.map(Body::new);
            let policy =
                if app.leptos().hash_files && path.starts_with("/pkg/") { FOR_EVER } else { REVALIDATE };
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
            response
        }
        Err(never) => match never {},
    }
}

/// How long a page may take: longer than the slowest call to AWS is waited for.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);
