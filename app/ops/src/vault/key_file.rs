//! The file that master keys are in: mode 0600, replaced as a whole, and never half written.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::Path,
};

use nephoscope_model::{Error, ErrorCode, Result};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Stands at the head of every key file.
const REMARK: &str = "# Master keys of nephoscope: the first one seals, all of them open. Without this file the secrets in the store are lost:\n\
                      # keep a copy, apart from the backups of the store.\n";

/// The file's text; nothing when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<SecretString>> {
    match fs::read_to_string(path) {
        Ok(text) => {
            warn_if_open_to_others(path);
            let text = Zeroizing::new(text);
            Ok(Some(SecretString::from(text.as_str())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", path, &error)),
    }
}

/// Makes the file with a first key, and says whether it did: of two processes that start at once, both use the key that came first.
pub(super) fn make_if_missing(path: &Path, key: &SecretString) -> Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    let make = || -> io::Result<bool> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let draft = write_draft(path, key)?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        }
    };
    make().map_err(|error| cannot("make", path, &error))
}

/// Puts another text in the file's place, at once.
pub(super) fn replace(path: &Path, keys: &SecretString) -> Result<()> {
    write_draft(path, keys)
        .and_then(|draft| fs::rename(&draft, path))
        .and_then(|()| sync_folder(path))
        .map_err(|error| cannot("replace", path, &error))
}

fn write_draft(path: &Path, keys: &SecretString) -> io::Result<std::path::PathBuf> {
    let draft = path.with_extension(format!("draft-{}", Uuid::now_v7()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(REMARK.as_bytes())?;
    file.write_all(keys.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    give_to_owner_of_folder(&draft);
    Ok(draft)
}

/// A name that a crash may lose is no key that may be used.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

/// What root makes, as with `sudo nephoscope key rotate` or `user add`, belongs to whom the folder belongs to, or the server could not open
/// it. Where that cannot be, the log says so.
pub fn give_to_owner_of_folder(path: &Path) {
    let owner = |path: &Path| fs::metadata(path).map(|meta| (meta.uid(), meta.gid()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok((uid, gid)) = owner(folder) else { return };
    if owner(path).is_ok_and(|owned| owned.0 != uid)
        && let Err(error) = chown(path, Some(uid), Some(gid))
    {
        warn!("{} does not belong to the owner of its folder: {error}", path.display());
    }
}

fn warn_if_open_to_others(path: &Path) {
    let mode = fs::metadata(path).map(|meta| meta.permissions().mode() & 0o777).unwrap_or_default();
    if mode & 0o077 != 0 {
        warn!("others may read the master key {} (mode {mode:o}): chmod 600 it", path.display());
    }
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorCode::Unavailable, format!("Cannot {verb} the master key file {}: {error}.", path.display()))
        .with_hint("Set master_key_file to a path that the server may read and write, or use another kind of master key.")
}
