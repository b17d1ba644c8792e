//! What no well-meaning client sends.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope_model::identity::Role;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn malformed_json_says_where_without_repeating_it() {
    let world = World::new().await;
    for body in
        ["{", "[]", "\"hunter2", r#"{"username": "viewer"}"#, r#"{"username": 7, "password": "hunter2"}"#]
    {
        let answer = world.post_json("/api/authenticate", None, body).await;
        assert_eq!(answer.problem(), (400, "invalid_input".to_owned()), "{body}");
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    }
    let request = Request::post("/api/authenticate").body(Body::from("username=viewer")).expect("a request");
    assert_eq!(world.send(request).await.problem().0, 400);
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_too_large_whether_it_says_so_or_not() {
    let world = World::new().await;
    let body = format!(r#"{{"username":"{}","password":"x"}}"#, "a".repeat(10 << 20));
    let declared = Request::post("/api/authenticate")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_LENGTH, body.len())
        .body(Body::from(body.clone()))
        .expect("a request");
    assert_eq!(world.send(declared).await.problem(), (413, "payload_too_large".to_owned()));
    let chunks = futures::stream::iter(
        body.into_bytes()
            .chunks(1 << 16)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect::<Vec<_>>(),
    );
    let streamed = Request::post("/api/authenticate")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from_stream(chunks))
        .expect("a request");
    assert_eq!(world.send(streamed).await.problem(), (413, "payload_too_large".to_owned()));
}

#[tokio::test]
async fn tokens_that_are_tampered_with_or_garbled_are_refused() {
    let world = World::new().await;
    let good = world.token(Role::Viewer).await;
    let mut tampered = good.clone().into_bytes();
    let middle = tampered.len() / 2;
    tampered[middle] = if tampered[middle] == b'A' { b'B' } else { b'A' };
    for bad in
        [String::from_utf8(tampered).expect("ASCII"), format!("{good}x"), "x".to_owned(), "a.b.c".to_owned()]
    {
        assert_eq!(world.get("/api/ec2", &bad).await.problem(), (401, "token_invalid".to_owned()));
    }
    for value in ["Basic dmlld2VyOng=", "Bearer", "bearer"] {
        let request = Request::get("/api/ec2").header(header::AUTHORIZATION, value).body(Body::empty());
        assert_eq!(world.send(request.expect("a request")).await.problem().0, 401, "{value}");
    }
    let lower =
        Request::get("/api/ec2").header(header::AUTHORIZATION, format!("bearer {good}")).body(Body::empty());
    assert_eq!(world.send(lower.expect("a request")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_under_api() {
    let world = World::new().await;
    let token = world.token(Role::Admin).await;
    for path in ["/api", "/api/nothing", "/api/ec2/instances/more/and/more", "/api/fn/nothing"] {
        let (status, code) = world.get(path, &token).await.problem();
        assert_eq!((status, code.as_str()), (404, "not_found"), "{path}");
    }
    for (method, path) in [("DELETE", "/api/ec2"), ("POST", "/api/log/groups"), ("GET", "/api/authenticate")]
    {
        let (status, code) = world.call(method, path, Some(&token)).await.problem();
        assert_eq!((status, code.as_str()), (405, "method_not_allowed"), "{method} {path}");
    }
}

#[tokio::test]
async fn elsewhere_an_unknown_path_is_a_page_that_helps() {
    let world = World::new().await;
    let body = serde_json::json!({"username": "viewer", "password": PASSWORD}).to_string();
    let login = world.post_json("/api/authenticate", None, &body).await;
    let cookie = format!("nephoscope_token={}", login.json()["token"].as_str().expect("a token"));
    for path in ["/nothing", "/ec2/../../etc/passwd", "/%00", "/ec2/i-1/x/y"] {
        let page = world.page(path, &cookie).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.text.contains("/dashboard"), "{path} leads nowhere");
    }
}

#[tokio::test]
async fn arguments_that_a_server_function_does_not_understand_are_the_callers_fault() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    for body in ["{", "{}", r#"{"scope": 7, "fresh": false}"#] {
        let answer = world.post_json("/api/fn/ec2/list", Some(&token), body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_input"))
        );
    }
}

#[tokio::test]
async fn a_client_does_not_choose_the_name_of_its_request() {
    let world = World::new().await;
    let request =
        Request::get("/healthz").header("x-request-id", "mine").body(Body::empty()).expect("a request");
    let answer = world.send(request).await;
    assert_ne!(answer.headers["x-request-id"], "mine");
}
