//! `/api/live`: the WebSocket. Frames are `nephoscope_model::live`; what may be watched is decided in `ops`.

mod connection;
mod subscriptions;

use axum::{
    extract::{State, WebSocketUpgrade, ws::WebSocket},
    http::{Extensions, HeaderMap, header},
    response::Response,
};

use self::connection::Connection;
use super::{
    access::{Access, has_session_cookie, request_id},
    state::App,
};

/// The largest frame that a client may send.
const MAX_FRAME: usize = 64 << 10;

/// Takes a WebSocket. Browsers are known by their cookie and programs by their bearer token; a program that cannot set a header
/// says `authenticate` first.
pub(super) async fn connect(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let caller = extensions.get::<Access>().and_then(Access::caller).cloned();
    let by_bearer = headers.contains_key(header::AUTHORIZATION);
    let id = request_id(&extensions);
    // A browser whose token has just ended: its page is about to renew it, and must come again with the new one.
    let comes_again = caller.is_none() && !by_bearer && has_session_cookie(&headers);
    upgrade.max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME).on_upgrade(move |socket: WebSocket| {
        let tracker = app.connections().clone();
        tracker.track_future(Connection::new(app, id, caller, by_bearer, comes_again).run(socket))
    })
}
