//! `/api/authenticate`, `/api/session/…`, `/login`, `/logout`.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::{
    ErrorCode, Operation,
    audit::{AuditQuery, Outcome},
    identity::Role,
};

use crate::world::{Answered, PASSWORD, World};

fn credentials(name: &str, password: &str) -> String {
    serde_json::json!({"username": name, "password": password}).to_string()
}

fn cookies(answer: &Answered) -> Vec<&str> {
    answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect()
}

/// The cookies as a browser would send them back.
fn cookie_header(answer: &Answered) -> String {
    cookies(answer).iter().filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn the_right_password_hands_out_a_token_and_cookies_that_scripts_cannot_read() {
    let world = World::new().await;
    let answer = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["expiresIn"], 300);
    let set = cookies(&answer);
    assert_eq!(set.len(), 2);
    for cookie in set {
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    }
    let token = answer.json()["token"].as_str().expect("a token").to_owned();
    let me = world.get("/api/session", &token).await;
    assert_eq!(me.json()["name"], "viewer");
    assert_eq!(me.json()["role"], "viewer");
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_a_disabled_user_get_the_same_answer() {
    let world = World::new().await;
    let system = nephoscope_ops::Caller::system();
    let name = "operator".parse().expect("a name");
    world.app.ops().set_disabled(&system, &name, true).await.expect("disabled");
    let mut texts = Vec::new();
    for (name, password) in
        [("viewer", "wrong"), ("nobody", PASSWORD), ("operator", PASSWORD), ("VIEWER'--", "x")]
    {
        let answer = world.post_json("/api/authenticate", None, &credentials(name, password)).await;
        assert_eq!(answer.problem(), (401, "unauthenticated".to_owned()));
        let mut told = answer.json();
        // Each request has an id of its own.
        assert!(told["requestId"].take().is_string());
        texts.push(told);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    let failed = AuditQuery { outcome: Some(Outcome::Failed), ..AuditQuery::default() };
    assert_eq!(world.records(failed).await.len(), 4);
}

#[tokio::test]
async fn too_many_attempts_are_not_heard() {
    let world = World::new().await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(world.post_json("/api/authenticate", None, &credentials("nobody", "x")).await.problem().0);
    }
    assert_eq!(codes.first(), Some(&401));
    assert_eq!(codes.last(), Some(&429));
    // Another name from the same place is still heard.
    assert_eq!(
        world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await.status,
        200
    );
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let world = World::new().await;
    let first = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await.json();
    let body = |token: &serde_json::Value| serde_json::json!({"refreshToken": token}).to_string();
    let second = world.post_json("/api/session/refresh", None, &body(&first["refreshToken"])).await;
    assert_eq!(second.status, StatusCode::OK);
    let second = second.json();
    assert_ne!(first["refreshToken"], second["refreshToken"]);
    let token = second["token"].as_str().expect("a token");
    assert_eq!(world.get("/api/session", token).await.status, StatusCode::OK);
    let unknown = world.post_json("/api/session/refresh", None, r#"{"refreshToken":"made up"}"#).await;
    assert_eq!(unknown.problem(), (401, "token_invalid".to_owned()));
}

#[tokio::test]
async fn logging_out_ends_the_session_at_once() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await;
    let (token, cookie) =
        (login.json()["token"].as_str().expect("a token").to_owned(), cookie_header(&login));
    assert_eq!(world.get("/api/session", &token).await.status, StatusCode::OK);
    let request = Request::post("/api/session/logout").header(header::COOKIE, &cookie);
    let answer = world.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(cookies(&answer).iter().all(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(world.get("/api/session", &token).await.problem(), (401, "token_invalid".to_owned()));
    let refresh = login.json()["refreshToken"].clone();
    let body = serde_json::json!({"refreshToken": refresh}).to_string();
    assert_eq!(world.post_json("/api/session/refresh", None, &body).await.problem().0, 401);
    let logged_out = AuditQuery { operation: Some(Operation::LogOut), ..AuditQuery::default() };
    let records = world.records(logged_out).await;
    assert_eq!((records.len(), records[0].actor.as_str()), (1, "viewer"));
}

#[tokio::test]
async fn a_session_that_its_refresh_token_alone_ends_stands_in_the_audit_once() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await.json();
    let body = serde_json::json!({"refreshToken": login["refreshToken"]}).to_string();
    for _ in 0..2 {
        assert_eq!(world.post_json("/api/session/logout", None, &body).await.status, StatusCode::NO_CONTENT);
    }
    let token = login["token"].as_str().expect("a token");
    assert_eq!(world.get("/api/session", token).await.problem(), (401, "token_invalid".to_owned()));
    let logged_out = AuditQuery { operation: Some(Operation::LogOut), ..AuditQuery::default() };
    let records = world.records(logged_out).await;
    assert_eq!((records.len(), records[0].actor.as_str()), (1, "viewer"));
    assert!(!records[0].request_id.is_empty() && !records[0].resource.is_empty(), "{:?}", records[0]);
}

/// Logs a browser out by its form; `path` with or without `?again`.
async fn log_out_by_form(world: &World, path: &str, cookie: &str) -> Answered {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::COOKIE, cookie);
    world.send(request.body(Body::empty()).expect("a request")).await
}

fn cookie_named<'a>(answer: &'a Answered, name: &str) -> &'a str {
    cookies(answer).into_iter().find(|cookie| cookie.starts_with(&format!("{name}="))).expect("the cookie")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_when_its_session_could_not_be_ended() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await;
    let refresh = login.json()["refreshToken"].as_str().expect("a token").to_owned();
    let token_alone = cookie_named(&login, "nephoscope_token").to_owned();
    world.app.ops().close().await;

    let answer = log_out_by_form(&world, "/logout", &cookie_header(&login)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.headers[header::LOCATION], "/login?error=not-logged-out");
    for name in ["nephoscope_token", "nephoscope_refresh"] {
        assert!(cookie_named(&answer, name).contains("Max-Age=0"), "{answer:?}");
    }
    let unended = cookie_named(&answer, "nephoscope_unended");
    assert!(unended.starts_with(&format!("nephoscope_unended={refresh};")), "{unended}");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/logout", "Max-Age=600"] {
        assert!(unended.contains(part), "{part} is not in {unended}");
    }
    let page = world.page("/login?error=not-logged-out", "").await;
    assert!(page.text.contains("Your session may still live") && page.text.contains("\"/logout?again\""));

    let again = log_out_by_form(&world, "/logout?again", &format!("nephoscope_unended={refresh}")).await;
    assert_eq!(again.headers[header::LOCATION], "/login?error=not-logged-out");
    assert!(cookie_named(&again, "nephoscope_unended").contains(&refresh), "{again:?}");

    // A JWT alone cannot be kept for later; programs are told by the status.
    let alone = log_out_by_form(&world, "/logout", &token_alone).await;
    assert_eq!(alone.headers[header::LOCATION], "/login?error=cannot-log-out");
    let token = login.json()["token"].as_str().expect("a token").to_owned();
    let program = world.call("POST", "/api/session/logout", Some(&token)).await;
    assert_eq!(program.problem(), (503, "unavailable".to_owned()));
}

