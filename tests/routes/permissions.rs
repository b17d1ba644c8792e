//! Who may do what: every operation × every role, and every route without anybody. Both are made from the lists themselves, so that what is
//! new cannot be forgotten.

use nephoscope_model::{
    Operation, Scope,
    audit::{AuditQuery, Outcome},
    identity::{AccountRoles, Permission, Role, UserName},
    live::{InstancesRequest, LogRequest, MetricRequest},
};
use nephoscope_ops::Caller;
use serde_json::{Value, json};

use crate::world::{ACCOUNT, PASSWORD, RUNNING, STOPPED, World};

/// The id of an upload that is not under way.
const UPLOAD: &str = "eyJ1Ijoibm9uZSIsImsiOiJ4IiwicyI6MSwibyI6ZmFsc2V9";

/// The way to an operation.
enum Door {
    /// A request; a body goes as JSON.
    Rest(&'static str, String, Value),
    /// A method of the operations that no request leads to.
    Ops(fn(&World, Caller) -> futures::future::BoxFuture<'_, ()>),
    /// It is what makes a caller, so that there is no role yet.
    BeforeAnybodyIsKnown,
    /// Only nephoscope itself does it: there is no way for anybody to ask.
    Jobs,
}

fn rest(method: &'static str, path: impl Into<String>) -> Door {
    Door::Rest(method, path.into(), Value::Null)
}

fn with(method: &'static str, path: impl Into<String>, body: Value) -> Door {
    Door::Rest(method, path.into(), body)
}

/// Every operation must be here. What becomes of it does not matter, only whether the role keeps it from being tried.
fn door(operation: Operation) -> Option<Door> {
    use Operation as O;
    Some(match operation {
        O::LogIn | O::RefreshSession | O::ReuseToken | O::RedeemLink => Door::BeforeAnybodyIsKnown,
        O::LogOut => rest("POST", "/api/session/logout"),
        O::ListOwn => rest("GET", "/api/me"),
        O::EndSession => rest("DELETE", "/api/me/sessions/another"),
        O::EndAllSessions => rest("DELETE", "/api/me/sessions"),
        O::ChangePassword => {
            with("POST", "/api/me/password", json!({"present": "wrong", "new": "a very new password"}))
        }
        O::AddToken => with("POST", "/api/me/tokens", json!({"name": "t", "role": "viewer", "days": 1})),
        O::AddFactor => with("PUT", "/api/me/second-factor", json!({"pending": "x", "code": "x"})),
        O::RemoveFactor => with("POST", "/api/me/second-factor/remove", json!({"password": "wrong"})),
        O::ResetFactor => rest("DELETE", "/api/users/nobody/second-factor"),
        O::RemoveToken => rest("DELETE", "/api/me/tokens/another"),
        O::ListInstances => rest("GET", "/api/ec2"),
        O::GetInstance => rest("GET", format!("/api/ec2/{RUNNING}")),
        O::ListPrices => rest("GET", "/api/ec2/prices"),
        O::ListLaunchChoices => rest("GET", "/api/ec2/launch"),
        O::CheckLaunch => with("POST", "/api/ec2/launch/check", json!({})),
        O::LaunchInstances => with("POST", "/api/ec2/launch", json!({})),
        O::ReadProtection => rest("GET", format!("/api/ec2/{RUNNING}/protection")),
        O::SetProtection => {
            with("PUT", format!("/api/ec2/{RUNNING}/protection"), json!({"termination": true}))
        }
        O::ListInstanceTypes => rest("GET", "/api/ec2/types"),
        O::SetInstanceType => {
            with("PUT", format!("/api/ec2/{STOPPED}/type"), json!({"instanceType": "t3.medium"}))
        }
        O::ListStatusChecks => rest("GET", "/api/ec2/status"),
        O::GetStatusChecks => rest("GET", format!("/api/ec2/{RUNNING}/status")),
        O::ReadConsole => rest("GET", format!("/api/ec2/{RUNNING}/console-output")),
        O::TakeScreenshot => rest("GET", format!("/api/ec2/{RUNNING}/console-screenshot")),
        O::StartInstance => rest("POST", format!("/api/ec2/start/{STOPPED}")),
        O::StopInstance => rest("POST", format!("/api/ec2/stop/{RUNNING}")),
        O::RebootInstance => rest("POST", format!("/api/ec2/reboot/{RUNNING}")),
        O::TerminateInstance => rest("DELETE", format!("/api/ec2/terminate/{RUNNING}?confirm=web-1")),
        O::UndoTermination => rest("POST", format!("/api/ec2/terminate/{RUNNING}/undo")),
        O::ListTerminations => rest("GET", "/api/ec2/terminations"),
        O::SetTags => with("PUT", format!("/api/ec2/{RUNNING}/tags"), json!({"tags": []})),
        O::ListVolumes => rest("GET", "/api/ec2/volumes"),
        O::ListSnapshots => rest("GET", "/api/ec2/snapshots"),
        O::ListAddresses => rest("GET", "/api/ec2/addresses"),
        O::ListSecurityGroups => rest("GET", "/api/ec2/security-groups"),
        O::ListBuckets => rest("GET", "/api/s3/buckets"),
        O::GetBucket => rest("GET", "/api/s3/things"),
        O::CreateBucket => with("POST", "/api/s3/create", json!({"name": "New"})),
        O::DeleteBucket => rest("DELETE", "/api/s3/things"),
        O::ListObjects => rest("GET", "/api/s3/things/objects"),
        O::ReadObject => rest("GET", "/api/s3/things/object?key=x"),
        O::UploadObject => rest("POST", "/api/s3/upload?bucket=things&key="),
        O::BeginUpload => with("POST", "/api/s3/things/uploads", json!({"key": "x", "size": 1})),
        O::UploadPart => rest("PUT", format!("/api/s3/things/uploads/{UPLOAD}/parts/1")),
        O::ListParts => rest("GET", format!("/api/s3/things/uploads/{UPLOAD}")),
        O::CompleteUpload => rest("POST", format!("/api/s3/things/uploads/{UPLOAD}/complete")),
        O::AbortUpload => rest("DELETE", format!("/api/s3/things/uploads/{UPLOAD}")),
        O::DeleteObject => rest("DELETE", "/api/s3/things/object?key=x"),
        O::DeleteObjects => with("POST", "/api/s3/things/objects/delete", json!({"keys": [{"key": "x"}]})),
        O::EmptyBucket => with("POST", "/api/s3/things/empty", json!({})),
        O::WatchEmptying => rest("GET", "/api/s3/things/empty/none"),
        O::CancelEmptying => rest("DELETE", "/api/s3/things/empty/none"),
        O::GetObject => rest("GET", "/api/s3/things/object/details?key=x"),
        O::ListObjectVersions => rest("GET", "/api/s3/things/versions"),
        O::RestoreVersion => with("POST", "/api/s3/things/restore", json!({"key": "x", "versionId": "1"})),
        O::PresignObject => with("POST", "/api/s3/things/presign", json!({"key": "x"})),
        O::CopyObject => with("POST", "/api/s3/things/copy", json!({"key": "x", "to": "y"})),
        O::RenameObject => {
            with("POST", "/api/s3/things/copy", json!({"key": "x", "to": "y", "rename": true}))
        }
        O::SearchObjects => rest("GET", "/api/s3/things/search?q=x"),
        O::SetBucketTags => with("PUT", "/api/s3/things/tags", json!({"tags": []})),
        O::SetVersioning => with("PUT", "/api/s3/things/versioning", json!({"enabled": true})),
        O::ListFunctions => rest("GET", "/api/lambda/functions"),
        O::GetFunction => rest("GET", "/api/lambda/functions/order-processor"),
        O::ReadEnvironment => rest("GET", "/api/lambda/functions/order-processor/environment"),
        O::InvokeFunction => with("POST", "/api/lambda/invoke/order-processor", json!({})),
        O::DeployFunction => with(
            "POST",
            "/api/lambda/deploy",
            json!({"name": "order-processor", "s3": {"bucket": "builds", "key": "f.zip"}}),
        ),
        O::DeleteFunction => rest("DELETE", "/api/lambda/order-processor"),
        O::ListFunctionVersions => rest("GET", "/api/lambda/order-processor/versions"),
        O::PublishVersion => with("POST", "/api/lambda/order-processor/versions", json!({})),
        O::ListAliases => rest("GET", "/api/lambda/order-processor/aliases"),
        O::SetAlias => with("PUT", "/api/lambda/order-processor/aliases/live", json!({"version": "1"})),
        O::RollBackAlias => rest("POST", "/api/lambda/order-processor/aliases/live/rollback"),
        O::DeleteAlias => rest("DELETE", "/api/lambda/order-processor/aliases/live"),
        O::SetConcurrency => {
            with("PUT", "/api/lambda/order-processor/concurrency", json!({"reserved": null}))
        }
        O::ReadFunctionMetrics => rest("GET", "/api/lambda/metrics"),
        O::ReadFunctionErrors => rest("GET", "/api/lambda/order-processor/errors"),
        O::ReadInvocationLog => rest("GET", "/api/lambda/order-processor/invocations/11111111-2222/log"),
        O::ListTestEvents => rest("GET", "/api/lambda/order-processor/events"),
        O::SaveTestEvent => with("PUT", "/api/lambda/order-processor/events/one", json!({"payload": {}})),
        O::RemoveTestEvent => rest("DELETE", "/api/lambda/order-processor/events/one"),
        O::ListMetrics => rest("GET", format!("/api/ec2/{RUNNING}/metrics")),
        O::GetStats => rest("GET", format!("/api/ec2/{RUNNING}/metrics/stats")),
        O::ListLogGroups => rest("GET", "/api/log/groups"),
        O::ListLogStreams => rest("GET", "/api/log/streams?logGroupName=/app/web"),
        O::QueryAudit | O::QueryOwnAudit => rest("GET", "/api/audit"),
        O::ExportAudit => rest("GET", "/api/audit/export"),
        O::RetainAudit => Door::Jobs,
        O::ReadUsage => rest("GET", "/api/usage"),
        O::WatchAudit => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().follow_audit(&caller, AuditQuery::default()).await;
            })
        }),
        O::VerifyAudit => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().verify_audit(&caller, None).await;
            })
        }),
        O::ListAccounts => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().list_accounts(&caller).await;
            })
        }),
        O::AddAccount => with("POST", "/api/accounts", account_body("444444444444")),
        O::EditAccount => with("PUT", "/api/accounts/444444444444", account_body("444444444444")),
        O::RemoveAccount => rest("DELETE", "/api/accounts/444444444444?confirm=x"),
        O::TestAccount => rest("POST", format!("/api/accounts/{ACCOUNT}/test")),
        O::DiscoverAccounts => rest("POST", "/api/accounts/discover"),
        O::RotateMasterKey => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().rotate_master_key(&caller).await;
            })
        }),
        O::SaveScope => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().save_scope(&caller, "mine", Scope::default()).await;
            })
        }),
        O::RemoveScope => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().remove_scope(&caller, "mine").await;
            })
        }),
        O::AddUser => with("POST", "/api/users", json!({"name": "eve", "role": "viewer"})),
        O::ListUsers => rest("GET", "/api/users"),
        O::DisableUser => with("PATCH", "/api/users/viewer", json!({"disabled": false})),
        O::RemoveUser => rest("DELETE", "/api/users/nobody?confirm=nobody"),
        O::SetRole => with("PATCH", "/api/users/viewer", json!({"role": "viewer"})),
        O::SetEmail => with("PUT", "/api/users/nobody/email", json!({"email": "nobody@example.com"})),
        O::SetGrant => with("PUT", format!("/api/users/viewer/grants/{ACCOUNT}"), json!({"role": "viewer"})),
        O::ResetPassword => rest("POST", "/api/users/nobody/reset"),
        O::SetPassword => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().set_password(&caller, &name("nobody"), &PASSWORD.into()).await;
            })
        }),
        O::RotateSigningKey => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().rotate_signing_key(&caller).await;
            })
        }),
        O::WatchInstances => Door::Ops(|world, caller| {
            Box::pin(async move {
                let _ = world.app.ops().watch_instances(&caller, InstancesRequest::default()).await;
            })
        }),
        O::WatchMetric => Door::Ops(|world, caller| {
            Box::pin(async move {
                let request: MetricRequest =
                    serde_json::from_value(json!({"instanceId": RUNNING, "metric": "CPUUtilization"}))
                        .expect("a request");
                let _ = world.app.ops().watch_metric(&caller, request).await;
            })
        }),
        O::TailLogs => Door::Ops(|world, caller| {
            Box::pin(async move {
                let request: LogRequest =
                    serde_json::from_value(json!({"logGroupName": "/app/web"})).expect("a request");
                let _ = world.app.ops().tail_logs(&caller, request).await;
            })
        }),
        _ => return None,
    })
}

