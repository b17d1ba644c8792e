//! `/api/accounts` and `/settings/accounts`: added, changed, tried and removed while the server runs, and no secret anywhere.

use std::fs;

use http::{Request, StatusCode, header};
use nephoscope_model::{ErrorCode, Scope, identity::Role};
use nephoscope_ops::{Caller, Ops};
use serde_json::{Value, json};

use crate::world::{ACCOUNT, Answered, RUNNING, World};

pub(crate) const KEY: &str = "AKID444444444444";
pub(crate) const SECRET: &str = "hush-the-secret-access-key";
pub(crate) const EXTERNAL: &str = "hush-the-external-id";

pub(crate) fn by_key() -> Value {
    json!({
        "id": "444444444444", "name": "fourth", "color": "red", "regions": ["us-east-1"],
        "credentials": "keys", "accessKeyId": KEY, "secretAccessKey": SECRET,
    })
}

pub(crate) fn by_role() -> Value {
    json!({
        "id": "555555555555", "name": "fifth", "regions": ["us-east-1"], "credentials": "role",
        "roleArn": "arn:aws:iam::555555555555:role/console", "externalId": EXTERNAL,
    })
}

pub(crate) async fn add(world: &World, token: &str, body: &Value) -> Answered {
    world.post_json("/api/accounts", Some(token), &body.to_string()).await
}

fn ids(list: &Value) -> Vec<String> {
    let id = |it: &Value| it["id"].as_str().unwrap_or_default().to_owned();
    list.as_array().expect("a list").iter().map(id).collect()
}

async fn form(world: &World, token: &str, path: &str, body: &str) -> Answered {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, format!("nephoscope_token={token}"));
    world.send(request.body(body.to_owned().into()).expect("a request")).await
}

#[tokio::test]
async fn what_everybody_may_know_of_accounts_is_as_it_was() {
    let world = World::new().await;
    let (viewer, admin) = (world.token(Role::Viewer).await, world.token(Role::Admin).await);
    let seen = world.get("/api/accounts", &viewer).await.json();
    assert_eq!((seen[0]["id"].as_str(), seen[0]["name"].as_str()), (Some(ACCOUNT), Some("test")));
    assert_eq!((&seen[0]["color"], &seen[0]["regions"]), (&json!("blue"), &json!(["us-east-1"])));
    assert_eq!((&seen[0]["origin"], &seen[0]["credentials"]), (&json!("file"), &Value::Null));
    let all = world.get("/api/accounts", &admin).await.json();
    assert_eq!(all[0]["credentials"]["kind"], "keys");
    assert_eq!(all[0]["credentials"]["secretAccessKey"], "set");
}

