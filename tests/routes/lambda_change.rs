//! `/api/lambda/{name}/…`: deleting, versions and aliases, concurrency, metrics, logs, test events; and the pages of them.

use http::StatusCode;
use nephoscope_aws::replay::wire::REQUEST_ID;
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, AuditRecord, Outcome},
    identity::Role,
    lambda::MAX_TEST_EVENT,
};
use serde_json::{Value, json};

use crate::world::{ACCOUNT, Answered, REGION, World};

const FUNCTION: &str = "order-processor";

async fn records(world: &World, operation: Operation) -> Vec<AuditRecord> {
    world.records(AuditQuery { operation: Some(operation), ..AuditQuery::default() }).await
}

async fn call(world: &World, method: &str, path: &str, token: &str) -> Answered {
    world.call(method, &format!("/api/lambda/{FUNCTION}{path}"), Some(token)).await
}

async fn put(world: &World, path: &str, token: &str, body: &Value) -> Answered {
    world.send_json("PUT", &format!("/api/lambda/{FUNCTION}{path}"), Some(token), &body.to_string()).await
}

async fn publish(world: &World, token: &str) -> Answered {
    world.post_json(&format!("/api/lambda/{FUNCTION}/versions"), Some(token), "{}").await
}

#[tokio::test]
async fn a_function_is_deleted_after_its_name_was_typed() {
    let world = World::new().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let listed = world.get("/api/lambda/functions", &operator).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let asked = world.replay.requests().len();
    assert_eq!(call(&world, "DELETE", "?confirm=order-processor", &viewer).await.problem().0, 403);
    for path in ["", "?confirm=", "?confirm=order"] {
        let answer = call(&world, "DELETE", path, &operator).await;
        assert_eq!(answer.problem(), (428, "confirmation_required".to_owned()), "{path}");
    }
    assert_eq!(world.replay.requests().len(), asked, "AWS was not even asked");
    put(&world, "/events/one", &operator, &json!({ "payload": 1 })).await;

    let gone = call(&world, "DELETE", "?confirm=order-processor", &operator).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{gone:?}");
    let listed = world.get("/api/lambda/functions", &operator).await.json();
    assert_eq!(listed["items"], json!([]), "the list is not taken from what was known before");
    let path = format!("/api/lambda/functions/{FUNCTION}?confirm={FUNCTION}");
    let again = world.call("DELETE", &path, Some(&operator)).await;
    assert_eq!(again.problem(), (404, "not_found".to_owned()));
    let done = records(&world, Operation::DeleteFunction).await;
    let outcomes: Vec<Outcome> = done.iter().map(|record| record.outcome).collect();
    assert_eq!(&outcomes[2..4], [Outcome::Succeeded, Outcome::Started], "{outcomes:?}");
    assert_eq!(done[2].before["codeSha256"], "code-1");

    let anew = json!({
        "name": FUNCTION, "runtime": "python3.12", "handler": "main.handler",
        "role": "arn:aws:iam::111111111111:role/r", "s3": { "bucket": "builds", "key": "f.zip" },
    });
    let made = world.post_json("/api/lambda/deploy", Some(&operator), &anew.to_string()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let events = call(&world, "GET", "/events", &operator).await;
    assert_eq!(events.json(), json!([]), "its test events went with it");
}

#[tokio::test]
async fn many_functions_are_deleted_when_their_number_was_typed() {
    let world = World::new().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let delete = |query: &'static str, token: &str, names: &Value| {
        let (body, token) = (json!({ "names": names }).to_string(), token.to_owned());
        let world = &world;
        async move { world.post_json(&format!("/api/lambda/delete{query}"), Some(&token), &body).await }
    };
    let two = json!([FUNCTION, "absent", FUNCTION]);
    let query = "?confirm=delete%202%20functions";
    assert_eq!(delete(query, &viewer, &two).await.problem(), (403, "forbidden".to_owned()));
    for wrong in ["", "?confirm=order-processor", "?confirm=delete%203%20functions"] {
        assert_eq!(delete(wrong, &operator, &two).await.problem().0, 428, "{wrong}");
    }
    let many: Vec<String> = (0..101).map(|n| format!("f-{n}")).collect();
    for bad in [json!([]), json!(["a/b"]), json!(many), json!("order-processor")] {
        assert_eq!(delete(query, &operator, &bad).await.problem().0, 400, "{bad}");
    }
    assert!(world.replay.operations().is_empty(), "AWS was not even asked");
    let tried = records(&world, Operation::DeleteFunction).await;
    let tried: Vec<_> = tried.iter().map(|it| (it.outcome, it.resource.as_str())).collect();
    assert_eq!(tried.last(), Some(&(Outcome::Refused, "2 functions")), "{tried:?}");
    let wrong = tried.iter().filter(|it| **it == (Outcome::Failed, "2 functions")).count();
    assert_eq!(wrong, 3, "each wrong confirmation is on record: {tried:?}");

    let done = delete(query, &operator, &two).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let done = done.json();
    assert_eq!((&done["deleted"], &done["failed"]), (&json!(1), &json!(1)));
    let (gone, absent) = (&done["results"][0], &done["results"][1]);
    assert_eq!((&absent["name"], &absent["error"]["code"]), (&json!("absent"), &json!("not_found")));
    assert_eq!((&gone["name"], &gone["error"]), (&json!(FUNCTION), &Value::Null));
    assert_eq!(gone["place"]["account"], ACCOUNT);
    let listed = world.get("/api/lambda/functions", &viewer).await.json();
    assert_eq!(listed["items"], json!([]));
    let outcomes = records(&world, Operation::DeleteFunction).await;
    let of = |name: &str| {
        outcomes.iter().filter(|it| it.resource == name).map(|it| it.outcome).collect::<Vec<_>>()
    };
    assert_eq!(of(FUNCTION), [Outcome::Succeeded, Outcome::Started]);
    assert_eq!(of("absent")[0], Outcome::Failed);

    let one = delete("?confirm=absent", &operator, &json!(["absent"])).await.json();
    assert_eq!(one["failed"], json!(1), "a single one is confirmed by its name");
}

