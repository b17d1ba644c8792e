//! `/api/ec2/…`

use std::sync::atomic::Ordering;

use http::StatusCode;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    ec2::InstanceState,
    identity::Role,
};

use crate::world::{RUNNING, STOPPED, World};

#[tokio::test]
async fn both_list_paths_list_all_instances_and_where_they_were_looked_for() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for path in ["/api/ec2", "/api/ec2/instances", "/api/ec2/instances?account=111111111111&region=us-east-1"]
    {
        let listing = world.get(path, &token).await.json();
        assert_eq!(listing["items"].as_array().map(Vec::len), Some(2), "{path}");
        assert_eq!(listing["items"][1]["name"], "web-1");
        assert_eq!(listing["sources"][0]["place"]["region"], "us-east-1");
    }
    let asked =
        world.replay.operations().iter().filter(|operation| *operation == "DescribeInstances").count();
    assert_eq!(asked, 1, "the second list is not paid for again");
}

#[tokio::test]
async fn nobody_gets_nothing() {
    let world = World::new().await;
    for path in
        ["/api/ec2", "/api/ec2/instances", "/api/log/groups", "/api/audit", "/api/accounts", "/api/session"]
    {
        assert_eq!(
            world.call("GET", path, None).await.problem(),
            (401, "unauthenticated".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_operator_stops_an_instance_and_the_audit_says_so() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&token)).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.json()["previous"], "running");
    assert_eq!(answer.json()["current"], "stopping");

    let stops = AuditQuery { operation: Some(Operation::StopInstance), ..AuditQuery::default() };
    let records = world.records(stops).await;
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(records[0].operation_id, records[1].operation_id);
    assert_eq!((records[0].actor.as_str(), records[0].resource.as_str()), ("operator", RUNNING));
    assert_eq!(records[0].detail, "running → stopping");
    assert!(!records[0].request_id.is_empty());

    // The list is not taken from what was known before the change.
    let listing = world.get("/api/ec2", &token).await.json();
    let states: Vec<_> =
        listing["items"].as_array().expect("a list").iter().map(|it| it["state"].clone()).collect();
    assert!(states.contains(&"stopping".into()), "{states:?}");
}

#[tokio::test]
async fn a_viewer_changes_nothing_and_the_refusal_is_on_record() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for (method, path) in [
        ("POST", format!("/api/ec2/start/{STOPPED}")),
        ("POST", format!("/api/ec2/stop/{RUNNING}")),
        ("POST", format!("/api/ec2/reboot/{RUNNING}")),
        ("DELETE", format!("/api/ec2/terminate/{RUNNING}?confirm=web-1")),
    ] {
        let answer = world.call(method, &path, Some(&token)).await;
        assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    let refused = AuditQuery { outcome: Some(Outcome::Refused), ..AuditQuery::default() };
    assert_eq!(world.records(refused).await.len(), 4);
    let asked = world.replay.operations();
    assert!(
        !asked.iter().any(|operation| operation.ends_with("Instances") && operation != "DescribeInstances")
    );
}

#[tokio::test]
async fn terminating_needs_the_name_typed() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for query in ["", "?confirm=", "?confirm=web", "?confirm=WEB-1"] {
        let answer =
            world.call("DELETE", &format!("/api/ec2/terminate/{RUNNING}{query}"), Some(&token)).await;
        assert_eq!(answer.problem(), (428, "confirmation_required".to_owned()), "{query}");
    }
    let answer =
        world.call("DELETE", &format!("/api/ec2/terminate/{RUNNING}?confirm=web-1"), Some(&token)).await;
    assert_eq!(answer.json()["current"], "shutting-down");
    // One without a name is confirmed by its id.
    let path = format!("/api/ec2/terminate/{STOPPED}?confirm={STOPPED}");
    assert_eq!(world.call("DELETE", &path, Some(&token)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn aws_is_asked_whether_it_would_before_it_is_asked_to() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    world.call("POST", &format!("/api/ec2/start/{STOPPED}"), Some(&token)).await;
    let starts: Vec<_> = world
        .replay
        .requests()
        .iter()
        .filter(|request| request.operation() == "StartInstances")
        .map(|request| request.form("DryRun").as_deref() == Some("true"))
        .collect();
    assert_eq!(starts, [true, false]);
}

#[tokio::test]
async fn a_denied_call_names_the_action_and_the_instance_stays_as_it_was() {
    let world = World::new().await;
    world.denied.store(true, Ordering::SeqCst);
    let token = world.token(Role::Operator).await;
    let answer = world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&token)).await;
    assert_eq!(answer.problem(), (502, "aws_denied".to_owned()));
    assert_eq!(answer.json()["aws"]["action"], "ec2:StopInstances");
    assert_eq!(world.instances.lock().expect("no panic")[0].state, InstanceState::Running);
    let failed = AuditQuery { outcome: Some(Outcome::Failed), ..AuditQuery::default() };
    assert_eq!(world.records(failed).await[0].operation, Operation::StopInstance);
}

