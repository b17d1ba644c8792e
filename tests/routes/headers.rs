//! What every answer carries, whatever was asked and whatever came of it.

use std::net::SocketAddr;

use axum::{Router, body::Body, extract::ConnectInfo, routing::get};
use http::{Request, StatusCode, header};
use nephoscope::server::{
    router,
    security::{ForwardedBy, RequestRates, SecuritySettings, TrustedProxies},
};
use nephoscope_model::identity::Role;
use tower::ServiceExt;

use crate::world::{Answered, Settings, World};

/// Fails when an answer lacks one of the headers, or has one twice.
fn check(what: &str, answer: &Answered) {
    for (name, expected) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        let found: Vec<_> = answer.headers.get_all(name).iter().collect();
        assert_eq!(found, [expected], "{what}: {name}");
    }
    // A page whose address holds a secret says it to nobody.
    let policy = if what.contains(" /login/openid/") { "no-referrer" } else { "same-origin" };
    let referrer: Vec<_> = answer.headers.get_all("referrer-policy").iter().collect();
    assert_eq!(referrer, [policy], "{what}: referrer-policy");
    for name in ["permissions-policy", "x-request-id"] {
        assert!(answer.headers.contains_key(name), "{what} has no {name}");
    }
    let policies: Vec<_> = answer.headers.get_all(header::CONTENT_SECURITY_POLICY).iter().collect();
    assert_eq!(policies.len(), 1, "{what}");
    let policy = policies[0].to_str().expect("text");
    let rule = |name: &str| policy.split(';').map(str::trim).find(|rule| rule.starts_with(name));
    assert_eq!(rule("default-src"), Some("default-src 'none'"), "{what}: {policy}");
    assert_eq!(rule("frame-ancestors"), Some("frame-ancestors 'none'"), "{what}: {policy}");
    if let Some(scripts) = rule("script-src ") {
        assert!(
            !scripts.contains("'unsafe-inline'") && !scripts.contains("'unsafe-eval'"),
            "{what}: {policy}"
        );
        assert!(
            scripts.contains("'nonce-") && !scripts.contains('*') && !scripts.contains("http"),
            "{what}: {policy}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_route_carries_the_headers_that_protect_it() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let paths = world.paths();
    // The router is really asked for what it has: the documented routes, the server functions and the pages are among them.
    let document = world.call("GET", "/api/openapi.json", None).await.json();
    let documented = document["paths"].as_object().expect("paths").keys().map(|path| {
        let parts =
            path.split('/').map(|part| if part.starts_with('{') { crate::world::RUNNING } else { part });
        parts.collect::<Vec<_>>().join("/")
    });
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let others = ["/", "/login", "/logout", "/dashboard", "/ec2", "/api/live", "/healthz", "/metrics"];
    for path in documented.chain(functions).chain(others.map(str::to_owned)) {
        assert!(paths.contains(&path), "{path} is not among the routes: {paths:#?}");
    }

    for path in &paths {
        for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] {
            for token in [None, Some(&token)] {
                let mut request = Request::builder().method(method).uri(path);
                request = request.header(header::ACCEPT, "text/html,*/*");
                if let Some(token) = token {
                    request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
                }
                let answer = world.send(request.body(Body::empty()).expect("a request")).await;
                check(&format!("{method} {path}: {}", answer.status), &answer);
                assert!(!answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "{method} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_what_is_not_there_carry_them_too() {
    let site = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(site.path().join("pkg")).expect("a folder");
    std::fs::write(site.path().join("pkg/nephoscope.css"), "body{}").expect("a file");
    std::fs::write(site.path().join("favicon.svg"), "<svg/>").expect("a file");
    let site_root = site.path().to_str().expect("text").to_owned();
    let world = World::with(Settings { site_root, ..Settings::default() }).await;
    for (path, status) in [
        ("/pkg/nephoscope.css", 200),
        ("/favicon.svg", 200),
        ("/pkg/missing.js", 404),
        ("/pkg/../Cargo.toml", 404),
        ("/nothing", 303),
        ("/api/nothing", 404),
    ] {
        let answer = world.page(path, "").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        check(path, &answer);
    }
}

#[tokio::test]
async fn refusals_of_the_layers_carry_them_too() {
    let rates = RequestRates { per_address: std::num::NonZeroU32::new(20), per_user: None };
    let security = SecuritySettings { rates, ..SecuritySettings::default() };
    let world = World::with(Settings { security, ..Settings::default() }).await;
    let post = || Request::post("/api/authenticate").header(header::CONTENT_TYPE, "application/json");
    let mut seen = Vec::new();
    for (what, request) in [
        ("another site", post().header("sec-fetch-site", "cross-site").body(Body::empty())),
        (
            "a large body",
            post().header(header::CONTENT_LENGTH, 2 << 20).body(Body::from(vec![b'x'; 2 << 20])),
        ),
        ("a large head", post().header("x-large", "x".repeat(40 << 10)).body(Body::empty())),
        ("another method", Request::put("/api/ec2").body(Body::empty())),
        ("garbage", post().body(Body::from("{"))),
        ("an unknown method", Request::builder().method("BREW").uri("/api/ec2").body(Body::empty())),
    ] {
        let answer = world.send(request.expect("a request")).await;
        check(what, &answer);
        seen.push(answer.status.as_u16());
    }
    assert_eq!(seen, [403, 413, 431, 405, 400, 405]);
    let mut last = None;
    for _ in 0..20 {
        last = Some(world.call("GET", "/healthz", None).await);
    }
    let limited = last.expect("an answer");
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    check("too many requests", &limited);
}

#[tokio::test]
async fn a_handler_that_panics_answers_like_every_other() {
    let world = World::new().await;
    async fn broken() -> &'static str {
        panic!("a bug with hunter2 in its words")
    }
    let routes = Router::new().route("/api/broken", get(broken)).route("/broken", get(broken));
    let router = router::protect(routes, &world.app);
    for path in ["/api/broken", "/healthz/../broken", "/broken"] {
        let mut request = Request::get(path).body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        let response = router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("hunter2"), "{text}");
        let answer = Answered { status: parts.status, headers: parts.headers, text };
        check(path, &answer);
        if !path.contains("..") {
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        }
    }
}

#[tokio::test]
async fn browsers_that_came_by_tls_are_told_to_do_so_always() {
    let proxies =
        TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")], ForwardedBy::XForwarded);
    let security = SecuritySettings { proxies, ..SecuritySettings::default() };
    let world = World::with(Settings { security, ..Settings::default() }).await;
    let request = |proto: &str| {
        Request::get("/healthz").header("x-forwarded-proto", proto).body(Body::empty()).expect("a request")
    };
    let told = |answer: &Answered| answer.headers.get(header::STRICT_TRANSPORT_SECURITY).cloned();
    let by_tls = world.send_from("10.0.0.1", request("https")).await;
    assert!(told(&by_tls).is_some_and(|value| value == "max-age=31536000"));
    assert_eq!(told(&world.send_from("10.0.0.1", request("http")).await), None);
    assert_eq!(told(&world.send_from("192.0.2.1", request("https")).await), None);
}