#[tokio::test]
async fn versions_are_published_and_aliases_moved_and_rolled_back() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    for number in ["1", "2", "3"] {
        let published = publish(&world, &token).await;
        assert_eq!(published.status, StatusCode::CREATED, "{published:?}");
        assert_eq!(published.json(), json!({ "version": number, "ready": true }));
    }
    let versions = call(&world, "GET", "/versions", &token).await.json();
    let numbers: Vec<&str> =
        versions.as_array().expect("a list").iter().filter_map(|it| it["version"].as_str()).collect();
    assert_eq!(numbers, ["$LATEST", "3", "2", "1"]);

    let wish = json!({ "version": "3", "description": "what customers use", "weights": [{ "version": "2", "weight": 0.1 }] });
    let created = put(&world, "/aliases/live", &token, &wish).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    assert_eq!(created.json()["alias"]["weights"], json!([{ "version": "2", "weight": 0.1 }]));

    let other = call(&world, "POST", "/aliases/live/rollback?from=2", &token).await;
    assert_eq!(other.problem(), (409, "conflict".to_owned()), "somebody moved it meanwhile");
    let back = call(&world, "POST", "/aliases/live/rollback?from=3", &token).await;
    assert_eq!(back.json(), json!({ "alias": "live", "from": "3", "to": "2" }));
    let aliases = call(&world, "GET", "/aliases", &token).await.json();
    assert_eq!(aliases[0]["version"], "2");
    assert_eq!(
        (&aliases[0]["weights"], &aliases[0]["description"]),
        (&json!([]), &json!("what customers use"))
    );
    let record = &records(&world, Operation::RollBackAlias).await[0];
    assert_eq!((record.before["live"].as_str(), record.after["live"].as_str()), ("3 with 10 % to 2", "2"));

    let canary = json!({ "version": "2", "weights": [{ "version": "3", "weight": 0.1 }] });
    put(&world, "/aliases/live", &token, &canary).await;
    let other = call(&world, "POST", "/aliases/live/rollback?from=2&to=1", &token).await;
    assert_eq!(other.problem(), (409, "conflict".to_owned()), "it would not go there");
    let back = call(&world, "POST", "/aliases/live/rollback?from=2&to=2", &token).await;
    assert_eq!(back.json(), json!({ "alias": "live", "from": "2", "to": "2" }), "what nine of ten use stays");
    let aliases = call(&world, "GET", "/aliases", &token).await.json();
    assert_eq!((&aliases[0]["version"], &aliases[0]["weights"]), (&json!("2"), &json!([])));
    let again = call(&world, "POST", "/aliases/live/rollback?from=2&to=2", &token).await;
    assert_eq!(again.problem(), (409, "conflict".to_owned()), "who comes second goes no further back");

    let moved = put(&world, "/aliases/live", &token, &json!({ "version": "1" })).await;
    assert_eq!((moved.status, &moved.json()["before"]["version"]), (StatusCode::OK, &json!("2")));
    let none = call(&world, "POST", "/aliases/live/rollback", &token).await;
    assert_eq!(none.problem(), (409, "conflict".to_owned()));
    assert!(none.json()["detail"].as_str().is_some_and(|text| text.contains("no version before 1")));

    assert_eq!(call(&world, "DELETE", "/aliases/live", &token).await.problem().0, 428);
    let deleted = call(&world, "DELETE", "/aliases/live?confirm=live", &token).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{deleted:?}");
    let gone = call(&world, "POST", "/aliases/live/rollback", &token).await;
    assert_eq!(gone.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn an_alias_that_makes_no_sense_changes_nothing() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    publish(&world, &token).await;
    for (path, body, expected) in [
        ("/aliases/7", json!({ "version": "1" }), 400),
        ("/aliases/a%20b", json!({ "version": "1" }), 400),
        ("/aliases/live", json!({}), 400),
        ("/aliases/live", json!({ "version": "live" }), 400),
        ("/aliases/live", json!({ "version": "1", "colour": "red" }), 400),
        ("/aliases/live", json!({ "version": "1", "weights": [{ "version": "1", "weight": 0.5 }] }), 400),
        ("/aliases/live", json!({ "version": "1", "weights": [{ "version": "2", "weight": 2 }] }), 400),
        ("/aliases/live", json!({ "version": "99" }), 404),
    ] {
        assert_eq!(put(&world, path, &token, &body).await.problem().0, expected, "{path} {body}");
    }
    let nobody =
        world.send_json("PUT", "/api/lambda/nobody/aliases/live", Some(&token), "{\"version\": \"1\"}");
    assert_eq!(nobody.await.problem().0, 404);
    assert!(
        world
            .replay
            .requests()
            .iter()
            .all(|request| !request.uri.contains("/aliases/") || request.method == "GET")
    );
}