fn account_body(id: &str) -> Value {
    json!({"id": id, "name": "fourth", "regions": ["us-east-1"], "credentials": "default"})
}

fn name(text: &str) -> UserName {
    text.parse().expect("a name")
}

async fn pass(world: &World, door: &Door, token: &str) {
    match door {
        Door::Rest(method, path, Value::Null) => {
            world.call(method, path, Some(token)).await;
        }
        Door::Rest(method, path, body) => {
            world.send_json(method, path, Some(token), &body.to_string()).await;
        }
        Door::Ops(method) => {
            let caller = world.app.ops().identify(token, "a-request").await.expect("good");
            method(world, caller).await;
        }
        Door::BeforeAnybodyIsKnown | Door::Jobs => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_refused_to_whom_it_must_be_and_to_nobody_else() {
    let mut forgotten = Vec::new();
    for operation in Operation::ALL.iter().copied() {
        let Some(door) = door(operation) else {
            forgotten.push(operation);
            continue;
        };
        match door {
            Door::BeforeAnybodyIsKnown => {
                assert_ne!(operation.permission(), Permission::Administer, "{operation}");
                continue;
            }
            Door::Jobs => {
                assert_eq!(operation.permission(), Permission::Administer, "{operation}");
                continue;
            }
            Door::Rest(..) | Door::Ops(_) => {}
        }
        let world = World::new().await;
        for role in Role::ALL {
            let token = world.token(role).await;
            pass(&world, &door, &token).await;
            let asked = AuditQuery {
                operation: Some(operation),
                actor: Some(role.as_str().to_owned()),
                ..AuditQuery::default()
            };
            let outcome = world.records(asked).await.first().map(|record| record.outcome);
            // Reading the activity is one request, and two operations.
            let other = match operation {
                Operation::QueryAudit => role != Role::Admin,
                Operation::QueryOwnAudit => role == Role::Admin,
                _ => false,
            };
            let refused = outcome == Some(Outcome::Refused);
            assert!(other || outcome.is_some(), "{operation} as {role}: its door leads elsewhere");
            assert_eq!(refused, !other && !role.may(operation.permission()), "{operation} as {role}");
        }
    }
    assert!(forgotten.is_empty(), "say in `door` how these are reached: {forgotten:?}");
}

/// Routes that anybody may use, and why.
const OPEN: [(&str, &str, &str); 3] = [
    ("post", "/api/authenticate", "it is how one logs in"),
    ("post", "/api/session/refresh", "the refresh token is the proof"),
    ("post", "/api/session/logout", "whoever is not logged in is logged out already"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_document_refuses_strangers() {
    let world = World::new().await;
    let document = world.call("GET", "/api/openapi.json", None).await.json();
    let mut seen = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, described) in methods.as_object().expect("methods") {
            seen += 1;
            let is_open = OPEN.iter().any(|(open, route, _)| open == method && route == path);
            let url = path.split('/').map(|part| if part.starts_with('{') { "x" } else { part });
            let url = url.collect::<Vec<_>>().join("/");
            let verb = method.to_uppercase();
            for (who, token) in
                [("nobody", None), ("a forger", Some("a.b.c")), ("a program", Some("nph_made-up"))]
            {
                let answer = world.send_json(&verb, &url, token, "{}").await;
                if is_open {
                    assert_ne!(answer.status, 404, "{verb} {path}");
                    continue;
                }
                assert_eq!(answer.problem().0, 401, "{verb} {path} as {who}: {answer:?}");
            }
            let told = described["responses"].as_object().expect("responses").contains_key("401");
            assert!(told || is_open, "{verb} {path} does not say that it needs somebody");
        }
    }
    assert!(seen > 30, "{seen}");
    for (method, path, why) in OPEN {
        assert!(document["paths"][path][method].is_object(), "{method} {path} is gone ({why})");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_counts_in_its_account_at_once_and_is_shown() {
    let world = World::new().await;
    let (system, token) = (Caller::system(), world.token(Role::Viewer).await);
    let stop = format!("/api/ec2/stop/{RUNNING}");
    assert_eq!(world.call("POST", &stop, Some(&token)).await.problem().0, 403);

    let (viewer, account) = (name("viewer"), ACCOUNT.parse().expect("an account"));
    world.app.ops().set_grant(&system, &viewer, &account, Some(Role::Operator)).await.expect("granted");
    let me = world.get("/api/session", &token).await.json();
    assert_eq!((me["role"].as_str(), me["grants"][ACCOUNT].as_str()), (Some("viewer"), Some("operator")));
    assert_eq!(world.call("POST", &stop, Some(&token)).await.status, 200);

    world.app.ops().set_grant(&system, &viewer, &account, None).await.expect("revoked");
    assert_eq!(world.call("POST", &stop, Some(&token)).await.problem().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_for_another_account_is_of_no_use_here() {
    let world = World::new().await;
    let (system, token) = (Caller::system(), world.token(Role::Viewer).await);
    let other = "999999999999".parse().expect("an account");
    world.app.ops().set_grant(&system, &name("viewer"), &other, Some(Role::Operator)).await.expect("granted");
    let before = world.replay.requests().len();
    let answer = world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&token)).await;
    assert_eq!(answer.problem(), (403, "forbidden".to_owned()));
    let asked = world.replay.requests().split_off(before);
    assert!(asked.iter().all(|request| request.operation() != "StopInstances"), "AWS was asked to stop it");

    let here = ACCOUNT.parse().expect("an account");
    world.app.ops().set_grant(&system, &name("operator"), &here, Some(Role::Viewer)).await.expect("granted");
    let operator = world.token(Role::Operator).await;
    let answer = world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&operator)).await;
    assert_eq!(answer.problem().0, 403);
    assert!(answer.text.contains("in account"), "{}", answer.text);
    let user = world.app.ops().get_user(&system, &name("operator")).await.expect("a user");
    assert_eq!(user.grants, AccountRoles::from([(here, Role::Viewer)]));
}