#[tokio::test]
async fn an_instance_in_the_wrong_state_is_a_conflict() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = world.call("POST", &format!("/api/ec2/reboot/{STOPPED}"), Some(&token)).await;
    assert_eq!(answer.problem(), (409, "conflict".to_owned()));
}

#[tokio::test]
async fn unknown_instances_and_bad_ids_are_told_apart() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for (path, expected) in [
        ("/api/ec2/i-0000000000000000f", (404, "not_found")),
        ("/api/ec2/not-an-id", (400, "invalid_input")),
        ("/api/ec2/i-0000000000000000f/metrics", (404, "not_found")),
        ("/api/ec2?account=999999999999", (404, "not_found")),
        ("/api/ec2?account=12", (400, "invalid_input")),
        ("/api/ec2?region=%3Cscript%3E", (400, "invalid_input")),
        ("/api/ec2?fresh=perhaps", (400, "invalid_input")),
    ] {
        let (status, code) = world.get(path, &token).await.problem();
        assert_eq!((status, code.as_str()), expected, "{path}");
    }
    let answer = world.call("POST", "/api/ec2/stop/i-0000000000000000f", Some(&token)).await;
    assert_eq!(answer.problem(), (404, "not_found".to_owned()));
    // What was looked for in vain is on record, as what it was looked for.
    let failed = AuditQuery { outcome: Some(Outcome::Failed), ..AuditQuery::default() };
    let failed: Vec<_> = world.records(failed).await.iter().map(|record| record.operation).collect();
    for operation in [Operation::StopInstance, Operation::ListMetrics, Operation::GetInstance] {
        assert!(failed.contains(&operation), "{operation} is not in {failed:?}");
    }
}

#[tokio::test]
async fn an_id_that_does_not_exist_costs_one_small_question() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    world.get("/api/ec2", &token).await;
    let before = world.replay.requests().len();
    assert_eq!(world.get("/api/ec2/i-0000000000000000f", &token).await.status, StatusCode::NOT_FOUND);
    let asked = world.replay.requests().split_off(before);
    let ids: Vec<_> = asked.iter().map(|request| request.form("InstanceId.1")).collect();
    assert_eq!(ids, [Some("i-0000000000000000f".to_owned())]);
}

#[tokio::test]
async fn statistics_that_cloudwatch_would_refuse_are_refused_here() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for query in [
        "range=5y",
        "statistic=Median",
        "period=7",
        "from=2026-01-01T00:00:00Z",
        "from=x&to=y",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2000-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&period=60",
    ] {
        let answer = world.get(&format!("/api/ec2/{RUNNING}/metrics/stats?{query}"), &token).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{query}");
    }
}

#[tokio::test]
async fn a_change_comes_to_its_end_and_on_record_though_the_caller_has_gone() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let path = format!("/api/ec2/stop/{RUNNING}");
    {
        // Polled until AWS is asked, then dropped, as a server drops the work of a connection that is closed.
        let mut call = std::pin::pin!(world.call("POST", &path, Some(&token)));
        let asked = || world.replay.operations().contains(&"StopInstances".to_owned());
        while !asked() {
            assert!(futures::poll!(call.as_mut()).is_pending(), "it ended before it was dropped");
            tokio::task::yield_now().await;
        }
    }
    let stops = AuditQuery { operation: Some(Operation::StopInstance), ..AuditQuery::default() };
    while world.records(stops.clone()).await.first().map(|record| record.outcome) != Some(Outcome::Succeeded)
    {
        tokio::task::yield_now().await;
    }
}
