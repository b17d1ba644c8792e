//! One WebSocket connection.

use std::{ops::ControlFlow, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use nephoscope_model::{
    Error, ErrorCode, Timestamp,
    live::{ClientEvent, LiveError, ServerEvent},
};
use nephoscope_ops::{Caller, PersonChanged};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::{debug, info};

use super::subscriptions::Subscriptions;
use crate::server::state::App;

/// How long a program may take to say who it is.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(10);
/// How often the user is checked again and the connection is shown to be alive.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// A client that takes nothing for so long is gone.
const SEND_WITHIN: Duration = Duration::from_secs(30);

/// How a connection ends.
struct Farewell {
    reason: String,
    reconnect: bool,
    code: u16,
}

impl Farewell {
    /// A store that is away says nothing about who may: come again.
    fn unauthorised(error: &Error) -> Self {
        let away = error.code.status() >= 500;
        let code = if away { close_code::AGAIN } else { close_code::POLICY };
        Self { reason: error.message.clone(), reconnect: away, code }
    }
}

type Sink = SplitSink<WebSocket, Message>;
type Step = ControlFlow<Option<Farewell>>;

/// One connection and what it watches.
pub(super) struct Connection {
    app: App,
    id: String,
    caller: Option<Caller>,
    /// A token that came by header or by `authenticate` must be renewed by the client; a browser's cookie is renewed beside the
    /// connection, so that for it the session counts.
    by_token: bool,
    comes_again: bool,
    subscriptions: Subscriptions,
    heard_at: Instant,
}

impl Connection {
    pub(super) fn new(
        app: App,
        id: String,
        caller: Option<Caller>,
        by_bearer: bool,
        comes_again: bool,
    ) -> Self {
        let subscriptions = Subscriptions::default();
        Self { app, id, caller, by_token: by_bearer, comes_again, subscriptions, heard_at: Instant::now() }
    }

    pub(super) async fn run(mut self, socket: WebSocket) {
        metrics::gauge!("nephoscope_live_connections").increment(1.0);
        let (mut sink, incoming) = socket.split();
        if let Some(Farewell { reason, reconnect, code }) = self.serve(&mut sink, incoming).await {
            debug!(connection = self.id, "closing: {reason}");
            let _ = send(&mut sink, &ServerEvent::Closing { reason: reason.clone(), reconnect }).await;
            let frame = CloseFrame { code, reason: short_reason(&reason) };
            let _ = timeout(SEND_WITHIN, sink.send(Message::Close(Some(frame)))).await;
        }
        metrics::gauge!("nephoscope_live_connections").decrement(1.0);
    }

    /// Serves until one side ends it, and says with what words if it is ours.
    async fn serve(&mut self, sink: &mut Sink, mut incoming: SplitStream<WebSocket>) -> Option<Farewell> {
        if self.comes_again {
            let reason = "The token has ended; come again with a new one.".to_owned();
            return Some(Farewell { reason, reconnect: true, code: close_code::AGAIN });
        }
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let stopping = self.app.stopping().clone();
        let mut changes = self.app.ops().person_changes();
        let opened = Instant::now();
        if let Some(caller) = &self.caller {
            let hello = ServerEvent::Authenticated { user: caller.name().to_owned() };
            if let Step::Break(ended) = send(sink, &hello).await {
                return ended;
            }
        }
        loop {
            let deadline = self.deadline(opened);
            let step = tokio::select! {
                message = incoming.next() => self.hear(sink, message).await,
                Some(event) = self.subscriptions.next() => send(sink, &event).await,
                _ = heartbeat.tick() => self.beat(sink).await,
                change = changes.recv() => self.hear_of(change).await,
                () = tokio::time::sleep_until(deadline.0), if deadline.1 => Step::Break(Some(self.too_late())),
                () = stopping.cancelled() => Step::Break(Some(Farewell {
                    reason: "The server is restarting.".to_owned(),
                    reconnect: true,
                    code: close_code::AWAY,
                })),
            };
            if let Step::Break(ended) = step {
                return ended;
            }
        }
    }

    /// Until when something must happen, if anything must: the client says who it is, or renews its token.
    fn deadline(&self, opened: Instant) -> (Instant, bool) {
        match &self.caller {
            None => (opened + AUTHENTICATE_WITHIN, true),
            Some(caller) if self.by_token => {
                let left = caller.token_expires_at().as_millis() - Timestamp::now().as_millis();
                (Instant::now() + Duration::from_millis(u64::try_from(left).unwrap_or(0)), true)
            }
            Some(_) => (opened, false),
        }
    }

    fn too_late(&self) -> Farewell {
        let (code, words) = match self.caller {
            None => (ErrorCode::Unauthenticated, "Nobody has logged in on this connection."),
            Some(_) => (
                ErrorCode::TokenExpired,
                "The token has expired. Say \"authenticate\" with a new one before that.",
            ),
        };
        Farewell::unauthorised(&Error::new(code, words))
    }

    async fn hear(&mut self, sink: &mut Sink, message: Option<Result<Message, axum::Error>>) -> Step {
        self.heard_at = Instant::now();
        match message {
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(event) => self.obey(sink, event).await,
                Err(_) => {
                    let error = Error::invalid("The frame is not understood.").with_hint(
                        "Frames are {\"event\": \"get logdata\", \"data\": {…}}; the events are authenticate, get logdata, \
                         get metricdata, watch instances and stop.",
                    );
                    send(sink, &trouble(String::new(), error, false)).await
                }
            },
            Some(Ok(Message::Binary(_))) => {
                let error = Error::invalid("Frames are JSON text, not binary.");
                send(sink, &trouble(String::new(), error, false)).await
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Step::Continue(()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Step::Break(None),
        }
    }

    async fn obey(&mut self, sink: &mut Sink, event: ClientEvent) -> Step {
        if let ClientEvent::Authenticate { token } = event {
            return match self.app.ops().identify(&token, &self.id).await {
                Ok(caller) => {
                    let hello = ServerEvent::Authenticated { user: caller.name().to_owned() };
                    if self.caller.as_ref().is_some_and(|before| before.name() != caller.name()) {
                        self.subscriptions = Subscriptions::default();
                    }
                    self.caller = Some(caller);
                    self.by_token = true;
                    send(sink, &hello).await
                }
                Err(error) => Step::Break(Some(Farewell::unauthorised(&error))),
            };
        }
        let Some(caller) = &self.caller else {
            let error = Error::new(ErrorCode::Unauthenticated, "Say \"authenticate\" with a token first.");
            return send(sink, &trouble(String::new(), error, false)).await;
        };
        match self.subscriptions.obey(self.app.ops(), caller, event).await {
            Ok(()) => Step::Continue(()),
            Err((id, error)) => send(sink, &trouble(id, error, true)).await,
        }
    }

    /// Somebody was changed: when it is this user, or when so many were that not all were heard of, it counts now and not with the next
    /// heartbeat.
    async fn hear_of(&mut self, change: Result<PersonChanged, RecvError>) -> Step {
        let concerned = match (&self.caller, change) {
            (Some(caller), Ok(change)) => change.concerns(caller),
            (_, Err(RecvError::Lagged(_))) => true,
            (None, Ok(_)) | (_, Err(RecvError::Closed)) => false,
        };
        if concerned { recheck(&self.app, self.caller.as_ref()).await } else { Step::Continue(()) }
    }

    /// Shows the client that the server is there, and makes sure that the user still may be.
    async fn beat(&mut self, sink: &mut Sink) -> Step {
        // A client that is there answers each ping. One that has vanished would be sent to until TCP gives up.
        if self.heard_at.elapsed() > HEARTBEAT * 3 {
            return Step::Break(None);
        }
        if let ended @ Step::Break(_) = recheck(&self.app, self.caller.as_ref()).await {
            return ended;
        }
        match timeout(SEND_WITHIN, sink.send(Message::Ping(axum::body::Bytes::new()))).await {
            Ok(Ok(())) => Step::Continue(()),
            _ => Step::Break(None),
        }
    }
}

/// Makes sure that the user still may be here.
async fn recheck(app: &App, caller: Option<&Caller>) -> Step {
    let Some(caller) = caller else { return Step::Continue(()) };
    match app.ops().recheck(caller).await {
        Ok(()) => Step::Continue(()),
        // A store that is away for a moment is no reason to throw everybody out.
        Err(error) if error.code == ErrorCode::Unavailable => {
            info!("cannot check a session again: {error}");
            Step::Continue(())
        }
        // Still somebody we know, who may do other things now than what was checked when they began.
        Err(error) if error.code == ErrorCode::TokenExpired => {
            Step::Break(Some(Farewell { reason: error.message, reconnect: true, code: close_code::AGAIN }))
        }
        Err(error) => Step::Break(Some(Farewell::unauthorised(&error))),
    }
}

fn trouble(id: String, error: Error, fatal: bool) -> ServerEvent {
    ServerEvent::Error(LiveError { id, error, fatal })
}

async fn send(sink: &mut Sink, event: &ServerEvent) -> Step {
    let Ok(text) = serde_json::to_string(event) else {
        return Step::Break(None);
    };
    match timeout(SEND_WITHIN, sink.send(Message::Text(text.into()))).await {
        Ok(Ok(())) => Step::Continue(()),
        _ => Step::Break(None),
    }
}

/// A close frame has room for 123 bytes.
fn short_reason(reason: &str) -> Utf8Bytes {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    Utf8Bytes::from(&reason[..end])
}
