//! The shared home: MongoDB 4.4 or newer, for several servers with one memory.
//!
//! Writes wait for the journals of a majority and reads see what a majority has, whatever the URI says. There
//! are no transactions: every step that must be atomic is one write to one document (see `sessions`). So a
//! standalone server will do; but only a replica set lets the driver repeat a write whose connection broke.

mod accounts;
mod api_tokens;
mod audit;
mod error;
mod indexes;
mod keyed;
mod prices;
mod sessions;
mod terminations;
mod test_events;
mod uploads;
mod usage;
mod users;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use mongodb::{
    Client, Collection, Database,
    bson::{DateTime, Document, doc},
    options::{
        Acknowledgment, ClientOptions, DatabaseOptions, ReadConcern, ReadPreference, SelectionCriteria,
        WriteConcern,
    },
};
use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditHead, AuditPage, AuditQuery, AuditRecord},
    ec2::{ListPrice, PriceKey},
    identity::{AccountRoles, ApiToken, EmailAddress, Role, User, UserName},
    usage::UsageRow,
};
use secrecy::{ExposeSecret, SecretString};

use self::{audit::KnownHead, error::answer};
use crate::{
    Client as Origin, EndedSession, LiveSession, NewUser, RefreshToken, Result, Rotation, SecondFactor,
    Store, StoreError, StoredApiToken, StoredUser, chain::Link,
};

/// How long to look for a server that takes writes, unless the URI says. An election takes seconds; longer is
/// an outage.
const SERVER_SELECTION_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may take to be made, unless the URI says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the majority may take to confirm a write.
const MAJORITY_TIMEOUT: Duration = Duration::from_secs(10);

/// The memory in a MongoDB database.
pub struct MongoStore {
    client: Client,
    database: Database,
    collections: Collections,
    known_head: KnownHead,
}

struct Collections {
    accounts: Collection<accounts::AccountDocument>,
    scopes: Collection<accounts::ScopeDocument>,
    users: Collection<users::UserDocument>,
    sessions: Collection<sessions::SessionDocument>,
    tokens: Collection<sessions::TokenDocument>,
    api_tokens: Collection<api_tokens::ApiTokenDocument>,
    audit: Collection<audit::AuditDocument>,
    usage: Collection<usage::UsageDocument>,
    keyed: Collection<keyed::KeyedDocument>,
    prices: Collection<prices::PriceDocument>,
    test_events: Collection<test_events::TestEventDocument>,
    terminations: Collection<terminations::TerminationDocument>,
    open_uploads: Collection<uploads::UploadDocument>,
    /// What is known of the database itself.
    meta: Collection<Document>,
}

impl MongoStore {
    /// Connects, and makes the indexes that are missing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the URI cannot be understood, no server answers or it refuses the
    /// credentials. The text never holds a part of the URI.
    pub async fn connect(uri: &SecretString, database: &str) -> Result<Self> {
        let client = Client::with_options(client_options(uri).await?)?;
        let database = client.database_with_options(
            database,
            DatabaseOptions::builder()
                .read_concern(ReadConcern::majority())
                .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
                .write_concern(
                    WriteConcern::builder()
                        .w(Acknowledgment::Majority)
                        .journal(true)
                        .w_timeout(MAJORITY_TIMEOUT)
                        .build(),
                )
                .build(),
        );
        let collections = Collections {
            accounts: database.collection("accounts"),
            scopes: database.collection("saved_scopes"),
            users: database.collection("users"),
            sessions: database.collection("sessions"),
            tokens: database.collection("tokens"),
            api_tokens: database.collection("api_tokens"),
            audit: database.collection("audit"),
            usage: database.collection("aws_usage"),
            keyed: database.collection("keyed_requests"),
            prices: database.collection("prices"),
            test_events: database.collection("lambda_test_events"),
            terminations: database.collection("terminations"),
            open_uploads: database.collection("open_uploads"),
            meta: database.collection("meta"),
        };
        indexes::ensure(&collections).await?;
        audit::chain_old_records(&collections).await?;
        Ok(Self { client, database, collections, known_head: KnownHead::default() })
    }
}

