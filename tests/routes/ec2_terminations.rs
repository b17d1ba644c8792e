//! Terminating with grace: what waits, what is undone, and what is carried out when its time has come.

use std::{sync::atomic::Ordering, time::Duration};

use http::StatusCode;
use nephoscope_model::{
    ErrorCode, Operation, Timestamp,
    audit::{AuditQuery, AuditRecord, Outcome},
    ec2::InstanceState,
    identity::Role,
};
use nephoscope_ops::Ops;
use serde_json::json;

use crate::world::{RUNNING, STOPPED, Settings, World};

const GRACE: Duration = Duration::from_secs(60);

async fn world() -> World {
    World::with(Settings { terminate_grace: GRACE, ..Settings::default() }).await
}

fn path(id: &str, confirm: &str) -> String {
    format!("/api/ec2/terminate/{id}?confirm={confirm}")
}

/// Asks for it as the operator, and gives what the server says.
async fn ask(world: &World) -> serde_json::Value {
    let token = world.token(Role::Operator).await;
    let answer = world.call("DELETE", &path(RUNNING, "web-1"), Some(&token)).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    answer.json()
}

/// How often AWS was asked to do it, and not only whether it would.
fn terminated(world: &World) -> usize {
    let all =
        world.replay.requests().into_iter().filter(|request| request.operation() == "TerminateInstances");
    all.filter(|request| request.form("DryRun").is_none()).count()
}

async fn queue(world: &World) -> Vec<serde_json::Value> {
    let token = world.token(Role::Viewer).await;
    let answer = world.get("/api/ec2/terminations", &token).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json().as_array().cloned().expect("a list")
}

/// The records of the termination, newest first.
async fn records(world: &World) -> Vec<AuditRecord> {
    let operation = Some(Operation::TerminateInstance);
    world.records(AuditQuery { operation, ..AuditQuery::default() }).await
}

fn after(duration: Duration) -> Timestamp {
    Timestamp::now().plus_millis(i64::try_from(duration.as_millis()).expect("a short time"))
}

/// What the job does when the grace is over.
async fn time_passes(ops: &Ops) {
    ops.carry_out_terminations_at(after(GRACE + Duration::from_secs(1))).await.expect("the store answers");
}

#[tokio::test]
async fn it_waits_for_its_time_and_is_done_then_as_the_same_operation() {
    let world = world().await;
    let queued = ask(&world).await;
    assert_eq!(
        (&queued["id"], &queued["name"], &queued["by"]),
        (&json!(RUNNING), &json!("web-1"), &json!("operator"))
    );
    assert!(queued["secondsLeft"].as_u64().is_some_and(|left| (1..=60).contains(&left)), "{queued}");
    let listed = queue(&world).await;
    assert_eq!((listed.len(), &listed[0]["dueAt"]), (1, &queued["dueAt"]));
    let token = world.token(Role::Operator).await;
    let again = world.call("DELETE", &path(RUNNING, "web-1"), Some(&token)).await;
    assert_eq!(again.problem(), (409, "conflict".to_owned()));

    let ops = world.app.ops();
    assert!(ops.carry_out_terminations().await.is_ok_and(|next| next.is_some()), "it is not due yet");
    assert_eq!(terminated(&world), 0);
    time_passes(ops).await;
    assert_eq!((terminated(&world), queue(&world).await.len()), (1, 0));
    time_passes(ops).await;
    assert_eq!(terminated(&world), 1, "it is done once");

    let records = records(&world).await;
    let done: Vec<&AuditRecord> =
        records.iter().filter(|record| record.operation_id == records[0].operation_id).collect();
    assert_eq!(
        done.iter().map(|it| (it.outcome, it.actor.as_str())).collect::<Vec<_>>(),
        [(Outcome::Succeeded, "operator"), (Outcome::Started, "operator")]
    );
    assert_eq!(done[0].detail, "running → shutting-down");
    assert!(done[1].detail.contains("60 s"), "{}", done[1].detail);
    assert_eq!(done[0].request_id, done[1].request_id);
}

#[tokio::test]
async fn whoever_may_terminate_may_undo_and_nothing_is_done_then() {
    let world = world().await;
    ask(&world).await;
    let undo = format!("/api/ec2/terminate/{RUNNING}/undo");
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(world.call("POST", &undo, Some(&viewer)).await.problem(), (403, "forbidden".to_owned()));
    let admin = world.token(Role::Admin).await;
    let undone = world.call("POST", &undo, Some(&admin)).await;
    assert_eq!((undone.status, undone.json()["name"].clone()), (StatusCode::OK, json!("web-1")));
    assert_eq!(world.call("POST", &undo, Some(&admin)).await.problem(), (404, "not_found".to_owned()));
    time_passes(world.app.ops()).await;
    assert_eq!((terminated(&world), queue(&world).await.len()), (0, 0));
    let records = records(&world).await;
    assert_eq!(records[0].outcome, Outcome::Failed);
    assert_eq!(records[0].detail, "Undone by admin.");
    assert_eq!((records[0].actor.as_str(), &records[0].operation_id), ("operator", &records[1].operation_id));
    let operation = Some(Operation::UndoTermination);
    let undone = world.records(AuditQuery { operation, ..AuditQuery::default() }).await;
    let succeeded: Vec<_> = undone.iter().filter(|record| record.outcome == Outcome::Succeeded).collect();
    assert!(succeeded.len() == 1 && succeeded[0].detail == "asked for by operator", "{undone:?}");
    // It can be asked for again.
    ask(&world).await;
}