#[tokio::test]
async fn an_account_that_is_added_is_there_at_once_and_gone_when_removed() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let added = add(&world, &admin, &by_key()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    assert_eq!(ids(&added.json()), [ACCOUNT, "444444444444"]);
    let list = world.get("/api/ec2?account=444444444444", &admin).await.json();
    assert_eq!(list["sources"][0]["error"], Value::Null, "{list}");
    assert_eq!(world.replay.requests().last().expect("a call").access_key(), KEY);

    assert_eq!(add(&world, &admin, &by_key()).await.problem(), (409, "conflict".to_owned()));
    let gone = world.call("DELETE", "/api/accounts/444444444444", Some(&admin)).await;
    assert_eq!(gone.problem(), (428, "confirmation_required".to_owned()));
    let gone = world.call("DELETE", "/api/accounts/444444444444?confirm=fourth", Some(&admin)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/ec2?account=444444444444", &admin).await.problem().0, 404);
    let gone = world.call("DELETE", "/api/accounts/444444444444?confirm=fourth", Some(&admin)).await;
    assert_eq!(gone.problem(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn only_administrators_change_accounts() {
    let world = World::new().await;
    for role in [Role::Viewer, Role::Operator] {
        let token = world.token(role).await;
        assert_eq!(add(&world, &token, &by_key()).await.problem(), (403, "forbidden".to_owned()));
        for (method, path) in [
            ("DELETE", "/api/accounts/444444444444?confirm=fourth"),
            ("POST", "/api/accounts/111111111111/test"),
            ("POST", "/api/accounts/discover"),
        ] {
            assert_eq!(
                world.call(method, path, Some(&token)).await.problem().0,
                403,
                "{role} {method} {path}"
            );
        }
    }
    assert!(world.replay.requests().is_empty(), "nobody asked AWS");
}

#[tokio::test]
async fn credentials_of_another_account_are_refused_and_nothing_is_kept() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let mut body = by_key();
    body["accessKeyId"] = json!("AKID999999999999");
    let refused = add(&world, &admin, &body).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    assert!(refused.text.contains("999999999999"), "{}", refused.text);
    let mut body = by_role();
    body["externalId"] = json!("wrong");
    assert_eq!(add(&world, &admin, &body).await.problem(), (502, "aws_credentials".to_owned()));
    assert_eq!(ids(&world.get("/api/accounts", &admin).await.json()), [ACCOUNT]);

    body["unchecked"] = json!(true);
    assert_eq!(add(&world, &admin, &body).await.status, StatusCode::CREATED, "unless it is asked to be");
}

#[tokio::test]
async fn nonsense_is_refused_and_never_repeated() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for (field, value) in [
        ("id", json!("44")),
        ("regions", json!([])),
        ("color", json!("beige")),
        ("name", json!("a\u{7}b")),
        ("credentials", json!("magic")),
        ("accessKeyId", Value::Null),
        ("secretAccessKey", Value::Null),
        ("secretAccessKey", json!({"$ne": SECRET})),
    ] {
        let mut body = by_key();
        body[field] = value;
        let refused = add(&world, &admin, &body).await;
        assert_eq!(refused.problem().0, 400, "{field}: {refused:?}");
        assert!(!refused.text.contains("hush"), "{field}: {}", refused.text);
    }
    let mut body = by_role();
    body["from"] = json!("777777777777");
    assert_eq!(add(&world, &admin, &body).await.problem().0, 400, "from an account that is not known");
    let mut body = by_key();
    body["id"] = json!(ACCOUNT);
    let refused = add(&world, &admin, &body).await;
    assert_eq!(refused.problem().0, 409);
    assert!(refused.text.contains("configuration file"), "{}", refused.text);
}

#[tokio::test]
async fn a_change_keeps_the_secret_when_it_is_told_to() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    add(&world, &admin, &by_key()).await;
    let mut body = by_key();
    body["name"] = json!("renamed");
    body["keepSecret"] = json!(true);
    body.as_object_mut().expect("an object").remove("secretAccessKey");
    let put = |body: Value| {
        let request = Request::builder()
            .method("PUT")
            .uri("/api/accounts/444444444444")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {admin}"));
        world.send(request.body(body.to_string().into()).expect("a request"))
    };
    assert_eq!(put(body.clone()).await.status, StatusCode::NO_CONTENT);
    let list = world.get("/api/accounts", &admin).await.json();
    assert_eq!(list[1]["name"], "renamed");
    assert!(world.get("/api/ec2?account=444444444444", &admin).await.json()["sources"][0]["error"].is_null());
    body["keepSecret"] = json!(false);
    assert_eq!(put(body.clone()).await.problem().0, 400, "a key without its secret is none");
    body["id"] = json!("555555555555");
    assert_eq!(put(body).await.problem().0, 400, "another id than the path's");
}

#[tokio::test]
async fn a_test_shows_who_we_are_and_what_is_lacking() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    add(&world, &admin, &by_key()).await;
    let report = world.call("POST", "/api/accounts/444444444444/test", Some(&admin)).await.json();
    assert_eq!(report["identity"]["account"], "444444444444");
    let checks = report["checks"].as_array().expect("a list");
    let of =
        |action: &str| checks.iter().find(|check| check["action"] == action).cloned().unwrap_or_default();
    assert_eq!(of("ec2:DescribeInstances")["outcome"], "allowed");
    assert!(!of("ec2:StopInstances").is_null(), "{report}");
    assert_eq!(world.call("POST", "/api/accounts/999999999999/test", Some(&admin)).await.problem().0, 404);
}

