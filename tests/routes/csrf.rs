//! Requests that another site makes a browser send, to every route there is.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope::server::security::{ForwardedBy, SecuritySettings, TrustedProxies};
use nephoscope_model::{Operation, audit::AuditQuery, ec2::InstanceState, identity::Role};

use crate::world::{RUNNING, Settings, World};

/// What browsers say when another site is behind a request: new ones, old ones, and from within a sandbox.
const ELSEWHERE: [(&str, &str); 5] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
    ("origin", "https://evil.example"),
    ("origin", "http://console.example.evil.example"),
    ("origin", "null"),
];

/// What is on record, besides that the record was read.
async fn done(world: &World) -> Vec<Operation> {
    let records = world.records(AuditQuery { limit: Some(100), ..AuditQuery::default() }).await;
    records.into_iter().map(|record| record.operation).filter(|it| *it != Operation::QueryAudit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_changes_anything_for_another_site() {
    let world = World::new().await;
    let token = world.token(Role::Admin).await;
    let before = done(&world).await;
    let paths = world.paths();
    assert!(paths.len() > 30, "{paths:?}");
    for path in &paths {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for (name, value) in ELSEWHERE {
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header(header::HOST, "console.example")
                    .header(header::COOKIE, format!("nephoscope_token={token}"))
                    .header(name, value);
                let answer = world.send(request.body(Body::empty()).expect("a request")).await;
                assert_eq!(
                    answer.problem(),
                    (403, "forbidden".to_owned()),
                    "{method} {path} {name}: {value}"
                );
            }
        }
    }
    assert_eq!(done(&world).await, before);
    assert_eq!(world.replay.operations(), Vec::<String>::new());
    assert_eq!(world.instances.lock().expect("no panic")[0].state, InstanceState::Running);
}

#[tokio::test]
async fn no_websocket_opens_for_another_site() {
    let world = World::new().await;
    let token = world.token(Role::Admin).await;
    for (name, value) in ELSEWHERE {
        let request = Request::get("/api/live")
            .header(header::HOST, "console.example")
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket")
            .header(header::SEC_WEBSOCKET_VERSION, "13")
            .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==")
            .header(header::COOKIE, format!("nephoscope_token={token}"))
            .header(name, value);
        let answer = world.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{name}: {value}");
    }
}

/// Stops an instance, in the name of a page at `origin`, through a connection from `peer`.
async fn stop(world: &World, token: &str, peer: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::post(format!("/api/ec2/stop/{RUNNING}"))
        .header(header::COOKIE, format!("nephoscope_token={token}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send_from(peer, request.body(Body::empty()).expect("a request")).await.status
}

#[tokio::test]
async fn our_own_pages_and_programs_are_heard() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin")],
        &[("origin", "http://console.example"), ("host", "console.example")],
    ] {
        let status = stop(&world, &token, "127.0.0.1", headers).await;
        assert_ne!(status, StatusCode::FORBIDDEN, "{headers:?}");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_address_that_the_browser_knows_counts() {
    let proxies =
        TrustedProxies::new(vec!["10.0.0.0/8".parse().expect("a network")], ForwardedBy::XForwarded);
    let security = SecuritySettings { proxies, ..SecuritySettings::default() };
    let world = World::with(Settings { security, ..Settings::default() }).await;
    let token = world.token(Role::Operator).await;
    let through = [
        ("host", "10.0.0.9:8080"),
        ("x-forwarded-host", "console.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "198.51.100.7"),
    ];
    let with = |origin: &'static str| [&through[..], &[("origin", origin)]].concat();
    let good = with("https://console.example");
    assert_ne!(stop(&world, &token, "10.0.0.1", &good).await, StatusCode::FORBIDDEN);
    // Whoever is no proxy does not choose what our address is.
    assert_eq!(stop(&world, &token, "192.0.2.1", &good).await, StatusCode::FORBIDDEN);
    for bad in ["https://evil.example", "http://console.example", "https://10.0.0.9:8080"] {
        assert_eq!(stop(&world, &token, "10.0.0.1", &with(bad)).await, StatusCode::FORBIDDEN, "{bad}");
    }
}