async fn client_options(uri: &SecretString) -> Result<ClientOptions> {
    // The parser's errors quote what it stumbled over: with an unescaped `/` or `@` that is a piece of the
    // password.
    let mut options = ClientOptions::parse(uri.expose_secret()).await.map_err(|_| {
        StoreError::Unavailable(
            "the MongoDB URI cannot be understood: it must look like \
             mongodb://user:password@host:27017/?replicaSet=rs0, with special characters in the name and the \
             password percent-encoded"
                .to_owned(),
        )
    })?;
    options.app_name.get_or_insert_with(|| "nephoscope".to_owned());
    options.server_selection_timeout.get_or_insert(SERVER_SELECTION_TIMEOUT);
    options.connect_timeout.get_or_insert(CONNECT_TIMEOUT);
    Ok(options)
}

impl fmt::Debug for MongoStore {
    /// Only the database: the client's options hold the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoStore").field("database", &self.database.name()).finish_non_exhaustive()
    }
}

fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

fn timestamp(date: DateTime) -> Timestamp {
    Timestamp::from_millis(date.timestamp_millis())
}

#[async_trait]
impl Store for MongoStore {
    fn kind(&self) -> &'static str {
        "MongoDB"
    }

    async fn ping(&self) -> Result<()> {
        answer(self.database.run_command(doc! { "ping": 1 })).await.map(|_| ())
    }

    async fn create_user(&self, user: NewUser) -> Result<User> {
        users::create(&self.collections, user).await
    }

    async fn find_user(&self, name: &UserName) -> Result<Option<StoredUser>> {
        users::find(&self.collections, name).await
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>> {
        users::get(&self.collections, id).await
    }

    async fn find_user_by_email(&self, email: &EmailAddress) -> Result<Option<StoredUser>> {
        users::find_by_email(&self.collections, email).await
    }

    async fn list_users(&self) -> Result<Vec<User>> {
        users::list(&self.collections).await
    }

    async fn set_password(&self, id: &str, password_hash: &SecretString) -> Result<()> {
        users::set_password(&self.collections, id, password_hash).await
    }

    async fn set_disabled(&self, id: &str, disabled: bool) -> Result<()> {
        users::set_disabled(&self.collections, id, disabled).await
    }

    async fn set_roles(&self, id: &str, role: Role, grants: &AccountRoles) -> Result<()> {
        users::set_roles(&self.collections, id, role, grants).await
    }

    async fn set_email(&self, id: &str, email: Option<&EmailAddress>) -> Result<()> {
        users::set_email(&self.collections, id, email).await
    }

    async fn bind_login(&self, id: &str, email: &EmailAddress, login: &str) -> Result<bool> {
        users::bind_login(&self.collections, id, email, login).await
    }

    async fn set_password_link(&self, id: &str, hash: &str, expires_at: Timestamp) -> Result<()> {
        users::set_link(&self.collections, id, hash, expires_at).await
    }

    async fn find_password_link(&self, hash: &str, now: Timestamp) -> Result<Option<User>> {
        users::find_by_link(&self.collections, hash, now).await
    }

    async fn redeem_password_link(
        &self,
        hash: &str,
        password_hash: &SecretString,
        now: Timestamp,
    ) -> Result<Option<User>> {
        users::redeem_link(&self.collections, hash, password_hash, now).await
    }

    async fn set_second_factor(&self, id: &str, factor: Option<&SecondFactor>) -> Result<()> {
        users::set_factor(&self.collections, id, factor).await
    }

    async fn find_second_factor(&self, id: &str) -> Result<Option<SecondFactor>> {
        users::find_factor(&self.collections, id).await
    }

    async fn reseal_second_factor(&self, id: &str, old: &str, new: &str) -> Result<bool> {
        users::reseal_factor(&self.collections, id, old, new).await
    }

    async fn use_code(&self, id: &str, step: i64) -> Result<bool> {
        users::use_code(&self.collections, id, step).await
    }

    async fn use_recovery_code(&self, id: &str, hash: &str) -> Result<bool> {
        users::use_recovery_code(&self.collections, id, hash).await
    }

    async fn remove_user(&self, id: &str) -> Result<()> {
        users::remove(&self.collections, id).await
    }

    async fn record_login(&self, id: &str, at: Timestamp) -> Result<()> {
        users::record_login(&self.collections, id, at).await
    }

    async fn begin_session(&self, token: RefreshToken, client: Origin) -> Result<()> {
        sessions::begin(&self.collections, &token, client).await
    }

    async fn rotate_token(
        &self,
        presented: &str,
        next_hash: &str,
        next_expires_at: Timestamp,
        now: Timestamp,
        grace_millis: i64,
    ) -> Result<Rotation> {
        sessions::rotate(&self.collections, presented, next_hash, next_expires_at, now, grace_millis).await
    }

    async fn end_session(&self, hash: &str) -> Result<Option<EndedSession>> {
        sessions::end(&self.collections, hash).await
    }

    async fn revoke_session(&self, session_id: &str) -> Result<()> {
        sessions::revoke(&self.collections, session_id).await.map(drop)
    }

    async fn session_user(&self, session_id: &str, now: Timestamp) -> Result<Option<User>> {
        sessions::user_of(&self.collections, session_id, now).await
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<LiveSession>> {
        sessions::list(&self.collections, user_id, now).await
    }

    async fn revoke_sessions(&self, user_id: &str) -> Result<()> {
        users::revoke_sessions(&self.collections, user_id).await
    }

    async fn create_api_token(&self, token: StoredApiToken) -> Result<()> {
        api_tokens::create(&self.collections, token).await
    }

    async fn list_api_tokens(&self, user_id: &str) -> Result<Vec<ApiToken>> {
        api_tokens::list(&self.collections, user_id).await
    }

    async fn find_api_token(&self, hash: &str, now: Timestamp) -> Result<Option<(ApiToken, User)>> {
        api_tokens::find(&self.collections, hash, now).await
    }

    async fn record_api_token_use(&self, id: &str, at: Timestamp) -> Result<()> {
        api_tokens::record_use(&self.collections, id, at).await
    }

    async fn remove_api_token(&self, user_id: &str, id: &str) -> Result<()> {
        api_tokens::remove(&self.collections, user_id, id).await
    }

    async fn purge_tokens(&self, before: Timestamp) -> Result<u64> {
        sessions::purge(&self.collections, before).await
    }

    async fn append_audit(&self, record: AuditRecord) -> Result<()> {
        audit::append(&self.collections, &self.known_head, record).await
    }

    async fn query_audit(&self, query: &AuditQuery) -> Result<AuditPage> {
        audit::query(&self.collections, query).await
    }

    async fn audit_head(&self) -> Result<Option<AuditHead>> {
        audit::head(&self.collections).await
    }

    async fn read_chain(&self, after: i64, limit: u32) -> Result<Vec<Link>> {
        audit::read_chain(&self.collections, after, limit).await
    }

    async fn read_chain_of(&self, operation: Operation, limit: u32) -> Result<Vec<Link>> {
        audit::read_chain_of(&self.collections, operation, limit).await
    }

    async fn find_unchained(&self) -> Result<Option<String>> {
        audit::find_unchained(&self.collections).await
    }

    async fn end_of_past_audit(&self, before: Timestamp) -> Result<Option<AuditHead>> {
        audit::end_of_past(&self.collections, before).await
    }

    async fn remove_past_audit(&self, through: i64, limit: u32) -> Result<u64> {
        audit::remove_past(&self.collections, through, limit).await
    }

    async fn add_usage(&self, rows: Vec<UsageRow>) -> Result<()> {
        usage::add(&self.collections, &rows).await
    }

    async fn query_usage(&self, from: &str, to: &str, limit: u32) -> Result<Vec<UsageRow>> {
        usage::query(&self.collections, from, to, limit).await
    }

    async fn remove_usage_before(&self, day: &str) -> Result<u64> {
        usage::remove_before(&self.collections, day).await
    }

    async fn save_prices(&self, prices: Vec<ListPrice>, at: Timestamp) -> Result<()> {
        prices::save(&self.collections, &prices, at).await
    }

    async fn find_price(&self, key: &PriceKey, since: Timestamp) -> Result<Option<ListPrice>> {
        prices::find(&self.collections, key, since).await
    }

    async fn close(&self) {
        self.client.clone().shutdown().immediate(true).await;
    }
}
