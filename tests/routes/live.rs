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
pub(crate) struct Listening {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) server: JoinHandle<()>,
}

impl Listening {
    pub(crate) async fn new() -> Self {
        Self::with(World::new().await).await
    }

    pub(crate) async fn with(world: World) -> Self {
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

    /// Waits for the next frame.
    async fn hear_any(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.0.next())
                .await
                .expect("a frame in time")
                .expect("open")
                .expect("a frame");
            if let Message::Text(text) = message {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    /// Waits for the next frame that is not of another event.
    async fn hear(&mut self, event: &str) -> Value {
        loop {
            let frame = self.hear_any().await;
            if frame["event"] == event {
                return frame["data"].clone();
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
    assert_eq!(first["complete"], true, "{first}");

    let operator = server.world.token(Role::Operator).await;
    server.world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&operator)).await;
    let change = client.hear("instances changed").await;
    assert_eq!(change["changed"].as_array().map(Vec::len), Some(1));
    assert_eq!(change["changed"][0]["state"], "stopping");
    assert_eq!(change.get("complete"), None, "{change}");
}

/// Lets something else be asked for under the id of a watch, and makes sure that the watch has ended.
async fn takes_over(event: &str, mut data: Value, is_refused: bool) {
    let server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    for id in ["taken", "kept"] {
        client.say("watch instances", json!({"id": id})).await;
        client.hear("instances changed").await;
    }
    data["id"] = json!("taken");
    client.say(event, data).await;
    if is_refused {
        let error = client.hear("error").await;
        assert_eq!((&error["id"], &error["fatal"]), (&json!("taken"), &json!(true)), "{error}");
    } else {
        client.hear("logdata received").await;
    }

    let operator = server.world.token(Role::Operator).await;
    server.world.call("POST", &format!("/api/ec2/stop/{RUNNING}"), Some(&operator)).await;
    assert_eq!(client.hear("instances changed").await["id"], "kept");
    // Both would be told of the change at the same moment, and a few answers later at the latest.
    for _ in 0..10 {
        client.say_text("nonsense").await;
        loop {
            let frame = client.hear_any().await;
            assert!(frame["event"] != "instances changed" || frame["data"]["id"] == "kept", "{frame}");
            if frame["event"] == "error" {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_failed_request_under_an_id_in_use_ends_what_was_followed_under_it() {
    takes_over("watch instances", json!({"scope": {"accounts": ["999999999999"]}}), true).await;
    takes_over("get logdata", json!({"logGroupName": "not a name"}), true).await;
}

#[tokio::test]
async fn an_id_is_one_subscription_whatever_it_follows() {
    takes_over("get logdata", json!({"logGroupName": "/app/web"}), false).await;
}

#[tokio::test]
async fn who_begins_too_much_at_once_is_refused_on_every_connection_and_nobody_else_is() {
    let server = Listening::new().await;
    let mut first = server.connect_as(Role::Viewer).await;
    for _ in 0..50 {
        first.say("watch instances", json!({"id": "x"})).await;
        assert_eq!(first.hear_any().await["event"], "instances changed");
    }
    let mut second = server.connect_as(Role::Viewer).await;
    let mut begun = 0;
    let error = loop {
        second.say("watch instances", json!({"id": "y"})).await;
        let frame = second.hear_any().await;
        if frame["event"] == "error" {
            break frame["data"].clone();
        }
        begun += 1;
        assert!(begun < 200, "never refused");
    };
    assert_eq!(error["error"]["code"], "rate_limited", "{error}");
    assert_eq!((&error["id"], &error["fatal"]), (&json!("y"), &json!(true)));
    assert!(error["error"]["hint"].is_string(), "{error}");

    // The connection goes on, and so does whoever else there is.
    second.say_text("nonsense").await;
    assert_eq!(second.hear("error").await["error"]["code"], "invalid_input");
    let mut other = server.connect_as(Role::Operator).await;
    other.say("watch instances", json!({"id": "z"})).await;
    assert_eq!(other.hear_any().await["event"], "instances changed");
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

/// Less than a heartbeat, which would find out by itself.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_disabled_user_is_thrown_out_at_once_and_nobody_else() {
    let server = Listening::new().await;
    let (mut viewer, mut operator) =
        (server.connect_as(Role::Viewer).await, server.connect_as(Role::Operator).await);
    let (ops, system) = (server.world.app.ops(), nephoscope_ops::Caller::system());
    let begun = std::time::Instant::now();
    ops.set_disabled(&system, &"viewer".parse().expect("a name"), true).await.expect("disabled");
    assert_eq!(viewer.hear("closing").await["reconnect"], false);
    assert!(viewer.ends().await && begun.elapsed() < AT_ONCE);
    operator.say("watch instances", json!({"id": "all"})).await;
    operator.hear("instances changed").await;
}

#[tokio::test]
async fn whose_role_or_session_changes_is_sent_away_at_once() {
    let server = Listening::new().await;
    let mut client = server.connect_as(Role::Viewer).await;
    let (ops, system) = (server.world.app.ops(), nephoscope_ops::Caller::system());
    let begun = std::time::Instant::now();
    ops.set_role(&system, &"viewer".parse().expect("a name"), Role::Operator).await.expect("set");
    assert_eq!(client.hear("closing").await["reconnect"], true, "they may come again");
    assert!(client.ends().await);

    let token = server.world.token(Role::Operator).await;
    let mut client = server.connect(&[("authorization", format!("Bearer {token}"))]).await;
    client.hear("authenticated").await;
    server.world.call("DELETE", "/api/me/sessions", Some(&token)).await;
    assert_eq!(client.hear("closing").await["reconnect"], false);
    assert!(client.ends().await && begun.elapsed() < AT_ONCE);
}

#[tokio::test]
async fn a_token_for_a_program_opens_a_connection_and_ends_it_when_it_is_removed() {
    let server = Listening::new().await;
    let owner = server.world.token(Role::Viewer).await;
    let body = json!({"name": "x", "role": "viewer", "days": 1}).to_string();
    let made = server.world.post_json("/api/me/tokens", Some(&owner), &body).await.json();
    let token = made["token"].as_str().expect("a token");
    let mut by_header = server.connect(&[("authorization", format!("Bearer {token}"))]).await;
    by_header.hear("authenticated").await;
    let mut by_frame = server.connect(&[]).await;
    by_frame.say("authenticate", json!({"token": token})).await;
    assert_eq!(by_frame.hear("authenticated").await["user"], "viewer");

    let begun = std::time::Instant::now();
    let id = made["info"]["id"].as_str().expect("an id");
    server.world.call("DELETE", &format!("/api/me/tokens/{id}"), Some(&owner)).await;
    assert!(by_header.ends().await && by_frame.ends().await && begun.elapsed() < AT_ONCE);
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
