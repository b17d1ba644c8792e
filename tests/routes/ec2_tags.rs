//! `PUT /api/ec2/{instanceId}/tags`

use std::sync::atomic::Ordering;

use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    ec2::Tag,
    identity::Role,
};
use nephoscope_ops::Caller;
use serde_json::{Value, json};

use crate::world::{Answered, RUNNING, World, account};

async fn put(world: &World, role: Role, tags: &Value) -> Answered {
    let token = world.token(role).await;
    let body = json!({"tags": tags}).to_string();
    world.send_json("PUT", &format!("/api/ec2/{RUNNING}/tags"), Some(&token), &body).await
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn tags(world: &World) -> Vec<Tag> {
    let mut tags = world.instances.lock().expect("no panic")[0].tags.clone();
    tags.sort();
    tags
}

/// How often AWS was really asked to change tags.
fn changes(world: &World) -> Vec<String> {
    let requests = world.replay.requests();
    let real = requests.iter().filter(|request| request.form("DryRun").is_none());
    real.map(|request| request.operation().to_owned())
        .filter(|operation| operation.ends_with("Tags"))
        .collect()
}

#[tokio::test]
async fn an_instance_has_exactly_the_tags_it_is_given_but_for_those_of_aws() {
    let world = World::new().await;
    world.instances.lock().expect("no panic")[0]
        .tags
        .extend([tag("aws:autoscaling:groupName", "g"), tag("Old", "x")]);
    let wanted = json!([{"key": "Name", "value": "web-1"}, {"key": "Team", "value": "<b>a & b</b>"}]);
    let answer = put(&world, Role::Operator, &wanted).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let now = [tag("Name", "web-1"), tag("Team", "<b>a & b</b>"), tag("aws:autoscaling:groupName", "g")];
    assert_eq!(tags(&world), now);
    assert_eq!(answer.json()["tags"], serde_json::to_value(&now).expect("JSON"));
    assert_eq!(changes(&world), ["CreateTags", "DeleteTags"]);
    let tried = world.replay.operations().iter().filter(|operation| operation.ends_with("Tags")).count();
    assert_eq!(tried, 4, "AWS was asked first whether it would");

    let records =
        world.records(AuditQuery { operation: Some(Operation::SetTags), ..AuditQuery::default() }).await;
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(records[0].detail, "Team=<b>a & b</b> · without Old");
    assert!(records[0].before["tags"].contains("Old=x"), "{:?}", records[0].before);
    assert!(!records[0].after["tags"].contains("Old"), "{:?}", records[0].after);

    // The list is not taken from what was known before the change.
    let token = world.token(Role::Viewer).await;
    assert!(world.get("/api/ec2", &token).await.text.contains("Team"));
    // The same once more changes nothing.
    assert_eq!(put(&world, Role::Operator, &wanted).await.status, 200);
    assert_eq!(changes(&world).len(), 2);
}

#[tokio::test]
async fn tags_that_somebody_else_added_meanwhile_stay_when_it_is_said_what_was_seen() {
    let world = World::new().await;
    let place = nephoscope_model::Place { account: account().id, region: account().regions[0].clone() };
    let id = RUNNING.parse().expect("an id");
    let seen = tags(&world);
    world.instances.lock().expect("no panic")[0].tags.push(tag("Meanwhile", "x"));
    let wanted = vec![tag("Name", "web-2")];
    let ops = world.app.ops();
    let now = ops.set_tags(&Caller::system(), &place, &id, wanted, Some(seen)).await.expect("set");
    assert_eq!(now, [tag("Meanwhile", "x"), tag("Name", "web-2")]);
    assert_eq!(tags(&world), now);
}

#[tokio::test]
async fn what_aws_would_not_take_is_refused_and_nothing_is_changed() {
    let world = World::new().await;
    let many: Vec<_> = (0..51).map(|n| json!({"key": n.to_string(), "value": ""})).collect();
    for bad in [
        json!([{"key": "", "value": "x"}]),
        json!([{"key": "aws:mine", "value": "x"}]),
        json!([{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]),
        json!([{"key": "x".repeat(129), "value": ""}]),
        json!([{"key": "x", "value": "x".repeat(257)}]),
        json!([{"key": "x"}]),
        json!(many),
    ] {
        let (status, code) = put(&world, Role::Operator, &bad).await.problem();
        assert_eq!((status, code.as_str()), (400, "invalid_input"), "{bad}");
    }
    assert_eq!(changes(&world), Vec::<String>::new());
}

#[tokio::test]
async fn a_refusal_of_aws_changes_nothing_and_names_the_action() {
    let world = World::new().await;
    world.denied.store(true, Ordering::SeqCst);
    let before = tags(&world);
    let answer = put(&world, Role::Operator, &json!([])).await;
    assert_eq!(answer.problem(), (502, "aws_denied".to_owned()));
    assert_eq!(answer.json()["aws"]["action"], "ec2:DeleteTags");
    assert_eq!((tags(&world), changes(&world).len()), (before, 0));
}
