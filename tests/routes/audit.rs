//! `/api/audit`, `/api/audit/export` and `/api/usage`

use http::{StatusCode, header};
use nephoscope_aws::replay::wire::REQUEST_ID;
use nephoscope_model::{
    Operation,
    audit::{AuditHead, AuditQuery, AuditRecord},
    identity::Role,
};
use nephoscope_ops::Caller;
use nephoscope_store::Verification;

use crate::world::{ACCOUNT, RUNNING, World};

#[tokio::test]
async fn administrators_see_everybody_and_others_themselves() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    world.get("/api/ec2", &viewer).await;
    world.get("/api/ec2", &admin).await;

    let own = world.get("/api/audit?actor=admin", &viewer).await.json();
    let actors: Vec<_> =
        own["records"].as_array().expect("a list").iter().map(|it| it["actor"].clone()).collect();
    assert!(!actors.is_empty() && actors.iter().all(|actor| actor == "viewer"), "{actors:?}");

    let all = world.get("/api/audit?operation=ec2.list", &admin).await.json();
    assert_eq!(all["records"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn it_is_read_a_page_at_a_time_without_gap_or_repetition() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for _ in 0..5 {
        world.get("/api/ec2", &admin).await;
    }
    let mut ids = Vec::new();
    let mut path = "/api/audit?operation=ec2.list&limit=2".to_owned();
    loop {
        let page = world.get(&path, &admin).await.json();
        ids.extend(page["records"].as_array().expect("a list").iter().map(|it| it["id"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/audit?operation=ec2.list&limit=2&before={next}");
    }
    assert_eq!(ids.len(), 5);
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
}

#[tokio::test]
async fn bad_filters_are_refused() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for query in ["operation=ec2.fly", "outcome=maybe", "from=yesterday", "limit=-1", "account=1"] {
        assert_eq!(world.get(&format!("/api/audit?{query}"), &admin).await.problem().0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_change_says_what_was_what_is_and_which_call_it_was() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&token)).await;
    let admin = world.token(Role::Admin).await;
    let page = world.get("/api/audit?operation=ec2.stop", &admin).await.json();
    let done = &page["records"][0];
    assert_eq!((&done["before"]["state"], &done["after"]["state"]), (&"running".into(), &"stopping".into()));
    assert_eq!(done["awsRequestId"], REQUEST_ID);
    assert!(done["seq"].as_i64() > page["records"][1]["seq"].as_i64(), "{page}");

    world.denied.store(true, std::sync::atomic::Ordering::SeqCst);
    world.call("DELETE", &format!("/api/ec2/terminate/{RUNNING}?confirm=web-1"), Some(&token)).await;
    let page = world.get("/api/audit?outcome=failed", &admin).await.json();
    assert_eq!(page["records"][0]["awsRequestId"], REQUEST_ID, "{page}");
}

#[tokio::test]
async fn what_is_new_is_told_by_number() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let page = world.get("/api/audit?operation=ec2.list", &admin).await.json();
    assert_eq!(page["records"].as_array().map(Vec::len), Some(0));
    let newest = page["newest"].as_i64().expect("a number");
    world.get("/api/ec2", &admin).await;
    let page = world.get(&format!("/api/audit?operation=ec2.list&after={newest}"), &admin).await.json();
    assert_eq!(page["records"].as_array().map(Vec::len), Some(1), "{page}");
    let newest = page["newest"].as_i64().expect("a number");
    let page = world.get(&format!("/api/audit?operation=ec2.list&after={newest}"), &admin).await.json();
    assert_eq!(page["records"].as_array().map(Vec::len), Some(0), "{page}");
}

#[tokio::test]
async fn following_is_recorded_once_and_not_every_time() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let follow = async |after: i64| {
        let body = serde_json::json!({"query": {"after": after, "limit": 50}}).to_string();
        let answer = world.post_json("/api/fn/audit/follow", Some(&admin), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["newest"].as_i64().expect("a number")
    };
    let first = follow(0).await;
    let second = follow(first).await;
    assert_eq!(second, first + 1, "the first time was recorded");
    assert_eq!(follow(second).await, second);
    assert_eq!(follow(second).await, second, "and no other");
    let watches = AuditQuery { operation: Some(Operation::WatchAudit), ..AuditQuery::default() };
    assert_eq!(world.records(watches).await.len(), 1);
}

#[tokio::test]
async fn an_export_is_a_file_of_all_that_was_asked_for() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    // More than one page of the store.
    for _ in 0..620 {
        world.get("/api/ec2", &viewer).await;
    }
    let csv = world.get("/api/audit/export?format=csv&operation=ec2.list", &admin).await;
    assert_eq!(csv.status, StatusCode::OK);
    let header = |name| csv.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(header(header::CONTENT_DISPOSITION), "attachment; filename=\"nephoscope-activity.csv\"");
    assert_eq!(header(header::CACHE_CONTROL), "no-store");
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 621, "a head and the records");
    assert!(lines[0].starts_with("seq,at,actor,operation,") && lines[1].contains(",viewer,ec2.list,"));

    let json = world.get("/api/audit/export?format=jsonl&operation=ec2.list", &admin).await;
    let records: Vec<AuditRecord> =
        json.text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect();
    assert_eq!(records.len(), 620);
    assert!(records.is_sorted_by(|a, b| a.id > b.id), "newest first, none twice");

    let exports = AuditQuery { operation: Some(Operation::ExportAudit), ..AuditQuery::default() };
    let exports = world.records(exports).await;
    assert_eq!(exports.len(), 2);
    assert_eq!(exports[1].detail, "as csv, operation ec2.list");
}

