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

mod accounts;
pub mod chain;
mod common;
mod error;
mod keyed;
pub mod mongo;
pub mod sqlite;
mod terminations;
mod test_events;
mod uploads;

use async_trait::async_trait;
use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditHead, AuditPage, AuditQuery, AuditRecord},
    ec2::{ListPrice, PriceKey},
    identity::{AccountRoles, ApiToken, EmailAddress, Role, User, UserName},
    usage::UsageRow,
};
use secrecy::SecretString;

pub use accounts::{AccountStore, StoredAccount};
pub use chain::{Broken, Verification, verify_audit};
pub use error::{Result, StoreError};
pub use keyed::{KeptAnswer, Keyed, KeyedRequest, KeyedStore};
pub use mongo::MongoStore;
pub use sqlite::SqliteStore;
pub use terminations::{QueuedTermination, TerminationStore};
pub use test_events::TestEventStore;
pub use uploads::{OpenUpload, UploadStore};

/// A person to approve.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// UUIDv7.
    pub id: String,
    /// The log-in name; unique.
    pub name: UserName,
    /// The address by which an identity provider may log them in; unique.
    pub email: Option<EmailAddress>,
    /// What they may do.
    pub role: Role,
    /// The password's argon2id hash in PHC form; empty for who has none yet.
    pub password_hash: SecretString,
    /// When.
    pub created_at: Timestamp,
}

/// A person, with what proves it is them. Only `ops` looks at this.
#[derive(Debug, Clone)]
pub struct StoredUser {
    /// The person.
    pub user: User,
    /// The password's argon2id hash in PHC form; empty when there is none, and nothing matches it then.
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

/// Where a session began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The address.
    pub address: String,
    /// The browser or program, in a few words.
    pub browser: String,
}

/// A session that was just ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession {
    /// UUIDv7.
    pub id: String,
    /// Whose it was.
    pub user_id: String,
}

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// UUIDv7.
    pub id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When its newest token was issued.
    pub last_used_at: Timestamp,
    /// When its last token ends.
    pub expires_at: Timestamp,
    /// Where it began.
    pub client: Client,
}

/// A token for a program, as it is kept: only its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredApiToken {
    /// What its owner may know of it.
    pub info: ApiToken,
    /// SHA-256 of the token, in lower-case hexadecimal; unique.
    pub hash: String,
    /// Whose.
    pub user_id: String,
}

/// The second factor of a person: a device that makes codes, and codes for the day when it is lost.
#[derive(Debug, Clone)]
pub struct SecondFactor {
    /// The device's secret, sealed.
    pub sealed_secret: SecretString,
    /// The last step of time whose code was used; no code of it or before is good any more.
    pub last_step: i64,
    /// SHA-256 of the recovery codes that are left, in lower-case hexadecimal.
    pub recovery_hashes: Vec<String>,
}

