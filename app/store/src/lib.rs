//! The memory of nephoscope: who may log in, which sessions live, and what was done.
//!
//! One domain-level trait, [`Store`], and two homes for it: [`sqlite`] (embedded, the default) and [`mongo`] (when several
//! servers share one memory). The trait speaks of users, sessions and audit records, never of queries, so that each
//! home can use what it is good at; one contract suite runs against both and holds them equal. Driver types do not leave
//! this crate.
//!
//! Times are `i64` milliseconds in SQLite and BSON dates in MongoDB. Ids are UUIDv7 strings, made by the caller, so that keyset
//! paging by id is paging by time. What was acknowledged is durable: SQLite runs with `synchronous=FULL`, MongoDB with
//! majority writes.

mod common;
mod error;
pub mod mongo;
pub mod sqlite;

use async_trait::async_trait;
use nephoscope_model::{
    Timestamp,
    audit::{AuditPage, AuditQuery, AuditRecord},
    identity::{Role, User, UserName},
};
use secrecy::SecretString;

pub use error::{Result, StoreError};
pub use mongo::MongoStore;
pub use sqlite::SqliteStore;

/// A person to approve.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// UUIDv7.
    pub id: String,
    /// The log-in name; unique.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// The password's argon2id hash in PHC form.
    pub password_hash: SecretString,
    /// When.
    pub created_at: Timestamp,
}

/// A person, with what proves it is them. Only `ops` looks at this.
#[derive(Debug, Clone)]
pub struct StoredUser {
    /// The person.
    pub user: User,
    /// The password's argon2id hash in PHC form.
    pub password_hash: SecretString,
}

/// A refresh token as it is kept: only its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token, in lower-case hexadecimal; unique.
    pub hash: String,
    /// The session it belongs to: the same for all tokens that one log-in led to.
    pub session_id: String,
    /// Whose.
    pub user_id: String,
    /// When the session began, by log-in.
    pub session_started_at: Timestamp,
    /// When the token was issued.
    pub issued_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What came of presenting a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// It was good: it is used up now and the next one stands in its place.
    Rotated(RefreshToken),
    /// It had been used before, longer ago than the grace: somebody has a copy. The whole session is revoked now.
    Reused(RefreshToken),
    /// It had been used a moment ago (two tabs at once, or an answer that got lost): still good, nothing was changed but that the
    /// next one stands beside the first successor.
    Repeated(RefreshToken),
    /// Unknown, expired or revoked.
    Refused,
}

/// Everything nephoscope remembers.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the store cannot be reached, and with [`StoreError::Corrupt`] when
/// what it holds cannot be understood. Others are named where they occur.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// A word for people: `SQLite` or `MongoDB`.
    fn kind(&self) -> &'static str;

    /// Whether the store answers, by a real round trip.
    async fn ping(&self) -> Result<()>;

    /// Approves a person. [`StoreError::Conflict`] if the name is taken.
    async fn create_user(&self, user: NewUser) -> Result<User>;

    /// The person of that name.
    async fn find_user(&self, name: &UserName) -> Result<Option<StoredUser>>;

    /// The person of that id.
    async fn get_user(&self, id: &str) -> Result<Option<User>>;

    /// All people, by name.
    async fn list_users(&self) -> Result<Vec<User>>;

    /// Replaces the password and revokes every session of that person. [`StoreError::NotFound`] if there is none.
    async fn set_password(&self, id: &str, password_hash: &SecretString) -> Result<()>;

    /// Disables or enables a person; disabling revokes every session. [`StoreError::NotFound`] if there is none.
    async fn set_disabled(&self, id: &str, disabled: bool) -> Result<()>;

    /// Removes a person and their sessions; the audit keeps their name. [`StoreError::NotFound`] if there is none.
    async fn remove_user(&self, id: &str) -> Result<()>;

    /// Remembers when a person last logged in. [`StoreError::NotFound`] if there is none.
    async fn record_login(&self, id: &str, at: Timestamp) -> Result<()>;

    /// Begins a session with its first token. [`StoreError::Conflict`] if the hash or the session exists;
    /// [`StoreError::NotFound`] if the person is gone or disabled, so that a log-in which is under way cannot slip past either.
    async fn begin_session(&self, token: RefreshToken) -> Result<()>;

    /// Uses up the token with hash `presented` and puts its successor in its place, as one atomic step: of two that present the same
    /// token at the same time, one is [`Rotation::Rotated`] and the other [`Rotation::Repeated`]. The successor is made with
    /// `next_hash` and `next_expires_at` and inherits the rest. A token used up longer than `grace_millis` before `now` is
    /// [`Rotation::Reused`].
    async fn rotate_token(
        &self,
        presented: &str,
        next_hash: &str,
        next_expires_at: Timestamp,
        now: Timestamp,
        grace_millis: i64,
    ) -> Result<Rotation>;

    /// Revokes the session that the token with this hash belongs to; does nothing when there is none.
    async fn end_session(&self, hash: &str) -> Result<()>;

    /// Revokes the session of this id; does nothing when there is none.
    async fn revoke_session(&self, session_id: &str) -> Result<()>;

    /// Whether the session still lives: it has a token that is neither revoked nor past `now`.
    async fn session_is_live(&self, session_id: &str, now: Timestamp) -> Result<bool>;

    /// Forgets tokens that ended before `before`, and says how many.
    async fn purge_tokens(&self, before: Timestamp) -> Result<u64>;

    /// Adds a record to the audit; when this returns, it is durable. [`StoreError::Conflict`] if the id exists.
    async fn append_audit(&self, record: AuditRecord) -> Result<()>;

    /// Reads the audit, newest first, a page at a time.
    async fn query_audit(&self, query: &AuditQuery) -> Result<AuditPage>;

    /// Ends cleanly: what was acknowledged is durable anyway, this only lets go of files and sockets.
    async fn close(&self);
}