#[tokio::test]
async fn two_peoples_calls_carry_two_session_names() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    assert_eq!(add(&world, &admin, &by_role()).await.status, StatusCode::CREATED);
    for role in [Role::Viewer, Role::Operator] {
        let token = world.token(role).await;
        // A look at one instance is never answered from what another person was told.
        let path = format!("/api/ec2/{RUNNING}?account=555555555555");
        assert_eq!(world.get(&path, &token).await.status, StatusCode::OK);
    }
    let mut policies = Vec::new();
    for request in world.replay.requests().iter().filter(|it| it.operation() == "AssumeRole") {
        assert_eq!(request.form("ExternalId").as_deref(), Some(EXTERNAL));
        let policy = request.form("Policy").expect("a policy");
        policies
            .push((request.form("RoleSessionName").expect("a name"), policy.contains("ec2:StopInstances")));
    }
    let expected = [("admin", true), ("viewer", false), ("operator", true)];
    assert_eq!(policies, expected.map(|(name, may_stop)| (name.to_owned(), may_stop)));
}

#[tokio::test]
async fn what_another_server_changes_is_taken_over() {
    let world = World::new().await;
    let other = world.another_server().await;
    let admin = world.token(Role::Admin).await;
    add(&world, &admin, &by_key()).await;
    let (ours, theirs) = (world.app.ops(), &other);
    let known = |ops: &Ops| ops.accounts(&Caller::system()).len();
    assert_eq!((known(ours), known(theirs)), (2, 1));
    theirs.sync_accounts().await.expect("a look at the store");
    assert_eq!(known(theirs), 2);
    let scope = Scope::from_query(Some("444444444444"), None).expect("a scope");
    let list = theirs.list_instances(&Caller::system(), &scope, true).await.expect("a list");
    assert_eq!(list.failures().count(), 0, "its secret opens there, too");
    let id = "444444444444".parse().expect("an id");
    theirs.remove_account(&Caller::system(), &id, Some("fourth")).await.expect("removed");
    ours.sync_accounts().await.expect("a look at the store");
    assert_eq!(known(ours), 1);
}

