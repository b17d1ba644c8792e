//! What every handler shares.

use std::{net::SocketAddr, sync::Arc};

use axum::extract::FromRef;
use leptos::config::{LeptosOptions, get_configuration};
use metrics_exporter_prometheus::PrometheusHandle;
use nephoscope_model::{Error, Result};
use nephoscope_ops::Ops;
use secrecy::SecretString;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The server's collaborators. Cheap to clone; tests build it with their own.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ops: Ops,
    leptos: LeptosOptions,
    secure_cookies: bool,
    metrics_token: Option<SecretString>,
    prometheus: PrometheusHandle,
    openapi: Arc<serde_json::Value>,
    stopping: CancellationToken,
    connections: TaskTracker,
}

/// Makes an [`App`].
#[derive(Debug)]
pub struct AppBuilder {
    ops: Ops,
    leptos: LeptosOptions,
    secure_cookies: bool,
    metrics_token: Option<SecretString>,
    prometheus: Option<PrometheusHandle>,
}

impl App {
    /// Begins with what there is no default for.
    #[must_use]
    pub fn builder(ops: Ops, leptos: LeptosOptions) -> AppBuilder {
        AppBuilder { ops, leptos, secure_cookies: false, metrics_token: None, prometheus: None }
    }

    /// The operations.
    #[must_use]
    pub fn ops(&self) -> &Ops {
        &self.0.ops
    }

    /// Cancelled when the server stops.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.0.stopping
    }

    /// The WebSocket connections that are open.
    #[must_use]
    pub fn connections(&self) -> &TaskTracker {
        &self.0.connections
    }

    pub(super) fn leptos(&self) -> &LeptosOptions {
        &self.0.leptos
    }

    pub(super) fn secure_cookies(&self) -> bool {
        self.0.secure_cookies
    }

    pub(super) fn metrics_token(&self) -> Option<&SecretString> {
        self.0.metrics_token.as_ref()
    }

    pub(super) fn prometheus(&self) -> &PrometheusHandle {
        &self.0.prometheus
    }

    pub(super) fn openapi(&self) -> &Arc<serde_json::Value> {
        &self.0.openapi
    }
}

impl AppBuilder {
    /// Whether cookies go over TLS only.
    #[must_use]
    pub fn secure_cookies(mut self, secure: bool) -> Self {
        self.secure_cookies = secure;
        self
    }

    /// What Prometheus must send from another machine.
    #[must_use]
    pub fn metrics_token(mut self, token: Option<SecretString>) -> Self {
        self.metrics_token = token;
        self
    }

    /// Where metrics are collected.
    #[must_use]
    pub fn prometheus(mut self, handle: PrometheusHandle) -> Self {
        self.prometheus = Some(handle);
        self
    }

    /// The app.
    #[must_use]
    pub fn build(self) -> App {
        App(Arc::new(Inner {
            ops: self.ops,
            leptos: self.leptos,
            secure_cookies: self.secure_cookies,
            metrics_token: self.metrics_token,
            prometheus: self.prometheus.unwrap_or_else(super::telemetry::prometheus),
            openapi: Arc::new(super::openapi::document()),
            stopping: CancellationToken::new(),
            connections: TaskTracker::new(),
        }))
    }
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos().clone()
    }
}

/// The site's options: from `Leptos.toml` of the working directory if there is one, overridden by `LEPTOS_*`.
///
/// # Errors
/// `invalid_input` when the file cannot be understood.
pub fn leptos_options(listen: SocketAddr) -> Result<LeptosOptions> {
    let file = std::path::Path::new("Leptos.toml");
    let mut options = get_configuration(file.exists().then_some("Leptos.toml"))
        .map_err(|error| Error::invalid(format!("Leptos.toml is not valid: {error}.")))?
        .leptos_options;
    options.site_addr = listen;
    Ok(options)
}
