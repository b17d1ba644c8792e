//! How much is heard: requests, log-ins, heads.

use std::{num::NonZeroU32, time::Duration};

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope::server::security::{RequestRates, SecuritySettings};
use nephoscope_model::identity::Role;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    live::Listening,
    world::{Answered, PASSWORD, Settings, World},
};

async fn world_with(rates: RequestRates) -> World {
    let security = SecuritySettings { rates, ..SecuritySettings::default() };
    World::with(Settings { security, ..Settings::default() }).await
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a request")
}

/// The seconds to wait, which the header and the document must agree on.
fn retry_after(answer: &Answered) -> u64 {
    assert_eq!(answer.problem(), (429, "rate_limited".to_owned()));
    let seconds = answer.headers[header::RETRY_AFTER].to_str().expect("text").parse().expect("a number");
    assert_eq!(answer.json()["retryAfter"], seconds);
    seconds
}

#[tokio::test]
async fn each_address_has_its_own_quota_and_is_told_when_to_come_again() {
    let world = world_with(RequestRates { per_address: NonZeroU32::new(6), per_user: None }).await;
    for _ in 0..6 {
        assert_eq!(world.send_from("192.0.2.1", get("/healthz")).await.status, StatusCode::OK);
    }
    // Six a minute: the next one in ten seconds.
    let wait = retry_after(&world.send_from("192.0.2.1", get("/healthz")).await);
    assert!((9..=10).contains(&wait), "{wait}");
    assert_eq!(world.send_from("192.0.2.2", get("/healthz")).await.status, StatusCode::OK);
    // One host owns a whole /64.
    for host in 1..=6 {
        let address = format!("2001:db8::{host}");
        assert_eq!(world.send_from(&address, get("/healthz")).await.status, StatusCode::OK);
    }
    assert!(retry_after(&world.send_from("2001:db8::7", get("/healthz")).await) >= 9);
}

