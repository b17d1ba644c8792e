//! The server: composition, and the shape of HTTP.

pub mod access;
pub mod cookies;
mod live;
mod openapi;
mod pages;
mod probes;
pub mod problem;
pub mod rest;
pub mod router;
mod security;
mod session;
pub mod state;
pub mod telemetry;

use std::{io, path::Path, sync::Arc};

use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use nephoscope_aws::Cloud;
use nephoscope_model::{Error, Result};
use nephoscope_ops::{Ops, SigningKey};
use nephoscope_store::{MongoStore, SqliteStore, Store};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::config::{Config, StoreConfig};
use state::App;

/// Runs the server until it is told to stop.
///
/// # Errors
/// When the store, the key, the site or the address cannot be had.
pub async fn serve(config: Config) -> Result<()> {
    let store = open_store(&config).await?;
    let signing_key = signing_key(&config)?;
    let cloud = Cloud::builder()
        .accounts(config.accounts.clone())
        .endpoint_url(config.aws_endpoint_url.clone())
        .on_call(Arc::new(telemetry::count_aws_call))
        .build()
        .await;
    let ops = Ops::builder(cloud, store, signing_key).build();
    let leptos = state::leptos_options(config.listen)?;
    let app = App::builder(ops, leptos)
        .secure_cookies(config.secure_cookies)
        .metrics_token(config.metrics_token.clone())
        .prometheus(telemetry::prometheus())
        .build();
    let listener = TcpListener::bind(config.listen).await.map_err(|error| cannot_listen(&config, &error))?;
    if config.accounts.is_empty() {
        warn!("no AWS account is configured: add [[accounts]] to the configuration file");
    }
    let address = listener.local_addr().unwrap_or(config.listen);
    info!(%address, accounts = config.accounts.len(), "nephoscope listens on http://{address}");
    run(app, listener, stop_signal(), config.shutdown_grace).await;
    Ok(())
}

/// Serves until `stop`, then lets what is under way finish: requests for `grace` at most, WebSockets after telling them why.
pub async fn run(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()>,
    grace: std::time::Duration,
) {
    let jobs = TaskTracker::new();
    let stopping = app.stopping().clone();
    nephoscope_jobs::start(app.ops(), &jobs, &stopping);
    jobs.spawn(stopping.clone().run_until_cancelled_owned(telemetry::keep_up(app.prometheus().clone())));
    let server =
        axum::serve(listener, make_service(&app)).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let mut server = tokio::spawn(server.into_future());
    let ended_by_itself = tokio::select! {
        () = stop => {
            info!("stopping: finishing what is under way");
            false
        }
        ended = &mut server => {
            error!("the server ended by itself: {ended:?}");
            true
        }
    };
    stopping.cancel();
    jobs.close();
    let finished = async {
        if !ended_by_itself {
            let _ = (&mut server).await;
        }
        app.connections().close();
        app.connections().wait().await;
        jobs.wait().await;
    };
    if tokio::time::timeout(grace, finished).await.is_err() {
        warn!("some requests were not finished in time");
        server.abort();
    }
    if tokio::time::timeout(grace, app.ops().close()).await.is_err() {
        warn!("a change is still under way in AWS; its start is on record, its end is not");
    }
    info!("stopped");
}

fn make_service(app: &App) -> IntoMakeServiceWithConnectInfo<axum::Router, std::net::SocketAddr> {
    router::router(app).into_make_service_with_connect_info()
}

fn cannot_listen(config: &Config, error: &io::Error) -> Error {
    Error::invalid(format!("Cannot listen on {}: {error}.", config.listen))
        .with_hint("Choose another address with `listen` in the configuration, or with NEPHOSCOPE_LISTEN.")
}

/// Resolves when somebody asks the server to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            error!("cannot listen for signals: {error}");
            return std::future::pending().await;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Opens the store that the configuration names.
///
/// # Errors
/// `unavailable` when it cannot be reached, `internal` when it cannot be understood; the reason is logged.
pub async fn open_store(config: &Config) -> Result<Arc<dyn Store>> {
    let opened = match &config.store {
        StoreConfig::Sqlite => {
            let path = config.data_dir.join("nephoscope.db");
            SqliteStore::open(&path).map(|store| Arc::new(store) as Arc<dyn Store>)
        }
        StoreConfig::Mongo { url, database } => {
            MongoStore::connect(url, database).await.map(|store| Arc::new(store) as Arc<dyn Store>)
        }
    };
    opened.map_err(|error| {
        error!("cannot open the store: {error}");
        Error::new(nephoscope_model::ErrorCode::Unavailable, format!("The store cannot be opened: {error}."))
    })
}

/// Operations without AWS, for the command line.
pub async fn offline_ops(store: Arc<dyn Store>, signing_key: SigningKey) -> Ops {
    Ops::builder(Cloud::builder().build().await, store, signing_key).build()
}

/// The key that signs JWTs: configured, or kept in the data directory and made on the first start.
///
/// # Errors
/// `invalid_input` when it is no key or its file cannot be read or written.
pub fn signing_key(config: &Config) -> Result<SigningKey> {
    if let Some(key) = &config.signing_key {
        return SigningKey::from_text(key);
    }
    let path = config.data_dir.join("signing.key");
    read_or_make_key(&path)
        .map_err(|error| {
            Error::invalid(format!("The signing key {} cannot be had: {error}.", path.display()))
        })
        .and_then(|text| SigningKey::from_text(&text))
}

fn read_or_make_key(path: &Path) -> io::Result<SecretString> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    match std::fs::read_to_string(path) {
        Ok(text) => return Ok(text.into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let key = SigningKey::generate_text();
    // Written beside and linked into place, so that of two processes that start at once both use the key that came first.
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(key.expose_secret().as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => std::fs::read_to_string(path).map(SecretString::from),
    }
}
