//! What every handler shares.

use std::{net::SocketAddr, path::Path, sync::Arc};

use axum::extract::FromRef;
use leptos::config::{LeptosOptions, get_configuration};
use metrics_exporter_prometheus::PrometheusHandle;
use nephoscope_model::{Error, Result};
use nephoscope_ops::Ops;
use secrecy::SecretString;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    rest::packed::Packed,
    security::{SecuritySettings, limits::RequestLimits},
    tls::Tls,
};

/// The server's collaborators. Cheap to clone; tests build it with their own.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ops: Ops,
    leptos: LeptosOptions,
    security: SecuritySettings,
    limits: RequestLimits,
    tls: Option<Arc<Tls>>,
    metrics_token: Option<SecretString>,
    prometheus: PrometheusHandle,
    openapi: Arc<serde_json::Value>,
    packed: Packed,
    stopping: CancellationToken,
    connections: TaskTracker,
}

/// Makes an [`App`].
#[derive(Debug)]
pub struct AppBuilder {
    ops: Ops,
    leptos: LeptosOptions,
    security: SecuritySettings,
    tls: Option<Arc<Tls>>,
    metrics_token: Option<SecretString>,
    prometheus: Option<PrometheusHandle>,
}

impl App {
    /// Begins with what there is no default for.
    #[must_use]
    pub fn builder(ops: Ops, leptos: LeptosOptions) -> AppBuilder {
        AppBuilder {
            ops,
            leptos,
            security: SecuritySettings::default(),
            tls: None,
            metrics_token: None,
            prometheus: None,
        }
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
        self.0.security.cookies_are_secure()
    }

    pub(super) fn security(&self) -> &SecuritySettings {
        &self.0.security
    }

    pub(super) fn limits(&self) -> &RequestLimits {
        &self.0.limits
    }

    pub(super) fn tls(&self) -> Option<&Arc<Tls>> {
        self.0.tls.as_ref()
    }

    pub(super) fn metrics_token(&self) -> Option<&SecretString> {
        self.0.metrics_token.as_ref()
    }

    pub(super) fn prometheus(&self) -> &PrometheusHandle {
        &self.0.prometheus
    }

    pub(super) fn packed(&self) -> &Packed {
        &self.0.packed
    }

    pub(super) fn openapi(&self) -> &Arc<serde_json::Value> {
        &self.0.openapi
    }
}

impl AppBuilder {
    /// How the server protects itself.
    #[must_use]
    pub fn security(mut self, settings: SecuritySettings) -> Self {
        self.security = settings;
        self
    }

    /// The server speaks TLS itself.
    #[must_use]
    pub fn tls(mut self, tls: Option<Arc<Tls>>) -> Self {
        self.tls = tls;
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
            limits: RequestLimits::new(self.security.rates),
            security: SecuritySettings { tls: self.tls.is_some(), ..self.security },
            tls: self.tls,
            metrics_token: self.metrics_token,
            prometheus: self.prometheus.unwrap_or_else(super::telemetry::prometheus),
            openapi: Arc::new(super::openapi::document()),
            packed: Packed::default(),
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
/// `invalid_input` when the file cannot be understood, or the site that it names is not there.
pub fn leptos_options(listen: SocketAddr) -> Result<LeptosOptions> {
    let file = Path::new("Leptos.toml");
    let mut options = get_configuration(file.exists().then_some("Leptos.toml"))
        .map_err(|error| Error::invalid(format!("Leptos.toml is not valid: {error}.")))?
        .leptos_options;
    options.site_addr = listen;
    let style = Path::new(&*options.site_root)
        .join(&*options.site_pkg_dir)
        .join(format!("{}.css", options.output_name));
    // With hashed files the name is another one; leptos itself then wants `hash.txt`.
    if !options.hash_files && !style.exists() {
        return Err(Error::invalid(format!("The pages' files are not there: {} is missing.", style.display()))
            .with_hint(
                "Start nephoscope in the folder that has Leptos.toml and the site, or name the site with LEPTOS_SITE_ROOT.",
            ));
    }
    Ok(options)
}