#[tokio::test]
async fn a_session_that_could_not_be_ended_is_ended_by_the_next_try() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await.json();
    let (token, refresh) =
        (login["token"].as_str().expect("a token"), login["refreshToken"].as_str().expect("a token"));
    let unended = format!("nephoscope_unended={refresh}");
    let again = log_out_by_form(&world, "/logout?again", &unended).await;
    assert_eq!(again.headers[header::LOCATION], "/login");
    assert!(cookie_named(&again, "nephoscope_unended").contains("Max-Age=0"), "{again:?}");
    assert_eq!(world.get("/api/session", token).await.problem(), (401, "token_invalid".to_owned()));
    // With nothing left it does not pretend.
    let late = log_out_by_form(&world, "/logout?again", "").await;
    assert_eq!(late.headers[header::LOCATION], "/login?error=cannot-log-out");
    let nobody = log_out_by_form(&world, "/logout", "").await;
    assert_eq!(nobody.headers[header::LOCATION], "/login");
}

#[tokio::test]
async fn the_form_of_a_browser_without_javascript_logs_in_and_goes_on_to_the_page() {
    let world = World::new().await;
    let form = |password: &str| {
        Request::post("/login")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!(
                "name=viewer&password={}&next=%2Fec2%3Fq%3Dweb",
                password.replace(' ', "+")
            )))
            .expect("a request")
    };
    let good = world.send(form(PASSWORD)).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER);
    assert_eq!(good.headers[header::LOCATION], "/ec2?q=web");
    let bad = world.send(form("wrong")).await;
    assert_eq!(bad.status, StatusCode::SEE_OTHER);
    let location = bad.headers[header::LOCATION].to_str().expect("text");
    assert!(location.starts_with("/login?error=invalid&next=/ec2"), "{location}");
}

