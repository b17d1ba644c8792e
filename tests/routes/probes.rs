//! `/healthz`, `/readyz`, `/metrics`, `/api/openapi.json`

use std::net::SocketAddr;

use axum::{body::Body, extract::ConnectInfo};
use http::{Request, StatusCode};
use nephoscope_model::identity::Role;
use tower::ServiceExt;

use crate::world::World;

#[tokio::test]
async fn it_is_alive_and_ready_until_it_stops() {
    let world = World::new().await;
    assert_eq!(world.call("GET", "/healthz", None).await.status, StatusCode::OK);
    assert_eq!(world.call("GET", "/readyz", None).await.status, StatusCode::OK);
    world.app.stopping().cancel();
    assert_eq!(world.call("GET", "/readyz", None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.call("GET", "/healthz", None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_its_store_it_is_not_ready_and_says_so_everywhere() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    world.app.ops().close().await;
    assert_eq!(world.call("GET", "/readyz", None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = world.call("POST", "/api/ec2/stop/i-0000000000000000a", Some(&token)).await;
    assert_eq!(answer.problem(), (503, "unavailable".to_owned()));
    assert_eq!(answer.json()["requestId"], answer.headers["x-request-id"].to_str().expect("text"));
    // What cannot be recorded is not done.
    assert!(!world.replay.operations().contains(&"StopInstances".to_owned()));

    let page = world.page("/ec2", &format!("nephoscope_token={token}")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let id = page.headers["x-request-id"].to_str().expect("text");
    for words in ["Temporarily unavailable", "store", "Try again", id] {
        assert!(page.text.contains(words), "{words} is not in {}", page.text);
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_only() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    world.get("/api/ec2", &token).await;
    let metrics = world.call("GET", "/metrics", None).await;
    assert_eq!(metrics.status, StatusCode::OK);
    assert!(metrics.text.contains("nephoscope_operations_total"), "{}", metrics.text);

    let mut elsewhere = Request::get("/metrics").body(Body::empty()).expect("a request");
    elsewhere.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 1))));
    let response = world.router.clone().oneshot(elsewhere).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::FORBIDDEN);

    // What a proxy on this machine passes on comes from anywhere.
    let passed_on = Request::get("/metrics").header("x-forwarded-for", "192.0.2.1").body(Body::empty());
    assert_eq!(world.send(passed_on.expect("a request")).await.problem().0, 403);
}

#[tokio::test]
async fn the_document_lists_every_path_of_the_contract() {
    let world = World::new().await;
    let document = world.call("GET", "/api/openapi.json", None).await.json();
    for (path, method) in [
        ("/api/authenticate", "post"),
        ("/api/log/groups", "get"),
        ("/api/log/streams", "get"),
        ("/api/ec2", "get"),
        ("/api/ec2/{instanceId}/metrics", "get"),
        ("/api/ec2/{instanceId}/metrics/stats", "get"),
        ("/api/ec2/instances", "get"),
        ("/api/ec2/start/{id}", "post"),
        ("/api/ec2/stop/{id}", "post"),
        ("/api/ec2/terminate/{id}", "delete"),
    ] {
        let operation = &document["paths"][path][method];
        assert!(operation["responses"]["200"].is_object(), "{method} {path} is not in the document");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for path in ["/healthz", "/api/ec2", "/api/nothing", "/login", "/nothing", "/api/openapi.json"] {
        let answer = world.get(path, &token).await;
        for header in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "x-frame-options",
            "x-request-id",
        ] {
            assert!(answer.headers.contains_key(header), "{path} has no {header}");
        }
    }
}
