//! Launching instances.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_aws::replay::ReplayRequest;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    ec2_launch_player::{IMAGE, SUBNET},
    world::{Answered, World},
};

fn wanted() -> Value {
    json!({
        "image": IMAGE, "instanceType": "t3.micro", "count": 2, "name": "web", "subnet": SUBNET,
        "securityGroups": ["sg-0123456789abcdef0"], "keyName": "ops", "terminationProtection": true
    })
}

/// The requests to launch, dry ones or real ones.
fn launches(world: &World, dry: bool) -> Vec<ReplayRequest> {
    let all = world.replay.requests().into_iter().filter(|request| request.operation() == "RunInstances");
    all.filter(|request| request.form("DryRun").is_some() == dry).collect()
}

async fn launch(world: &World, token: &str, key: Option<&str>, body: &Value) -> Answered {
    let request = Request::post("/api/ec2/launch")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
    world.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

#[tokio::test]
async fn the_choices_are_there_and_what_failed_is_named() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let choices = world.get("/api/ec2/launch", &token).await.json();
    assert_eq!(choices["templates"][0]["defaultVersion"], 3);
    assert_eq!(
        (&choices["images"][0]["id"], &choices["images"][0]["platform"]),
        (&json!(IMAGE), &json!("Linux/UNIX"))
    );
    assert_eq!(choices["keyPairs"], json!(["ops"]));
    assert_eq!(choices["subnets"][0]["freeAddresses"], 250);
    assert_eq!(choices["errors"], json!([]));

    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    world.denied.store(true, Ordering::SeqCst);
    let choices = world.get("/api/ec2/launch", &token).await.json();
    assert_eq!(choices["keyPairs"], json!(["ops"]), "one that fails empties nothing");
    let error = &choices["errors"][0];
    assert!(error["message"].as_str().is_some_and(|text| text.contains("ec2:DescribeSubnets")), "{choices}");
    // What failed is asked for again, and not only after a minute.
    world.denied.store(false, Ordering::SeqCst);
    assert_eq!(world.get("/api/ec2/launch", &token).await.json()["errors"], json!([]));
}

#[tokio::test]
async fn a_check_launches_nothing_and_tells_the_price() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = world.post_json("/api/ec2/launch/check", Some(&token), &wanted().to_string()).await;
    assert_eq!(
        (answer.status, answer.json()),
        (StatusCode::OK, json!({ "count": 2, "microsPerHour": 20_800 }))
    );
    assert_eq!((launches(&world, true).len(), launches(&world, false).len()), (1, 0));
}

#[tokio::test]
async fn a_template_tells_what_it_costs() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let wanted = json!({ "template": "lt-0123456789abcdef0", "templateVersion": "$Latest" });
    let answer = world.post_json("/api/ec2/launch/check", Some(&token), &wanted.to_string()).await;
    assert_eq!(answer.json(), json!({ "count": 1, "microsPerHour": 10_400 }));
    let answer = launch(&world, &token, None, &wanted).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let sent = launches(&world, false);
    assert_eq!(sent[0].form("LaunchTemplate.LaunchTemplateId").as_deref(), Some("lt-0123456789abcdef0"));
    assert_eq!(sent[0].form("LaunchTemplate.Version").as_deref(), Some("$Latest"));
    assert_eq!(sent[0].form("ImageId"), None, "the template names it");
}

#[tokio::test]
async fn what_is_asked_for_is_launched_once_for_a_key_and_recorded() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = launch(&world, &token, Some("one"), &wanted()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.json().as_array().map(Vec::len), Some(2));
    let again = launch(&world, &token, Some("one"), &wanted()).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::CREATED, answer.text.as_str()));
    let sent = launches(&world, false);
    let [request] = sent.as_slice() else { panic!("it was launched once: {}", sent.len()) };
    for (field, value) in [
        ("MinCount", "2"),
        ("MaxCount", "2"),
        ("ImageId", IMAGE),
        ("SubnetId", SUBNET),
        ("SecurityGroupId.1", "sg-0123456789abcdef0"),
        ("KeyName", "ops"),
        ("DisableApiTermination", "true"),
        ("ClientToken", "one"),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Value", "web"),
        ("TagSpecification.2.ResourceType", "volume"),
    ] {
        assert_eq!(request.form(field).as_deref(), Some(value), "{field}");
    }
    let launched = AuditQuery { operation: Some(Operation::LaunchInstances), ..AuditQuery::default() };
    let records = world.records(launched).await;
    assert_eq!(
        records.iter().map(|it| it.outcome).collect::<Vec<_>>(),
        [Outcome::Succeeded, Outcome::Started]
    );
    assert!(records[0].detail.contains("i-00000000000000001"), "{}", records[0].detail);
}

#[tokio::test]
async fn what_cannot_be_launched_is_explained() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for (body, word) in [
        (json!({}), "image"),
        (json!({ "image": IMAGE }), "type"),
        (json!({ "image": IMAGE, "instanceType": "t3.micro", "count": 0 }), "Between"),
    ] {
        let answer = launch(&world, &token, None, &body).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()));
        assert!(answer.json()["detail"].as_str().is_some_and(|text| text.contains(word)), "{answer:?}");
    }
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(launch(&world, &viewer, None, &wanted()).await.problem(), (403, "forbidden".to_owned()));
    world.denied.store(true, Ordering::SeqCst);
    let denied = launch(&world, &token, None, &wanted()).await;
    assert_eq!(denied.problem(), (502, "aws_denied".to_owned()));
    assert!(denied.json()["detail"].as_str().is_some_and(|text| text.contains("ec2:RunInstances")));
    assert!(launches(&world, false).is_empty(), "AWS is asked first");
}