/// Everything nephoscope remembers.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the store cannot be reached, and with [`StoreError::Corrupt`] when
/// what it holds cannot be understood. Others are named where they occur.
#[async_trait]
pub trait Store:
    AccountStore + KeyedStore + TerminationStore + TestEventStore + UploadStore + Send + Sync + std::fmt::Debug
{
    /// A word for people: `SQLite` or `MongoDB`.
    fn kind(&self) -> &'static str;

    /// Whether the store answers, by a real round trip.
    async fn ping(&self) -> Result<()>;

    /// Approves a person. [`StoreError::Conflict`] over [`StoreError::USER`] if the name or the id is taken, or else over
    /// [`StoreError::EMAIL`] if the address is.
    async fn create_user(&self, user: NewUser) -> Result<User>;

    /// The person of that name.
    async fn find_user(&self, name: &UserName) -> Result<Option<StoredUser>>;

    /// The person of that id.
    async fn get_user(&self, id: &str) -> Result<Option<User>>;

    /// The person of that address.
    async fn find_user_by_email(&self, email: &EmailAddress) -> Result<Option<StoredUser>>;

    /// All people, by name.
    async fn list_users(&self) -> Result<Vec<User>>;

    /// Replaces the password and revokes every session of that person. [`StoreError::NotFound`] if there is none.
    async fn set_password(&self, id: &str, password_hash: &SecretString) -> Result<()>;

    /// Disables or enables a person; disabling revokes every session. [`StoreError::NotFound`] if there is none.
    async fn set_disabled(&self, id: &str, disabled: bool) -> Result<()>;

    /// Gives a person another role and other grants. [`StoreError::NotFound`] if there is none.
    async fn set_roles(&self, id: &str, role: Role, grants: &AccountRoles) -> Result<()>;

    /// Gives a person another address or none, and forgets the log-in that was bound by [`Self::bind_login`], even if the address is the
    /// same. [`StoreError::NotFound`] if there is no such person, [`StoreError::Conflict`] over [`StoreError::EMAIL`] if somebody else has it.
    async fn set_email(&self, id: &str, email: Option<&EmailAddress>) -> Result<()>;

    /// Binds the person to one log-in at an identity provider, and says whether it is theirs: true when they had none or the same one,
    /// false when they have another, or this address no more, or there is no such person. Of two that bind at once, one wins.
    async fn bind_login(&self, id: &str, email: &EmailAddress, login: &str) -> Result<bool>;

    /// Remembers the hash of a link that sets the person's password, in place of an earlier one. [`StoreError::NotFound`] if there is none.
    async fn set_password_link(&self, id: &str, hash: &str, expires_at: Timestamp) -> Result<()>;

    /// The person whose password the link of this hash sets, unless it has expired at `now` or they are disabled.
    async fn find_password_link(&self, hash: &str, now: Timestamp) -> Result<Option<User>>;

    /// Uses up the link of this hash: sets the password and revokes every session of that person, as one atomic step. Of many who try at
    /// once, one is given the person.
    async fn redeem_password_link(
        &self,
        hash: &str,
        password_hash: &SecretString,
        now: Timestamp,
    ) -> Result<Option<User>>;

    /// Sets or removes the second factor of a person. [`StoreError::NotFound`] if there is none.
    async fn set_second_factor(&self, id: &str, factor: Option<&SecondFactor>) -> Result<()>;

    /// The second factor of a person, if they have one.
    async fn find_second_factor(&self, id: &str) -> Result<Option<SecondFactor>>;

    /// Puts the same secret, sealed anew, in the place of `old`, and says whether it was still there.
    async fn reseal_second_factor(&self, id: &str, old: &str, new: &str) -> Result<bool>;

    /// Uses up the code of this step of time, and says whether it was good: of many who present it at once, one wins, and no code of it or
    /// before is good afterwards.
    async fn use_code(&self, id: &str, step: i64) -> Result<bool>;

    /// Uses up the recovery code of this hash, and says whether it was good: of many who present it at once, one wins.
    async fn use_recovery_code(&self, id: &str, hash: &str) -> Result<bool>;

    /// Removes a person and their sessions; the audit keeps their name. [`StoreError::NotFound`] if there is none.
    async fn remove_user(&self, id: &str) -> Result<()>;

    /// Remembers when a person last logged in. [`StoreError::NotFound`] if there is none.
    async fn record_login(&self, id: &str, at: Timestamp) -> Result<()>;

    /// Begins a session with its first token. [`StoreError::Conflict`] if the hash or the session exists;
    /// [`StoreError::NotFound`] if the person is gone or disabled, so that a log-in which is under way cannot slip past either.
    async fn begin_session(&self, token: RefreshToken, client: Client) -> Result<()>;

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

    /// Revokes the session that the token with this hash belongs to, and says which; none when there is none, or it was revoked before.
    async fn end_session(&self, hash: &str) -> Result<Option<EndedSession>>;

    /// Revokes the session of this id; does nothing when there is none.
    async fn revoke_session(&self, session_id: &str) -> Result<()>;

    /// Whose session it is, if it still lives: it is not revoked, has a token that is not past `now`, and the person is not disabled.
    async fn session_user(&self, session_id: &str, now: Timestamp) -> Result<Option<User>>;

    /// Whether the session still lives.
    async fn session_is_live(&self, session_id: &str, now: Timestamp) -> Result<bool> {
        Ok(self.session_user(session_id, now).await?.is_some())
    }

    /// The sessions of a person that live at `now`, the newest first.
    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<LiveSession>>;

    /// Revokes every session of a person. [`StoreError::NotFound`] if there is no such person.
    async fn revoke_sessions(&self, user_id: &str) -> Result<()>;

    /// Keeps a token for a program. [`StoreError::Conflict`] if its id or hash exists, [`StoreError::NotFound`] if its owner is gone or
    /// disabled.
    async fn create_api_token(&self, token: StoredApiToken) -> Result<()>;

    /// The tokens of a person for programs, the newest first.
    async fn list_api_tokens(&self, user_id: &str) -> Result<Vec<ApiToken>>;

    /// The token of this hash and its owner, unless it ended before `now` or the owner is disabled.
    async fn find_api_token(&self, hash: &str, now: Timestamp) -> Result<Option<(ApiToken, User)>>;

    /// Remembers when a token was last used; does nothing when it is gone.
    async fn record_api_token_use(&self, id: &str, at: Timestamp) -> Result<()>;

    /// Removes a token of this person. [`StoreError::NotFound`] if they have none of that id.
    async fn remove_api_token(&self, user_id: &str, id: &str) -> Result<()>;

    /// Forgets refresh tokens, tokens for programs and requests with idempotency keys that ended before `before`, and says how many
    /// refresh tokens.
    async fn purge_tokens(&self, before: Timestamp) -> Result<u64>;

    /// Adds a record to the audit, with the next number and a hash over the newest record there is; when this returns, it is durable.
    /// [`StoreError::Conflict`] if the id exists.
    async fn append_audit(&self, record: AuditRecord) -> Result<()>;

    /// Reads the audit, newest first, a page at a time.
    async fn query_audit(&self, query: &AuditQuery) -> Result<AuditPage>;

    /// The newest record of the audit.
    async fn audit_head(&self) -> Result<Option<AuditHead>>;

    /// At most `limit` records with a greater number than `after`, in the order of the chain. See [`chain`].
    async fn read_chain(&self, after: i64, limit: u32) -> Result<Vec<chain::Link>>;

    /// At most `limit` records of one operation, newest first.
    async fn read_chain_of(&self, operation: Operation, limit: u32) -> Result<Vec<chain::Link>>;

    /// The id of a record without a place in the chain, if there is one: it was not this store that added it.
    async fn find_unchained(&self) -> Result<Option<String>>;

    /// The last of the audit's oldest records that are all from before `before`: how far retention may go. A record from before it that
    /// stands after a younger one stays.
    async fn end_of_past_audit(&self, before: Timestamp) -> Result<Option<AuditHead>>;

    /// Removes the oldest records of the audit, at most `limit` and none with a greater number than `through`, and says how many. A
    /// record that names the last one must have been added before.
    async fn remove_past_audit(&self, through: i64, limit: u32) -> Result<u64>;

    /// Adds to the count of calls to AWS.
    async fn add_usage(&self, rows: Vec<UsageRow>) -> Result<()>;

    /// At most `limit` counts of calls to AWS from one day (such as `2026-11-20`) to another, newest day first.
    async fn query_usage(&self, from: &str, to: &str, limit: u32) -> Result<Vec<UsageRow>>;

    /// Forgets the counts of the days before this one, and says how many there were.
    async fn remove_usage_before(&self, day: &str) -> Result<u64>;

    /// Keeps what the price list said at `at`, in the place of what it said before.
    async fn save_prices(&self, prices: Vec<ListPrice>, at: Timestamp) -> Result<()>;

    /// What the price list says of this kind, unless it said so before `since`.
    async fn find_price(&self, key: &PriceKey, since: Timestamp) -> Result<Option<ListPrice>>;

    /// Ends cleanly: what was acknowledged is durable anyway, this only lets go of files and sockets.
    async fn close(&self);
}