#[tokio::test]
async fn an_export_is_of_what_one_may_see() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    world.get("/api/ec2", &admin).await;
    let own = world.get("/api/audit/export?format=jsonl&actor=admin", &viewer).await;
    let actors: Vec<String> = own
        .text
        .lines()
        .map(|line| serde_json::from_str::<AuditRecord>(line).expect("a record").actor)
        .collect();
    assert!(!actors.is_empty() && actors.iter().all(|actor| actor == "viewer"), "{actors:?}");
    assert_eq!(world.call("GET", "/api/audit/export", None).await.problem().0, 401);
    for bad in ["format=xlsx", "format=csv&operation=ec2.fly", "from=yesterday"] {
        assert_eq!(world.get(&format!("/api/audit/export?{bad}"), &admin).await.problem().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn calls_to_aws_are_counted_for_who_made_them() {
    let world = World::new().await;
    let (operator, admin) = (world.token(Role::Operator).await, world.token(Role::Admin).await);
    world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&operator)).await;
    let report = world.get("/api/usage", &admin).await.json();
    let rows = report["rows"].as_array().expect("rows");
    let stops: Vec<_> = rows.iter().filter(|row| row["operation"] == "StopInstances").collect();
    assert_eq!(stops.len(), 1, "{report}");
    assert_eq!((&stops[0]["user"], &stops[0]["account"]), (&"operator".into(), &ACCOUNT.into()));
    assert_eq!(stops[0]["calls"], 2, "tried dry, and then done");
    assert_eq!(report["calls"], rows.iter().filter_map(|row| row["calls"].as_i64()).sum::<i64>());
    assert_eq!(report["costMicros"], 0, "EC2 is free to ask");
    assert_eq!(world.get("/api/usage", &operator).await.problem(), (403, "forbidden".to_owned()));
    assert_eq!(world.call("GET", "/api/usage", None).await.problem().0, 401);
    for bad in ["from=today", "from=2026-01-02&to=2026-01-01", "from=2020-01-01&to=2026-01-01"] {
        assert_eq!(world.get(&format!("/api/usage?{bad}"), &admin).await.problem().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn the_audit_is_intact_after_all_this() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    world.get("/api/ec2", &admin).await;
    let system = Caller::system();
    match world.app.ops().verify_audit(&system, None).await.expect("an answer") {
        Verification::Intact { records, first, head, .. } => {
            assert!(records > 4 && first == Some(1), "{records}");
            let head = head.expect("a head");
            let again = world.app.ops().verify_audit(&system, Some(&head)).await.expect("an answer");
            assert!(matches!(again, Verification::Intact { .. }), "{again:?}");
        }
        Verification::Broken(what) => panic!("{what}"),
    }
    let never: AuditHead = format!("1:{}", "0".repeat(64)).parse().expect("a head");
    let found = world.app.ops().verify_audit(&system, Some(&never)).await.expect("an answer");
    assert!(matches!(found, Verification::Broken(_)), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_come_with_the_records_their_export_and_the_counts() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    world.get("/api/ec2", &viewer).await;
    let cookie = |token: &str| format!("nephoscope_token={token}");
    let page = world.page("/activity?user=viewer&operation=ec2.list", &cookie(&admin)).await;
    for text in [
        "List instances",
        "/api/audit/export?format=csv&amp;actor=viewer&amp;operation=ec2.list",
        "/api/audit/export?format=jsonl&amp;actor=viewer&amp;operation=ec2.list",
        "/activity/usage",
    ] {
        assert!(page.text.contains(text), "{text} is not in the page");
    }
    let page = world.page("/activity/usage", &cookie(&admin)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("ec2:DescribeInstances") && page.text.contains("$0.00"), "{}", page.text);
    let page = world.page("/activity/usage", &cookie(&viewer)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(!page.text.contains("ec2:DescribeInstances"));
    assert!(!world.page("/activity", &cookie(&viewer)).await.text.contains("/activity/usage"));
}
