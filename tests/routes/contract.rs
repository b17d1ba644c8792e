//! The paths that were asked for, one by one, each with an answer that is good: they are public API, and stay what they are.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::identity::Role;
use serde_json::{Value, json};

use crate::world::{Answered, PASSWORD, RUNNING, STOPPED, World};

async fn ask(world: &World, token: &str, method: &str, path: &str, body: Option<Value>) -> Answered {
    let request =
        Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = match body {
        Some(body) => {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        }
        None => request.body(Body::empty()),
    };
    world.send(request.expect("a request")).await
}

#[tokio::test]
async fn whoever_is_approved_is_given_a_token_for_five_minutes() {
    let world = World::new().await;
    let body = json!({ "username": "viewer", "password": PASSWORD }).to_string();
    let answer = world.post_json("/api/authenticate", None, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["expiresIn"], 300, "{answer:?}");
    let token = answer.json()["token"].as_str().map(ToOwned::to_owned).unwrap_or_default();
    assert_eq!(world.get("/api/session", &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_path_of_monitoring_answers() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for (path, pointer) in [
        ("/api/log/groups".to_owned(), "/items/0/name"),
        ("/api/log/streams?logGroupName=/app/web".to_owned(), ""),
        ("/api/ec2".to_owned(), "/items/0/id"),
        (format!("/api/ec2/{RUNNING}/metrics"), "/0/name"),
        (format!("/api/ec2/{RUNNING}/metrics/stats"), "/points/0/value"),
    ] {
        let answer = ask(&world, &token, "GET", &path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        assert!(answer.json().pointer(pointer).is_some_and(|value| !value.is_null()), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn every_path_of_management_answers() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let deploy = json!({
        "name": "order-processor", "mode": "update", "s3": { "bucket": "builds", "key": "f.zip" }
    });
    for (method, path, body) in [
        ("GET", "/api/ec2/instances".to_owned(), None),
        ("POST", format!("/api/ec2/start/{STOPPED}"), None),
        ("POST", format!("/api/ec2/stop/{RUNNING}"), None),
        ("DELETE", format!("/api/ec2/terminate/{RUNNING}?confirm=web-1"), None),
        ("GET", "/api/s3/buckets".to_owned(), None),
        ("POST", "/api/s3/create".to_owned(), Some(json!({ "name": "contract" }))),
        ("POST", "/api/s3/upload?bucket=contract&key=a".to_owned(), Some(json!({ "any": "content" }))),
        ("DELETE", "/api/s3/contract/object?key=a&confirm=a".to_owned(), None),
        ("DELETE", "/api/s3/contract?confirm=contract".to_owned(), None),
        ("GET", "/api/lambda/functions".to_owned(), None),
        ("POST", "/api/lambda/invoke/order-processor".to_owned(), Some(json!({ "payload": { "a": 1 } }))),
        ("POST", "/api/lambda/deploy".to_owned(), Some(deploy)),
    ] {
        let answer = ask(&world, &token, method, &path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {answer:?}");
    }
}
