//! Requests with an `Idempotency-Key`.

use axum::{body::Body, http::Request};
use http::{StatusCode, header};
use nephoscope_model::identity::Role;

use crate::world::{Answered, World};

async fn create(world: &World, token: &str, key: &str, name: &str) -> Answered {
    let request = Request::post("/api/s3/create")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("Idempotency-Key", key)
        .body(Body::from(format!("{{\"name\":{name:?}}}")))
        .expect("a request");
    world.send(request).await
}

fn created(world: &World) -> usize {
    world.replay.operations().iter().filter(|operation| *operation == "CreateBucket").count()
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_done_once_and_answered_the_same() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let first = create(&world, &token, "7f3a", "twice").await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let before = created(&world);
    let again = create(&world, &token, "7f3a", "twice").await;
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert_eq!(again.headers[header::CONTENT_TYPE], first.headers[header::CONTENT_TYPE]);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(!first.headers.contains_key("idempotency-replayed"));
    assert_eq!(created(&world), before, "AWS was asked once");
    // Without a key it is another request, and the name is taken.
    let other = world.post_json("/api/s3/create", Some(&token), r#"{"name":"twice"}"#).await;
    assert_eq!(other.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn a_key_that_another_request_had_is_refused() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    assert_eq!(create(&world, &token, "7f3a", "first").await.status, StatusCode::OK);
    let other = create(&world, &token, "7f3a", "second").await;
    assert_eq!(other.problem(), (400, "invalid_input".to_owned()));
    assert!(
        other.json()["detail"].as_str().is_some_and(|text| text.contains("another request")),
        "{other:?}"
    );
    // Everybody has keys of their own.
    let admin = world.token(Role::Admin).await;
    assert_eq!(create(&world, &admin, "7f3a", "third").await.status, StatusCode::OK);
    for bad in ["", "with space", &"k".repeat(201)] {
        assert_eq!(create(&world, &token, bad, "fourth").await.problem().0, 400, "{bad:?}");
    }
}

#[tokio::test]
async fn a_request_that_failed_may_be_sent_again_with_its_key() {
    let world = World::new().await;
    let viewer = world.token(Role::Viewer).await;
    for _ in 0..2 {
        assert_eq!(create(&world, &viewer, "7f3a", "new").await.problem().0, 403);
    }
    let token = world.token(Role::Operator).await;
    assert_eq!(create(&world, &token, "k", "Bad_Name").await.problem().0, 400);
    assert_eq!(create(&world, &token, "k", "Bad_Name").await.problem().0, 400, "not kept");
}
