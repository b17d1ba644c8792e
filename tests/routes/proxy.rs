//! Who the client is, when there is a proxy and when somebody only says so.

use axum::body::Body;
use http::{Request, StatusCode, header};
use nephoscope::server::security::{ForwardedBy, SecuritySettings, TrustedProxies};

use crate::world::{PASSWORD, Settings, World};

async fn behind(proxies: &[&str]) -> World {
    let networks = proxies.iter().map(|network| network.parse().expect("a network")).collect();
    let proxies = TrustedProxies::new(networks, ForwardedBy::XForwarded);
    let security = SecuritySettings { proxies, ..SecuritySettings::default() };
    World::with(Settings { security, ..Settings::default() }).await
}

fn log_in(password: &str, forwarded_for: &str) -> Request<Body> {
    let body = serde_json::json!({"username": "viewer", "password": password}).to_string();
    Request::post("/api/authenticate")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", forwarded_for)
        .header("forwarded", format!("for={forwarded_for}"))
        .header("x-real-ip", forwarded_for)
        .body(Body::from(body))
        .expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn inventing_addresses_buys_no_attempts() {
    for proxies in [&[][..], &["10.0.0.0/8"]] {
        let world = behind(proxies).await;
        let mut heard = 0;
        for n in 0..60 {
            let answer = world.send_from("192.0.2.1", log_in("wrong", &format!("203.0.113.{n}"))).await;
            heard += usize::from(answer.status == StatusCode::UNAUTHORIZED);
        }
        assert!(heard <= 12, "{heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inventing_addresses_through_a_trusted_proxy_buys_none_either() {
    let world = behind(&["10.0.0.0/8"]).await;
    let mut heard = 0;
    for n in 0..60 {
        // The proxy adds whom it sees to what the client wrote.
        let chain = format!("203.0.113.{n}, 198.51.100.1");
        heard += usize::from(
            world.send_from("10.0.0.1", log_in("wrong", &chain)).await.status == StatusCode::UNAUTHORIZED,
        );
    }
    assert!(heard <= 12, "{heard}");
    // Somebody else behind the same proxy is somebody else.
    let other = world.send_from("10.0.0.1", log_in(PASSWORD, "198.51.100.2")).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_calls_itself_loopback_does_not_get_the_metrics() {
    let ask = |address: &str| {
        Request::get("/metrics").header("x-forwarded-for", address).body(Body::empty()).expect("a request")
    };
    let world = behind(&["127.0.0.1/32", "10.0.0.0/8"]).await;
    assert_eq!(world.send_from("127.0.0.1", ask("198.51.100.7")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        world.send_from("10.0.0.1", ask("127.0.0.1, 198.51.100.7")).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(world.send_from("192.0.2.1", ask("127.0.0.1")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.call("GET", "/metrics", None).await.status, StatusCode::OK);
}