#[tokio::test]
async fn a_page_asked_for_with_only_a_refresh_token_is_shown_and_renewed() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await;
    let refresh = cookie_header(&login)
        .split("; ")
        .find(|cookie| cookie.starts_with("nephoscope_refresh"))
        .expect("a refresh cookie")
        .to_owned();
    let page = world.page("/ec2", &refresh).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(cookies(&page).len(), 2, "both cookies are new");
    assert!(page.text.contains("web-1"));
}

#[tokio::test]
async fn a_request_that_another_site_caused_changes_nothing() {
    let world = World::new().await;
    let request = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(format!("name=viewer&password={}", PASSWORD.replace(' ', "+"))))
        .expect("a request");
    assert_eq!(world.send(request).await.problem(), (403, "forbidden".to_owned()));
    let logins = AuditQuery { operation: Some(Operation::LogIn), ..AuditQuery::default() };
    assert!(world.records(logins).await.is_empty());
}

#[tokio::test]
async fn a_disabled_user_is_refused_though_the_token_is_good() {
    let world = World::new().await;
    let token = world.token(Role::Operator).await;
    let system = nephoscope_ops::Caller::system();
    world
        .app
        .ops()
        .set_disabled(&system, &"operator".parse().expect("a name"), true)
        .await
        .expect("disabled");
    let answer = world.get("/api/session", &token).await;
    assert_eq!(answer.problem(), (401, "token_invalid".to_owned()));
    assert_eq!(answer.json()["code"], serde_json::to_value(ErrorCode::TokenInvalid).expect("a code"));
}

#[tokio::test]
async fn a_program_that_logs_out_with_its_token_alone_is_logged_out() {
    let world = World::new().await;
    let login = world.post_json("/api/authenticate", None, &credentials("viewer", PASSWORD)).await.json();
    let token = login["token"].as_str().expect("a token");
    assert_eq!(world.call("POST", "/api/session/logout", Some(token)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.get("/api/session", token).await.problem(), (401, "token_invalid".to_owned()));
    let body = serde_json::json!({"refreshToken": login["refreshToken"]}).to_string();
    assert_eq!(world.post_json("/api/session/refresh", None, &body).await.problem().0, 401);
}

#[tokio::test]
async fn what_was_typed_as_a_name_is_not_kept_and_attempts_not_heard_leave_no_record() {
    let world = World::new().await;
    for _ in 0..20 {
        world.post_json("/api/authenticate", None, &credentials("hunter2\nINFO forged", "x")).await;
    }
    let records =
        world.records(AuditQuery { operation: Some(Operation::LogIn), ..AuditQuery::default() }).await;
    assert!((1..=11).contains(&records.len()), "{}", records.len());
    assert!(!format!("{records:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_link_on_another_site_cannot_lead_through_us_to_a_third() {
    let world = World::new().await;
    for path in ["//evil.example/login", "/\\evil.example"] {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "cross-site")
            .body(Body::empty())
            .expect("a request");
        let answer = world.send(request).await;
        assert!(!answer.text.contains("evil.example"), "{}", answer.text);
    }
}