#[tokio::test]
async fn invocations_are_reserved_and_shared_again() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let reserved = put(&world, "/concurrency", &token, &json!({ "reserved": 5 })).await;
    assert_eq!(reserved.json(), json!({ "reserved": 5 }), "{reserved:?}");
    let details = world.get(&format!("/api/lambda/functions/{FUNCTION}"), &token).await.json();
    assert_eq!(details["reservedConcurrency"], 5);
    assert_eq!(details["accountConcurrency"], json!({ "limit": 1000, "unreserved": 900 }));
    let shared = put(&world, "/concurrency", &token, &json!({ "reserved": null })).await;
    assert_eq!(shared.json(), json!({ "reserved": null }));
    let record = &records(&world, Operation::SetConcurrency).await[0];
    assert_eq!((record.before["reserved"].as_str(), record.after["reserved"].as_str()), ("5", "shared"));
    for bad in [json!({}), json!({ "reserved": -1 }), json!({ "reserved": "5" })] {
        assert_eq!(put(&world, "/concurrency", &token, &bad).await.problem().0, 400, "{bad}");
    }
}

#[tokio::test]
async fn metrics_are_paid_for_once_whoever_looks() {
    let world = World::new().await;
    let expected = json!([{
        "name": FUNCTION, "account": "111111111111", "region": "us-east-1",
        "invocations": 40.0, "errors": 2.0, "p95Ms": 90.0,
    }]);
    for role in Role::ALL {
        let token = world.token(role).await;
        let answer = world.get("/api/lambda/metrics", &token).await.json();
        assert_eq!(answer["items"], expected);
        assert!(answer["sources"][0]["fetchedAt"].is_string());
    }
    let asked = world.replay.operations().iter().filter(|it| *it == "GetMetricData").count();
    assert_eq!(asked, 2, "once how often, and once the rest of those that were invoked");
}

#[tokio::test]
async fn the_log_tells_of_errors_and_of_one_invocation() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    let errors = call(&world, "GET", "/errors?hours=3", &token).await.json();
    assert_eq!(errors[0]["message"], "[ERROR] card refused <img src=x>");
    let log = call(&world, "GET", &format!("/invocations/{REQUEST_ID}/log"), &token).await.json();
    let lines: Vec<&str> =
        log["rows"].as_array().expect("rows").iter().filter_map(|row| row["message"].as_str()).collect();
    assert_eq!((lines.len(), lines[1]), (3, "order charged"), "its own stream's only");
    assert_eq!((&log["complete"], &log["stream"]), (&json!(true), &json!("a")));
    for path in ["/errors?hours=0", "/errors?hours=169", "/invocations/a%22b%20c/log"] {
        assert_eq!(call(&world, "GET", path, &token).await.problem().0, 400, "{path}");
    }
}