#[tokio::test]
async fn the_master_key_is_changed_while_servers_run() {
    let world = World::new().await;
    let command = world.another_server().await;
    let admin = world.token(Role::Admin).await;
    add(&world, &admin, &by_key()).await;
    add(&world, &admin, &by_role()).await;
    let before = fs::read_to_string(world.data().join("master.key")).expect("a key");

    let rotated = command.rotate_master_key(&Caller::system()).await.expect("a rotation");
    assert_eq!(rotated.resealed, 2);
    let after = fs::read_to_string(world.data().join("master.key")).expect("a key");
    let keys = |text: &str| {
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(keys(&after).len(), 1);
    assert_ne!(keys(&before), keys(&after));

    // The server that has been running all the time opens what was sealed anew, and seals with the new key.
    let server = world.app.ops();
    server.sync_accounts().await.expect("a look at the store");
    for id in ["444444444444", "555555555555"] {
        let list = world.get(&format!("/api/ec2?account={id}&fresh=true"), &admin).await.json();
        assert_eq!(list["sources"][0]["error"], Value::Null, "{list}");
    }
    let mut sixth = by_key();
    sixth["id"] = json!("666666666666");
    sixth["accessKeyId"] = json!("AKID666666666666");
    assert_eq!(add(&world, &admin, &sixth).await.status, StatusCode::CREATED);
    let started_later = world.another_server().await;
    started_later.sync_accounts().await.expect("a look at the store");
    let details = started_later.list_accounts(&Caller::system()).await.expect("a list");
    assert!(details.iter().all(|it| it.problem.is_none()), "{details:?}");
    let again = started_later.rotate_master_key(&Caller::system()).await.expect("a second rotation");
    assert_eq!(again.resealed, 3);
}

#[tokio::test]
async fn an_account_whose_secret_does_not_open_says_so_and_leaves_the_others_alone() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    add(&world, &admin, &by_key()).await;
    fs::remove_file(world.data().join("master.key")).expect("the key is lost");
    let later = world.another_server().await;
    later.sync_accounts().await.expect("a look at the store");
    let whole = later.list_instances(&Caller::system(), &Scope::default(), true).await.expect("a list");
    let failed: Vec<_> =
        whole.failures().map(|(place, error)| (place.account.to_string(), error.code)).collect();
    assert_eq!(failed, [("444444444444".to_owned(), ErrorCode::Unavailable)]);
    let rotation = later.rotate_master_key(&Caller::system()).await.expect_err("it cannot be sealed anew");
    assert_eq!(rotation.code, ErrorCode::Conflict);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_without_javascript() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let cookie = format!("nephoscope_token={admin}");
    let page = world.page("/settings/accounts", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text.contains("from the configuration file") && page.text.contains("edit=new"),
        "{}",
        page.text
    );
    let filled = world.page("/settings/accounts?edit=new&id=444444444444&name=%3Cb%3E", &cookie).await;
    assert!(
        filled.text.contains("value=\"444444444444\"") && !filled.text.contains("<b>"),
        "{}",
        filled.text
    );

    let body = format!(
        "do=add&id=444444444444&name=fourth&color=red&regions=us-east-1%2C+eu-west-1&credentials=keys\
         &accessKeyId={KEY}&secretAccessKey={SECRET}&roleArn=&externalId=&from=&tokenFile="
    );
    let added = form(&world, &admin, "/settings/accounts", &body).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{added:?}");
    assert_eq!(added.headers[header::LOCATION], "/settings/accounts?done=added");
    let edited = body.replace("do=add", "do=edit").replace(SECRET, "").replace("name=fourth", "name=renamed");
    assert_eq!(form(&world, &admin, "/settings/accounts", &edited).await.status, StatusCode::SEE_OTHER);
    let page = world.page("/settings/accounts?remove=444444444444", &cookie).await;
    assert!(page.text.contains("Remove renamed?"), "{}", page.text);
    let wrong = form(&world, &admin, "/settings/accounts", "do=remove&id=444444444444&confirm=no").await;
    assert_eq!(wrong.status, StatusCode::PRECONDITION_REQUIRED);
    assert!(wrong.text.contains("must be typed"), "{}", wrong.text);
    let removed =
        form(&world, &admin, "/settings/accounts", "do=remove&id=444444444444&confirm=renamed").await;
    assert_eq!(removed.headers[header::LOCATION], "/settings/accounts?done=removed");

    let viewer = world.token(Role::Viewer).await;
    let page = world.page("/settings/accounts", &format!("nephoscope_token={viewer}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("test") && !page.text.contains("Access key"), "{}", page.text);
    assert!(!page.text.contains("AKID") && !page.text.contains("edit=new"), "{}", page.text);
    let refused = form(&world, &viewer, "/settings/accounts", &body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_scope_is_kept_and_forgotten() {
    let world = World::new().await;
    let viewer = world.token(Role::Viewer).await;
    let saved =
        form(&world, &viewer, "/settings/scopes", "name=mine&account=111111111111&region=&next=/ec2").await;
    assert_eq!(
        (saved.status, saved.headers[header::LOCATION].to_str().ok()),
        (StatusCode::SEE_OTHER, Some("/ec2"))
    );
    let list = world.post_json("/api/fn/scopes/list", Some(&viewer), "{}").await.json();
    assert_eq!(list, json!([{"name": "mine", "scope": {"accounts": ["111111111111"], "regions": []}}]));
    let elsewhere = "name=x&account=111111111111&next=https%3A%2F%2Fexample.com";
    let saved = form(&world, &viewer, "/settings/scopes", elsewhere).await;
    assert_eq!(saved.headers[header::LOCATION], "/dashboard");
    let nonsense = form(&world, &viewer, "/settings/scopes", "name=&account=111111111111&next=/ec2").await;
    assert_eq!(nonsense.status, StatusCode::BAD_REQUEST);
    for name in ["mine", "x"] {
        form(&world, &viewer, "/settings/scopes", &format!("do=remove&name={name}&next=/ec2")).await;
    }
    assert_eq!(world.post_json("/api/fn/scopes/list", Some(&viewer), "{}").await.json(), json!([]));
}
