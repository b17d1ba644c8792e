//! Lambda: deleting, versions and aliases, concurrency; and the numbers and lines of functions.

use std::sync::atomic::{AtomicUsize, Ordering};

use nephoscope_aws::{
    Fold, Stretch,
    replay::{Answer, Replay, ReplayRequest, ReplayResponse, cbor::Cbor, wire},
};
use nephoscope_model::{
    ErrorCode,
    lambda::{AliasName, AliasWeight, AliasWish, FunctionName},
    metrics::{Dimension, Metric},
};
use serde_json::{Value, json};

use crate::{at, estate, ids, place, row, tail};

fn name() -> FunctionName {
    "web".parse().unwrap()
}

fn live() -> AliasName {
    "live".parse().unwrap()
}

/// The method and the path after the version of the API.
fn asked(request: &ReplayRequest) -> (String, String) {
    let (_, path) = request.uri.split_once(".amazonaws.com/").unwrap();
    let path = path.split_once('/').unwrap().1.trim_end_matches('/');
    (request.method.clone(), path.to_owned())
}

fn error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let mut response = wire::json(status, &json!({ "Type": "User", "Message": message }));
    response.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    response
}

fn gone() -> ReplayResponse {
    ReplayResponse { status: 204, headers: vec![], body: vec![] }
}

fn wish(version: &str, weights: &[(&str, f64)]) -> AliasWish {
    let weight =
        |(version, weight): &(&str, f64)| AliasWeight { version: (*version).to_owned(), weight: *weight };
    AliasWish {
        version: version.parse().unwrap(),
        description: None,
        weights: weights.iter().map(weight).collect(),
    }
}

fn alias(version: &str, weights: &Value) -> Value {
    json!({
        "Name": "live", "FunctionVersion": version, "Description": "", "RevisionId": "r1",
        "RoutingConfig": { "AdditionalVersionWeights": weights },
    })
}

#[tokio::test]
async fn a_function_is_deleted_and_one_that_is_gone_already_is_deleted_too() {
    for (answer, expected) in [
        (gone(), None),
        (error(404, "ResourceNotFoundException", "no such function"), None),
        (error(409, "ResourceConflictException", "an update is in progress"), Some(ErrorCode::Conflict)),
        (
            error(403, "AccessDeniedException", "not authorized to perform: lambda:DeleteFunction"),
            Some(ErrorCode::AwsDenied),
        ),
    ] {
        let replay = Replay::new(move |request| {
            assert_eq!(asked(request), ("DELETE".to_owned(), "functions/web".to_owned()));
            answer.clone()
        });
        let deleted = replay.cloud(estate()).await.delete_function(&place(), &name()).await;
        assert_eq!(deleted.err().map(|error| error.code), expected);
    }
}

#[tokio::test]
async fn a_version_is_published_and_waited_for() {
    let turn = AtomicUsize::new(0);
    let replay = Replay::new(move |request| match asked(request).1.as_str() {
        "functions/web/versions" => {
            assert_eq!(request.json()["Description"], "faster");
            wire::json(201, &json!({ "FunctionName": "web", "Version": "7", "State": "Pending" }))
        }
        "functions/web/configuration?Qualifier=7" => {
            let state = if turn.fetch_add(1, Ordering::SeqCst) < 2 { "Pending" } else { "Active" };
            wire::json(
                200,
                &json!({ "FunctionName": "web", "State": state, "LastUpdateStatus": "Successful" }),
            )
        }
        other => panic!("{other} is not played"),
    });
    let published = replay
        .cloud(estate())
        .await
        .publish_version(&place(), &name(), Some("faster"), Some("c2hh"))
        .await
        .unwrap();
    assert_eq!((published.version.as_str(), published.ready, replay.requests().len()), ("7", true, 4));

    let replay = Replay::new(|request| match request.method.as_str() {
        "POST" => wire::json(201, &json!({ "FunctionName": "web", "Version": "7" })),
        _ => wire::json(
            200,
            &json!({ "FunctionName": "web", "State": "Failed", "StateReason": "no snapshot" }),
        ),
    });
    let failed =
        replay.cloud(estate()).await.publish_version(&place(), &name(), None, None).await.unwrap_err();
    assert_eq!(failed.code, ErrorCode::AwsRejected);
    assert!(failed.message.contains("version 7 of web: no snapshot"), "{}", failed.message);
}

