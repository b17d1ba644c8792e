//! A server that was switched to change nothing.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    ErrorCode, Operation, READ_ONLY_TEXT,
    audit::{AuditQuery, Outcome},
    identity::{Permission, Role},
};
use nephoscope_ops::Caller;

use crate::world::{PASSWORD, RUNNING, STOPPED, Settings, World};

async fn read_only() -> World {
    World::with(Settings { read_only: true, ..Settings::default() }).await
}

#[tokio::test]
async fn every_operation_that_is_not_plainly_reading_is_refused_even_to_the_system() {
    let world = read_only().await;
    let mut administering = Vec::new();
    for operation in Operation::ALL {
        let checked = world.app.ops().check_may(&Caller::system(), *operation, "x").await;
        assert_eq!(checked.is_ok(), operation.is_allowed_read_only(), "{operation}");
        let needs_more = matches!(operation.permission(), Permission::Operate | Permission::Own);
        if operation.is_change() || needs_more {
            let error = checked.expect_err("it is refused");
            assert_eq!(
                (error.code, error.message.as_str()),
                (ErrorCode::ReadOnly, READ_ONLY_TEXT),
                "{operation}"
            );
        } else if operation.permission() == Permission::Administer && checked.is_ok() {
            administering.push(operation.as_str());
        }
    }
    // Whoever adds to these makes sure that nothing is changed by them.
    administering.sort_unstable();
    let reading =
        ["account.discover", "account.test", "audit.query", "audit.verify", "usage.read", "user.list"];
    assert_eq!(administering, reading);
}

#[tokio::test]
async fn changes_are_refused_by_every_door_recorded_and_never_reach_aws() {
    let world = read_only().await;
    let token = world.token(Role::Admin).await;
    for (method, path) in [
        ("POST", format!("/api/ec2/start/{STOPPED}")),
        ("POST", format!("/api/ec2/stop/{RUNNING}")),
        ("POST", format!("/api/ec2/reboot/{RUNNING}")),
        ("DELETE", format!("/api/ec2/terminate/{RUNNING}?confirm={RUNNING}")),
    ] {
        let answer = world.call(method, &path, Some(&token)).await;
        assert_eq!(answer.problem(), (403, "read_only".to_owned()), "{method} {path}");
    }
    let change = format!(
        r#"{{"place":{{"account":"111111111111","region":"us-east-1"}},"id":"{RUNNING}","action":"stop","confirmation":null}}"#
    );
    let answer = world.post_json("/api/fn/ec2/change", Some(&token), &change).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("read_only")));
    let name = "new".parse().expect("a name");
    let added =
        world.app.ops().add_user(&Caller::system(), &name, None, Role::Viewer, &PASSWORD.into()).await;
    assert_eq!(added.expect_err("refused").code, ErrorCode::ReadOnly);
    let disabled =
        world.app.ops().set_disabled(&Caller::system(), &"viewer".parse().expect("a name"), true).await;
    assert_eq!(disabled.expect_err("refused").code, ErrorCode::ReadOnly);

    let changes = ["StartInstances", "StopInstances", "RebootInstances", "TerminateInstances"];
    assert!(world.replay.operations().iter().all(|operation| !changes.contains(&operation.as_str())));
    let refused = AuditQuery { outcome: Some(Outcome::Refused), ..AuditQuery::default() };
    let refused = world.records(refused).await;
    assert!(refused.len() >= 7 && refused.iter().all(|record| record.error == Some(ErrorCode::ReadOnly)));
}

#[tokio::test]
async fn who_may_not_anyway_is_told_so() {
    let world = read_only().await;
    let viewer = world.token(Role::Viewer).await;
    let answer = world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&viewer)).await;
    assert_eq!(answer.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn people_come_go_and_read_as_always() {
    let world = read_only().await;
    let body = serde_json::json!({"username": "viewer", "password": PASSWORD}).to_string();
    let login = world.post_json("/api/authenticate", None, &body).await;
    assert_eq!(login.status, StatusCode::OK);
    let body = serde_json::json!({"refreshToken": login.json()["refreshToken"]}).to_string();
    let refreshed = world.post_json("/api/session/refresh", None, &body).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    let token = refreshed.json()["token"].as_str().expect("a token").to_owned();
    assert_eq!(world.get("/api/ec2/instances", &token).await.status, StatusCode::OK);
    assert_eq!(world.call("POST", "/api/session/logout", Some(&token)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_says_so_and_offers_nothing_to_change() {
    let world = read_only().await;
    let cookie = format!("nephoscope_token={}", world.token(Role::Operator).await);
    for path in ["/dashboard", "/ec2", "/logs", "/activity", "/api-docs", "/nothing", "/login"] {
        let page = world.page(path, &cookie).await;
        assert!(page.text.contains(READ_ONLY_TEXT), "{path}: {}", page.text);
    }
    let page = world.page(&format!("/ec2/{RUNNING}?at=111111111111/us-east-1"), &cookie).await;
    let stop = page.text.split("<button").find(|button| button.contains(">Stop<")).expect("a button");
    assert!(stop.contains("aria-disabled=\"true\"") && stop.contains(READ_ONLY_TEXT), "{stop}");

    for (path, role, label) in
        [("/settings/me", Role::Operator, "Change password"), ("/settings/people", Role::Admin, "Invite")]
    {
        let page = world.page(path, &format!("nephoscope_token={}", world.token(role).await)).await;
        let buttons = page.text.split("<button").filter_map(|rest| Some(rest.split_once("</button>")?.0));
        let button = buttons.into_iter().find(|button| button.contains(label)).expect("a button");
        assert!(button.contains(" disabled") && button.contains(READ_ONLY_TEXT), "{path}: {button}");
    }

    let other = World::new().await;
    let cookie = format!("nephoscope_token={}", other.token(Role::Operator).await);
    let request =
        Request::get("/dashboard").header(header::COOKIE, cookie).header(header::ACCEPT, "text/html");
    let page = other.send(request.body(Body::empty()).expect("a request")).await;
    assert!(!page.text.contains(READ_ONLY_TEXT));
}
