//! Uploads in parts that nobody finishes: they are given up by whatever server is there.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures::{StreamExt, future::join, stream};
use http::{Request, StatusCode, header};
use nephoscope_model::{Operation, Timestamp, audit::AuditQuery, identity::Role};
use nephoscope_ops::Ops;
use serde_json::json;
use tokio::sync::oneshot;

use crate::{
    s3::{has, world},
    s3_uploads::{PART, sender, under_way},
    world::{Answered, World},
};

/// What a server gives up so many seconds from now.
async fn give_up(server: &Ops, seconds: i64) -> usize {
    let then = Timestamp::now().plus_millis(seconds * 1_000);
    server.give_up_uploads_idle_at(then).await.expect("an answer")
}

/// Uploads an object in one request.
async fn upload(world: &World, key: &str, body: Body) -> Answered {
    let token = world.token(Role::Operator).await;
    let request = Request::post(format!("/api/s3/upload?bucket=empty&key={key}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    world.send(request.body(body).expect("a request")).await
}

fn asked(world: &World, operation: &str) -> usize {
    world.replay.operations().iter().filter(|it| *it == operation).count()
}

#[tokio::test]
async fn what_nobody_goes_on_with_for_an_hour_is_given_up() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let (idle, used) = (operator.begun("idle", PART + 3).await, operator.begun("used", PART + 3).await);
    assert_eq!(operator.part(&used, 2, "end", None).await.status, StatusCode::OK);
    // Parts of which the store did not hear are as good.
    let begun = Timestamp::now();
    world.s3.lock().expect("no panic").parts_written = begun.plus_millis(1_800_000);
    let ops = world.app.ops();
    assert_eq!(give_up(ops, 3_500).await, 0);
    assert_eq!(give_up(ops, 3_700).await, 1);
    assert_eq!(operator.call("GET", &idle, "").await.problem(), (404, "not_found".to_owned()));
    let query = AuditQuery { operation: Some(Operation::AbortUpload), ..AuditQuery::default() };
    let records = world.records(query).await;
    assert_eq!((records[0].actor.as_str(), records[0].resource.as_str()), ("system", "empty/idle"));
    assert_eq!(records[0].detail, "0 parts deleted");
    assert_eq!(records[1].detail, "operator was at it last, and nobody for an hour");
    assert_eq!(give_up(ops, 1_800 + 3_500).await, 0, "not before an hour after its last part");
    assert_eq!(give_up(ops, 1_800 + 3_700).await, 1);
    assert_eq!((under_way(&world), give_up(ops, 99_999).await), (0, 0));
}

#[tokio::test]
async fn whoever_goes_on_with_an_upload_on_one_server_keeps_it_on_all() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let id = operator.begun("a", PART + 3).await;
    let another = world.another_server().await;
    // It claims what is idle, and learns from the store alone that this one is not.
    let long_ago = "UPDATE open_uploads SET touched_at = touched_at - 3500000";
    world.database().execute(long_ago, []).expect("an update");
    assert_eq!(operator.part(&id, 2, "end", None).await.status, StatusCode::OK);
    let before = asked(&world, "ListParts");
    assert_eq!(give_up(&another, 200).await, 0);
    assert_eq!(asked(&world, "ListParts"), before);
    assert_eq!(under_way(&world), 1);
}

#[tokio::test]
async fn what_a_server_leaves_that_was_killed_another_one_gives_up() {
    let world = world().await;
    sender(&world, Role::Operator).await.begun("parts", PART).await;
    let (stuck, broken_off) = oneshot::channel::<()>();
    let first = Bytes::from(vec![7; PART + 1]);
    let rest = stream::once(async { broken_off.await.map_or_else(|_| Bytes::new(), |()| Bytes::new()) });
    let content = stream::once(async { first }).chain(rest).map(Ok::<_, Infallible>);
    let killed = async {
        // The file stays where it is; what the first server would do about that, it does not live to do.
        while under_way(&world) < 2 {
            tokio::task::yield_now().await;
        }
        let another = world.another_server().await;
        assert_eq!(give_up(&another, 3_500).await, 0);
        assert_eq!(give_up(&another, 3_700).await, 2);
        assert_eq!((under_way(&world), give_up(&another, 99_999).await), (0, 0));
        drop(stuck);
    };
    let (answer, ()) = join(upload(&world, "whole", Body::from_stream(content)), killed).await;
    assert_eq!(answer.problem(), (404, "not_found".to_owned()));
    assert!(!has(&world, "empty", "whole") && !has(&world, "empty", "parts"));
}

#[tokio::test]
async fn of_what_has_ended_aws_is_not_asked_again() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    let done = operator.begun("done", 3).await;
    assert_eq!(operator.part(&done, 1, "new", None).await.status, StatusCode::OK);
    assert_eq!(operator.call("POST", &done, "/complete").await.status, StatusCode::OK);
    let given_up = operator.begun("given-up", 3).await;
    assert_eq!(operator.call("DELETE", &given_up, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(upload(&world, "whole", vec![7; PART + 1].into()).await.status, StatusCode::OK);
    world.s3.lock().expect("no panic").denied = Some("UploadPart");
    assert_eq!(upload(&world, "failed", vec![7; PART + 1].into()).await.problem().0, 502);
    let before = asked(&world, "ListParts");
    assert_eq!(give_up(world.app.ops(), 99_999).await, 0);
    assert_eq!((asked(&world, "ListParts"), under_way(&world)), (before, 0));
}

#[tokio::test]
async fn what_aws_does_not_let_go_is_tried_again_on_the_next_day() {
    let world = world().await;
    sender(&world, Role::Operator).await.begun("a", 3).await;
    let denied = async |operation| world.s3.lock().expect("no panic").denied = operation;
    denied(Some("AbortMultipartUpload")).await;
    let ops = world.app.ops();
    assert_eq!(give_up(ops, 4_000).await, 0);
    let tries = asked(&world, "AbortMultipartUpload");
    assert_eq!(give_up(ops, 80_000).await, 0);
    assert_eq!(asked(&world, "AbortMultipartUpload"), tries);
    denied(None).await;
    assert_eq!(give_up(ops, 4_000 + 86_401).await, 1);
    assert_eq!(under_way(&world), 0);
}

#[tokio::test]
async fn an_upload_that_cannot_be_remembered_is_not_begun() {
    let world = world().await;
    let operator = sender(&world, Role::Operator).await;
    world.database().execute("ALTER TABLE open_uploads RENAME TO away", []).expect("renamed");
    let answer = operator.begin(json!({"key": "a", "size": 3})).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{answer:?}");
    assert!(upload(&world, "b", vec![7; PART + 1].into()).await.status.is_server_error());
    let s3 = world.s3.lock().expect("no panic");
    assert_eq!((s3.aborted, s3.uploads.len()), (2, 0));
}
