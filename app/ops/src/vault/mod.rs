//! The vault: how secrets lie in the store.
//!
//! Each secret is sealed with a data key of its own ([`envelope`]), and the data key is wrapped by a master key that is never in the
//! store ([`master`]). What it was sealed for, a record and a field of it, is bound to the ciphertext, so that it opens nowhere else.
//! Every sealed text names its master key, which is why the key can be changed while servers run: the old one opens until all is
//! sealed anew, and a server that meets a key it does not know looks into the key file again.
//!
//! See docs/adr/0005-vault.md.

mod envelope;
mod key_file;
mod master;

use std::{fmt, sync::Arc, time::Duration};

use moka::future::Cache;
use nephoscope_aws::KeyService;
use nephoscope_model::{Error, ErrorCode, Result, account::Sealed};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;

use envelope::{DataKey, Envelope};
pub use key_file::give_to_owner_of_folder;
use master::Local;
pub use master::MasterKeys;

/// How long a data key that the key service unwrapped is kept: opening the same secret again soon costs no call.
const KEEP_UNWRAPPED: Duration = Duration::from_secs(300);

/// What a secret is sealed for: it opens for nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purpose {
    record: String,
    field: &'static str,
}

impl Purpose {
    /// The field of a record, such as `secret` of `account/111111111111`.
    pub fn new(record: impl Into<String>, field: &'static str) -> Self {
        Self { record: record.into(), field }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.record, self.field)
    }
}

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    local: Local,
    key_service: Option<KeyService>,
    unwrapped: Cache<(Purpose, Vec<u8>), Arc<DataKey>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("key_service", &self.0.key_service).finish_non_exhaustive()
    }
}

impl Vault {
    /// Opens the vault. The key file is made when it is to seal and is missing.
    ///
    /// # Errors
    /// `invalid_input` when a key is none, or the file cannot be read or made.
    pub fn open(keys: MasterKeys) -> Result<Self> {
        let MasterKeys { given, file, key_service } = keys;
        let local = Local::open(given.as_ref(), file, key_service.is_none())?;
        let unwrapped = Cache::builder().max_capacity(1_000).time_to_live(KEEP_UNWRAPPED).build();
        Ok(Self(Arc::new(Inner { local, key_service, unwrapped })))
    }

    /// A vault whose key ends with it, for tests and for servers that keep no secrets.
    #[must_use]
    pub fn ephemeral() -> Self {
        let keys = MasterKeys { given: Some(master::generate_text()), file: None, key_service: None };
        Self::open(keys).expect("a generated key is a key")
    }

    /// Seals a secret for a purpose, with the present master key.
    ///
    /// # Errors
    /// `unavailable` when the master key cannot be had.
    pub async fn seal(&self, purpose: &Purpose, secret: &SecretString) -> Result<Sealed> {
        let (data_key, key_id, wrapped) = match &self.0.key_service {
            Some(service) => {
                let (plain, wrapped) = service.generate_data_key(&purpose.record, purpose.field).await?;
                (
                    DataKey::from_slice(plain.expose_secret()).ok_or_else(odd_key)?,
                    service.id().to_owned(),
                    wrapped,
                )
            }
            None => {
                let key = self.0.local.current()?;
                let data_key = DataKey::generate();
                let wrapped = key.wrap(purpose, &data_key).ok_or_else(Error::internal)?;
                (data_key, key.id().to_owned(), wrapped)
            }
        };
        let sealed = data_key.seal(&envelope::secret_context(purpose), secret.expose_secret().as_bytes());
        let sealed = sealed.ok_or_else(Error::internal)?;
        Ok(Envelope { key_id, wrapped, sealed }.to_text())
    }

    /// Opens what was sealed for this purpose.
    ///
    /// # Errors
    /// `unavailable` when it was sealed with a master key that is not here, or the key service does not answer; `internal` when
    /// it was sealed for something else, or changed since.
    pub async fn open_sealed(&self, purpose: &Purpose, sealed: &Sealed) -> Result<SecretString> {
        let envelope = Envelope::parse(sealed).ok_or_else(|| damaged(purpose))?;
        let data_key = self.unwrap(purpose, &envelope).await?;
        let opened = data_key.open(&envelope::secret_context(purpose), envelope.sealed);
        let opened = opened.ok_or_else(|| damaged(purpose))?;
        let text = std::str::from_utf8(&opened).map_err(|_| damaged(purpose))?;
        Ok(SecretString::from(text))
    }

    async fn unwrap(&self, purpose: &Purpose, envelope: &Envelope) -> Result<Arc<DataKey>> {
        let id = &envelope.key_id;
        let service = self.0.key_service.as_ref().filter(|service| service.id() == id);
        let Some(service) = service else {
            let key = self.0.local.find(id)?.ok_or_else(|| {
                let message = format!(
                    "The secret of {purpose} was sealed with the master key {id}, which this server does not have."
                );
                Error::new(ErrorCode::Unavailable, message).with_hint(
                    "Give the server that key (docs/CONFIGURATION.md, \"The master key\"), or enter the secret again.",
                )
            })?;
            return key.unwrap(purpose, &envelope.wrapped).map(Arc::new).ok_or_else(|| damaged(purpose));
        };
        let cached = (purpose.clone(), envelope.wrapped.clone());
        let ask = async {
            let plain = service.decrypt(&purpose.record, purpose.field, &envelope.wrapped).await?;
            DataKey::from_slice(plain.expose_secret()).map(Arc::new).ok_or_else(odd_key)
        };
        self.0.unwrapped.try_get_with(cached, ask).await.map_err(|error: Arc<Error>| Error::clone(&error))
    }

    /// The id of the master key that seals now.
    ///
    /// # Errors
    /// `unavailable` when there is none any more.
    pub fn current_key(&self) -> Result<String> {
        match &self.0.key_service {
            Some(service) => Ok(service.id().to_owned()),
            None => Ok(self.0.local.current()?.id().to_owned()),
        }
    }

    /// Whether this was sealed with the master key that seals now.
    ///
    /// # Errors
    /// As [`Self::current_key`].
    pub fn is_current(&self, sealed: &Sealed) -> Result<bool> {
        let current = self.current_key()?;
        Ok(Envelope::parse(sealed).is_some_and(|envelope| envelope.key_id == current))
    }

    /// Begins a rotation: from now on a new master key seals, where it is ours to make one; the others open still.
    ///
    /// # Errors
    /// `unavailable` when the key file cannot be written.
    pub(crate) fn begin_rotation(&self) -> Result<()> {
        if self.0.key_service.is_some() { Ok(()) } else { self.0.local.add_key() }
    }

    /// Ends a rotation: the master keys that seal no more are forgotten, where they are ours to forget.
    ///
    /// # Errors
    /// `unavailable` when the key file cannot be written.
    pub(crate) fn finish_rotation(&self) -> Result<()> {
        if self.0.key_service.is_some() { Ok(()) } else { self.0.local.drop_old_keys() }
    }
}

/// What was sealed does not open: never said in more detail, which would help only who changed it.
fn damaged(purpose: &Purpose) -> Error {
    warn!("the sealed secret of {purpose} does not open: it was changed, or sealed for something else");
    Error::new(
        ErrorCode::Internal,
        format!("The sealed secret of {purpose} is damaged, or was sealed for something else."),
    )
    .with_hint("Enter the secret again; if nobody restored an old backup, find out who changed the store.")
}

fn odd_key() -> Error {
    Error::new(ErrorCode::Unavailable, "The key service gave a data key that is not 32 bytes long.")
}

#[cfg(test)]
mod tests;
