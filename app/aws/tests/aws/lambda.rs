//! Lambda: lists, details, invocations, deployments.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use nephoscope_aws::{
    Cloud, Patience,
    replay::{Answer, Replay, ReplayRequest, ReplayResponse, wire},
};
use nephoscope_model::{
    ErrorCode, Result,
    lambda::{
        AliasWeight, Code, DeployMode, DeployRequest, FunctionName, Invocation, InvokeMode, Report, S3Code,
        TriggerKind,
    },
};
use serde_json::{Value, json};

use crate::{at, estate, place};

fn name(text: &str) -> FunctionName {
    text.parse().unwrap()
}

/// The path after the version of the API, and the query.
fn path(request: &ReplayRequest) -> String {
    let (_, path) = request.uri.split_once(".amazonaws.com/").unwrap();
    path.split_once('/').unwrap().1.trim_end_matches('/').to_owned()
}

fn error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let mut response = wire::json(status, &json!({ "Type": "User", "Message": message }));
    response.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    response
}

fn configuration(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "FunctionArn": format!("arn:aws:lambda:eu-west-1:111111111111:function:{name}"),
        "Runtime": "python3.12", "Handler": "main.handler", "CodeSize": 1234, "Description": "<b>orders</b>",
        "Timeout": 10, "MemorySize": 256, "LastModified": "2026-11-20T11:34:08.250+0000",
        "CodeSha256": "abc=", "Role": "arn:aws:iam::111111111111:role/r", "Version": "$LATEST",
        "PackageType": "Zip", "Architectures": ["arm64"], "State": "Active", "LastUpdateStatus": "Successful",
        "Environment": { "Variables": { "TOKEN": "hush", "A": "1" } },
    })
}

#[tokio::test]
async fn every_page_of_the_list_is_read_and_sorted_by_name() {
    let replay = Replay::new(|request| {
        let page = |names: &[&str], next: Option<&str>| {
            let functions: Vec<Value> = names.iter().map(|name| configuration(name)).collect();
            wire::json(200, &json!({ "Functions": functions, "NextMarker": next }))
        };
        match path(request).as_str() {
            "functions?MaxItems=50" => page(&["web", "db"], Some("a/b=")),
            "functions?Marker=a%2Fb%3D&MaxItems=50" => page(&["api", "web", "../x"], None),
            other => panic!("{other} is not played"),
        }
    });
    let list = replay.cloud(estate()).await.list_functions(&place()).await.unwrap();
    let names: Vec<_> = list.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["api", "db", "web"], "each once, and none without a proper name");
    let function = &list[0];
    assert_eq!((function.memory_mb, function.timeout_secs, function.code_size), (256, 10, 1234));
    assert_eq!((function.architecture.as_str(), function.runtime.as_deref()), ("arm64", Some("python3.12")));
    assert_eq!(function.last_modified, Some(at(1_795_174_448_250)));
    assert_eq!(function.description, "<b>orders</b>");
    let told = serde_json::to_string(&list).unwrap();
    assert!(!told.contains("hush"), "AWS tells values of the environment in lists; we do not");
}

/// A function with all that belongs to it.
fn whole(request: &ReplayRequest) -> ReplayResponse {
    let path = path(request);
    match path.split('?').next().unwrap_or_default() {
        "functions/web/configuration" => wire::json(200, &configuration("web")),
        "functions/web/concurrency" => wire::json(200, &json!({ "ReservedConcurrentExecutions": 5 })),
        "functions/web/versions" => {
            let version =
                |number: &str| json!({ "FunctionName": "web", "Version": number, "CodeSha256": "x" });
            let versions: Vec<Value> = ["$LATEST", "2", "10", "9"].map(version).to_vec();
            wire::json(200, &json!({ "Versions": versions }))
        }
        "functions/web/aliases" => {
            let weights = json!({ "AdditionalVersionWeights": { "10": 0.25 } });
            let live = json!({ "Name": "live", "FunctionVersion": "9", "RoutingConfig": weights });
            wire::json(200, &json!({ "Aliases": [live, {}] }))
        }
        "account-settings" => {
            let limit = json!({ "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 995 });
            wire::json(200, &json!({ "AccountLimit": limit }))
        }
        "event-source-mappings" => {
            let arn = "arn:aws:sqs:eu-west-1:111111111111:orders";
            let mapping = json!({ "UUID": "u", "EventSourceArn": arn, "State": "Enabled", "BatchSize": 10 });
            wire::json(200, &json!({ "EventSourceMappings": [mapping] }))
        }
        "functions/web/policy" => {
            let statement = json!({
                "Sid": "s3", "Effect": "Allow", "Action": "lambda:InvokeFunction",
                "Principal": { "Service": "s3.amazonaws.com" },
                "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::pictures" } },
            });
            wire::json(200, &json!({ "Policy": json!({ "Statement": [statement] }).to_string() }))
        }
        "functions/web/urls" => {
            let url = json!({
                "FunctionUrl": "https://abc.lambda-url.eu-west-1.on.aws/", "AuthType": "NONE", "FunctionArn": "arn",
                "CreationTime": "2026-11-20T11:34:08Z", "LastModifiedTime": "2026-11-20T11:34:08Z",
            });
            wire::json(200, &json!({ "FunctionUrlConfigs": [url] }))
        }
        other => panic!("{other} is not played"),
    }
}

