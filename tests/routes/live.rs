//! `/api/live`, over a real socket.

use std::{net::SocketAddr, time::Duration};

use futures::{SinkExt, StreamExt};
use nephoscope_model::identity::Role;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::world::{RUNNING, World};

const PATIENCE: Duration = Duration::from_secs(30);

/// A world whose server really listens.
struct Listening {
    world: World,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Listening {
    async fn new() -> Self {
        let world = World::new().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let app = world.app.clone();
        let server = tokio::spawn(async move {
            let stopped = async { stopped.await.unwrap_or_default() };
            nephoscope::server::run(app, listener, stopped, Duration::from_secs(10)).await;
        });
        Self { world, address, stop: Some(stop), server }
    }

    async fn connect(&self, headers: &[(&'static str, String)]) -> Client {
        let mut request = format!("ws://{}/api/live", self.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        Client(tokio_tungstenite::connect_async(request).await.expect("a connection").0)
    }

    async fn connect_as(&self, role: Role) -> Client {
        let token = self.world.token(role).await;
        let mut client = self.connect(&[("authorization", format!("Bearer {token}"))]).await;
        assert_eq!(client.hear("authenticated").await["user"], role.as_str());
        client
    }
}

struct Client(WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Client {
    async fn say(&mut self, event: &str, data: Value) {
        self.say_text(&json!({"event": event, "data": data}).to_string()).await;
    }

    async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("the connection is open");
    }

    /// Waits for the next frame that is not of another event.
    async fn hear(&mut self, event: &str) -> Value {
        loop {
            let message = timeout(PATIENCE, self.0.next())
                .await
                .expect("a frame in time")
                .expect("open")
                .expect("a frame");
            if let Message::Text(text) = message {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame["event"] == event {
                    return frame["data"].clone();
                }
            }
        }
    }

    async fn ends(&mut self) -> bool {
        loop {
            match timeout(PATIENCE, self.0.next()).await {
                Ok(None | Some(Err(_) | Ok(Message::Close(_)))) => return true,
                Ok(Some(Ok(_))) => {}
                Err(_) => return false,
            }
        }
    }
}

#[tokio::test]
async fn the_contracts_log_stream_answers_even_when_the_log_is_silent() {
    let server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    client.say("get logdata", json!({"logGroupName": "/app/web", "logStreamNames": []})).await;
    assert_eq!(client.hear("logdata received").await["newRows"], json!([]));
}

#[tokio::test]
async fn a_change_made_by_rest_is_seen_by_whoever_watches() {
    let server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    client.say("watch instances", json!({"id": "all"})).await;
    let first = client.hear("instances changed").await;
    assert_eq!((first["id"].as_str(), first["changed"].as_array().map(Vec::len)), (Some("all"), Some(2)));

    let operator = server.world.token(Role::Operator).await;
    server.world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&operator)).await;
    let change = client.hear("instances changed").await;
    assert_eq!(change["changed"].as_array().map(Vec::len), Some(1));
    assert_eq!(change["changed"][0]["state"], "stopping");
}

#[tokio::test]
async fn who_cannot_set_headers_authenticates_in_the_first_frame() {
    let server = Listening::new().await;
    let mut client = server.connect(&[]).await;
    client.say("get logdata", json!({"logGroupName": "/app/web", "logStreamNames": []})).await;
    assert_eq!(client.hear("error").await["error"]["code"], "unauthenticated");
    let token = server.world.token(Role::Viewer).await;
    client.say("authenticate", json!({"token": token})).await;
    assert_eq!(client.hear("authenticated").await["user"], "viewer");

    let mut client = server.connect(&[]).await;
    client.say("authenticate", json!({"token": "made up"})).await;
    assert_eq!(client.hear("closing").await["reconnect"], false);
    assert!(client.ends().await);
}

#[tokio::test]
async fn nonsense_is_answered_and_does_not_end_the_connection() {
    let server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    for nonsense in
        ["", "{", "[]", r#"{"event":"fly"}"#, r#"{"event":"get logdata","data":{"logStreamNames":7}}"#]
    {
        client.say_text(nonsense).await;
        let error = client.hear("error").await;
        assert_eq!(
            (&error["error"]["code"], &error["fatal"]),
            (&json!("invalid_input"), &json!(false)),
            "{nonsense}"
        );
    }
    client.say("get logdata", json!({"id": "x", "logGroupName": "not a name"})).await;
    let error = client.hear("error").await;
    assert_eq!((&error["id"], &error["fatal"]), (&json!("x"), &json!(true)));
    client.say("watch instances", json!({})).await;
    client.hear("instances changed").await;
}

#[tokio::test]
async fn another_sites_page_cannot_connect() {
    let server = Listening::new().await;
    let mut request = format!("ws://{}/api/live", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("origin", "http://evil.example".parse().expect("a header"));
    let refused = tokio_tungstenite::connect_async(request).await.expect_err("it is refused").to_string();
    assert!(refused.contains("403"), "{refused}");
}

#[tokio::test]
async fn a_server_that_stops_says_why_and_lets_go() {
    let mut server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    server.stop.take().expect("still running").send(()).expect("it listens");
    assert_eq!(client.hear("closing").await["reconnect"], true);
    assert!(client.ends().await);
    timeout(PATIENCE, server.server).await.expect("it ends").expect("without a panic");
}

#[tokio::test]
async fn a_browser_whose_token_has_just_ended_is_asked_to_come_again() {
    let server = Listening::new().await;
    let mut client = server.connect(&[("cookie", "nephoscope_refresh=whatever".to_owned())]).await;
    assert_eq!(client.hear("closing").await["reconnect"], true);
    assert!(client.ends().await);
}
