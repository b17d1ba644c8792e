//! `/api/lambda/…` and the pages `/lambda…`

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use http::{Request, StatusCode, header};
use nephoscope_aws::replay::ReplayRequest;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
    lambda::{MAX_ASYNC_PAYLOAD, MAX_SYNC_PAYLOAD},
};
use serde_json::{Value, json};

use crate::{
    lambda_player::HUSH,
    world::{Answered, World},
};

const FUNCTION: &str = "order-processor";
const ZIP: &[u8] = b"PK\x03\x04 an archive";

async fn records(world: &World, operation: Operation) -> Vec<nephoscope_model::audit::AuditRecord> {
    world.records(AuditQuery { operation: Some(operation), ..AuditQuery::default() }).await
}

async fn invoke(world: &World, token: &str, body: &Value) -> Answered {
    world.post_json(&format!("/api/lambda/invoke/{FUNCTION}"), Some(token), &body.to_string()).await
}

#[tokio::test]
async fn functions_are_listed_once_for_many_and_looked_at_without_values() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for path in ["/api/lambda/functions", "/api/lambda/functions?account=111111111111&region=us-east-1"] {
        let listing = world.get(path, &token).await.json();
        assert_eq!(listing["items"][0]["name"], FUNCTION, "{path}");
        assert_eq!(listing["items"][0]["memoryMb"], 256);
        assert_eq!(listing["sources"][0]["place"]["region"], "us-east-1");
    }
    assert_eq!(world.replay.requests().len(), 1, "the second list is not paid for again");
    let one = world.get(&format!("/api/lambda/functions/{FUNCTION}"), &token).await;
    let details = one.json();
    assert_eq!((&details["state"], &details["environment"]), (&json!("Active"), &json!(["TOKEN"])));
    assert_eq!(details["aliases"]["error"]["code"], "aws_denied", "a part that fails says why");
    assert_eq!(details["versions"]["items"][0]["version"], "$LATEST");
    assert!(!one.text.contains(HUSH), "{}", one.text);
}

#[tokio::test]
async fn what_does_not_exist_and_what_is_no_name_are_told_apart() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for (path, expected) in [
        ("/api/lambda/functions/nobody", (404, "not_found")),
        ("/api/lambda/functions/a%20b", (400, "invalid_input")),
        ("/api/lambda/functions/..%2F..", (400, "invalid_input")),
        ("/api/lambda/functions/nobody/environment", (404, "not_found")),
        ("/api/lambda/functions?account=999999999999", (404, "not_found")),
        ("/api/lambda/functions?fresh=perhaps", (400, "invalid_input")),
    ] {
        let (status, code) = world.get(path, &token).await.problem();
        assert_eq!((status, code.as_str()), expected, "{path}");
    }
    let answer = world.post_json("/api/lambda/invoke/nobody", Some(&token), "{}").await;
    assert_eq!(answer.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn values_of_the_environment_are_for_those_who_may_change_it_and_reading_them_is_on_record() {
    let world = World::new().await;
    let path = format!("/api/lambda/functions/{FUNCTION}/environment");
    let viewer = world.token(Role::Viewer).await;
    let refused = world.get(&path, &viewer).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    assert!(!refused.text.contains(HUSH));
    assert!(world.replay.requests().is_empty(), "AWS was not even asked");

    let operator = world.token(Role::Operator).await;
    let answer = world.get(&path, &operator).await;
    assert_eq!(answer.json(), json!([{ "name": "TOKEN", "value": HUSH }]));
    let records = records(&world, Operation::ReadEnvironment).await;
    let outcomes: Vec<_> = records.iter().map(|it| (it.actor.as_str(), it.outcome)).collect();
    assert_eq!(outcomes, [("operator", Outcome::Succeeded), ("viewer", Outcome::Refused)]);
    assert_eq!((records[0].resource.as_str(), records[0].detail.as_str()), (FUNCTION, "TOKEN"));
    assert!(!format!("{records:?}").contains(HUSH), "the record names the variables only");
}

#[tokio::test]
async fn an_operator_invokes_a_function_and_what_was_said_is_not_recorded() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = invoke(&world, &token, &json!({ "payload": { "order": "secret-order" } })).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let result = answer.json();
    assert_eq!(
        (&result["status"], &result["payload"]),
        (&json!(200), &json!({ "given": { "order": "secret-order" } }))
    );
    assert!(result["functionError"].is_null() && result["requestId"].is_string(), "{result}");
    let records = records(&world, Operation::InvokeFunction).await;
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Succeeded, Outcome::Started]);
    assert!(!format!("{records:?}").contains("secret-order"));

    let queued = invoke(&world, &token, &json!({ "payload": 1, "mode": "async" })).await.json();
    assert_eq!((&queued["status"], &queued["payload"]), (&json!(202), &Value::Null));
    let empty = invoke(&world, &token, &json!({})).await.json();
    assert_eq!(empty["payload"], json!({ "given": {} }), "nothing is an empty object");
}