#[tokio::test]
async fn the_wait_that_is_told_is_long_enough() {
    let world = world_with(RequestRates { per_address: NonZeroU32::new(600), per_user: None }).await;
    let mut wait = None;
    for _ in 0..700 {
        let answer = world.send_from("192.0.2.1", get("/healthz")).await;
        if answer.status != StatusCode::OK {
            wait = Some(retry_after(&answer));
            break;
        }
    }
    let wait = Duration::from_secs(wait.expect("the quota ends"));
    let heard_again = async {
        while world.send_from("192.0.2.1", get("/healthz")).await.status != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(wait + Duration::from_millis(200), heard_again).await.expect("heard after the wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_one_quota_wherever_they_are_and_others_have_theirs() {
    let world = world_with(RequestRates { per_address: None, per_user: NonZeroU32::new(5) }).await;
    let tokens = [world.token(Role::Viewer).await, world.token(Role::Viewer).await];
    let other = world.token(Role::Operator).await;
    let ask = async |address: &str, token: &str| {
        let request = Request::get("/api/session").header(header::AUTHORIZATION, format!("Bearer {token}"));
        world.send_from(address, request.body(Body::empty()).expect("a request")).await
    };
    for n in 0..5 {
        let answer = ask(&format!("192.0.2.{n}"), &tokens[n % 2]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    assert!(retry_after(&ask("198.51.100.1", &tokens[0]).await) >= 11);
    assert_eq!(ask("192.0.2.1", &other).await.status, StatusCode::OK);
    // A page says it in words.
    let page = world.page("/ec2", &format!("nephoscope_token={}", tokens[0])).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.headers.contains_key(header::RETRY_AFTER) && page.text.contains("<h1"), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_page_never_meets_the_usual_limits() {
    let world = World::new().await;
    let token = world.token(Role::Viewer).await;
    // Twenty colleagues in one office and one of them with many tabs: within a minute, a page with all its files each second and more.
    for n in 0..100 {
        let request = Request::get("/api/ec2").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = world.send_from("192.0.2.1", request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::OK, "{n}");
        for file in 0..30 {
            let answer = world.send_from("192.0.2.1", get(&format!("/pkg/part-{file}.wasm"))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
        }
    }
}

#[tokio::test]
async fn files_are_not_counted_and_those_that_are_missing_cost_no_page() {
    let world = world_with(RequestRates { per_address: NonZeroU32::new(2), per_user: None }).await;
    for path in ["/pkg/x.js", "/vendor/x.js", "/fonts/x.woff2", "/favicon.ico", "/robots.txt"].repeat(10) {
        let answer = world.send_from("192.0.2.1", get(path)).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (StatusCode::NOT_FOUND, "There is no such file.\n")
        );
    }
    assert_eq!(world.send_from("192.0.2.1", get("/healthz")).await.status, StatusCode::OK);
}

fn log_in(name: &str, password: &str) -> Request<Body> {
    let body = serde_json::json!({"username": name, "password": password}).to_string();
    let request = Request::post("/api/authenticate").header(header::CONTENT_TYPE, "application/json");
    request.body(Body::from(body)).expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_attempts_from_one_address_leave_the_account_to_its_owner() {
    let world = World::new().await;
    let session = world.token(Role::Operator).await;
    let (begun, mut heard) = (std::time::Instant::now(), 0);
    let mut waits = Vec::new();
    for n in 0..1_000 {
        let answer = world.send_from("192.0.2.1", log_in("operator", &format!("guess number {n}"))).await;
        match answer.status {
            StatusCode::UNAUTHORIZED => heard += 1,
            _ => waits.push(retry_after(&answer)),
        }
    }
    // After six that may be mistakes, waits of 1, 2, 4 … seconds: a flood that lasts longer is heard only so much more often.
    let most = 6 + begun.elapsed().as_secs().saturating_add(1).ilog2() + 1;
    assert!(heard <= most, "{heard} guesses were heard, at most {most} may be");
    assert!(waits.iter().all(|wait| (1..=900).contains(wait)), "{waits:?}");
    // The owner logs in from elsewhere, and who is logged in stays so.
    assert_eq!(world.send_from("198.51.100.7", log_in("operator", PASSWORD)).await.status, StatusCode::OK);
    assert_eq!(world.get("/api/session", &session).await.status, StatusCode::OK);
    // The right password does not help whoever guesses. On a slow machine a wait may just have ended: then the next one is longer.
    loop {
        let answer = world.send_from("192.0.2.1", log_in("operator", "one more guess")).await;
        if answer.status != StatusCode::UNAUTHORIZED && retry_after(&answer) >= 2 {
            break;
        }
    }
    retry_after(&world.send_from("192.0.2.1", log_in("operator", PASSWORD)).await);
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_with_words() {
    let world = World::new().await;
    let large = "x".repeat(33 << 10);
    for request in [
        Request::get("/api/ec2").header("x-large", &large).body(Body::empty()),
        Request::get(format!("/api/ec2?account={large}")).body(Body::empty()),
        Request::get("/api/ec2").header(header::COOKIE, &large).body(Body::empty()),
    ] {
        let answer = world.send(request.expect("a request")).await;
        assert_eq!(answer.problem(), (431, "head_too_large".to_owned()));
    }
    let fits = Request::get("/healthz").header("x-large", "x".repeat(30 << 10)).body(Body::empty());
    assert_eq!(world.send(fits.expect("a request")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_head_without_end_is_not_read_to_its_end() {
    let server = Listening::new().await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await.expect("sent");
    let line = format!("x-more: {}\r\n", "x".repeat(1_000));
    // The server answers before everything is sent, and may close while we still send.
    for _ in 0..2_000 {
        if stream.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.expect("closed");
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
}

#[tokio::test]
async fn a_client_that_dawdles_over_its_head_is_let_go() {
    let security =
        SecuritySettings { head_within: Duration::from_millis(300), ..SecuritySettings::default() };
    let server = Listening::with(World::with(Settings { security, ..Settings::default() }).await).await;
    for beginning in ["", "GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(beginning.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let closed = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        closed.expect("the server closes the connection").expect("without an error");
        let text = String::from_utf8_lossy(&answer);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    }
}
