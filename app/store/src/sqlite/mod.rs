//! The embedded home: one SQLite file, no server to run.
//!
//! One thread writes and gathers many jobs into one commit (`writer`); a few connections read beside it
//! (`readers`), which the write-ahead log allows. Other processes may use the same file at the same time, as
//! `nephoscope user add` does while the server runs.

mod accounts;
mod api_tokens;
mod audit;
mod connection;
mod error;
mod keyed;
mod prices;
mod readers;
mod schema;
mod second_factor;
mod sessions;
mod terminations;
mod test_events;
mod uploads;
mod usage;
mod users;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditHead, AuditPage, AuditQuery, AuditRecord},
    ec2::{ListPrice, PriceKey},
    identity::{AccountRoles, ApiToken, EmailAddress, Role, User, UserName},
    usage::UsageRow,
};
use rusqlite::{Connection, Row};
use secrecy::SecretString;

use self::{readers::Readers, writer::Writer};
use crate::{
    Client, EndedSession, LiveSession, NewUser, RefreshToken, Result, Rotation, SecondFactor, Store,
    StoredApiToken, StoredUser, chain::Link,
};

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

    async fn find_user_by_email(&self, email: &EmailAddress) -> Result<Option<StoredUser>> {
        let email = email.clone();
        self.read(move |connection| users::find_by_email(connection, &email)).await
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

    async fn set_roles(&self, id: &str, role: Role, grants: &AccountRoles) -> Result<()> {
        let (id, grants) = (id.to_owned(), grants.clone());
        self.write(move |connection| users::set_roles(connection, &id, role, &grants)).await
    }

    async fn set_email(&self, id: &str, email: Option<&EmailAddress>) -> Result<()> {
        let (id, email) = (id.to_owned(), email.cloned());
        self.write(move |connection| users::set_email(connection, &id, email.as_ref())).await
    }

    async fn bind_login(&self, id: &str, email: &EmailAddress, login: &str) -> Result<bool> {
        let (id, email, login) = (id.to_owned(), email.clone(), login.to_owned());
        self.write(move |connection| users::bind_login(connection, &id, &email, &login)).await
    }

    async fn set_password_link(&self, id: &str, hash: &str, expires_at: Timestamp) -> Result<()> {
        let (id, hash) = (id.to_owned(), hash.to_owned());
        self.write(move |connection| users::set_link(connection, &id, &hash, expires_at)).await
    }

    async fn find_password_link(&self, hash: &str, now: Timestamp) -> Result<Option<User>> {
        let hash = hash.to_owned();
        self.read(move |connection| users::find_by_link(connection, &hash, now)).await
    }

    async fn redeem_password_link(
        &self,
        hash: &str,
        password_hash: &SecretString,
        now: Timestamp,
    ) -> Result<Option<User>> {
        let (hash, password_hash) = (hash.to_owned(), password_hash.clone());
        self.write(move |connection| users::redeem_link(connection, &hash, &password_hash, now)).await
    }

    async fn set_second_factor(&self, id: &str, factor: Option<&SecondFactor>) -> Result<()> {
        let (id, factor) = (id.to_owned(), factor.cloned());
        self.write(move |connection| second_factor::set(connection, &id, factor.as_ref())).await
    }

    async fn find_second_factor(&self, id: &str) -> Result<Option<SecondFactor>> {
        let id = id.to_owned();
        self.read(move |connection| second_factor::find(connection, &id)).await
    }

    async fn reseal_second_factor(&self, id: &str, old: &str, new: &str) -> Result<bool> {
        let (id, old, new) = (id.to_owned(), old.to_owned(), new.to_owned());
        self.write(move |connection| second_factor::reseal(connection, &id, &old, &new)).await
    }

    async fn use_code(&self, id: &str, step: i64) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |connection| second_factor::use_code(connection, &id, step)).await
    }

    async fn use_recovery_code(&self, id: &str, hash: &str) -> Result<bool> {
        let (id, hash) = (id.to_owned(), hash.to_owned());
        self.write(move |connection| second_factor::use_recovery_code(connection, &id, &hash)).await
    }

    async fn remove_user(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| users::remove(connection, &id)).await
    }

    async fn record_login(&self, id: &str, at: Timestamp) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| users::record_login(connection, &id, at)).await
    }

    async fn begin_session(&self, token: RefreshToken, client: Client) -> Result<()> {
        self.write(move |connection| sessions::begin(connection, &token, &client)).await
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

    async fn end_session(&self, hash: &str) -> Result<Option<EndedSession>> {
        let hash = hash.to_owned();
        self.write(move |connection| sessions::end(connection, &hash)).await
    }

    async fn revoke_session(&self, session_id: &str) -> Result<()> {
        let session_id = session_id.to_owned();
        self.write(move |connection| sessions::revoke_session(connection, &session_id)).await
    }

    async fn session_user(&self, session_id: &str, now: Timestamp) -> Result<Option<User>> {
        let session_id = session_id.to_owned();
        self.read(move |connection| sessions::user_of(connection, &session_id, now)).await
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<LiveSession>> {
        let user_id = user_id.to_owned();
        self.read(move |connection| sessions::list(connection, &user_id, now)).await
    }

    async fn revoke_sessions(&self, user_id: &str) -> Result<()> {
        let user_id = user_id.to_owned();
        self.write(move |connection| sessions::revoke_all(connection, &user_id)).await
    }

    async fn create_api_token(&self, token: StoredApiToken) -> Result<()> {
        self.write(move |connection| api_tokens::create(connection, &token)).await
    }

    async fn list_api_tokens(&self, user_id: &str) -> Result<Vec<ApiToken>> {
        let user_id = user_id.to_owned();
        self.read(move |connection| api_tokens::list(connection, &user_id)).await
    }

    async fn find_api_token(&self, hash: &str, now: Timestamp) -> Result<Option<(ApiToken, User)>> {
        let hash = hash.to_owned();
        self.read(move |connection| api_tokens::find(connection, &hash, now)).await
    }

    async fn record_api_token_use(&self, id: &str, at: Timestamp) -> Result<()> {
        let id = id.to_owned();
        self.write(move |connection| api_tokens::record_use(connection, &id, at)).await
    }

    async fn remove_api_token(&self, user_id: &str, id: &str) -> Result<()> {
        let (user_id, id) = (user_id.to_owned(), id.to_owned());
        self.write(move |connection| api_tokens::remove(connection, &user_id, &id)).await
    }

    async fn purge_tokens(&self, before: Timestamp) -> Result<u64> {
        self.write(move |connection| {
            api_tokens::purge(connection, before)?;
            keyed::purge(connection, before)?;
            sessions::purge(connection, before)
        })
        .await
    }

    async fn append_audit(&self, record: AuditRecord) -> Result<()> {
        self.write(move |connection| audit::append(connection, record)).await
    }

    async fn query_audit(&self, query: &AuditQuery) -> Result<AuditPage> {
        let query = query.clone();
        self.read(move |connection| audit::query(connection, &query)).await
    }

    async fn audit_head(&self) -> Result<Option<AuditHead>> {
        self.read(audit::head).await
    }

    async fn read_chain(&self, after: i64, limit: u32) -> Result<Vec<Link>> {
        self.read(move |connection| audit::read_chain(connection, after, limit)).await
    }

    async fn read_chain_of(&self, operation: Operation, limit: u32) -> Result<Vec<Link>> {
        self.read(move |connection| audit::read_chain_of(connection, operation, limit)).await
    }

    async fn find_unchained(&self) -> Result<Option<String>> {
        self.read(audit::find_unchained).await
    }

    async fn end_of_past_audit(&self, before: Timestamp) -> Result<Option<AuditHead>> {
        self.read(move |connection| audit::end_of_past(connection, before)).await
    }

    async fn remove_past_audit(&self, through: i64, limit: u32) -> Result<u64> {
        self.write(move |connection| audit::remove_past(connection, through, limit)).await
    }

    async fn add_usage(&self, rows: Vec<UsageRow>) -> Result<()> {
        self.write(move |connection| usage::add(connection, &rows)).await
    }

    async fn query_usage(&self, from: &str, to: &str, limit: u32) -> Result<Vec<UsageRow>> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.read(move |connection| usage::query(connection, &from, &to, limit)).await
    }

    async fn remove_usage_before(&self, day: &str) -> Result<u64> {
        let day = day.to_owned();
        self.write(move |connection| usage::remove_before(connection, &day)).await
    }

    async fn save_prices(&self, prices: Vec<ListPrice>, at: Timestamp) -> Result<()> {
        self.write(move |connection| prices::save(connection, &prices, at)).await
    }

    async fn find_price(&self, key: &PriceKey, since: Timestamp) -> Result<Option<ListPrice>> {
        let key = key.clone();
        self.read(move |connection| prices::find(connection, &key, since)).await
    }

    async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.writer.close().await;
    }
}
