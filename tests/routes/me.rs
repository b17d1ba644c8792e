//! `/api/me` and `/settings/me`: sessions, the password, tokens for programs.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use nephoscope_ops::Caller;
use serde_json::json;

use crate::{
    people::post_form,
    world::{Answered, PASSWORD, RUNNING, World},
};

async fn log_in_with(world: &World, name: &str, password: &str, agent: &str) -> Answered {
    let request = Request::post("/api/authenticate")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, agent)
        .body(Body::from(json!({"username": name, "password": password}).to_string()))
        .expect("a request");
    world.send(request).await
}

fn token_of(answer: &Answered) -> String {
    answer.json()["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
}

async fn add_token(world: &World, owner: &str, body: serde_json::Value) -> Answered {
    world.post_json("/api/me/tokens", Some(owner), &body.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_with_where_they_are_and_end_one_by_one() {
    let world = World::new().await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0";
    let (here, there) = (
        token_of(&log_in_with(&world, "viewer", PASSWORD, firefox).await),
        token_of(&log_in_with(&world, "viewer", PASSWORD, "curl/8.14").await),
    );
    let sessions = world.get("/api/me/sessions", &here).await.json();
    let words: Vec<_> = sessions
        .as_array()
        .expect("sessions")
        .iter()
        .map(|session| {
            (session["browser"].as_str(), session["address"].as_str(), session["current"].as_bool())
        })
        .collect();
    let address = Some("127.0.0.1");
    assert_eq!(
        words,
        [(Some("curl/8.14"), address, Some(false)), (Some("Firefox on Linux"), address, Some(true))]
    );

    let other = world.token(Role::Operator).await;
    let id = sessions[0]["id"].as_str().expect("an id");
    let strangers = world.call("DELETE", &format!("/api/me/sessions/{id}"), Some(&other)).await;
    assert_eq!(strangers.problem().0, 404, "nobody ends another's session");
    assert_eq!(world.call("DELETE", &format!("/api/me/sessions/{id}"), Some(&here)).await.status, 204);
    assert_eq!(world.get("/api/session", &there).await.problem(), (401, "token_invalid".to_owned()));
    assert_eq!(world.get("/api/session", &here).await.status, StatusCode::OK);

    assert_eq!(world.call("DELETE", "/api/me/sessions", Some(&here)).await.status, 204);
    assert_eq!(world.get("/api/session", &here).await.problem().0, 401, "everywhere is here too");
    assert_eq!(world.get("/api/session", &other).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_every_session_but_the_one_it_begins() {
    let world = World::new().await;
    let (here, there) = (world.token(Role::Viewer).await, world.token(Role::Viewer).await);
    let change = |present: &str, new: &str| {
        let body = json!({"present": present, "new": new}).to_string();
        let (world, here) = (&world, &here);
        async move { world.post_json("/api/me/password", Some(here), &body).await }
    };
    assert_eq!(change("wrong", "seven green lanterns").await.problem().0, 400);
    let weak = change(PASSWORD, "viewer1234").await;
    assert_eq!(weak.problem().0, 400);
    assert!(weak.text.contains("easy to guess"), "{}", weak.text);
    assert_eq!(world.get("/api/session", &there).await.status, StatusCode::OK, "nothing has changed");

    let changed = change(PASSWORD, "seven green lanterns").await;
    let next = token_of(&changed);
    for (token, status) in [(&here, 401), (&there, 401), (&next, 200)] {
        assert_eq!(world.get("/api/session", token).await.status, status);
    }
    assert_eq!(log_in_with(&world, "viewer", PASSWORD, "").await.problem().0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_a_program_works_everywhere_and_does_at_most_what_it_says() {
    let world = World::new().await;
    let owner = world.token(Role::Operator).await;
    let made = add_token(&world, &owner, json!({"name": "deploys", "role": "operator", "days": 30})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let token = token_of(&made);
    assert!(token.starts_with("nph_") && token.len() > 40, "{token}");
    assert_eq!(world.get("/api/session", &token).await.json()["role"], "operator");
    let stop = format!("/api/ec2/stop/{RUNNING}");

    let reader =
        add_token(&world, &owner, json!({"name": "r", "role": "operator", "readOnly": true, "days": 1}))
            .await;
    let refused = world.call("POST", &stop, Some(&token_of(&reader))).await;
    assert_eq!(refused.problem().0, 403);
    assert!(refused.text.contains("may only read"), "{}", refused.text);
    let lesser = add_token(&world, &owner, json!({"name": "v", "role": "viewer", "days": 1})).await;
    assert_eq!(world.call("POST", &stop, Some(&token_of(&lesser))).await.problem().0, 403);
    assert_eq!(world.call("POST", &stop, Some(&token)).await.status, StatusCode::OK);

    // Less for its owner is less for it.
    let (ops, system, name) = (world.app.ops(), Caller::system(), "operator".parse().expect("a name"));
    ops.set_role(&system, &name, Role::Viewer).await.expect("set");
    assert_eq!(world.call("POST", &format!("/api/ec2/start/{RUNNING}"), Some(&token)).await.problem().0, 403);
    ops.set_role(&system, &name, Role::Operator).await.expect("set");

    let listed = world.get("/api/me/tokens", &owner).await;
    assert_eq!(listed.json().as_array().map(Vec::len), Some(3));
    assert!(!listed.text.contains(&token) && listed.text.contains("lastUsedAt"), "{}", listed.text);
    let id = made.json()["info"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.call("DELETE", &format!("/api/me/tokens/{id}"), Some(&owner)).await.status, 204);
    assert_eq!(world.get("/api/session", &token).await.problem(), (401, "token_invalid".to_owned()));
    let records = world.records(AuditQuery::default()).await;
    assert!(!format!("{records:?}").contains(&token), "a token is not on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_no_way_to_more_than_itself() {
    let world = World::new().await;
    let owner = world.token(Role::Operator).await;
    let more = add_token(&world, &owner, json!({"name": "x", "role": "admin", "days": 1})).await;
    assert_eq!(more.problem().0, 403);
    for body in [
        json!({"name": "", "role": "viewer", "days": 1}),
        json!({"name": "x", "role": "viewer", "days": 0}),
        json!({"name": "x", "role": "viewer", "days": 10_000}),
        json!({"name": "x", "role": "root", "days": 1}),
        json!({"name": "a\nb", "role": "viewer", "days": 1}),
    ] {
        assert_eq!(add_token(&world, &owner, body.clone()).await.problem().0, 400, "{body}");
    }
    let token =
        token_of(&add_token(&world, &owner, json!({"name": "x", "role": "operator", "days": 1})).await);
    assert_eq!(
        add_token(&world, &token, json!({"name": "y", "role": "viewer", "days": 1})).await.problem().0,
        403
    );
    for (method, path, body) in [
        ("POST", "/api/me/password", json!({"present": PASSWORD, "new": "seven green lanterns"})),
        ("DELETE", "/api/me/sessions", json!({})),
        ("DELETE", "/api/me/sessions/x", json!({})),
        ("DELETE", "/api/me/tokens/x", json!({})),
    ] {
        let answer = world.send_json(method, path, Some(&token), &body.to_string()).await;
        assert_eq!(answer.problem().0, 403, "{method} {path}");
    }
    assert_eq!(world.get("/api/session", &owner).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_disabled_user_is_refused() {
    let world = World::new().await;
    let owner = world.token(Role::Viewer).await;
    let token = token_of(&add_token(&world, &owner, json!({"name": "x", "role": "viewer", "days": 1})).await);
    assert_eq!(world.get("/api/ec2", &token).await.status, StatusCode::OK);
    let name = "viewer".parse().expect("a name");
    world.app.ops().set_disabled(&Caller::system(), &name, true).await.expect("disabled");
    assert_eq!(world.get("/api/ec2", &token).await.problem(), (401, "token_invalid".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_what_is_mine_and_its_forms_work_without_javascript() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let cookie = format!("nephoscope_token={token}");
    let page = world.page("/settings/me", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in ["127.0.0.1", "this one", "Log out everywhere", "You have no tokens"] {
        assert!(page.text.contains(text), "{text} is not in {}", page.text);
    }
    let made =
        post_form(&world, "/settings/me", &token, "do=add-token&name=ci&role=viewer&days=7&read_only=1")
            .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let shown =
        made.text.split("value=\"nph_").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    assert_eq!(world.get("/api/ec2", &format!("nph_{shown}")).await.status, StatusCode::OK);
    let page = world.page("/settings/me", &cookie).await;
    assert!(page.text.contains("viewer, read only") && !page.text.contains(shown), "{}", page.text);

    let bad = post_form(&world, "/settings/me", &token, "do=add-token&name=ci&role=viewer&days=many").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    let changed = post_form(
        &world,
        "/settings/me",
        &token,
        &format!("do=password&present={}&new=seven+green+lanterns", PASSWORD.replace(' ', "+")),
    )
    .await;
    assert_eq!(changed.headers[header::LOCATION], "/settings/me?done=password", "{}", changed.text);
    assert_eq!(changed.headers.get_all(header::SET_COOKIE).iter().count(), 2, "it goes on in a new session");
    assert_eq!(
        world.page("/settings/me", &cookie).await.status,
        StatusCode::SEE_OTHER,
        "the old one has ended"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_used_twice_ends_the_session_and_the_audit_says_so() {
    let world = World::new().await;
    let first = log_in_with(&world, "viewer", PASSWORD, "").await.json();
    let refresh = |token: &serde_json::Value| {
        let body = json!({"refreshToken": token}).to_string();
        let world = &world;
        async move { world.post_json("/api/session/refresh", None, &body).await }
    };
    let second = refresh(&first["refreshToken"]).await.json();
    world.make_used_tokens_old();
    let stolen = refresh(&first["refreshToken"]).await;
    assert_eq!(stolen.problem(), (401, "token_invalid".to_owned()));
    assert!(stolen.text.contains("used before"), "{}", stolen.text);
    assert_eq!(refresh(&second["refreshToken"]).await.problem().0, 401, "the whole family is revoked");
    let token = second["token"].as_str().expect("a token");
    assert_eq!(world.get("/api/session", token).await.problem().0, 401, "and its JWT at once");

    let told = AuditQuery { operation: Some(Operation::ReuseToken), ..AuditQuery::default() };
    let told = world.records(told).await;
    assert_eq!((told.len(), told[0].actor.as_str(), told[0].outcome), (1, "viewer", Outcome::Failed));
    assert!(told[0].detail.contains("used before, so the session was ended"), "{told:?}");
}