#[tokio::test]
async fn test_events_are_kept_for_everybody_and_not_recorded() {
    let world = World::new().await;
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let body = json!({ "payload": { "order": "secret-order" } });
    assert_eq!(put(&world, "/events/one-line", &viewer, &body).await.problem().0, 403);
    let saved = put(&world, "/events/one-line", &operator, &body).await;
    assert_eq!(saved.json()["payload"], "{\"order\":\"secret-order\"}", "{saved:?}");
    let events = call(&world, "GET", "/events", &viewer).await.json();
    assert_eq!((&events[0]["name"], &events[0]["updatedBy"]), (&json!("one-line"), &json!("operator")));
    let kept = records(&world, Operation::SaveTestEvent).await;
    assert!(!format!("{kept:?}").contains("secret-order"), "{kept:?}");

    let large = json!({ "payload": "x".repeat(MAX_TEST_EVENT - 1) });
    assert_eq!(put(&world, "/events/large", &operator, &large).await.problem().0, 413);
    for (path, body) in [("/events/a%20b", json!({ "payload": 1 })), ("/events/x", json!({ "paylod": 1 }))] {
        assert_eq!(put(&world, path, &operator, &body).await.problem().0, 400, "{path}");
    }
    let nobody = world.send_json("PUT", "/api/lambda/nobody/events/x", Some(&operator), "{\"payload\": 1}");
    assert_eq!(nobody.await.problem().0, 404);
    let place = format!("account={ACCOUNT}&region={REGION}");
    let nobody = world.get(&format!("/api/lambda/nobody/events?{place}"), &viewer).await;
    assert_eq!(nobody.problem(), (404, "not_found".to_owned()));

    assert_eq!(call(&world, "DELETE", "/events/one-line", &operator).await.status, StatusCode::NO_CONTENT);
    let again = call(&world, "DELETE", "/events/one-line", &operator).await;
    assert_eq!(again.problem(), (404, "not_found".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_show_what_can_be_changed() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let cookie = format!("nephoscope_token={token}");
    publish(&world, &token).await;
    publish(&world, &token).await;
    put(&world, "/aliases/live", &token, &json!({ "version": "2" })).await;
    let at = "at=111111111111/us-east-1";
    for (path, texts) in [
        (
            format!("/lambda/{FUNCTION}?{at}&part=versions"),
            vec!["Roll back to 1", "Publish version", "Create alias"],
        ),
        (format!("/lambda/{FUNCTION}?{at}"), vec!["Delete function", "Limit of the account", "1000"]),
        (format!("/lambda/{FUNCTION}?{at}&part=errors"), vec!["card refused &lt;img src=x&gt;", "1w"]),
        (format!("/lambda/{FUNCTION}?{at}&part=test"), vec!["Save event", "Test event"]),
        (
            "/lambda?columns=handler,memory&sort=-errors".to_owned(),
            vec!["main.handler", "256 MB", "Export CSV"],
        ),
    ] {
        let page = world.page(&path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        for text in texts {
            assert!(page.text.contains(text), "{text} is not in {path}");
        }
        assert!(!page.text.contains("<img src=x"), "{path}");
    }
    let chosen = world.page("/lambda?columns=handler", &cookie).await;
    assert!(!chosen.text.contains("256 MB</td>"), "a column that was not chosen");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_functions_that_change_ask_for_the_role_too() {
    let world = World::new().await;
    let place = json!({ "account": "111111111111", "region": "us-east-1" });
    let (viewer, operator) = (world.token(Role::Viewer).await, world.token(Role::Operator).await);
    let with = |more: Value| {
        let mut body = json!({ "place": place, "name": FUNCTION });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    for (path, body) in [
        ("lambda/publish", with(json!({ "description": null }))),
        ("lambda/set_alias", with(json!({ "alias": "live", "wanted": { "version": "1" } }))),
        ("lambda/delete_alias", with(json!({ "alias": "live", "confirmation": "live" }))),
        ("lambda/concurrency", with(json!({ "reserved": 1 }))),
        ("lambda/save_event", with(json!({ "event": "one", "payload": "1" }))),
        ("lambda/remove_event", with(json!({ "event": "one" }))),
        ("lambda/delete", with(json!({ "confirmation": FUNCTION }))),
    ] {
        let path = format!("/api/fn/{path}");
        let refused = world.post_json(&path, Some(&viewer), &body.to_string()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}: {refused:?}");
        let done = world.post_json(&path, Some(&operator), &body.to_string()).await;
        assert_eq!(done.status, StatusCode::OK, "{path}: {done:?}");
    }
}
