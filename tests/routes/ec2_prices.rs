//! List prices of instances.

use axum::http::StatusCode;
use nephoscope_model::{Scope, ec2::InstanceState, identity::Role};
use nephoscope_ops::Caller;
use serde_json::json;

use crate::world::{RUNNING, World};

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

async fn cookie(world: &World) -> String {
    format!("nephoscope_token={}", world.token(Role::Viewer).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_html_has_prices_that_are_known_in_a_moment() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    assert_eq!(world.get("/api/ec2/prices", &token).await.status, StatusCode::OK);
    let cookie = cookie(&world).await;
    let list = world.page("/ec2?columns=price", &cookie).await;
    assert_eq!(list.status, StatusCode::OK);
    for text in ["$7.59", "1 running, about $7.59 a month by list price", "$0.0104 an hour on demand"] {
        assert!(list.text.contains(text), "{text}");
    }
    assert!(list.text.contains("while it runs; it is stopped"), "the stopped one is not added up");
    let one = world.page(&format!("/ec2/{RUNNING}?at=111111111111/us-east-1"), &cookie).await;
    assert!(one.text.contains("$7.59 a month"), "{}", one.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_called_unknown_with_the_reason() {
    let world = World::new().await;
    for instance in world.instances.lock().expect("the instances").iter_mut() {
        instance.tenancy = (instance.state == InstanceState::Running).then(|| "dedicated".to_owned());
    }
    world.denied.store(true, std::sync::atomic::Ordering::SeqCst);
    let token = world.token(Role::Viewer).await;
    assert_eq!(world.get("/api/ec2/prices", &token).await.status, StatusCode::OK);
    let cookie = cookie(&world).await;
    let list = world.page("/ec2", &cookie).await.text;
    for text in ["1 running, what they cost is unknown", "its tenancy is dedicated", "pricing:GetProducts"] {
        assert!(list.contains(text), "{text}");
    }
    let one = world.page(&format!("/ec2/{RUNNING}?at=111111111111/us-east-1"), &cookie).await;
    assert!(one.text.contains("its tenancy is dedicated, which has other prices"), "{}", one.status);
}
