//! TLS from files, by rustls on aws-lc-rs. Renewed files are taken up without a restart.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use nephoscope_model::{Error, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};
use tracing::{error, info};

/// How often the files are looked at.
pub(super) const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Where certificate and key are, in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, followed by the intermediate ones.
    pub cert: PathBuf,
    /// Its private key, not encrypted.
    pub key: PathBuf,
}

/// The server's side of TLS.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    acceptor: Arc<ServerConfig>,
    /// Tells whether the files hold something else now.
    fingerprint: u64,
}

impl Tls {
    /// Loads the files.
    ///
    /// # Errors
    /// `invalid_input`, saying which file is bad and why.
    pub fn load(files: TlsFiles) -> Result<Arc<Self>> {
        let contents = Contents::read(&files)?;
        let current = RwLock::new(contents.load(&files)?);
        Ok(Arc::new(Self { files, current }))
    }

    /// What takes connections with the present certificate. Those that are open keep theirs.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.acceptor))
    }

    /// Takes up the files if they hold something else now, and says whether.
    ///
    /// # Errors
    /// Those of [`Self::load`]; the certificate in use stays in use.
    pub fn reload(&self) -> Result<bool> {
        let contents = Contents::read(&self.files)?;
        let known = self.current.read().unwrap_or_else(PoisonError::into_inner).fingerprint;
        if contents.fingerprint() == known {
            return Ok(false);
        }
        let loaded = contents.load(&self.files)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(true)
    }

    /// Takes up renewed files: at once on SIGHUP, and by looking every now and then. Looking works however the files are replaced:
    /// written over, renamed into place, or behind a link that is turned.
    pub async fn keep_fresh(self: Arc<Self>, look_every: Duration) {
        let mut hangup = match signal(SignalKind::hangup()) {
            Ok(hangup) => Some(hangup),
            Err(reason) => {
                error!("cannot listen for SIGHUP: {reason}");
                None
            }
        };
        let mut ticks = tokio::time::interval(look_every);
        let mut complained = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Some(_) = async { hangup.as_mut()?.recv().await } => {
                    info!("SIGHUP: looking at the TLS certificate");
                    complained = None;
                }
            }
            match self.reload() {
                Ok(changed) => {
                    complained = None;
                    if changed {
                        info!("the TLS certificate was renewed");
                    }
                }
                // A certificate that is written before its key does not fit it for a moment: said once, tried again.
                Err(reason) if complained.as_ref() != Some(&reason.message) => {
                    error!("the TLS certificate stays as it was: {reason}");
                    complained = Some(reason.message);
                }
                Err(_) => {}
            }
        }
    }
}

struct Contents {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Contents {
    fn read(files: &TlsFiles) -> Result<Self> {
        let read =
            |what: &str, path: &Path| std::fs::read(path).map_err(|reason| cannot_read(what, path, &reason));
        Ok(Self { cert: read("certificate", &files.cert)?, key: read("key", &files.key)? })
    }

    fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.cert, &self.key).hash(&mut hasher);
        hasher.finish()
    }

    fn load(&self, files: &TlsFiles) -> Result<Loaded> {
        let (cert, key) = (files.cert.display(), files.key.display());
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.cert)
            .collect::<std::result::Result<_, _>>()
            .map_err(|reason| Error::invalid(format!("The TLS certificate {cert} is not PEM: {reason}.")))?;
        if chain.is_empty() {
            return Err(Error::invalid(format!("There is no certificate in {cert}.")).with_hint(
                "tls_cert_file names a PEM file: the server's certificate first, then the intermediate ones.",
            ));
        }
        let private = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            Error::invalid(format!("There is no private key in {key}."))
                .with_hint("tls_key_file names a PEM file with a key that is not encrypted.")
        })?;
        let made = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private));
        let mut config = made.map_err(|reason| match reason {
            rustls::Error::InconsistentKeys(_) => {
                Error::invalid(format!("The key {key} does not belong to the certificate {cert}."))
            }
            other => {
                Error::invalid(format!("The certificate {cert} and the key {key} cannot be used: {other}."))
            }
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Loaded { acceptor: Arc::new(config), fingerprint: self.fingerprint() })
    }
}

fn cannot_read(what: &str, path: &Path, reason: &io::Error) -> Error {
    Error::invalid(format!("The TLS {what} {} cannot be read: {reason}.", path.display()))
        .with_hint("tls_cert_file and tls_key_file name files that the server's user may read.")
}
