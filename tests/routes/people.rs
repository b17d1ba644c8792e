//! `/api/users`, `/settings/people` and `/password`.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};
use nephoscope_ops::Caller;
use serde_json::json;

use crate::world::{ACCOUNT, Answered, PASSWORD, World};

/// Posts a form as a browser without JavaScript does.
pub(crate) async fn post_form(world: &World, path: &str, token: &str, form: &str) -> Answered {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, format!("nephoscope_token={token}"));
    world.send(request.body(Body::from(form.to_owned())).expect("a request")).await
}

/// The link in a page or an answer.
fn link_in(text: &str) -> String {
    let after = text.split("/password?token=").nth(1).expect("a link");
    let token = after.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter)));
    token.into_iter().next().expect("a token").to_owned()
}

async fn log_in(world: &World, name: &str, password: &str) -> Answered {
    let body = json!({"username": name, "password": password}).to_string();
    world.post_json("/api/authenticate", None, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_invited_sets_a_password_by_the_link_once() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let invited = world
        .post_json("/api/users", Some(&admin), &json!({"name": "eve", "role": "operator"}).to_string())
        .await;
    assert_eq!(invited.status, StatusCode::CREATED, "{invited:?}");
    let link = link_in(&invited.text);
    assert_eq!(world.get("/api/users/eve", &admin).await.json()["hasPassword"], false);
    for guess in ["", "anything at all"] {
        assert_eq!(log_in(&world, "eve", guess).await.problem().0, 401, "without a password nobody logs in");
    }

    let path = format!("/password?token={link}");
    let page = world.page(&path, "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("type=\"password\"") && page.text.contains("eve"), "{}", page.text);
    // The address holds a secret: nothing of the page tells it to anybody else.
    assert!(!page.text.contains("<script") && page.headers[header::REFERRER_POLICY] == "same-origin");

    let weak = post_form(&world, "/password", "", &format!("token={link}&password=password1234")).await;
    assert_eq!(weak.status, StatusCode::BAD_REQUEST);
    assert!(weak.text.contains("easy to guess") && !weak.text.contains("password1234"), "{}", weak.text);
    let set = format!("token={link}&password=seven+green+lanterns");
    let done = post_form(&world, "/password", "", &set).await;
    assert_eq!(
        (done.status, &done.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/login".parse().expect("a header"))
    );
    assert_eq!(log_in(&world, "eve", "seven green lanterns").await.status, StatusCode::OK);

    let again = post_form(&world, "/password", "", &set).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert!(again.text.contains("works once"), "{}", again.text);
    assert_eq!(world.page(&path, "").await.status, StatusCode::NOT_FOUND);
    let redeemed = AuditQuery { operation: Some(Operation::RedeemLink), ..AuditQuery::default() };
    assert_eq!(world.records(redeemed).await[0].actor, "eve");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_grants_and_being_disabled_count_and_are_answered() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let patch = |body: serde_json::Value| {
        let (world, admin) = (&world, &admin);
        async move { world.send_json("PATCH", "/api/users/viewer", Some(admin), &body.to_string()).await }
    };
    let viewer = world.token(Role::Viewer).await;
    assert_eq!(patch(json!({"role": "operator"})).await.json()["role"], "operator");
    assert_eq!(
        world.get("/api/session", &viewer).await.json()["role"],
        "operator",
        "without logging in anew"
    );

    let grant = format!("/api/users/viewer/grants/{ACCOUNT}");
    let granted = world.send_json("PUT", &grant, Some(&admin), r#"{"role":"viewer"}"#).await;
    assert_eq!(granted.json()["grants"], json!({ACCOUNT: "viewer"}));
    let too_much = world.send_json("PUT", &grant, Some(&admin), r#"{"role":"admin"}"#).await;
    assert_eq!(too_much.problem(), (400, "invalid_input".to_owned()));
    let bad =
        world.send_json("PUT", "/api/users/viewer/grants/12", Some(&admin), r#"{"role":"viewer"}"#).await;
    assert_eq!(bad.problem().0, 400);
    assert_eq!(world.call("DELETE", &grant, Some(&admin)).await.json()["grants"], json!({}));

    assert_eq!(patch(json!({"disabled": true})).await.json()["disabled"], true);
    assert_eq!(world.get("/api/session", &viewer).await.problem(), (401, "token_invalid".to_owned()));
    assert_eq!(patch(json!({"disabled": false})).await.status, StatusCode::OK);
    assert_eq!(world.get("/api/session", &viewer).await.problem().0, 401, "enabling revives nothing");
    assert_eq!(patch(json!({"rle": "admin"})).await.problem().0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_and_oneself_are_safe() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    for (method, path, body) in [
        ("PATCH", "/api/users/admin", r#"{"role":"viewer"}"#),
        ("PATCH", "/api/users/admin", r#"{"disabled":true}"#),
        ("DELETE", "/api/users/admin?confirm=admin", "{}"),
        ("POST", "/api/users/admin/reset", "{}"),
    ] {
        let answer = world.send_json(method, path, Some(&admin), body).await;
        assert_eq!(answer.problem(), (409, "conflict".to_owned()), "{method} {path} {body}");
    }
    // Another administrator who has never set a password is nobody to rely on, and may be sent away.
    let ops = world.app.ops();
    let eve = "eve".parse().expect("a name");
    ops.invite_user(&Caller::system(), &eve, None, Role::Admin).await.expect("invited");
    let demote = world.send_json("PATCH", "/api/users/eve", Some(&admin), r#"{"role":"viewer"}"#).await;
    assert_eq!(demote.status, StatusCode::OK, "{demote:?}");

    let unconfirmed = world.call("DELETE", "/api/users/eve", Some(&admin)).await;
    assert_eq!(unconfirmed.problem(), (428, "confirmation_required".to_owned()));
    let removed = world.call("DELETE", "/api/users/eve?confirm=eve", Some(&admin)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{removed:?}");
    assert_eq!(world.get("/api/users/eve", &admin).await.problem().0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_cannot_show_each_other_out_at_once() {
    let world = World::new().await;
    let ops = world.app.ops();
    let (one, two) = ("admin".parse().expect("a name"), "second".parse().expect("a name"));
    ops.add_user(&Caller::system(), &two, None, Role::Admin, &PASSWORD.into()).await.expect("a user");
    let first = ops.identify(&world.token(Role::Admin).await, "").await.expect("good");
    let second =
        log_in(&world, "second", PASSWORD).await.json()["token"].as_str().expect("a token").to_owned();
    let second = ops.identify(&second, "").await.expect("good");
    let (a, b) =
        tokio::join!(ops.set_role(&first, &two, Role::Viewer), ops.set_disabled(&second, &one, true));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let users = ops.list_users(&Caller::system()).await.expect("users");
    assert_eq!(users.iter().filter(|user| user.is_active_admin()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_takes_the_password_and_the_sessions_away() {
    let world = World::new().await;
    let (admin, viewer) = (world.token(Role::Admin).await, world.token(Role::Viewer).await);
    let reset = world.call("POST", "/api/users/viewer/reset", Some(&admin)).await;
    assert_eq!(reset.status, StatusCode::OK);
    assert_eq!(world.get("/api/session", &viewer).await.problem().0, 401);
    assert_eq!(log_in(&world, "viewer", PASSWORD).await.problem().0, 401, "the old password is gone");
    let link = link_in(&reset.text);
    post_form(&world, "/password", "", &format!("token={link}&password=seven+green+lanterns")).await;
    assert_eq!(log_in(&world, "viewer", "seven green lanterns").await.status, StatusCode::OK);
    let records = world.records(AuditQuery::default()).await;
    assert!(!format!("{records:?}").contains(&link), "the secret of a link is not on record");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_given_changed_and_taken_away_and_is_one_persons() {
    let world = World::new().await;
    let (admin, viewer) = (world.token(Role::Admin).await, world.token(Role::Viewer).await);
    let put = |name: &'static str, body: serde_json::Value| {
        let (world, admin, path) = (&world, &admin, format!("/api/users/{name}/email"));
        async move { world.send_json("PUT", &path, Some(admin), &body.to_string()).await }
    };
    let invitation = json!({"name": "eve", "role": "viewer", "email": " Eve@Example.com "}).to_string();
    assert_eq!(world.post_json("/api/users", Some(&admin), &invitation).await.status, StatusCode::CREATED);
    assert_eq!(world.get("/api/users/eve", &admin).await.json()["email"], "eve@example.com");
    assert_eq!(world.get("/api/users/viewer", &admin).await.json()["email"], json!(null));

    let given = put("viewer", json!({"email": "Viewer@example.com"})).await;
    assert_eq!(given.json()["email"], "viewer@example.com", "{given:?}");
    assert_eq!(
        world.get("/api/me", &viewer).await.json()["user"]["email"],
        "viewer@example.com",
        "and still logged in"
    );
    let taken = put("viewer", json!({"email": "EVE@example.com"})).await;
    assert_eq!(taken.problem(), (409, "conflict".to_owned()));
    assert!(taken.text.contains("eve@example.com is taken: eve has it"), "{}", taken.text);
    let both = json!({"name": "bob", "role": "viewer", "email": "eve@example.com"}).to_string();
    let taken = world.post_json("/api/users", Some(&admin), &both).await;
    assert!(taken.problem().0 == 409 && taken.text.contains("address eve@example.com"), "{}", taken.text);
    assert_eq!(world.get("/api/users/bob", &admin).await.problem().0, 404);
    let name = json!({"name": "eve", "role": "viewer", "email": "another@example.com"}).to_string();
    let taken = world.post_json("/api/users", Some(&admin), &name).await;
    assert!(taken.problem().0 == 409 && taken.text.contains("The name eve is taken"), "{}", taken.text);

    for bad in [
        json!({}),
        json!({"email": ""}),
        json!({"email": "viewer"}),
        json!({"email": 1}),
        json!({"mail": null}),
    ] {
        assert_eq!(put("viewer", bad.clone()).await.problem(), (400, "invalid_input".to_owned()), "{bad}");
    }
    assert_eq!(put("nobody", json!({"email": "n@example.com"})).await.problem().0, 404);
    assert_eq!(world.get("/api/users/viewer", &admin).await.json()["email"], "viewer@example.com");
    assert_eq!(put("viewer", json!({"email": null})).await.json()["email"], json!(null));

    let schemas = world.call("GET", "/api/openapi.json", None).await.json()["components"]["schemas"].clone();
    assert_eq!(schemas["EmailBody"]["required"], json!(["email"]), "null is said, not left out");
    for schema in ["EmailBody", "Invitation", "User"] {
        let email = &schemas[schema]["properties"]["email"];
        assert_eq!(
            (&email["format"], &email["type"]),
            (&json!("email"), &json!(["string", "null"])),
            "{schema}"
        );
    }

    let set = AuditQuery {
        operation: Some(Operation::SetEmail),
        outcome: Some(Outcome::Succeeded),
        ..AuditQuery::default()
    };
    let records = world.records(set).await;
    let said = |record: &nephoscope_model::audit::AuditRecord| {
        (record.before["e-mail"].clone(), record.after["e-mail"].clone())
    };
    let expected = [("viewer@example.com", "none"), ("none", "viewer@example.com")];
    assert_eq!(
        records.iter().map(said).collect::<Vec<_>>(),
        expected.map(|(before, after)| (before.to_owned(), after.to_owned()))
    );
    assert!(records.iter().all(|record| record.actor == "admin" && record.resource == "viewer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_administrator_sets_an_address_not_even_their_own() {
    let world = World::new().await;
    for role in [Role::Viewer, Role::Operator] {
        let (path, token) = (format!("/api/users/{role}/email"), world.token(role).await);
        let refused = world.send_json("PUT", &path, Some(&token), r#"{"email":"me@example.com"}"#).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()), "{role}");
        let form =
            post_form(&world, &format!("/settings/people/{role}"), &token, "do=email&email=me@example.com")
                .await;
        assert_eq!(form.status, StatusCode::FORBIDDEN, "{role}");
    }
    let admin = world.token(Role::Admin).await;
    let own =
        world.send_json("PUT", "/api/users/admin/email", Some(&admin), r#"{"email":"me@example.com"}"#).await;
    assert_eq!(own.json()["email"], "me@example.com", "{own:?}");
    for user in world.get("/api/users", &admin).await.json().as_array().expect("a list") {
        assert_eq!(user["email"].is_null(), user["name"] != "admin", "{user}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_stand_on_the_pages_and_in_their_forms() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let cookie = format!("nephoscope_token={admin}");
    let invited =
        post_form(&world, "/settings/people", &admin, "name=eve&role=viewer&email=+Eve@Example.com+").await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
    let without = post_form(&world, "/settings/people", &admin, "name=bob&role=viewer&email=").await;
    assert_eq!(without.status, StatusCode::OK, "{}", without.text);
    assert_eq!(world.get("/api/users/bob", &admin).await.json()["email"], json!(null));
    let list = world.page("/settings/people", &cookie).await;
    assert!(list.text.contains("eve@example.com") && list.text.contains("name=\"email\""), "{}", list.text);

    let page = "/settings/people/eve";
    let person = world.page(page, &cookie).await;
    assert!(
        person.text.contains("value=\"eve@example.com\"") && person.text.contains("vouches for this address"),
        "{}",
        person.text
    );
    for (typed, now) in
        [("o'brien%40example.com", json!("o'brien@example.com")), ("", json!(null)), ("%20", json!(null))]
    {
        let answer = post_form(&world, page, &admin, &format!("do=email&email={typed}")).await;
        assert_eq!(answer.headers[header::LOCATION], "/settings/people/eve?done=email", "{}", answer.text);
        assert_eq!(world.get("/api/users/eve", &admin).await.json()["email"], now, "{typed:?}");
    }
    let done = world.page("/settings/people/eve?done=email", &cookie).await;
    assert!(done.text.contains("The e-mail address is changed."), "{}", done.text);
    let bad = post_form(&world, page, &admin, "do=email&email=%3Cscript%3E@example.com").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.text.contains("is not an e-mail address") && !bad.text.contains("<script>@"), "{}", bad.text);

    let own = post_form(&world, "/settings/people/admin", &admin, "do=email&email=admin@example.com").await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.text);
    let me = world.page("/settings/me", &cookie).await;
    assert!(me.text.contains("admin@example.com"), "{}", me.text);
    assert!(!me.text.contains("name=\"email\""), "it is not one's own to change");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_work_without_javascript() {
    let world = World::new().await;
    let admin = world.token(Role::Admin).await;
    let cookie = format!("nephoscope_token={admin}");
    let list = world.page("/settings/people", &cookie).await;
    assert_eq!(list.status, StatusCode::OK);
    for text in ["operator", "/settings/people/viewer", "action=\"/settings/people\""] {
        assert!(list.text.contains(text), "{text} is not in {}", list.text);
    }

    let invited = post_form(&world, "/settings/people", &admin, "name=+Eve+&role=viewer").await;
    assert_eq!(invited.status, StatusCode::OK, "{}", invited.text);
    link_in(&invited.text);
    let person = world.page("/settings/people/eve", &cookie).await;
    assert!(person.text.contains("invited") && person.text.contains("Role in test"), "{}", person.text);

    for (form, done) in [
        ("do=role&role=operator".to_owned(), "role"),
        (format!("do=grant&account={ACCOUNT}&role=viewer"), "grant"),
        ("do=disable".to_owned(), "disabled"),
        ("do=enable".to_owned(), "enabled"),
    ] {
        let answer = post_form(&world, "/settings/people/eve", &admin, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}: {}", answer.text);
        let location = answer.headers[header::LOCATION].to_str().expect("text");
        assert_eq!(location, format!("/settings/people/eve?done={done}"));
        let page = world.page(location, &cookie).await;
        assert!(page.text.contains("role=\"status\""), "{done}: {}", page.text);
    }
    let user = world.get("/api/users/eve", &admin).await.json();
    assert_eq!((&user["role"], &user["grants"][ACCOUNT]), (&json!("operator"), &json!("viewer")));

    let wrong = post_form(&world, "/settings/people/eve", &admin, "do=remove&confirm=ev").await;
    assert_eq!(wrong.status, StatusCode::PRECONDITION_REQUIRED);
    assert!(wrong.text.contains("name must be typed"), "{}", wrong.text);
    let removed = post_form(&world, "/settings/people/eve", &admin, "do=remove&confirm=eve").await;
    assert_eq!(removed.headers[header::LOCATION], "/settings/people?done=removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_are_for_administrators_and_their_forms_for_our_own_site() {
    let world = World::new().await;
    let operator = world.token(Role::Operator).await;
    for path in ["/settings/people", "/settings/people/viewer"] {
        let page = world.page(path, &format!("nephoscope_token={operator}")).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.text.contains("this needs the role admin"), "{path}: {}", page.text);
        let form = post_form(&world, path, &operator, "do=role&role=admin&name=eve").await;
        assert_eq!(form.status, StatusCode::FORBIDDEN, "{path}");
    }
    let stranger = post_form(&world, "/settings/people/viewer", "", "do=enable").await;
    assert_eq!(stranger.headers[header::LOCATION], "/login?next=/settings/people/viewer");

    let admin = world.token(Role::Admin).await;
    let forged = Request::post("/settings/people/viewer")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, format!("nephoscope_token={admin}"))
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("do=role&role=admin"))
        .expect("a request");
    assert_eq!(world.send(forged).await.status, StatusCode::FORBIDDEN);
    let refused = AuditQuery { outcome: Some(Outcome::Refused), ..AuditQuery::default() };
    assert!(world.records(refused).await.iter().all(|record| record.actor == "operator"));
}