#[tokio::test]
async fn a_function_is_told_with_all_that_belongs_to_it_but_no_values() {
    let replay = Replay::new(whole);
    let details = replay.cloud(estate()).await.get_function(&place(), &name("web")).await.unwrap();
    assert_eq!(details.environment, ["A", "TOKEN"]);
    assert_eq!(details.reserved_concurrency, Some(5));
    assert_eq!(details.account_concurrency.map(|it| (it.limit, it.unreserved)), Some((1_000, 995)));
    assert_eq!(details.log_group, "/aws/lambda/web");
    assert_eq!((details.function.state.as_deref(), details.code_sha256.as_str()), (Some("Active"), "abc="));
    let versions: Vec<_> = details.versions.items.iter().map(|it| it.version.as_str()).collect();
    assert_eq!(versions, ["$LATEST", "10", "9", "2"]);
    let [live] = details.aliases.items.as_slice() else { panic!("{:?}", details.aliases) };
    assert_eq!((live.name.as_str(), live.version.as_str()), ("live", "9"));
    assert_eq!(live.weights, [AliasWeight { version: "10".to_owned(), weight: 0.25 }]);
    assert_eq!(details.triggers.items[0].batch_size, Some(10));
    let kinds: Vec<_> = details.triggers.items.iter().map(|it| (it.kind, it.state.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (TriggerKind::Source, "Enabled"),
            (TriggerKind::Permission, "s3.amazonaws.com"),
            (TriggerKind::Url, "NONE")
        ]
    );
    assert_eq!(details.triggers.items[1].source, "arn:aws:s3:::pictures");
    assert!(!serde_json::to_string(&details).unwrap().contains("hush"));
}

#[tokio::test]
async fn a_part_that_is_denied_fails_nothing_else() {
    let replay = Replay::new(|request| match path(request).contains("aliases") {
        true => error(403, "AccessDeniedException", "is not authorized to perform: lambda:ListAliases on x"),
        false => whole(request),
    });
    let details = replay.cloud(estate()).await.get_function(&place(), &name("web")).await.unwrap();
    let denied = details.aliases.error.unwrap();
    assert_eq!(denied.code, ErrorCode::AwsDenied);
    assert_eq!(denied.aws.unwrap().action.as_deref(), Some("lambda:ListAliases"));
    assert_eq!(details.versions.items.len(), 4);
}

