//! The keys that sign session tokens: one signs, some more are still accepted, so that a new key logs nobody out.
//!
//! They live in a file (the first line signs) that another process may replace at any time, or in the configuration when several
//! servers share a store. A key's id is derived from the key, so that nothing can disagree about it, and it is only ever compared: it
//! names no file and no row.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use nephoscope_model::{Error, ErrorCode, Result, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tracing::{info, warn};

use super::token::random_text;

/// How long a key is kept after another took its place. Tokens last five minutes; the rest is for clocks and for servers that are slow to
/// look.
const KEPT_MILLIS: i64 = 3_600_000;
/// A key that nobody knows may be new, so the file is looked at again; not more often than this, since anybody can invent ids.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What stands above the keys in their file.
const HEAD: &str =
    "# The keys that sign session tokens. The first one signs; the others are accepted for a while.\n";

/// One key: 32 bytes at least.
#[derive(Clone)]
pub struct SigningKey {
    text: SecretString,
    pub(super) id: String,
    pub(super) encoding: EncodingKey,
    pub(super) decoding: DecodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// From its base64url text, as a file or a variable holds it.
    ///
    /// # Errors
    /// `invalid_input` when that is not base64url of 32 bytes at least.
    pub fn from_text(text: &SecretString) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.expose_secret().trim().trim_end_matches('='))
            .map_err(|_| Error::invalid("The signing key is not base64url."))?;
        if bytes.len() < 32 {
            return Err(Error::invalid("The signing key must have 32 bytes at least."));
        }
        let digest = Sha256::new().chain_update(b"nephoscope key id").chain_update(&bytes).finalize();
        Ok(Self {
            text: text.expose_secret().trim().into(),
            id: digest[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            encoding: EncodingKey::from_secret(&bytes),
            decoding: DecodingKey::from_secret(&bytes),
        })
    }

    /// The text of a new random key.
    #[must_use]
    pub fn generate_text() -> SecretString {
        SecretString::from(random_text())
    }
}

/// A key and since when it signs.
#[derive(Debug, Clone)]
struct Entry {
    key: SigningKey,
    since: Option<Timestamp>,
}

/// All keys; the first one signs.
#[derive(Debug, Clone)]
pub struct SigningKeys(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entries: RwLock<Vec<Entry>>,
    file: Option<KeyFile>,
}

#[derive(Debug)]
struct KeyFile {
    path: PathBuf,
    seen: Mutex<Seen>,
}

/// Tells one state of the file from another: two that were written in the same moment are two files.
type Version = (SystemTime, u64);

#[derive(Debug, Default)]
struct Seen {
    version: Option<Version>,
    looked_for_unknown: Option<Instant>,
}

impl From<SigningKey> for SigningKeys {
    fn from(key: SigningKey) -> Self {
        Self::of(vec![Entry { key, since: None }], None)
    }
}

impl SigningKeys {
    fn of(entries: Vec<Entry>, file: Option<KeyFile>) -> Self {
        Self(Arc::new(Inner { entries: RwLock::new(entries), file }))
    }

    /// From the configuration: keys with commas between them, of which the first signs.
    ///
    /// # Errors
    /// `invalid_input` when one of them is no key.
    pub fn from_text(text: &SecretString) -> Result<Self> {
        let entries = text
            .expose_secret()
            .split(',')
            .map(|key| Ok(Entry { key: SigningKey::from_text(&key.into())?, since: None }))
            .collect::<Result<_>>()?;
        Ok(Self::of(entries, None))
    }

    /// From a file, which is looked at again when it changes.
    ///
    /// # Errors
    /// `invalid_input` when it cannot be read or holds something that is no key.
    pub fn from_file(path: &Path) -> Result<Self> {
        let seen = Seen { version: version(path), ..Seen::default() };
        let entries = read(path)?;
        Ok(Self::of(entries, Some(KeyFile { path: path.to_owned(), seen: Mutex::new(seen) })))
    }

