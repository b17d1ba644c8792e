//! Master keys: in a file, in a variable, or in AWS's key service.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nephoscope_aws::KeyService;
use nephoscope_model::{Error, ErrorCode, Result};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tracing::info;
use zeroize::Zeroizing;

use super::{
    Purpose,
    envelope::{DataKey, key_context},
    key_file,
};

/// Where the master keys are. Of several places the key service seals before the variable, and the variable before the file; all open.
#[derive(Clone, Default)]
pub struct MasterKeys {
    /// Keys as text, as `NEPHOSCOPE_MASTER_KEY` holds them: the first one seals, all open.
    pub given: Option<SecretString>,
    /// The file of keys, made with a first one when nothing else seals.
    pub file: Option<PathBuf>,
    /// AWS KMS.
    pub key_service: Option<KeyService>,
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys")
            .field("given", &self.given.is_some())
            .field("file", &self.file)
            .field("key_service", &self.key_service)
            .finish()
    }
}

impl MasterKeys {
    /// Whether a text holds keys, and nothing but keys.
    ///
    /// # Errors
    /// `invalid_input` when it does not; the text is not repeated.
    pub fn check_text(text: &SecretString) -> Result<()> {
        parse_keys(text.expose_secret()).map(drop)
    }
}

/// The text of a new master key.
pub(super) fn generate_text() -> SecretString {
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(DataKey::generate().bytes()));
    SecretString::from(text.as_str())
}

/// A master key that we hold ourselves.
#[derive(Debug)]
pub(super) struct LocalKey {
    id: String,
    key: DataKey,
}

impl LocalKey {
    /// `local-` and a fingerprint: the same key has the same name on every server.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?);
        let key = DataKey::from_slice(&bytes)?;
        let digest = Sha256::new().chain_update("nephoscope master key").chain_update(&*bytes).finalize();
        let fingerprint: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Self { id: format!("local-{fingerprint}"), key })
    }

    pub(super) fn wrap(&self, purpose: &Purpose, key: &DataKey) -> Option<Vec<u8>> {
        self.key.seal(&key_context(purpose, &self.id), key.bytes())
    }

    pub(super) fn unwrap(&self, purpose: &Purpose, wrapped: &[u8]) -> Option<DataKey> {
        DataKey::from_slice(&self.key.open(&key_context(purpose, &self.id), wrapped.to_vec())?)
    }
}

type Keys = Vec<Arc<LocalKey>>;

/// The keys of a text: one a line or separated by spaces or commas; lines that begin with `#` are remarks.
pub(super) fn parse_keys(text: &str) -> Result<Keys> {
    let words = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || c == ','))
        .filter(|word| !word.is_empty());
    let keys: Option<Keys> = words.map(|word| LocalKey::parse(word).map(Arc::new)).collect();
    match keys {
        Some(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(Error::invalid("A master key must be 32 bytes as base64url (43 characters).")
            .with_hint("Make one: openssl rand 32 | basenc --base64url | tr -d =")),
    }
}

/// The keys that we hold ourselves.
pub(super) struct Local {
    given: Keys,
    file: Option<PathBuf>,
    /// Those of the file when it was last read.
    in_file: Mutex<Keys>,
}

impl Local {
    /// `seals`: whether these keys are to seal, so that there must be one.
    pub(super) fn open(given: Option<&SecretString>, file: Option<PathBuf>, seals: bool) -> Result<Self> {
        let given = given.map(|text| parse_keys(text.expose_secret())).transpose()?.unwrap_or_default();
        if let Some(path) = file.as_deref().filter(|_| seals && given.is_empty())
            && key_file::make_if_missing(path, &generate_text())?
        {
            info!("made the master key {}: keep a copy of it apart from the store's backups", path.display());
        }
        let local = Self { given, file, in_file: Mutex::default() };
        local.read_file()?;
        Ok(local)
    }

    /// The key that seals, by what the file says this very moment: another process may have changed it.
    pub(super) fn current(&self) -> Result<Arc<LocalKey>> {
        if let Some(key) = self.given.first() {
            return Ok(Arc::clone(key));
        }
        self.read_file()?.first().cloned().ok_or_else(|| {
            Error::new(ErrorCode::Unavailable, "There is no master key to seal secrets with.")
                .with_hint("Set master_key_file, NEPHOSCOPE_MASTER_KEY or master_key_kms.")
        })
    }

    /// The key of this id. One that is not known may have come into the file meanwhile.
    pub(super) fn find(&self, id: &str) -> Result<Option<Arc<LocalKey>>> {
        let of = |keys: &Keys| keys.iter().find(|key| key.id == id).cloned();
        if let Some(key) =
            of(&self.given).or_else(|| of(&self.in_file.lock().unwrap_or_else(PoisonError::into_inner)))
        {
            return Ok(Some(key));
        }
        Ok(of(&self.read_file()?))
    }

    fn read_file(&self) -> Result<Keys> {
        let Some(path) = &self.file else { return Ok(Keys::new()) };
        let keys = match key_file::read(path)? {
            Some(text) => parse_keys(text.expose_secret()).map_err(|error| Error {
                message: format!("{}: {}", path.display(), error.message),
                ..error
            })?,
            None => Keys::new(),
        };
        let mut known = self.in_file.lock().unwrap_or_else(PoisonError::into_inner);
        // A key that has just been dropped may still open what is being read this moment.
        let old = known.drain(..).filter(|old| keys.iter().all(|key| key.id != old.id)).take(1);
        let mut kept = keys.clone();
        kept.extend(old);
        *known = kept;
        Ok(keys)
    }

    /// Puts a new key before the others in the file. Keys that were given are not ours to make: there whoever gives them puts the new
    /// one first.
    pub(super) fn add_key(&self) -> Result<()> {
        let Some(path) = self.file.as_deref().filter(|_| self.given.is_empty()) else { return Ok(()) };
        let old = key_file::read(path)?.unwrap_or_default();
        let text =
            Zeroizing::new(format!("{}\n{}", generate_text().expose_secret(), keys_of(old.expose_secret())));
        key_file::replace(path, &SecretString::from(text.as_str()))?;
        self.read_file().map(drop)
    }

    /// Leaves only the first key in the file.
    pub(super) fn drop_old_keys(&self) -> Result<()> {
        let Some(path) = self.file.as_deref().filter(|_| self.given.is_empty()) else { return Ok(()) };
        let text = key_file::read(path)?.unwrap_or_default();
        let keys = Zeroizing::new(keys_of(text.expose_secret()));
        let first = keys.split_whitespace().next().unwrap_or_default();
        key_file::replace(path, &SecretString::from(first))?;
        self.read_file().map(drop)
    }
}

/// The keys of a file without its remarks.
fn keys_of(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n")
}
