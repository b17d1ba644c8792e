//! TLS from files, over real sockets.

use std::{sync::Arc, time::Duration};

use axum::body::Body;
use futures::StreamExt;
use http::{Request, header};
use http_body_util::BodyExt;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use nephoscope::server::tls::{Tls, TlsFiles};
use nephoscope_model::identity::Role;
use tempfile::TempDir;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, pem::PemObject},
    },
};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use crate::{
    live::Listening,
    world::{Answered, PASSWORD, Settings, World},
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with a certificate for `localhost` and its key.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().expect("a folder"));
        files.renew();
        files
    }

    fn paths(&self) -> TlsFiles {
        TlsFiles { cert: self.0.path().join("cert.pem"), key: self.0.path().join("key.pem") }
    }

    /// Another certificate and key in the same places.
    fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(self.paths().key, made.signing_key.serialize_pem()).expect("written");
        std::fs::write(self.paths().cert, made.cert.pem()).expect("written");
    }

    fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.paths().cert).expect("a certificate")
    }
}

async fn listening(files: &Files) -> (Listening, Arc<Tls>) {
    let tls = Tls::load(files.paths()).expect("good files");
    let world = World::with(Settings { tls: Some(Arc::clone(&tls)), ..Settings::default() }).await;
    (Listening::with(world).await, tls)
}