#[tokio::test]
async fn an_alias_is_created_and_moved_with_all_its_weights() {
    let replay = Replay::new(|request| match asked(request) {
        (method, path) if (method.as_str(), path.as_str()) == ("POST", "functions/web/aliases") => {
            wire::json(201, &alias("7", &json!({ "8": 0.25 })))
        }
        (method, path) if (method.as_str(), path.as_str()) == ("PUT", "functions/web/aliases/live") => {
            wire::json(200, &alias("8", &json!({})))
        }
        other => panic!("{other:?} is not played"),
    });
    let cloud = replay.cloud(estate()).await;
    let made = cloud.create_alias(&place(), &name(), &live(), &wish("7", &[("8", 0.25)])).await.unwrap();
    assert_eq!((made.version.as_str(), made.weights.len()), ("7", 1));
    let moved =
        cloud.move_alias(&place(), &name(), &live(), &wish("8", &[]), Some("r1".to_owned())).await.unwrap();
    assert_eq!((moved.version.as_str(), moved.weights.len()), ("8", 0));
    let sent: Vec<Value> = replay.requests().iter().map(ReplayRequest::json).collect();
    assert_eq!(sent[0]["RoutingConfig"]["AdditionalVersionWeights"], json!({ "8": 0.25 }));
    assert_eq!(
        sent[1]["RoutingConfig"]["AdditionalVersionWeights"],
        json!({}),
        "what is not named is taken away"
    );
    assert_eq!((&sent[1]["RevisionId"], &sent[1]["Description"]), (&json!("r1"), &Value::Null));
}

#[tokio::test]
async fn a_conflict_with_ones_own_first_attempt_is_none() {
    for (now, expected) in [("8", None), ("9", Some(ErrorCode::Conflict))] {
        let replay = Replay::new(move |request| match request.method.as_str() {
            "PUT" => error(412, "PreconditionFailedException", "The RevisionId provided does not match"),
            _ => wire::json(200, &alias(now, &json!({}))),
        });
        let cloud = replay.cloud(estate()).await;
        let moved =
            cloud.move_alias(&place(), &name(), &live(), &wish("8", &[]), Some("r0".to_owned())).await;
        assert_eq!(moved.as_ref().err().map(|error| error.code), expected, "it is at {now}");
        assert!(moved.is_ok() || moved.unwrap_err().hint.is_some());
    }
}

#[tokio::test]
async fn an_alias_is_looked_at_and_deleted() {
    let replay = Replay::new(|request| match request.method.as_str() {
        "GET" => wire::json(200, &alias("7", &json!({ "8": 0.5 }))),
        _ => gone(),
    });
    let cloud = replay.cloud(estate()).await;
    let known = cloud.find_alias(&place(), &name(), &live()).await.unwrap();
    assert_eq!((known.alias.version.as_str(), known.revision.as_deref()), ("7", Some("r1")));
    cloud.delete_alias(&place(), &name(), &live()).await.unwrap();
    assert_eq!(asked(&replay.requests()[1]), ("DELETE".to_owned(), "functions/web/aliases/live".to_owned()));
}

#[tokio::test]
async fn invocations_are_reserved_and_shared_again() {
    let replay = Replay::new(|request| match request.method.as_str() {
        "DELETE" => gone(),
        _ => wire::json(200, &json!({ "ReservedConcurrentExecutions": 5 })),
    });
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.reserved_concurrency(&place(), &name()).await, Ok(Some(5)));
    cloud.set_reserved_concurrency(&place(), &name(), Some(0)).await.unwrap();
    cloud.set_reserved_concurrency(&place(), &name(), None).await.unwrap();
    let requests = replay.requests();
    assert_eq!(requests[1].json(), json!({ "ReservedConcurrentExecutions": 0 }));
    assert_eq!(asked(&requests[2]), ("DELETE".to_owned(), "functions/web/concurrency".to_owned()));
}

