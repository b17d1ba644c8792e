//! Taking connections: plain or TLS, HTTP/1 or HTTP/2, with a bound on everything that a client could draw out.
//!
//! `axum::serve` has no place for those bounds, so that hyper is driven here.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, response::Response, serve::Listener};
use http::Request;
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::Service,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use nephoscope_ops::network_of;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::{debug, warn};

use super::{security::limits::MAX_HEAD, state::App, tls::Tls};

/// How long a client may take to agree on TLS.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How often an HTTP/2 client must show that it is there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// The most connections from one network, unless it is a trusted proxy, behind which stands everybody.
const MAX_PER_NETWORK: usize = 512;

/// Takes connections until the server stops, and ends when what was under way on them is finished. Dropping it ends them at once.
pub(super) async fn listen(mut listener: TcpListener, app: App, router: Router) {
    let stopping = app.stopping().clone();
    let mut open = JoinSet::new();
    let mut networks: HashMap<IpAddr, Arc<()>> = HashMap::new();
    loop {
        let (stream, peer) = tokio::select! {
            () = stopping.cancelled() => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = Listener::accept(&mut listener) => accepted,
        };
        // Whoever holds a clone has a connection open.
        if networks.len() > open.len() * 2 + 64 {
            networks.retain(|_, holders| Arc::strong_count(holders) > 1);
        }
        let holders = networks.entry(network_of(peer.ip())).or_default();
        if Arc::strong_count(holders) > MAX_PER_NETWORK && !app.security().proxies.trusts(peer.ip()) {
            warn!(address = %peer.ip(), "too many connections from {}: one more is not taken", peer.ip());
            continue;
        }
        let holder = Arc::clone(holders);
        let connection = Connection {
            answering: Answering { router: router.clone(), peer, asked: Arc::default() },
            stopping: stopping.clone(),
            head_within: app.security().head_within,
        };
        let tls = app.tls().cloned();
        open.spawn(async move {
            connection.serve(stream, tls).await;
            drop(holder);
        });
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// One connection.
struct Connection {
    answering: Answering,
    stopping: CancellationToken,
    head_within: Duration,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<Arc<Tls>>) {
        // Small answers must not wait for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            debug!("a connection ended at once: {error}");
            return;
        }
        let Some(tls) = tls else { return self.serve_http1(stream).await };
        let handshake = timeout(HANDSHAKE_WITHIN, tls.acceptor().accept(stream));
        match self.stopping.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) if stream.get_ref().1.alpn_protocol() == Some(b"h2") => {
                self.serve_http2(stream).await;
            }
            Some(Ok(Ok(stream))) => self.serve_http1(stream).await,
            Some(Ok(Err(error))) => debug!("no TLS: {error}"),
            Some(Err(_)) | None => {}
        }
    }

    async fn serve_http1(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.head_within)
            // More than we take, so that it is we who refuse, with words; what is still larger hyper refuses with the same status.
            .max_buf_size(MAX_HEAD * 2)
            .serve_connection(TokioIo::new(stream), self.answering)
            .with_upgrades();
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!("a connection broke: {error}");
        }
    }

    async fn serve_http2(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let asked = Arc::clone(&self.answering.asked);
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY)
            .max_concurrent_streams(128)
            .max_header_list_size(u32::try_from(MAX_HEAD * 2).unwrap_or(u32::MAX))
            .serve_connection(TokioIo::new(stream), self.answering);
        let mut connection = pin!(connection);
        // HTTP/2 knows no time within which the first request must come.
        let silent = async {
            sleep(self.head_within).await;
            if asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = silent => return,
            () = self.stopping.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            debug!("a connection broke: {error}");
        }
    }
}

/// The router, for requests of one connection.
#[derive(Clone)]
struct Answering {
    router: Router,
    peer: SocketAddr,
    /// Whether a request has come.
    asked: Arc<AtomicBool>,
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response;
    type Error = std::convert::Infallible;
    type Future = futures::future::BoxFuture<'static, Result<Response, Self::Error>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.asked.store(true, Ordering::Relaxed);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        Box::pin(self.router.clone().oneshot(request))
    }
}