#[tokio::test]
async fn what_is_said_to_a_function_and_what_it_answers_is_not_changed_by_a_digit() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let payload = r#"{"b": 12345678901234567890123, "a": 1.10, "e": 1.5E3, "a": "\u00e9"}"#;
    let body = format!(r#"{{"payload": {payload}}}"#);
    let answer = world.post_json(&format!("/api/lambda/invoke/{FUNCTION}"), Some(&token), &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let sent = world.replay.requests().into_iter().find(|it| it.uri.contains("/invocations"));
    assert_eq!(sent.expect("an invocation").text(), payload);
    assert!(answer.text.contains(&format!(r#""payload":{{"given":{payload}}}"#)), "{}", answer.text);
}

#[tokio::test]
async fn a_function_that_fails_is_a_result() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let answer = invoke(&world, &token, &json!({ "payload": { "card": "refused" } })).await;
    assert_eq!(answer.status, StatusCode::OK);
    let result = answer.json();
    assert_eq!(result["functionError"], "Unhandled");
    assert_eq!(result["payload"]["errorType"], "RuntimeError");
    let records = records(&world, Operation::InvokeFunction).await;
    assert_eq!((records[0].outcome, records[0].detail.as_str()), (Outcome::Succeeded, "the function failed"));
}

#[tokio::test]
async fn a_viewer_invokes_and_deploys_nothing() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    assert_eq!(invoke(&world, &token, &json!({})).await.problem(), (403, "forbidden".to_owned()));
    let deploy = world.post_json("/api/lambda/deploy", Some(&token), &by_json("new").to_string()).await;
    assert_eq!(deploy.problem(), (403, "forbidden".to_owned()));
    assert!(world.replay.requests().is_empty());
}

#[tokio::test]
async fn payloads_may_be_as_large_as_lambda_takes_and_no_larger() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let of = |bytes: usize| "x".repeat(bytes - 2);
    let fits = invoke(&world, &token, &json!({ "payload": of(MAX_SYNC_PAYLOAD) })).await;
    assert_eq!(fits.status, StatusCode::OK, "{}", &fits.text[..200.min(fits.text.len())]);
    for (mode, bytes) in
        [("sync", MAX_SYNC_PAYLOAD + 1), ("async", MAX_ASYNC_PAYLOAD + 1), ("sync", 20 << 20)]
    {
        let large = invoke(&world, &token, &json!({ "payload": of(bytes), "mode": mode })).await;
        assert_eq!(large.problem(), (413, "payload_too_large".to_owned()), "{mode} {bytes}");
        assert!(large.json()["hint"].is_string());
    }
    let other = world.post_json("/api/me/tokens", Some(&token), &of(2 << 20)).await;
    assert_eq!(other.status, StatusCode::PAYLOAD_TOO_LARGE, "elsewhere the usual limit holds");
    for body in [r#"{"payload": "#, r#"{"mode": "later"}"#, r#"{"qualifier": "a b"}"#, r#"{"paylod": 1}"#] {
        let answer = world.post_json(&format!("/api/lambda/invoke/{FUNCTION}"), Some(&token), body).await;
        assert_eq!(answer.problem().0, 400, "{body}");
    }
}

fn by_json(name: &str) -> Value {
    json!({
        "name": name, "runtime": "python3.12", "handler": "main.handler", "publish": true,
        "role": "arn:aws:iam::111111111111:role/r", "zipBase64": BASE64.encode(ZIP),
    })
}

async fn deploy(world: &World, token: &str, body: &Value) -> Answered {
    world.post_json("/api/lambda/deploy", Some(token), &body.to_string()).await
}

#[tokio::test]
async fn a_function_is_created_then_gets_new_code_and_the_record_says_which() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let listed = world.get("/api/lambda/functions", &token).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let created = deploy(&world, &token, &by_json("thumbnailer")).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    let told = created.json();
    assert_eq!(
        (&told["created"], &told["ready"], &told["version"]),
        (&json!(true), &json!(true), &json!("1"))
    );
    // The list is not taken from what was known before.
    let listed = world.get("/api/lambda/functions", &token).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));

    let again = deploy(&world, &token, &by_json("thumbnailer")).await;
    assert_eq!(again.status, StatusCode::OK, "{again:?}");
    let told = again.json();
    assert_eq!((&told["codeSha256Before"], &told["codeSha256"]), (&json!("code-1"), &json!("code-2")));
    let records = records(&world, Operation::DeployFunction).await;
    assert_eq!(records[0].before["codeSha256"], "code-1");
    assert_eq!(
        (&records[0].after["codeSha256"], &records[0].after["version"]),
        (&"code-2".to_owned(), &"2".to_owned())
    );
    let sent =
        world.replay.requests().into_iter().find(|it| it.method == "POST" && it.uri.ends_with("/functions"));
    assert_eq!(sent.expect("created").json()["Code"]["ZipFile"], BASE64.encode(ZIP));
}