/// A connection to the server that trusts this certificate only.
async fn connect(
    server: &Listening,
    trusted: &CertificateDer<'static>,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a root");
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TcpStream::connect(server.address).await?;
    let name = "localhost".try_into().expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn answered(response: http::Response<hyper::body::Incoming>) -> Answered {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    Answered {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_by_http2_and_the_session_lies_in_cookies_for_tls_only() {
    let files = Files::new();
    let (server, _) = listening(&files).await;
    let stream = connect(&server, &files.certificate(), &[b"h2", b"http/1.1"]).await.expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut client, connection) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);

    let page = Request::get("https://localhost/login").header(header::ACCEPT, "text/html");
    let page = client.send_request(page.body(Body::empty()).expect("a request")).await.expect("an answer");
    let page = answered(page).await;
    assert_eq!(page.status, 200);
    assert!(page.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));

    // The page's own form, which says where it comes from.
    let form = Request::post("https://localhost/login")
        .header(header::ORIGIN, "https://localhost")
        .header(header::COOKIE, "nephoscope_token=from-the-time-before-tls")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("name=viewer&password={}", PASSWORD.replace(' ', "+"))));
    let logged_in = client.send_request(form.expect("a request")).await.expect("an answer");
    let logged_in = answered(logged_in).await;
    assert_eq!(logged_in.status, 303, "{logged_in:?}");
    let set: Vec<&str> = logged_in
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .collect();
    let mine: Vec<_> = set.iter().filter(|cookie| cookie.starts_with("__Host-nephoscope_")).collect();
    assert_eq!(mine.len(), 2, "{set:?}");
    for cookie in &mine {
        assert!(
            cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    // What is left of the time before is removed, and was not heard.
    let stale = set.iter().find(|cookie| cookie.starts_with("nephoscope_token=;")).expect("the old one goes");
    assert!(stale.contains("Max-Age=0"), "{stale}");

    let cookies: Vec<_> = mine.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let me = Request::get("https://localhost/api/session").header(header::COOKIE, cookies.join("; "));
    let me = client.send_request(me.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answered(me).await.json()["name"], "viewer");
    let plain = cookies.join("; ").replace("__Host-", "");
    let refused = Request::get("https://localhost/api/session").header(header::COOKIE, plain);
    let refused =
        client.send_request(refused.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!(answered(refused).await.problem(), (401, "unauthenticated".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_and_http1_work_beside_it() {
    let files = Files::new();
    let (server, _) = listening(&files).await;
    let token = server.world.token(Role::Viewer).await;
    let stream = connect(&server, &files.certificate(), &[b"http/1.1"]).await.expect("TLS");
    let mut request = "wss://localhost/api/live".into_client_request().expect("a request");
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a header"));
    request.headers_mut().insert("origin", "https://localhost".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.expect("a WebSocket");
    let first = timeout(PATIENCE, socket.next()).await.expect("in time").expect("open").expect("a frame");
    let Message::Text(text) = first else { panic!("{first:?}") };
    assert!(text.contains("authenticated"), "{text}");

    let stream = connect(&server, &files.certificate(), &[]).await.expect("TLS");
    let (mut client, connection) = http1::handshake::<_, Body>(TokioIo::new(stream)).await.expect("HTTP/1");
    tokio::spawn(connection);
    let request = Request::get("/healthz").header(header::HOST, "localhost").body(Body::empty());
    let answer = client.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(answered(answer).await.text, "ok\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_no_tls_is_not_answered() {
    use tokio::io::AsyncWriteExt;
    let (server, _) = listening(&Files::new()).await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("closed");
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_up_while_the_server_runs() {
    let files = Files::new();
    let (server, tls) = listening(&files).await;
    let old = files.certificate();
    let open = connect(&server, &old, &[]).await.expect("TLS");
    assert!(!tls.reload().expect("good files"), "nothing has changed");

    let watching = tokio::spawn(Arc::clone(&tls).keep_fresh(Duration::from_millis(20)));
    files.renew();
    let new = files.certificate();
    let taken_up = async {
        while connect(&server, &new, &[]).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, taken_up).await.expect("it is taken up");
    assert!(connect(&server, &old, &[]).await.is_err(), "the old one is gone");
    watching.abort();

    // A connection that was open goes on.
    let (mut client, connection) = http1::handshake::<_, Body>(TokioIo::new(open)).await.expect("HTTP/1");
    tokio::spawn(connection);
    let request = Request::get("/healthz").header(header::HOST, "localhost").body(Body::empty());
    let answer = client.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_stop_the_start_and_leave_a_running_server_as_it_was() {
    let files = Files::new();
    let other = Files::new();
    let (server, tls) = listening(&files).await;
    let good = files.certificate();
    let paths = files.paths();
    let refused = |what: &str| {
        let error = Tls::load(paths.clone()).map(|_| ()).expect_err(what);
        let again = tls.reload().expect_err(what);
        assert_eq!(error.message, again.message, "{what}");
        error.message
    };

    std::fs::copy(other.paths().key, &paths.key).expect("copied");
    assert!(refused("another key").contains("does not belong to the certificate"));
    std::fs::write(&paths.key, "no key").expect("written");
    assert!(refused("no key").contains("no private key in"));
    std::fs::copy(other.paths().key, &paths.key).expect("copied");
    std::fs::write(&paths.cert, "").expect("written");
    assert!(refused("no certificate").contains("no certificate in"));
    std::fs::write(&paths.cert, "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n")
        .expect("written");
    assert!(refused("garbage").contains("cert.pem"));
    std::fs::remove_file(&paths.cert).expect("removed");
    assert!(refused("no file").contains("cannot be read"));

    assert!(connect(&server, &good, &[]).await.is_ok(), "the good certificate stays in use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_finishes_what_is_open() {
    let files = Files::new();
    let (mut server, _) = listening(&files).await;
    let stream = connect(&server, &files.certificate(), &[b"h2"]).await.expect("TLS");
    let (mut client, connection) =
        http2::handshake::<_, _, Body>(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    let request = Request::get("https://localhost/healthz").body(Body::empty()).expect("a request");
    assert_eq!(client.send_request(request).await.expect("an answer").status(), 200);
    let idle = connect(&server, &files.certificate(), &[]).await.expect("TLS");

    server.stop.take().expect("still running").send(()).expect("it listens");
    timeout(PATIENCE, server.server).await.expect("it ends").expect("without a panic");
    timeout(PATIENCE, connection).await.expect("it ends").expect("without a panic").expect("a proper end");
    drop(idle);
}
