//! `/api/ec2/{instanceId}/…`: protection, type, status checks and the console; and `/api/ec2/stop/{id}` with a body.

use std::sync::atomic::Ordering;

use http::header;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, AuditRecord, Outcome},
    ec2::InstanceState,
    identity::Role,
};
use serde_json::{Value, json};

use crate::world::{Answered, RUNNING, STOPPED, World};

async fn put(world: &World, path: &str, body: &Value) -> Answered {
    let token = world.token(Role::Operator).await;
    world.send_json("PUT", path, Some(&token), &body.to_string()).await
}

async fn stop(world: &World, body: &str) -> Answered {
    let token = world.token(Role::Operator).await;
    world.post_json(&format!("/api/ec2/stop/{RUNNING}"), Some(&token), body).await
}

async fn records_of(world: &World, operation: Operation) -> Vec<AuditRecord> {
    world.records(AuditQuery { operation: Some(operation), ..AuditQuery::default() }).await
}

/// What AWS was really asked to do, by operation.
fn really(world: &World, operation: &str) -> usize {
    let requests = world.replay.requests();
    let of_it = requests.iter().filter(|request| request.operation() == operation);
    of_it.filter(|request| request.form("DryRun").is_none()).count()
}

#[tokio::test]
async fn a_stop_by_force_is_one_and_the_record_says_so() {
    let world = World::new().await;
    let answer = stop(&world, r#"{"force":true}"#).await;
    assert_eq!(answer.json()["current"], "stopping", "{answer:?}");
    let forced: Vec<_> = world
        .replay
        .requests()
        .iter()
        .filter(|request| request.operation() == "StopInstances")
        .map(|request| (request.form("Force"), request.form("Hibernate")))
        .collect();
    assert_eq!(forced, [(Some("true".to_owned()), None), (Some("true".to_owned()), None)]);
    let records = records_of(&world, Operation::StopInstance).await;
    assert_eq!(records[0].detail, "running → stopping, by force");
    assert_eq!(records[1].detail, "by force", "what was begun says it, too");
}

#[tokio::test]
async fn only_what_was_launched_for_it_hibernates() {
    let world = World::new().await;
    let answer = stop(&world, r#"{"hibernate":true}"#).await;
    assert_eq!(answer.problem(), (409, "conflict".to_owned()));
    assert!(answer.text.contains("hibernation"), "{}", answer.text);
    assert_eq!(really(&world, "StopInstances"), 0);
    world.instances.lock().expect("no panic")[0].hibernation = true;
    assert_eq!(stop(&world, r#"{"hibernate":true}"#).await.status, 200);
    let records = records_of(&world, Operation::StopInstance).await;
    assert_eq!(records[0].detail, "running → stopping, hibernating");
}

#[tokio::test]
async fn what_is_not_understood_of_a_stop_is_not_a_plain_one() {
    let world = World::new().await;
    for bad in [r#"{"hibernat":true}"#, r#"{"force":"yes"}"#, "[", "true"] {
        assert_eq!(stop(&world, bad).await.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
    let token = world.token(Role::Operator).await;
    let request = http::Request::post(format!("/api/ec2/stop/{RUNNING}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "text/plain");
    let request = request.body(axum::body::Body::from(r#"{"force":true}"#)).expect("a request");
    assert_eq!(world.send(request).await.problem(), (400, "invalid_input".to_owned()));
    assert_eq!(really(&world, "StopInstances"), 0);
    assert_eq!(stop(&world, "{}").await.status, 200);
}

#[tokio::test]
async fn what_is_protected_is_not_terminated_until_that_is_lifted() {
    let world = World::new().await;
    let path = format!("/api/ec2/{RUNNING}/protection");
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(world.get(&path, &viewer).await.json(), json!({"termination": false}));
    let on = put(&world, &path, &json!({"termination": true})).await;
    assert_eq!(on.json(), json!({"termination": true}), "{on:?}");
    assert_eq!(world.get(&path, &viewer).await.json(), json!({"termination": true}));
    // The same once more changes nothing.
    assert_eq!(put(&world, &path, &json!({"termination": true})).await.status, 200);
    assert_eq!(really(&world, "ModifyInstanceAttribute"), 1);

    let token = world.token(Role::Operator).await;
    let terminate = format!("/api/ec2/terminate/{RUNNING}?confirm=web-1");
    let refused = world.call("DELETE", &terminate, Some(&token)).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    assert!(refused.text.contains("protection"), "{}", refused.text);
    assert_eq!(really(&world, "TerminateInstances"), 0, "AWS is not asked for what it would refuse");
    assert_eq!(put(&world, &path, &json!({"termination": false})).await.status, 200);
    assert_eq!(world.call("DELETE", &terminate, Some(&token)).await.status, 200);

    let records = records_of(&world, Operation::SetProtection).await;
    let ended: Vec<_> = records.iter().filter(|record| record.outcome == Outcome::Succeeded).collect();
    assert_eq!(ended.len(), 3);
    assert_eq!(ended[0].detail, "termination protection off");
    assert_eq!(ended[0].before["termination protection"], "on");
}

#[tokio::test]
async fn protection_says_what_it_is_to_be() {
    let world = World::new().await;
    for bad in [json!({}), json!({"termination": "on"}), json!({"termination": true, "stop": true})] {
        let answer = put(&world, &format!("/api/ec2/{RUNNING}/protection"), &bad).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
    world.denied.store(true, Ordering::SeqCst);
    let answer = put(&world, &format!("/api/ec2/{RUNNING}/protection"), &json!({"termination": true})).await;
    assert_eq!(answer.problem(), (502, "aws_denied".to_owned()));
    assert_eq!(answer.json()["aws"]["action"], "ec2:ModifyInstanceAttribute");
}

#[tokio::test]
async fn types_are_listed_by_architecture_and_asked_for_once() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let names = |answer: &Answered| {
        let types = answer.json()["types"].as_array().cloned().expect("types");
        types.iter().map(|kind| kind["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let all = world.get("/api/ec2/types", &token).await;
    assert_eq!(names(&all), ["m7g.large", "t3.medium", "t3.micro"]);
    assert_eq!(
        (&all.json()["types"][1]["vcpus"], &all.json()["types"][1]["memoryMib"]),
        (&json!(2), &json!(4096))
    );
    let arm = world.get("/api/ec2/types?architecture=arm64", &token).await;
    assert_eq!(names(&arm), ["m7g.large"]);
    assert_eq!(really(&world, "DescribeInstanceTypes"), 2, "the two pages, once");
}

#[tokio::test]
async fn a_stopped_instance_becomes_one_of_another_type() {
    let world = World::new().await;
    let path = format!("/api/ec2/{STOPPED}/type");
    world.instances.lock().expect("no panic")[1].architecture = Some("x86_64".to_owned());
    for (id, wanted, expected) in [
        (RUNNING, "t3.medium", (409, "conflict")),
        (STOPPED, "m7g.large", (400, "invalid_input")),
        (STOPPED, "z9.huge", (400, "invalid_input")),
        (STOPPED, "<b>", (400, "invalid_input")),
    ] {
        let body = json!({"instanceType": wanted});
        let (status, code) = put(&world, &format!("/api/ec2/{id}/type"), &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{wanted}");
    }
    assert_eq!(really(&world, "ModifyInstanceAttribute"), 0);
    let answer = put(&world, &path, &json!({"instanceType": "t3.medium"})).await;
    assert_eq!(answer.json(), json!({"instanceType": "t3.medium"}), "{answer:?}");
    let tried = world.replay.operations().iter().filter(|it| *it == "ModifyInstanceAttribute").count();
    assert_eq!(
        (tried, really(&world, "ModifyInstanceAttribute")),
        (2, 1),
        "AWS was asked first whether it would"
    );
    let token = world.token(Role::Viewer).await;
    let listing = world.get("/api/ec2", &token).await;
    assert!(listing.text.contains("t3.medium"), "the list is not what was known before");
    let records = records_of(&world, Operation::SetInstanceType).await;
    assert_eq!(records[0].detail, "t3.micro → t3.medium");
    assert_eq!(records[0].after["type"], "t3.medium");
}

#[tokio::test]
async fn the_checks_of_all_and_of_one_are_told() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let listing = world.get("/api/ec2/status", &token).await.json();
    assert_eq!(listing["items"].as_array().map(Vec::len), Some(2), "{listing}");
    assert_eq!(listing["sources"][0]["place"]["region"], "us-east-1");
    world.get("/api/ec2/status", &token).await;
    assert_eq!(really(&world, "DescribeInstanceStatus"), 1, "the second is not paid for again");
    let one = world.get(&format!("/api/ec2/{RUNNING}/status"), &token).await.json();
    assert_eq!((&one["system"], &one["instance"]), (&json!("impaired"), &json!("ok")));
    let all = world.replay.requests();
    let asked = all.iter().find(|request| request.operation() == "DescribeInstanceStatus").expect("asked");
    assert_eq!(asked.form("IncludeAllInstances").as_deref(), Some("true"));

    let unknown = world.get("/api/ec2/i-0000000000000000f/status", &token).await;
    assert_eq!(unknown.problem(), (404, "not_found".to_owned()));
    // A change makes them untrue.
    assert_eq!(stop(&world, "{}").await.status, 200);
    let listing = world.get("/api/ec2/status", &token).await.json();
    assert!(!listing.to_string().contains("impaired"), "{listing}");
}

#[tokio::test]
async fn the_console_is_read_by_operators_as_harmless_text_and_that_is_on_record() {
    let world = World::new().await;
    let path = format!("/api/ec2/{RUNNING}/console-output");
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(world.get(&path, &viewer).await.problem(), (403, "forbidden".to_owned()));
    let token = world.token(Role::Operator).await;
    let answer = world.get(&format!("{path}?latest=true"), &token).await;
    assert_eq!(answer.json()["text"], "boot <b>ok</b>\n\u{2407}", "{answer:?}");
    assert_eq!(answer.json()["at"], "2026-11-20T11:44:08.000Z");
    let asked = world.replay.requests();
    let asked = asked.iter().filter(|request| request.operation() == "GetConsoleOutput");
    assert_eq!(asked.map(|request| request.form("Latest")).collect::<Vec<_>>(), [Some("true".to_owned())]);
    let records = records_of(&world, Operation::ReadConsole).await;
    let outcomes: Vec<_> = records.iter().map(|record| (record.outcome, record.resource.as_str())).collect();
    assert_eq!(outcomes[0], (Outcome::Succeeded, RUNNING));
    assert_eq!(outcomes[1].0, Outcome::Refused);
    world.denied.store(true, Ordering::SeqCst);
    let denied = world.get(&path, &token).await;
    assert_eq!(denied.json()["aws"]["action"], "ec2:GetConsoleOutput");
}

#[tokio::test]
async fn a_screenshot_is_a_picture_and_nothing_else() {
    let world = World::new().await;
    let path = format!("/api/ec2/{RUNNING}/console-screenshot");
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(world.get(&path, &viewer).await.problem(), (403, "forbidden".to_owned()));
    let token = world.token(Role::Operator).await;
    let answer = world.get(&path, &token).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers[header::CONTENT_TYPE]),
        (200, &"image/jpeg".parse().expect("a value"))
    );
    assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert!(answer.text.contains("JFIF"));
    let document = world.call("GET", "/api/openapi.json", None).await.json();
    let described = &document["paths"]["/api/ec2/{instanceId}/console-screenshot"]["get"]["responses"]["200"];
    let schema = &described["content"]["image/jpeg"]["schema"];
    assert_eq!(
        document
            .pointer(schema["$ref"].as_str().expect("a reference").trim_start_matches('#'))
            .expect("a schema")["format"],
        "binary"
    );
    assert_eq!(records_of(&world, Operation::TakeScreenshot).await[0].outcome, Outcome::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_first_html_holds_checks_and_protection() {
    let world = World::new().await;
    world.instances.lock().expect("no panic")[0].launched_at =
        nephoscope_model::Timestamp::parse("2026-11-20T11:44:08Z").ok();
    let cookie = format!("nephoscope_token={}", world.token(Role::Viewer).await);
    let page = world.page(&format!("/ec2/{RUNNING}?at=111111111111/us-east-1"), &cookie).await;
    for text in
        ["System check", "impaired", "Termination protection", "since 2026-11-20 11:44:08 UTC", "not enabled"]
    {
        assert!(page.text.contains(text), "{text} is missing");
    }
    let before = really(&world, "DescribeInstanceStatus");
    // No page waits for them, so that they are known before.
    world.get("/api/ec2/status", &world.token(Role::Viewer).await).await;
    let list = world.page("/ec2", &cookie).await;
    assert!(
        !list.text.contains("1/2 passed") && list.text.contains(">impaired<"),
        "named without its column"
    );
    assert_eq!(really(&world, "DescribeInstanceStatus"), before + 1, "once for all who look");
    let list = world.page("/ec2?columns=status,uptime&q=status:impaired", &cookie).await;
    assert!(list.text.contains("1/2 passed, impaired") && list.text.contains("web-1"));
    let row_of = |id: &str| list.text.contains(&format!("id=\"actions-{id}\""));
    assert!(row_of(RUNNING) && !row_of(STOPPED), "the filter counts in the first HTML");
}

#[tokio::test]
async fn nothing_of_it_is_changed_by_a_viewer() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for (path, body) in [
        (format!("/api/ec2/{RUNNING}/protection"), json!({"termination": true})),
        (format!("/api/ec2/{STOPPED}/type"), json!({"instanceType": "t3.medium"})),
    ] {
        let answer = world.send_json("PUT", &path, Some(&token), &body.to_string()).await;
        assert_eq!(answer.problem(), (403, "forbidden".to_owned()), "{path}");
    }
    assert!(!world.replay.operations().contains(&"ModifyInstanceAttribute".to_owned()));
    assert_eq!(world.instances.lock().expect("no panic")[1].state, InstanceState::Stopped);
}

#[tokio::test]
async fn one_instance_tells_programs_what_no_list_does() {
    let world = World::new().await;
    {
        let mut instances = world.instances.lock().expect("no panic");
        let tag = nephoscope_model::ec2::Tag {
            key: "aws:autoscaling:groupName".to_owned(),
            value: "web-group".to_owned(),
        };
        instances[0].tags.push(tag);
        instances[0].security_groups = vec!["app".to_owned()];
    }
    let token = world.token(Role::Viewer).await;
    let told = world.get(&format!("/api/ec2/{RUNNING}"), &token).await.json();
    assert_eq!((told["id"].as_str(), told["autoScalingGroup"].as_str()), (Some(RUNNING), Some("web-group")));
    assert_eq!(told["groups"], json!([{ "id": "", "name": "app" }]));
    assert_eq!(told["securityGroups"], json!(["app"]));
}