    /// The key that signs.
    pub(super) fn active(&self) -> Result<SigningKey> {
        self.look_again(false);
        let entries = self.0.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.first().map(|entry| entry.key.clone()).ok_or_else(Error::internal)
    }

    /// The key of that id, if there is one; a file is looked at again for an id that is not known.
    pub(super) fn find(&self, id: &str) -> Option<SigningKey> {
        self.known(id).or_else(|| {
            self.look_again(true);
            self.known(id)
        })
    }

    fn known(&self, id: &str) -> Option<SigningKey> {
        let entries = self.0.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.iter().find(|entry| entry.key.id == id).map(|entry| entry.key.clone())
    }

    /// Reads the file again when it has changed. It has a few hundred bytes, so this does not wait for anything worth a thread.
    fn look_again(&self, for_unknown: bool) {
        let Some(file) = &self.0.file else { return };
        let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if for_unknown {
            if seen.looked_for_unknown.is_some_and(|at| at.elapsed() < LOOK_AGAIN) {
                return;
            }
            seen.looked_for_unknown = Some(Instant::now());
        }
        let version = version(&file.path);
        if version.is_none() || version == seen.version {
            return;
        }
        match read(&file.path) {
            Ok(entries) => {
                seen.version = version;
                *self.0.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
                info!("the signing keys have changed; using the new ones");
            }
            Err(error) => {
                warn!(
                    "the signing keys have changed and cannot be read, going on with the old ones: {error}"
                );
            }
        }
    }

    /// Since when the present key signs: since its file was written, if that is not known better. None for configured keys.
    pub(super) fn active_since(&self) -> Option<Timestamp> {
        let file = self.0.file.as_ref()?;
        self.look_again(false);
        let written = || {
            let at = version(&file.path)?.0.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            i64::try_from(at.as_millis()).ok().map(Timestamp::from_millis)
        };
        let entries = self.0.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.first().and_then(|entry| entry.since.or_else(written))
    }

    /// Puts a new key in front and forgets those that nobody can hold a token of any more. Gives the id of the new one.
    ///
    /// # Errors
    /// `conflict` when the keys are configured, `unavailable` when the file cannot be written.
    pub(super) fn rotate(&self, now: Timestamp) -> Result<String> {
        let Some(file) = &self.0.file else {
            return Err(Error::new(ErrorCode::Conflict, "The signing keys are configured, so that they are changed there.")
                .with_hint("Put a new key behind the old one (\"old,new\") on every server, then swap them, then remove the old one."));
        };
        let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = read(&file.path)?;
        let key = SigningKey::from_text(&SigningKey::generate_text())?;
        let id = key.id.clone();
        entries.insert(0, Entry { key, since: Some(now) });
        // A key was in use until the one before it in the list took its place.
        let mut until = now;
        entries.retain(|entry| {
            let kept = now.as_millis() - until.as_millis() < KEPT_MILLIS;
            until = entry.since.unwrap_or_default();
            kept
        });
        write(&file.path, &entries).map_err(|error| {
            Error::new(ErrorCode::Unavailable, format!("{} cannot be written: {error}.", file.path.display()))
        })?;
        seen.version = version(&file.path);
        *self.0.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
        Ok(id)
    }
}

fn version(path: &Path) -> Option<Version> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.ino()))
}

/// A line is a key and, unless it is from before keys were rotated, since when it signs.
fn read(path: &Path) -> Result<Vec<Entry>> {
    let text = fs::read_to_string(path)
        .map(SecretString::from)
        .map_err(|error| Error::invalid(format!("{} cannot be read: {error}.", path.display())))?;
    let mut entries = Vec::new();
    for line in text.expose_secret().lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, since) = line.split_once(' ').unwrap_or((line, ""));
        let since = (!since.is_empty()).then(|| Timestamp::parse(since.trim())).transpose()?;
        entries.push(Entry { key: SigningKey::from_text(&key.into())?, since });
    }
    if entries.is_empty() {
        return Err(Error::invalid(format!("{} holds no key.", path.display())));
    }
    Ok(entries)
}

