//! The server: composition, and the shape of HTTP.

pub mod access;
mod account_forms;
mod compose;
pub mod cookies;
mod idempotency;
mod listen;
mod live;
mod openapi;
mod openid;
mod pages;
mod plain;
mod probes;
pub mod problem;
pub mod rest;
pub mod router;
mod s3_forms;
pub mod security;
mod session;
mod settings;
pub mod state;
pub mod telemetry;
pub mod tls;
mod visitor;

use std::{io, path::Path, sync::Arc};

use nephoscope_aws::Cloud;
use nephoscope_model::{Error, Result};
use nephoscope_ops::{Caller, Meter, Ops, SigningKey, SigningKeys, give_to_owner_of_folder};
use nephoscope_store::{MongoStore, SqliteStore, Store};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::config::{Config, StoreConfig};
pub use compose::online_ops;
use state::App;

/// The OpenAPI document of the REST API, as JSON.
#[must_use]
pub fn api_document() -> String {
    serde_json::to_string_pretty(&openapi::document()).unwrap_or_default()
}

/// The REST API as a page for people, in Markdown.
#[must_use]
pub fn api_page() -> String {
    openapi::markdown()
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// When the store, the key, the site or the address cannot be had.
pub async fn serve(config: Config) -> Result<()> {
    let store = open_store(&config).await?;
    let signing_keys = signing_keys(&config)?;
    let meter = Meter::default();
    let cloud = compose::cloud(&config, &meter).await;
    let vault = compose::vault(&config, &cloud)?;
    let providers = compose::providers(&config)?;
    let tls = config.security.tls.clone().map(tls::Tls::load).transpose()?;
    let ops = Ops::builder(cloud, store, signing_keys)
        .vault(vault)
        .providers(providers)
        .read_only(config.security.read_only)
        .audit_retention(config.audit_retention())
        .terminate_grace(config.terminate_grace)
        .meter(meter)
        .build();
    if let Err(error) = ops.sync_accounts().await {
        warn!("cannot take the accounts from the store yet: {error}");
    }
    let accounts = ops.accounts(&Caller::system()).len();
    let leptos = state::leptos_options(config.listen)?;
    let app = App::builder(ops, leptos)
        .security(config.security.settings())
        .tls(tls)
        .metrics_token(config.metrics_token.clone())
        .prometheus(telemetry::prometheus())
        .build();
    let listener = TcpListener::bind(config.listen).await.map_err(|error| cannot_listen(&config, &error))?;
    if accounts == 0 {
        warn!(
            "no AWS account is configured: add one at /settings/accounts, with `nephoscope account add`, or in the configuration file"
        );
    }
    let address = listener.local_addr().unwrap_or(config.listen);
    let scheme = if config.security.tls.is_some() { "https" } else { "http" };
    info!(%address, accounts, "nephoscope listens on {scheme}://{address}");
    if !address.ip().is_loopback() && !config.security.settings().cookies_are_secure() {
        warn!(
            "passwords go over the network unprotected: set tls_cert_file and tls_key_file, or secure_cookies behind a proxy that speaks TLS"
        );
    }
    if config.security.read_only {
        info!("read-only: every change is refused");
    }
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
    if let Some(tls) = app.tls().cloned() {
        jobs.spawn(stopping.clone().run_until_cancelled_owned(tls.keep_fresh(tls::LOOK_EVERY)));
    }
    let mut server = tokio::spawn(listen::listen(listener, app.clone(), router::router(&app)));
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
            let opened = SqliteStore::open(&path).map(|store| Arc::new(store) as Arc<dyn Store>);
            give_to_owner_of_folder(&path);
            opened
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
pub async fn offline_ops(store: Arc<dyn Store>, signing_keys: SigningKeys) -> Ops {
    Ops::builder(Cloud::builder().build().await, store, signing_keys).build()
}

/// The keys that sign JWTs: configured, or kept in the data directory, where the first one is made on the first start.
///
/// # Errors
/// `invalid_input` when one is no key or their file cannot be read or written.
pub fn signing_keys(config: &Config) -> Result<SigningKeys> {
    if let Some(keys) = &config.signing_key {
        return SigningKeys::from_text(keys);
    }
    let path = config.data_dir.join("signing.key");
    make_key_if_missing(&path).map_err(|error| {
        Error::invalid(format!("The signing key {} cannot be had: {error}.", path.display()))
    })?;
    SigningKeys::from_file(&path)
}

/// Makes the first key when there is none.
fn make_key_if_missing(path: &Path) -> io::Result<()> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    if path.try_exists()? {
        return Ok(());
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
    give_to_owner_of_folder(&draft);
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
