//! Opening the database file: private, durable, shared with other processes.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{Result, StoreError};

/// How long to wait for another process, such as the command line beside the server, that is writing just
/// now.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the connection that writes; makes the file and its directory first when they are missing.
pub(super) fn open_writer(path: &Path) -> Result<Connection> {
    create_private(path)
        .map_err(|error| StoreError::Unavailable(format!("cannot make {}: {error}", path.display())))?;
    let connection = open_file(path)?;
    let mode = begin_write_ahead_log(&connection)?;
    if mode != "wal" {
        return Err(StoreError::Unavailable(format!(
            "SQLite cannot keep a write-ahead log at {}: its file system has no shared memory",
            path.display()
        )));
    }
    Ok(connection)
}

/// Switches to the write-ahead log; gives the mode that there is then. While two connections switch a fresh database at the same time,
/// SQLite tells one of them at once that it is locked, whatever the [timeout](BUSY_TIMEOUT) is, since each might wait for the other
/// ([when the busy handler is not invoked](https://www.sqlite.org/c3ref/busy_handler.html)).
fn begin_write_ahead_log(connection: &Connection) -> Result<String> {
    let begun = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && begun.elapsed() < BUSY_TIMEOUT =>
            {
                thread::sleep(Duration::from_millis(5));
            }
            mode => return Ok(mode?),
        }
    }
}

/// Opens a connection that only reads.
pub(super) fn open_reader(path: &Path) -> Result<Connection> {
    let connection = open_file(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Opens a database that lives in this one connection.
pub(super) fn open_in_memory() -> Result<Connection> {
    prepare(Connection::open_in_memory()?)
}

fn open_file(path: &Path) -> Result<Connection> {
    // Without SQLITE_OPEN_URI a file may be called `file:x?y`, and without SQLITE_OPEN_CREATE nobody makes it
    // world-readable.
    prepare(Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?)
}

fn prepare(connection: Connection) -> Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // In WAL mode only FULL forces every commit to the disk; NORMAL loses the last ones with the power.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Makes the file (mode 0600) and its directory (0700) when they are missing. SQLite gives its `-wal` and
/// `-shm` files the mode of the database.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(directory)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => warn_if_open_to_others(path),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn warn_if_open_to_others(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.display();
        tracing::warn!(%path, "others may read the database {path} (mode {mode:o}): chmod 600 it");
    }
    Ok(())
}

#[cfg(not(unix))]
fn warn_if_open_to_others(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(connection: &Connection, name: &str) -> String {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .expect("a setting")
    }

    #[test]
    fn every_commit_is_forced_to_the_disk_and_readers_cannot_write() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.db");
        let writer = open_writer(&path).expect("a database");
        assert_eq!(setting(&writer, "journal_mode"), "Text(\"wal\")");
        assert_eq!(setting(&writer, "synchronous"), "Integer(2)"); // FULL
        assert_eq!(setting(&writer, "foreign_keys"), "Integer(1)");
        let reader = open_reader(&path).expect("a reader");
        assert!(reader.execute_batch("CREATE TABLE a (x)").is_err());
    }
}