#[tokio::test]
async fn a_function_that_is_not_there_is_not_found() {
    let replay = Replay::new(|_| error(404, "ResourceNotFoundException", "Function not found: web"));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.get_function(&place(), &name("web")).await.unwrap_err().code, ErrorCode::NotFound);
    let once = invoke(&cloud, InvokeMode::Sync).await;
    assert_eq!(once.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn values_of_the_environment_are_told_when_asked_for_or_why_they_are_not() {
    let replay = Replay::new(whole);
    let values = replay.cloud(estate()).await.read_environment(&place(), &name("web")).await.unwrap();
    let values: Vec<_> = values.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
    assert_eq!(values, [("A", "1"), ("TOKEN", "hush")]);

    let replay = Replay::new(|_| {
        let mut sealed = configuration("web");
        let error =
            json!({ "ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt" });
        sealed["Environment"] = json!({ "Error": error });
        wire::json(200, &sealed)
    });
    let denied = replay.cloud(estate()).await.read_environment(&place(), &name("web")).await.unwrap_err();
    assert_eq!(denied.code, ErrorCode::AwsDenied);
    assert!(denied.message.contains("unable to decrypt"), "{}", denied.message);
}

async fn invoke(cloud: &Cloud, mode: InvokeMode) -> Result<Invocation> {
    cloud.invoke_function(&place(), &name("web"), None, mode, "{}".to_owned()).await
}

/// The answer to `Invoke`, as Lambda puts it into headers and a body.
fn invoked(status: u16, headers: &[(&str, &str)], payload: &str) -> ReplayResponse {
    let headers = headers.iter().copied().chain([("x-amzn-requestid", wire::REQUEST_ID)]);
    ReplayResponse {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: payload.as_bytes().to_vec(),
    }
}

#[tokio::test]
async fn an_invocation_tells_its_answer_its_log_and_what_it_took() {
    // "START\nREPORT RequestId: a\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 40 MB\n"
    let log = "U1RBUlQKUkVQT1JUIFJlcXVlc3RJZDogYQlEdXJhdGlvbjogMTIuNSBtcwlCaWxsZWQgRHVyYXRpb246IDEzIG1zCU1lbW9yeSBTaXplOiAyNTYgTUIJTWF4IE1lbW9yeSBVc2VkOiA0MCBNQgo=";
    let replay = Replay::new(move |request| {
        assert_eq!(
            (request.method.as_str(), path(request).as_str()),
            ("POST", "functions/web/invocations?Qualifier=live")
        );
        assert_eq!(request.header("x-amz-invocation-type"), Some("RequestResponse"));
        assert_eq!(request.header("x-amz-log-type"), Some("Tail"));
        assert_eq!(request.text(), r#"{"b": 1.0, "a": 2}"#, "not a byte is changed");
        invoked(200, &[("x-amz-log-result", log), ("x-amz-executed-version", "9")], "{\"ok\": true}")
    });
    let live = "live".parse().unwrap();
    let cloud = replay.cloud(estate()).await;
    let payload = r#"{"b": 1.0, "a": 2}"#.to_owned();
    let done =
        cloud.invoke_function(&place(), &name("web"), Some(&live), InvokeMode::Sync, payload).await.unwrap();
    assert_eq!((done.status, done.payload.as_deref()), (200, Some("{\"ok\": true}")));
    assert_eq!((done.function_error, done.version.as_deref()), (None, Some("9")));
    assert!(done.log_tail.unwrap().starts_with("START\nREPORT"));
    assert_eq!(done.request_id.as_deref(), Some(wire::REQUEST_ID));
    let report = Report {
        duration_ms: 12.5,
        billed_ms: Some(13.0),
        memory_mb: Some(256),
        memory_used_mb: Some(40),
        init_ms: None,
    };
    assert_eq!(done.report, Some(report));
}

#[tokio::test]
async fn a_function_that_fails_or_takes_too_long_is_a_result() {
    for (payload, timed_out) in [
        (r#"{"errorMessage": "refused", "errorType": "RuntimeError"}"#, false),
        (r#"{"errorMessage": "2026-11-20T11:34:08Z x Task timed out after 3.00 seconds"}"#, true),
    ] {
        let replay = Replay::new(move |_| invoked(200, &[("x-amz-function-error", "Unhandled")], payload));
        let cloud = replay.cloud(estate()).await;
        let done = invoke(&cloud, InvokeMode::Sync);
        let done = done.await.unwrap();
        assert_eq!(done.function_error.as_deref(), Some("Unhandled"));
        assert_eq!((done.payload.as_deref(), done.timed_out()), (Some(payload), timed_out));
    }
}

#[tokio::test]
async fn an_event_is_queued_without_a_log() {
    let replay = Replay::new(|request| {
        assert_eq!(request.header("x-amz-invocation-type"), Some("Event"));
        assert_eq!(request.header("x-amz-log-type"), None);
        invoked(202, &[], "")
    });
    let cloud = replay.cloud(estate()).await;
    let done = invoke(&cloud, InvokeMode::Async).await;
    let done = done.unwrap();
    assert_eq!((done.status, done.payload, done.log_tail), (202, None, None));
}

#[tokio::test]
async fn an_invocation_is_never_sent_twice() {
    let refusals: [(Answer, ErrorCode); 4] = [
        (error(429, "TooManyRequestsException", "Rate Exceeded.").into(), ErrorCode::AwsThrottled),
        (error(500, "ServiceException", "oops").into(), ErrorCode::AwsUnavailable),
        (Answer::Dropped, ErrorCode::AwsUnavailable),
        (Answer::TimedOut, ErrorCode::AwsUnavailable),
    ];
    for (answer, code) in refusals {
        let replay = Replay::new(move |_| answer.clone());
        let cloud = replay.cloud(estate()).await;
        let once = invoke(&cloud, InvokeMode::Sync);
        let failed = once.await.unwrap_err();
        assert_eq!((failed.code, replay.requests().len()), (code, 1), "{}", failed.message);
        assert!(!failed.message.contains("trying again did not help"), "{}", failed.message);
    }
}

#[tokio::test]
async fn what_takes_longer_than_is_waited_for_is_a_timeout_that_says_what_happens() {
    let replay = Replay::new(|_| Answer::Silence);
    let patience = Patience { call: Duration::from_millis(300), ..Patience::of_a_test() };
    let cloud = replay.builder(estate()).patience(patience).build().await;
    let once = invoke(&cloud, InvokeMode::Sync);
    let slow = once.await.unwrap_err();
    assert_eq!((slow.code, replay.requests().len()), (ErrorCode::Timeout, 1));
    assert!(slow.hint.unwrap().contains("goes on"));
}

#[tokio::test]
async fn invocations_that_take_long_do_not_stop_others_from_asking() {
    let replay = Replay::new(|request| -> Answer {
        match path(request).starts_with("functions?") {
            true => wire::json(200, &json!({ "Functions": [] })).into(),
            false => Answer::Silence,
        }
    });
    let cloud = replay.cloud(estate()).await;
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..17 {
        let cloud = cloud.clone();
        many.spawn(async move { invoke(&cloud, InvokeMode::Sync).await });
    }
    let refused = many.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited, "the seventeenth");
    assert_eq!(cloud.list_functions(&place()).await, Ok(vec![]));
}

fn deployment(code: Code) -> DeployRequest {
    DeployRequest {
        name: name("web"),
        mode: DeployMode::Either,
        code,
        runtime: Some("python3.12".to_owned()),
        handler: Some("main.handler".to_owned()),
        role: Some("arn:aws:iam::111111111111:role/r".to_owned()),
        description: None,
        memory_mb: Some(256),
        timeout_secs: None,
        architecture: Some("arm64".to_owned()),
        publish: false,
    }
}

#[tokio::test]
async fn a_function_is_created_once_and_its_code_is_brought() {
    let replay = Replay::new(|_| wire::json(201, &configuration("web")));
    let cloud = replay.cloud(estate()).await;
    cloud.create_function(&place(), &deployment(Code::Zip(b"PK\x03\x04".to_vec()))).await.unwrap();
    let at = S3Code { bucket: "b".to_owned(), key: "k.zip".to_owned(), version: Some("v".to_owned()) };
    cloud.update_function_code(&place(), &deployment(Code::S3(at))).await.unwrap();
    let requests = replay.requests();
    let sent: Vec<_> = requests.iter().map(|it| (it.method.as_str(), path(it))).collect();
    assert_eq!(sent, [("POST", "functions".to_owned()), ("PUT", "functions/web/code".to_owned())]);
    assert_eq!(requests[0].json()["Code"]["ZipFile"], "UEsDBA==");
    assert_eq!(
        (&requests[0].json()["MemorySize"], &requests[0].json()["Timeout"]),
        (&json!(256), &Value::Null)
    );
    let code = requests[1].json();
    assert_eq!(
        (&code["S3Bucket"], &code["S3Key"], &code["S3ObjectVersion"]),
        (&json!("b"), &json!("k.zip"), &json!("v"))
    );

    let replay = Replay::new(|_| error(409, "ResourceConflictException", "Function already exist: web"));
    let cloud = replay.cloud(estate()).await;
    let taken = cloud.create_function(&place(), &deployment(Code::Zip(b"PK\x03\x04".to_vec()))).await;
    assert_eq!(taken.unwrap_err().code, ErrorCode::Conflict);
    let replay = Replay::new(|_| Answer::Dropped);
    let cloud = replay.cloud(estate()).await;
    assert!(cloud.create_function(&place(), &deployment(Code::Zip(b"PK\x03\x04".to_vec()))).await.is_err());
    assert_eq!(replay.requests().len(), 1, "it may have been created");
}

#[tokio::test]
async fn lambda_is_waited_for_until_it_has_taken_the_code_or_given_up() {
    let turn = AtomicUsize::new(0);
    let replay = Replay::new(move |_| {
        let mut now = configuration("web");
        match turn.fetch_add(1, Ordering::SeqCst) {
            0 => now["State"] = json!("Pending"),
            1 | 2 => now["LastUpdateStatus"] = json!("InProgress"),
            _ => now["CodeSha256"] = json!("new"),
        }
        wire::json(200, &now)
    });
    let (now, ready) = replay.cloud(estate()).await.settle_function(&place(), &name("web")).await.unwrap();
    assert_eq!((now.code_sha256.as_str(), ready, replay.requests().len()), ("new", true, 4));

    let replay = Replay::new(|_| {
        let mut now = configuration("web");
        now["LastUpdateStatus"] = json!("Failed");
        now["LastUpdateStatusReason"] = json!("The role has been deleted.");
        wire::json(200, &now)
    });
    let failed = replay.cloud(estate()).await.settle_function(&place(), &name("web")).await.unwrap_err();
    assert_eq!(failed.code, ErrorCode::AwsRejected);
    assert!(failed.message.contains("The role has been deleted."), "{}", failed.message);

    let replay = Replay::new(|_| {
        let mut now = configuration("web");
        now["State"] = json!("Pending");
        wire::json(200, &now)
    });
    let (_, ready) = replay.cloud(estate()).await.settle_function(&place(), &name("web")).await.unwrap();
    assert!(!ready, "it is not waited for longer than a minute and a half");
    assert_eq!(replay.requests().len(), 90);
}
