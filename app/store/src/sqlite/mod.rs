//! The embedded home: one SQLite file, no server to run.
//!
//! One thread writes and gathers many jobs into one commit (`writer`); a few connections read beside it
//! (`readers`), which the write-ahead log allows. Other processes may use the same file at the same time, as
//! `nephoscope user add` does while the server runs.

mod audit;
mod connection;
mod error;
mod readers;
mod schema;
mod sessions;
mod users;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use nephoscope_model::{
    Timestamp,
    audit::{AuditPage, AuditQuery, AuditRecord},
    identity::{User, UserName},
};
use rusqlite::{Connection, Row};
use secrecy::SecretString;

use self::{readers::Readers, writer::Writer};
use crate::{NewUser, RefreshToken, Result, Rotation, Store, StoredUser};

/// The memory in a SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    /// None for a database in memory, which nobody but the writer can see.
    readers: Option<Readers>,
}

impl SqliteStore {
    /// Opens the database file, and makes it (mode 0600), its directory and its schema when they are missing.
    /// This waits for the disk: call it while starting.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable) when the file cannot be opened or made,
    /// and [`StoreError::Corrupt`](crate::StoreError::Corrupt) when it is not a database or was made by a
    /// newer nephoscope.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let mut connection = connection::open_writer(path)?;
        schema::migrate(&mut connection)?;
        Ok(Self { writer: Writer::start(connection)?, readers: Some(Readers::new(path.to_owned())) })
    }

    /// A database that ends with the store, for tests.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable) when there is not enough memory or no
    /// thread to be had.
    pub fn open_in_memory() -> Result<Self> {
        let mut connection = connection::open_in_memory()?;
        schema::migrate(&mut connection)?;
        Ok(Self { writer: Writer::start(connection)?, readers: None })
    }

    async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        self.writer.run(work).await
    }

    async fn read<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        match &self.readers {
            Some(readers) => readers.run(work).await,
            None => self.writer.run(work).await,
        }
    }
}

/// The time in a column of milliseconds.
fn timestamp(row: &Row<'_>, column: &str) -> Result<Timestamp> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

#[async_trait]
impl Store for SqliteStore {
    fn kind(&self) -> &'static str {
        "SQLite"
    }

    /// Goes through the writer and its lock: a database that can only be read is not well.
    async fn ping(&self) -> Result<()> {
        self.write(|connection| Ok(connection.query_row("SELECT count(*) FROM users", [], |_| Ok(()))?)).await
    }

    async fn create_user(&self, user: NewUser) -> Result<User> {
        self.write(move |connection| users::create(connection, user)).await
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<StoredUser>> {
        let name = name.clone();
        self.read(move |connection| users::find(connection, &name)).await
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>> {
        let id = id.to_owned();
        self.read(move |connection| users::get(connection, &id)).await
    }

    async fn list_users(&self) -> Result<Vec<User>> {
        self.read(users::list).await
    }

    async fn set_password(&self, id: &str, password_hash: &SecretString) -> Result<()> {
        let (id, password_hash) = (id.to_owned(), password_hash.clone());
        self.write(move |connection| users::set_password(connection, &id, &password_hash)).await
    }

    async fn set_disabled(&self, id: &str, disabled: bool) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| users::set_disabled(connection, &id, disabled)).await
    }

    async fn remove_user(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| users::remove(connection, &id)).await
    }

    async fn record_login(&self, id: &str, at: Timestamp) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| users::record_login(connection, &id, at)).await
    }

    async fn begin_session(&self, token: RefreshToken) -> Result<()> {
        self.write(move |connection| sessions::begin(connection, &token)).await
    }

    async fn rotate_token(
        &self,
        presented: &str,
        next_hash: &str,
        next_expires_at: Timestamp,
        now: Timestamp,
        grace_millis: i64,
    ) -> Result<Rotation> {
        let (presented, next_hash) = (presented.to_owned(), next_hash.to_owned());
        self.write(move |connection| {
            sessions::rotate(connection, &presented, &next_hash, next_expires_at, now, grace_millis)
        })
        .await
    }

    async fn end_session(&self, hash: &str) -> Result<()> {
        let hash = hash.to_owned();
        self.write(move |connection| sessions::revoke(connection, &hash)).await
    }

    async fn revoke_session(&self, session_id: &str) -> Result<()> {
        let session_id = session_id.to_owned();
        self.write(move |connection| sessions::revoke_session(connection, &session_id)).await
    }

    async fn session_is_live(&self, session_id: &str, now: Timestamp) -> Result<bool> {
        let session_id = session_id.to_owned();
        self.read(move |connection| sessions::is_live(connection, &session_id, now)).await
    }

    async fn purge_tokens(&self, before: Timestamp) -> Result<u64> {
        self.write(move |connection| sessions::purge(connection, before)).await
    }

    async fn append_audit(&self, record: AuditRecord) -> Result<()> {
        self.write(move |connection| audit::append(connection, &record)).await
    }

    async fn query_audit(&self, query: &AuditQuery) -> Result<AuditPage> {
        let query = query.clone();
        self.read(move |connection| audit::query(connection, &query)).await
    }

    async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.writer.close().await;
    }
}