#[tokio::test]
async fn a_version_that_was_not_published_in_time_is_told_with_the_reason() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let done = deploy(&world, &token, &by_json("slow-one")).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    let told = done.json();
    assert_eq!((&told["ready"], &told["version"]), (&json!(false), &Value::Null));
    assert!(told["unpublished"].as_str().is_some_and(|why| why.contains("still taking")), "{told}");
    let record = &records(&world, Operation::DeployFunction).await[0];
    assert!(record.detail.contains("not published"), "{}", record.detail);
}

#[tokio::test]
async fn a_deployment_that_makes_no_sense_changes_nothing() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let with = |name: &str, field: &str, value: Value| {
        let mut body = by_json(name);
        body[field] = value;
        body
    };
    let mut bare = by_json("new");
    bare.as_object_mut().expect("an object").remove("role");
    for (body, expected) in [
        (bare, (400, "invalid_input")),
        (with("new", "zipBase64", json!("!")), (400, "invalid_input")),
        (with("new", "zipBase64", json!(BASE64.encode("text"))), (400, "invalid_input")),
        (with("new", "zipBase64", Value::Null), (400, "invalid_input")),
        (with("new", "s3", json!({ "bucket": "b", "key": "k" })), (400, "invalid_input")),
        (with("a b", "publish", json!(true)), (400, "invalid_input")),
        (with("new", "mode", json!("update")), (404, "not_found")),
        (with(FUNCTION, "mode", json!("create")), (409, "conflict")),
        (with(FUNCTION, "memoryMb", json!(1024)), (409, "conflict")),
    ] {
        let (status, code) = deploy(&world, &token, &body).await.problem();
        assert_eq!((status, code.as_str()), expected, "{body}");
    }
    assert!(world.replay.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn a_form_with_a_file_deploys_too_and_an_archive_in_s3() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let send = async |fields: &[(&str, &str)], zip: &[u8]| {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        body.extend(b"--b\r\nContent-Disposition: form-data; name=\"zip\"; filename=\"f.zip\"\r\n\r\n");
        body.extend(zip);
        body.extend(b"\r\n--b--\r\n");
        let request = Request::post("/api/lambda/deploy")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        world.send(request.body(Body::from(body)).expect("a request")).await
    };
    let large: Vec<u8> = ZIP.iter().copied().chain(std::iter::repeat_n(7, 3 << 20)).collect();
    let done =
        send(&[("name", FUNCTION), ("mode", "update"), ("runtime", ""), ("publish", "true")], &large).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let from_s3 = [("name", FUNCTION), ("s3Bucket", "builds"), ("s3Key", "f.zip"), ("s3Version", "")];
    assert_eq!(send(&from_s3, b"").await.status, StatusCode::OK);
    let sent: Vec<Value> =
        world.replay.requests().iter().filter(|it| it.method == "PUT").map(ReplayRequest::json).collect();
    assert_eq!(sent[0]["ZipFile"].as_str().map(str::len), Some(large.len().div_ceil(3) * 4));
    assert_eq!((&sent[1]["S3Bucket"], &sent[1]["S3Key"]), (&json!("builds"), &json!("f.zip")));
    for fields in [
        &[("name", FUNCTION)][..],
        &[("name", FUNCTION), ("s3Bucket", "builds")],
        &[("name", ""), ("s3Bucket", "b"), ("s3Key", "k")],
        &[("name", FUNCTION), ("s3Bucket", "b"), ("s3Key", "k"), ("memoryMb", "much")],
    ] {
        assert_eq!(send(fields, b"").await.problem().0, 400, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_hold_the_data_and_nothing_that_is_hidden() {
    let world = World::new().await;
    let cookie = format!("nephoscope_token={}", world.token(Role::Operator).await);
    let at = "at=111111111111/us-east-1";
    for (path, text) in [
        ("/lambda".to_owned(), FUNCTION),
        ("/lambda?q=runtime:python".to_owned(), FUNCTION),
        ("/lambda?q=runtime:node".to_owned(), "No functions match"),
        (format!("/lambda/{FUNCTION}?{at}"), "main.handler"),
        (format!("/lambda/{FUNCTION}"), "main.handler"),
        (format!("/lambda/{FUNCTION}?{at}&part=environment"), "TOKEN"),
        (format!("/lambda/{FUNCTION}?{at}&part=versions"), "lambda:ListAliases"),
        (format!("/lambda/{FUNCTION}?{at}&part=triggers"), "Nothing invokes it by itself"),
        (format!("/lambda/{FUNCTION}?{at}&part=test"), "Payload, any JSON"),
        (format!("/lambda/{FUNCTION}?{at}&part=deploy"), "Zip archive"),
    ] {
        let page = world.page(&path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains(text), "{text} is not in {path}");
        assert!(!page.text.contains(HUSH), "{path} tells a value");
        assert!(!page.text.contains("<img src=x"), "{path}");
    }
    let none = world.page(&format!("/lambda/nobody?{at}"), &cookie).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.text.contains("No such function"));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_functions_ask_for_the_role_too() {
    let world = World::new().await;
    let place = json!({ "account": "111111111111", "region": "us-east-1" });
    let which = json!({ "place": place, "name": FUNCTION });
    let call = json!({
        "place": place, "name": FUNCTION, "qualifier": null, "mode": "sync", "payload": "{\"a\": 1}",
    });
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    for (path, body) in [("lambda/environment", &which), ("lambda/invoke", &call)] {
        let path = format!("/api/fn/{path}");
        let refused = world.post_json(&path, Some(&viewer), &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        let done = world.post_json(&path, Some(&operator), &body.to_string()).await;
        assert_eq!(done.status, StatusCode::OK, "{path}: {done:?}");
    }
}
