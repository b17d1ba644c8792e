//! Lambda: lists, details, deployments; and, in a file of their own, invocations.

use std::sync::atomic::{AtomicUsize, Ordering};

use nephoscope_aws::replay::{Answer, Replay, ReplayRequest, ReplayResponse, wire};
use nephoscope_model::{
    ErrorCode,
    lambda::{AliasWeight, Code, DeployMode, DeployRequest, FunctionName, InvokeMode, S3Code, TriggerKind},
};
use serde_json::{Value, json};

use crate::{at, estate, place};

mod invoke;

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
        "event-source-mappings" if path.contains("FunctionName=web%3Alive") => {
            let arn = "arn:aws:kinesis:eu-west-1:111111111111:stream/clicks";
            let of = "arn:aws:lambda:eu-west-1:111111111111:function:web:live";
            let mapping =
                json!({ "UUID": "v", "EventSourceArn": arn, "State": "Enabled", "FunctionArn": of });
            wire::json(200, &json!({ "EventSourceMappings": [mapping] }))
        }
        "event-source-mappings" => {
            let arn = "arn:aws:sqs:eu-west-1:111111111111:orders";
            let mapping = json!({ "UUID": "u", "EventSourceArn": arn, "State": "Enabled", "BatchSize": 10 });
            wire::json(200, &json!({ "EventSourceMappings": [mapping] }))
        }
        "functions/web/provisioned-concurrency" => {
            let kept = json!({
                "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:web:10", "Status": "IN_PROGRESS",
                "RequestedProvisionedConcurrentExecutions": 5, "AvailableProvisionedConcurrentExecutions": 2,
            });
            wire::json(200, &json!({ "ProvisionedConcurrencyConfigs": [kept, {}] }))
        }
        "functions/web/policy" if path.contains("Qualifier=live") => {
            error(404, "ResourceNotFoundException", "No policy is associated with the given resource.")
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
    let kept: Vec<_> = details.provisioned.items.iter().collect();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((kept.qualifier.as_str(), kept.available, kept.requested), ("10", 2, 5));
    let qualifiers: Vec<_> = details.triggers.items.iter().map(|it| it.qualifier.as_deref()).collect();
    assert_eq!(qualifiers, [Some("live"), None, None, None]);
    assert_eq!(details.triggers.items[1].batch_size, Some(10));
    let kinds: Vec<_> = details.triggers.items.iter().map(|it| (it.kind, it.state.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (TriggerKind::Source, "Enabled"),
            (TriggerKind::Source, "Enabled"),
            (TriggerKind::Permission, "s3.amazonaws.com"),
            (TriggerKind::Url, "NONE")
        ]
    );
    assert_eq!(details.triggers.items[2].source, "arn:aws:s3:::pictures");
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
async fn what_cannot_be_read_of_triggers_and_of_what_is_kept_ready_hides_nothing_else() {
    let denied = |action: &str| {
        error(403, "AccessDeniedException", &format!("is not authorized to perform: {action} on x"))
    };
    let replay = Replay::new(move |request| match path(request) {
        path if path.contains("provisioned-concurrency") => {
            denied("lambda:ListProvisionedConcurrencyConfigs")
        }
        path if path.contains("policy") => denied("lambda:GetPolicy"),
        _ => whole(request),
    });
    let details = replay.cloud(estate()).await.get_function(&place(), &name("web")).await.unwrap();
    let action = |error: Option<nephoscope_model::Error>| error.unwrap().aws.unwrap().action.unwrap();
    assert_eq!(action(details.provisioned.error), "lambda:ListProvisionedConcurrencyConfigs");
    assert_eq!(action(details.triggers.error), "lambda:GetPolicy");
    let kinds: Vec<_> = details.triggers.items.iter().map(|it| it.kind).collect();
    assert_eq!(kinds, [TriggerKind::Source, TriggerKind::Source, TriggerKind::Url]);
}

#[tokio::test]
async fn of_many_aliases_the_triggers_of_the_first_are_looked_for() {
    let replay = Replay::new(|request| match path(request).split('?').next() {
        Some("functions/web/aliases") => {
            let alias = |number: usize| json!({ "Name": format!("a{number:02}"), "FunctionVersion": "1" });
            wire::json(200, &json!({ "Aliases": (0..12).map(alias).collect::<Vec<_>>() }))
        }
        Some("functions/web/policy") => error(404, "ResourceNotFoundException", "No policy is associated"),
        Some("event-source-mappings") => wire::json(200, &json!({ "EventSourceMappings": [] })),
        _ => whole(request),
    });
    let details = replay.cloud(estate()).await.get_function(&place(), &name("web")).await.unwrap();
    assert_eq!((details.aliases.items.len(), details.triggers.error), (12, None));
    let mut asked: Vec<String> =
        replay.requests().iter().map(path).filter(|path| path.contains("policy?Qualifier=")).collect();
    asked.sort();
    let wanted: Vec<String> = (0..10).map(|n| format!("functions/web/policy?Qualifier=a{n:02}")).collect();
    assert_eq!(asked, wanted);
}

#[tokio::test]
async fn what_is_configured_is_told() {
    let replay = Replay::new(|_| {
        let mut now = configuration("web");
        for (field, value) in [
            ("DeadLetterConfig", json!({ "TargetArn": "arn:aws:sqs:eu-west-1:111111111111:dead" })),
            ("KMSKeyArn", json!("arn:aws:kms:eu-west-1:111111111111:key/k")),
            (
                "VpcConfig",
                json!({ "VpcId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] }),
            ),
            ("SnapStart", json!({ "ApplyOn": "PublishedVersions", "OptimizationStatus": "Off" })),
            (
                "LoggingConfig",
                json!({ "LogFormat": "JSON", "ApplicationLogLevel": "FATAL", "LogGroup": "/g" }),
            ),
            ("PackageType", json!("Image")),
            ("CodeSize", json!(0)),
            (
                "ImageConfigResponse",
                json!({ "ImageConfig": { "EntryPoint": ["/boot"], "WorkingDirectory": "/srv" } }),
            ),
        ] {
            now[field] = value;
        }
        wire::json(200, &now)
    });
    let told = replay.cloud(estate()).await.find_function(&place(), &name("web")).await.unwrap();
    assert_eq!(told.dead_letter.as_deref(), Some("arn:aws:sqs:eu-west-1:111111111111:dead"));
    assert_eq!(told.kms_key.as_deref(), Some("arn:aws:kms:eu-west-1:111111111111:key/k"));
    assert_eq!((told.subnets, told.security_groups), (vec!["subnet-1".to_owned()], vec!["sg-1".to_owned()]));
    let snap_start = told.snap_start.unwrap();
    assert_eq!(
        (snap_start.apply_on.as_str(), snap_start.optimization_status.as_deref()),
        ("PublishedVersions", Some("Off"))
    );
    let logging = told.logging.unwrap();
    assert_eq!(
        (logging.format.as_deref(), logging.application_level.as_deref()),
        (Some("JSON"), Some("FATAL"))
    );
    let image = told.image.unwrap();
    assert_eq!(
        (image.entry_point, image.working_directory.as_deref()),
        (vec!["/boot".to_owned()], Some("/srv"))
    );
    assert_eq!((told.log_group.as_str(), told.function.known_code_size()), ("/g", None));
}

#[tokio::test]
async fn a_function_that_is_not_there_is_not_found() {
    let replay = Replay::new(|_| error(404, "ResourceNotFoundException", "Function not found: web"));
    let cloud = replay.cloud(estate()).await;
    assert_eq!(cloud.get_function(&place(), &name("web")).await.unwrap_err().code, ErrorCode::NotFound);
    let once = invoke::invoke(&cloud, InvokeMode::Sync).await;
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