/// Writes beside and renames, so that whoever reads sees the old keys or the new ones; only for the owner, who stays the same.
fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    use std::{
        io::Write,
        os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    };
    let mut text = HEAD.to_owned();
    for entry in entries {
        text.push_str(entry.key.text.expose_secret());
        if let Some(since) = entry.since {
            text.push(' ');
            text.push_str(&since.to_string());
        }
        text.push('\n');
    }
    let text = SecretString::from(text);
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file
        .write_all(text.expose_secret().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| {
            let (old, new) = (fs::metadata(path)?, file.metadata()?);
            if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
                return Ok(());
            }
            chown(&draft, Some(old.uid()), Some(old.gid()))
        })
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // What could not be put in place is of no use to anybody.
        let _removed = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn key_file() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        fs::write(&path, SigningKey::generate_text().expose_secret()).expect("a file");
        (folder, path)
    }

    #[test]
    fn a_key_that_is_short_or_garbled_is_refused() {
        for bad in ["", "c2hvcnQ", "not base64 at all!"] {
            assert!(SigningKey::from_text(&SecretString::from(bad)).is_err(), "{bad}");
            assert!(SigningKeys::from_text(&SecretString::from(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rotation_keeps_the_key_before_and_the_file_private() {
        let (_folder, path) = key_file();
        let keys = SigningKeys::from_file(&path).expect("keys");
        let first = keys.active().expect("a key");
        let now = Timestamp::now();
        let since = keys.active_since().expect("a file was written");
        assert!((now.as_millis() - since.as_millis()).abs() < 60_000, "a first key is not old: {since}");
        let id = keys.rotate(now).expect("rotated");
        assert_eq!(keys.active().expect("a key").id, id);
        assert!(id != first.id && keys.find(&first.id).is_some());
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);

        let next = keys.rotate(now.plus_millis(KEPT_MILLIS + 1)).expect("rotated");
        assert!(keys.find(&first.id).is_none(), "nobody can hold a token of it any more");
        assert!(keys.find(&id).is_some() && keys.find(&next).is_some());
    }

    #[test]
    fn a_running_server_takes_over_the_keys_that_another_process_made() {
        let (_folder, path) = key_file();
        let (server, command) =
            (SigningKeys::from_file(&path).expect("keys"), SigningKeys::from_file(&path).expect("keys"));
        let id = command.rotate(Timestamp::now()).expect("rotated");
        assert!(server.find(&id).is_some(), "an unknown id is looked for in the file");
        assert_eq!(server.active().expect("a key").id, id);
        fs::write(&path, "garbage").expect("a file");
        assert_eq!(server.active().expect("a key").id, id, "a broken file changes nothing");
    }

    #[test]
    fn configured_keys_are_several_and_are_rotated_in_the_configuration() {
        let (old, new) = (SigningKey::generate_text(), SigningKey::generate_text());
        let text = format!("{}, {}", old.expose_secret(), new.expose_secret()).into();
        let keys = SigningKeys::from_text(&text).expect("keys");
        assert_eq!(keys.active().expect("a key").id, SigningKey::from_text(&old).expect("a key").id);
        assert!(keys.find(&SigningKey::from_text(&new).expect("a key").id).is_some());
        assert_eq!(keys.rotate(Timestamp::now()).map_err(|error| error.code), Err(ErrorCode::Conflict));
        assert_eq!(keys.active_since(), None);
    }

    #[test]
    fn printing_keys_shows_none() {
        let text = SigningKey::generate_text();
        let keys = SigningKeys::from_text(&text).expect("keys");
        assert!(!format!("{keys:?}").contains(text.expose_secret()));
    }
}