fn metric(number: usize) -> Metric {
    let dimensions = vec![Dimension { name: "FunctionName".to_owned(), value: format!("f-{number}") }];
    Metric { namespace: "AWS/Lambda".to_owned(), name: "Duration".to_owned(), dimensions }
}

fn figures(values: &[(&str, &[f64])], next: Option<&str>) -> ReplayResponse {
    let results = Cbor::list(values, |(id, values)| {
        Cbor::Map(vec![("Id", Cbor::text(*id)), ("Values", Cbor::list(values, |value| Cbor::Number(*value)))])
    });
    let mut answer = vec![("MetricDataResults", results)];
    answer.extend(next.map(|token| ("NextToken", Cbor::text(token))));
    wire::cbor(200, &Cbor::Map(answer))
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn numbers_come_in_the_order_of_the_metrics_and_are_missing_where_there_are_none() {
    let replay = Replay::new(|request| {
        if contains(&request.body, "page two") {
            figures(&[("m0", &[4.0]), ("m1", &[7.0, f64::NAN])], None)
        } else {
            figures(&[("m2", &[]), ("m0", &[1.0, 2.0]), ("m1", &[9.0]), ("m99", &[1.0])], Some("page two"))
        }
    });
    let cloud = replay.cloud(estate()).await;
    let day = Stretch::last_day(at(1_795_174_448_250));
    let metrics = [(metric(0), Fold::Sum), (metric(1), Fold::P95), (metric(2), Fold::Sum)];
    let found = cloud.get_figures(&place(), &metrics, day).await.unwrap();
    assert_eq!(found, [Some(7.0), Some(9.0), None], "sums add up, of percentiles the larger counts");
    for text in ["AWS/Lambda", "FunctionName", "f-2", "p95", "Sum"] {
        assert!(contains(&replay.requests()[0].body, text), "{text}");
    }
}

#[tokio::test]
async fn a_call_asks_for_500_metrics_at_most() {
    let replay = Replay::new(|_| figures(&[("m0", &[1.0])], None));
    let cloud = replay.cloud(estate()).await;
    let day = Stretch::last_day(at(1_795_174_448_250));
    let metrics: Vec<_> = (0..1_001).map(|number| (metric(number), Fold::Sum)).collect();
    let found = cloud.get_figures(&place(), &metrics, day).await.unwrap();
    let known: Vec<usize> = (0..found.len()).filter(|index| found[*index].is_some()).collect();
    assert_eq!((found.len(), known), (1_001, vec![0, 500, 1_000]));
    assert_eq!(replay.operations(), ["GetMetricData"; 3]);
    assert_eq!(cloud.get_figures(&place(), &[], day).await, Ok(vec![]));
    assert_eq!(replay.requests().len(), 3, "nothing is asked about nothing");
}

#[tokio::test]
async fn the_newest_lines_that_fit_a_pattern_are_found_whichever_way_the_log_is_read() {
    // Newest first, as AWS reads it.
    let replay = Replay::new(|_| wire::log_events(&[row("c", 3), row("b", 2), row("a", 1)], None));
    let cloud = replay.cloud(estate()).await;
    let found = cloud.find_log_rows(&tail(), "?ERROR", at(0), 2).await.unwrap();
    assert_eq!(ids(&found), ["b", "c"]);
    let sent = replay.requests()[0].json();
    assert_eq!((&sent["filterPattern"], &sent["startTime"]), (&json!("?ERROR"), &json!(0)));

    // Pages without end are not read without end.
    let turn = AtomicUsize::new(0);
    let replay = Replay::new(move |_| -> Answer {
        wire::log_events(&[], Some(&turn.fetch_add(1, Ordering::SeqCst).to_string())).into()
    });
    let cloud = replay.cloud(estate()).await;
    let now = at(1_795_174_448_250);
    assert!(cloud.find_log_rows(&tail(), "?ERROR", now, 2).await.unwrap().is_empty());
    assert_eq!(replay.requests().len(), 20);
}
