//! List prices of instances.

use axum::http::StatusCode;
use nephoscope_model::{Scope, identity::Role};
use nephoscope_ops::Caller;
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn each_kind_is_asked_for_once_and_then_known_to_everybody() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let answer = world.get("/api/ec2/prices", &token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let micro = json!({
        "region": "us-east-1", "instanceType": "t3.micro", "platform": "Linux/UNIX", "microsPerHour": 10_400
    });
    assert_eq!(answer.json()["items"], json!([micro]), "many instances of one kind make one price");
    assert_eq!(answer.json()["sources"][0]["error"], json!(null));
    let asked = || world.replay.operations().iter().filter(|it| *it == "GetProducts").count();
    assert_eq!(asked(), 1);
    let another = world.token(Role::Operator).await;
    assert_eq!(world.get("/api/ec2/prices", &another).await.status, StatusCode::OK);
    assert_eq!(asked(), 1);
    // Another server that shares the store need not ask, either.
    let kept = world.another_server().await;
    assert_eq!(
        kept.list_prices(&Caller::system(), &Scope::default()).await.map(|found| found.items.len()),
        Ok(1)
    );
    assert_eq!(asked(), 1);
}

#[tokio::test]
async fn a_place_that_may_not_read_prices_is_named_and_left_in_peace() {
    let world = World::new().await;
    world.denied.store(true, std::sync::atomic::Ordering::SeqCst);
    let token = world.token(Role::Viewer).await;
    for _ in 0..3 {
        let answer = world.get("/api/ec2/prices", &token).await;
        assert_eq!((answer.status, answer.json()["items"].clone()), (StatusCode::OK, json!([])));
        let error = answer.json()["sources"][0]["error"].clone();
        assert_eq!(error["code"], "aws_denied");
        assert!(
            error["message"].as_str().is_some_and(|text| text.contains("pricing:GetProducts")),
            "{error}"
        );
    }
    assert_eq!(world.replay.operations().iter().filter(|it| *it == "GetProducts").count(), 1);
}
