//! `/api/ec2/volumes`, `…/snapshots`, `…/addresses` and `…/security-groups`, their tags, and their pages.

use std::sync::atomic::Ordering;

use http::StatusCode;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use serde_json::{Value, json};

use crate::{
    ec2_resources_player::{ADDRESS, GROUP, SNAPSHOT, VOLUME},
    world::World,
};

const KINDS: [(&str, &str); 4] =
    [("volumes", VOLUME), ("snapshots", SNAPSHOT), ("addresses", ADDRESS), ("security-groups", GROUP)];

async fn put(world: &World, role: Role, kind: &str, id: &str, tags: &Value) -> crate::world::Answered {
    let token = world.token(role).await;
    let body = json!({"tags": tags}).to_string();
    world.send_json("PUT", &format!("/api/ec2/{kind}/{id}/tags"), Some(&token), &body).await
}

/// How often AWS was really asked to change tags.
fn changes(world: &World) -> usize {
    let requests = world.replay.requests();
    let real = requests.iter().filter(|request| request.form("DryRun").is_none());
    real.filter(|request| request.operation().ends_with("Tags")).count()
}

#[tokio::test]
async fn each_list_tells_what_there_is_and_is_asked_for_once() {
    let world = World::new().await;
    let viewer = world.token(Role::Viewer).await;
    for (kind, id) in KINDS {
        let answer = world.get(&format!("/api/ec2/{kind}"), &viewer).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let item = &answer.json()["items"][0];
        assert_eq!((item["id"].as_str(), item["account"].as_str()), (Some(id), Some("111111111111")));
        assert_eq!(item["tags"][0]["key"], "Name");
        assert_eq!(answer.json()["sources"][0]["place"]["region"], "us-east-1");
        let before = world.replay.requests().len();
        world.get(&format!("/api/ec2/{kind}?account=111111111111"), &viewer).await;
        assert_eq!(world.replay.requests().len(), before, "{kind}: it is known");
        let elsewhere = world.get(&format!("/api/ec2/{kind}?region=eu-west-1"), &viewer).await;
        assert_eq!(elsewhere.problem(), (404, "not_found".to_owned()), "{kind}");
    }
    let group = world.get("/api/ec2/security-groups", &viewer).await.json()["items"][0].clone();
    assert_eq!(group["name"], "bastion");
    assert_eq!(
        group["inbound"][0],
        json!({
            "protocol": "tcp", "fromPort": 22, "toPort": 22, "open": true,
            "peers": [{"kind": "ipv4", "value": "0.0.0.0/0", "everybody": true}],
        })
    );
    let operation = Some(Operation::ListSecurityGroups);
    let records = world.records(AuditQuery { operation, ..AuditQuery::default() }).await;
    assert!(records.iter().any(|record| record.detail == "1 found"), "{records:?}");
}

#[tokio::test]
async fn each_has_exactly_the_tags_it_is_given() {
    let world = World::new().await;
    let viewer = world.token(Role::Viewer).await;
    for (kind, id) in KINDS {
        // What is known of the list is forgotten with the change.
        world.get(&format!("/api/ec2/{kind}"), &viewer).await;
        let wanted = json!([{"key": "Team", "value": "<b>a & b</b>"}]);
        let answer = put(&world, Role::Operator, kind, id, &wanted).await;
        assert_eq!((answer.status, &answer.json()["tags"]), (StatusCode::OK, &wanted), "{kind}: {answer:?}");
        let list = world.get(&format!("/api/ec2/{kind}"), &viewer).await;
        assert_eq!(list.json()["items"][0]["tags"], wanted, "{kind}");
        let resource = Some(id.to_owned());
        let query = AuditQuery { resource, operation: Some(Operation::SetTags), ..AuditQuery::default() };
        let records = world.records(query).await;
        let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, [Outcome::Succeeded, Outcome::Started], "{kind}");
        assert_eq!(records[0].detail, "Team=<b>a & b</b> · without Name", "{kind}");
    }
    assert_eq!(changes(&world), 2 * KINDS.len());
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_before_aws_is_asked() {
    let world = World::new().await;
    for (kind, id, tags, expected) in [
        ("volumes", SNAPSHOT, json!([]), (400, "invalid_input")),
        ("volumes", "i-0000000000000000a", json!([]), (400, "invalid_input")),
        ("snapshots", "x", json!([]), (400, "invalid_input")),
        ("addresses", ADDRESS, json!([{"key": "aws:x", "value": ""}]), (400, "invalid_input")),
        ("security-groups", GROUP, json!([{"key": ""}]), (400, "invalid_input")),
        ("volumes", "vol-0000000000000000f", json!([]), (404, "not_found")),
    ] {
        let (status, code) = put(&world, Role::Operator, kind, id, &tags).await.problem();
        assert_eq!((status, code.as_str()), expected, "{kind} {id} {tags}");
    }
    assert_eq!(changes(&world), 0);
}

#[tokio::test]
async fn whom_nephoscope_or_aws_does_not_allow_it_changes_nothing() {
    let world = World::new().await;
    let tags = json!([]);
    assert_eq!(
        put(&world, Role::Viewer, "volumes", VOLUME, &tags).await.problem(),
        (403, "forbidden".to_owned())
    );
    world.denied.store(true, Ordering::SeqCst);
    let answer = put(&world, Role::Operator, "volumes", VOLUME, &tags).await;
    assert_eq!(answer.problem(), (502, "aws_denied".to_owned()));
    assert_eq!(answer.json()["aws"]["action"], "ec2:DeleteTags");
    assert_eq!(changes(&world), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_hold_their_rows_and_the_details_that_are_asked_for() {
    let world = World::new().await;
    let cookie = format!("nephoscope_token={}", world.token(Role::Viewer).await);
    for (kind, id) in KINDS {
        let page = world.page(&format!("/ec2/{kind}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{kind}");
        assert!(page.text.contains(id) && !page.text.contains("Open in AWS Console"), "{kind}");
        assert!(page.text.contains("/ec2/security-groups\""), "{kind} has no tabs");
        let open = world.page(&format!("/ec2/{kind}?open={id}"), &cookie).await;
        assert!(open.text.contains("Open in AWS Console") && open.text.contains("arn:aws:ec2:"), "{kind}");
        assert!(
            !open.text.contains("<b>vol-") && !open.text.contains("<i>nightly"),
            "{kind}: text is only text"
        );
        let none = world.page(&format!("/ec2/{kind}?q=nothing-like-it"), &cookie).await;
        assert!(none.text.contains("match") && none.text.contains("Clear filter"), "{kind}");
        let page = world.page(&format!("/ec2/{kind}?region=eu-west-1"), &cookie).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{kind}");
    }
    for (path, word) in [
        ("/ec2/volumes", "not attached"),
        ("/ec2/volumes?q=is:unattached", "Show all"),
        ("/ec2/addresses", "not associated"),
        ("/ec2/security-groups", "open to everybody"),
        ("/ec2/volumes?open=vol-0000000000000000f", "is not in the chosen accounts"),
        ("/ec2", "/ec2/volumes\""),
    ] {
        let page = world.page(path, &cookie).await;
        assert!(page.text.contains(word), "{word} is not in {path}");
    }
}