#[tokio::test]
async fn of_two_servers_one_does_it() {
    let world = world().await;
    ask(&world).await;
    let other = world.another_server().await;
    tokio::join!(time_passes(world.app.ops()), time_passes(&other));
    assert_eq!(terminated(&world), 1);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once_and_nothing_waits() {
    let world = world().await;
    let viewer = world.token(Role::Viewer).await;
    let refused = world.call("DELETE", &path(RUNNING, "web-1"), Some(&viewer)).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    let operator = world.token(Role::Operator).await;
    let unconfirmed = world.call("DELETE", &path(RUNNING, "web"), Some(&operator)).await;
    assert_eq!(unconfirmed.problem(), (428, "confirmation_required".to_owned()));
    let change = format!(
        r#"{{"place":{{"account":"111111111111","region":"us-east-1"}},"id":"{RUNNING}","action":"terminate","confirmation":"web-1"}}"#
    );
    let aside = world.post_json("/api/fn/ec2/change", Some(&operator), &change).await;
    assert_eq!(aside.status, StatusCode::BAD_REQUEST, "no other way leads round the grace: {aside:?}");
    world.denied.store(true, Ordering::SeqCst);
    let denied = world.call("DELETE", &path(RUNNING, "web-1"), Some(&operator)).await;
    assert_eq!(denied.problem(), (502, "aws_denied".to_owned()));
    assert_eq!((queue(&world).await.len(), terminated(&world)), (0, 0));
}

#[tokio::test]
async fn it_is_checked_again_when_it_is_due() {
    for (what, code) in [
        ("denied", ErrorCode::AwsDenied),
        ("renamed", ErrorCode::ConfirmationRequired),
        ("terminated", ErrorCode::Conflict),
    ] {
        let world = world().await;
        ask(&world).await;
        match what {
            "denied" => world.denied.store(true, Ordering::SeqCst),
            what => {
                let mut instances = world.instances.lock().expect("the instances");
                let it = instances.iter_mut().find(|it| it.id.as_str() == RUNNING).expect("it");
                if what == "renamed" {
                    for tag in &mut it.tags {
                        "db-1".clone_into(&mut tag.value);
                    }
                } else {
                    it.state = InstanceState::Terminated;
                }
            }
        }
        time_passes(world.app.ops()).await;
        let records = records(&world).await;
        assert_eq!((records[0].outcome, records[0].error), (Outcome::Failed, Some(code)), "{what}");
        assert_eq!(records[0].operation_id, records[1].operation_id, "{what}");
        assert_eq!((queue(&world).await.len(), terminated(&world)), (0, 0), "{what}");
    }
}

#[tokio::test]
async fn protection_that_was_put_on_meanwhile_counts() {
    let world = world().await;
    ask(&world).await;
    let token = world.token(Role::Operator).await;
    let on = format!("/api/ec2/{RUNNING}/protection");
    let answer = world.send_json("PUT", &on, Some(&token), r#"{"termination":true}"#).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    time_passes(world.app.ops()).await;
    let records = records(&world).await;
    assert_eq!((records[0].outcome, terminated(&world)), (Outcome::Failed, 0));
    assert!(records[0].detail.contains("rotect"), "{}", records[0].detail);
}

#[tokio::test]
async fn who_may_not_any_more_when_it_is_due_terminates_nothing() {
    for (change, words) in [
        (json!({ "role": "viewer" }), "Your role is viewer"),
        (json!({ "disabled": true }), "operator is not here any more."),
    ] {
        let world = world().await;
        ask(&world).await;
        let admin = world.token(Role::Admin).await;
        let changed =
            world.send_json("PATCH", "/api/users/operator", Some(&admin), &change.to_string()).await;
        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        time_passes(world.app.ops()).await;
        let records = records(&world).await;
        assert_eq!((records[0].outcome, records[0].actor.as_str()), (Outcome::Refused, "operator"));
        assert!(records[0].detail.contains(words), "{}", records[0].detail);
        assert_eq!((queue(&world).await.len(), terminated(&world)), (0, 0));
    }
}

#[tokio::test]
async fn what_no_server_was_there_for_is_not_done_much_later() {
    let world = world().await;
    ask(&world).await;
    let late = after(GRACE + Duration::from_secs(700));
    world.app.ops().carry_out_terminations_at(late).await.expect("the store answers");
    assert_eq!((queue(&world).await.len(), terminated(&world)), (0, 0));
    let records = records(&world).await;
    assert!(records[0].outcome == Outcome::Failed && records[0].detail.contains("No server"), "{records:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_tell_everybody_what_waits() {
    let world = world().await;
    ask(&world).await;
    let cookie = format!("nephoscope_token={}", world.token(Role::Viewer).await);
    let one = format!("/ec2/{RUNNING}?at=111111111111/us-east-1");
    for page in ["/ec2", one.as_str()] {
        let html = world.page(page, &cookie).await.text;
        assert!(html.contains("terminates at ") && html.contains("Undo termination of web-1"), "{page}");
    }
    let other = world.page(&format!("/ec2/{STOPPED}?at=111111111111/us-east-1"), &cookie).await.text;
    assert!(!other.contains("Undo termination"), "another instance does not wait");
}
