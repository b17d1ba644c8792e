//! Sessions and their refresh tokens, in MongoDB, without transactions.
//!
//! Three documents decide whether a token is good: its own (is it used up?), its session's (is it revoked?)
//! and its person's (is it still the same epoch?). Each decision is one write to one of them, and a token is
//! judged by all three, so it does not matter what happens between two writes: a successor that slips in
//! beside a revocation is dead at birth.

use futures::TryStreamExt;
use mongodb::bson::{DateTime, doc, oid::ObjectId};
use nephoscope_model::{Timestamp, identity::User};
use serde::{Deserialize, Serialize};

use super::{
    Collections, date,
    error::{answer, insert},
    timestamp, users,
};
use crate::{
    Client, EndedSession, LiveSession, RefreshToken, Result, Rotation, StoreError, common::is_reuse,
};

/// What one log-in led to.
#[derive(Serialize, Deserialize)]
pub(super) struct SessionDocument {
    #[serde(rename = "_id")]
    id: String,
    user_id: String,
    /// The person's epoch when it began.
    epoch: ObjectId,
    revoked: bool,
    #[serde(default)]
    started_at: Option<DateTime>,
    /// When its newest token was issued.
    #[serde(default)]
    last_used_at: Option<DateTime>,
    #[serde(default)]
    address: String,
    #[serde(default)]
    browser: String,
    /// When the last of its tokens ends; MongoDB removes it then.
    expires_at: DateTime,
}

/// A refresh token; MongoDB removes it when it has expired.
#[derive(Serialize, Deserialize)]
pub(super) struct TokenDocument {
    #[serde(rename = "_id")]
    hash: String,
    session_id: String,
    user_id: String,
    session_started_at: DateTime,
    issued_at: DateTime,
    expires_at: DateTime,
    used_at: Option<DateTime>,
}

impl From<SessionDocument> for LiveSession {
    fn from(document: SessionDocument) -> Self {
        let unknown = DateTime::from_millis(0);
        let started_at = document.started_at.unwrap_or(unknown);
        Self {
            id: document.id,
            started_at: timestamp(started_at),
            last_used_at: timestamp(document.last_used_at.unwrap_or(started_at)),
            expires_at: timestamp(document.expires_at),
            client: Client { address: document.address, browser: document.browser },
        }
    }
}

impl From<&RefreshToken> for TokenDocument {
    fn from(token: &RefreshToken) -> Self {
        Self {
            hash: token.hash.clone(),
            session_id: token.session_id.clone(),
            user_id: token.user_id.clone(),
            session_started_at: date(token.session_started_at),
            issued_at: date(token.issued_at),
            expires_at: date(token.expires_at),
            used_at: None,
        }
    }
}

impl From<TokenDocument> for RefreshToken {
    fn from(document: TokenDocument) -> Self {
        Self {
            hash: document.hash,
            session_id: document.session_id,
            user_id: document.user_id,
            session_started_at: timestamp(document.session_started_at),
            issued_at: timestamp(document.issued_at),
            expires_at: timestamp(document.expires_at),
        }
    }
}

pub(super) async fn begin(collections: &Collections, token: &RefreshToken, client: Client) -> Result<()> {
    let Some(epoch) = users::epoch_of_welcome(collections, &token.user_id).await? else {
        return Err(StoreError::NotFound("user"));
    };
    let session = SessionDocument {
        id: token.session_id.clone(),
        user_id: token.user_id.clone(),
        epoch,
        revoked: false,
        started_at: Some(date(token.session_started_at)),
        last_used_at: Some(date(token.issued_at)),
        address: client.address,
        browser: client.browser,
        expires_at: date(token.expires_at),
    };
    // The token first: without its session it is good for nothing, so that is what may be left of a failure.
    insert(&collections.tokens, &token.into(), "session").await?;
    let begun = insert(&collections.sessions, &session, "session").await;
    if let Err(StoreError::Conflict(_)) = begun {
        answer(collections.tokens.delete_one(doc! { "_id": &token.hash })).await?;
    }
    begun
}

/// The successor is stored before the presented token is used up: if this is cut short between the two, the
/// person can present the token again, and nobody has ever seen the successor. Using up is one conditional
/// write, which only one of many wins.
pub(super) async fn rotate(
    collections: &Collections,
    presented: &str,
    next_hash: &str,
    next_expires_at: Timestamp,
    now: Timestamp,
    grace_millis: i64,
) -> Result<Rotation> {
    let unexpired = doc! { "_id": presented, "expires_at": { "$gt": date(now) } };
    let Some(found) = answer(collections.tokens.find_one(unexpired)).await? else {
        return Ok(Rotation::Refused);
    };
    let used_at = found.used_at.map(timestamp);
    let token = RefreshToken::from(found);
    if user_of(collections, &token.session_id, now).await?.is_none() {
        return Ok(Rotation::Refused);
    }
    if used_at.is_some_and(|used_at| is_reuse(used_at, now, grace_millis)) {
        let revoked_now = revoke(collections, &token.session_id).await?;
        return Ok(if revoked_now { Rotation::Reused(token) } else { Rotation::Refused });
    }
    let next = token.successor(next_hash, now, next_expires_at);
    insert(&collections.tokens, &(&next).into(), "session").await?;
    let prolong = doc! { "$max": { "expires_at": date(next_expires_at), "last_used_at": date(now) } };
    answer(collections.sessions.update_one(doc! { "_id": &token.session_id }, prolong)).await?;
    let unused = doc! { "_id": presented, "used_at": null };
    let use_up = doc! { "$set": { "used_at": date(now) } };
    let won = answer(collections.tokens.find_one_and_update(unused, use_up)).await?.is_some();
    Ok(if won { Rotation::Rotated(next) } else { Rotation::Repeated(next) })
}

pub(super) async fn end(collections: &Collections, hash: &str) -> Result<Option<EndedSession>> {
    let Some(token) = answer(collections.tokens.find_one(doc! { "_id": hash })).await? else {
        return Ok(None);
    };
    let ended = revoke(collections, &token.session_id).await?;
    Ok(ended.then_some(EndedSession { id: token.session_id, user_id: token.user_id }))
}

pub(super) async fn user_of(
    collections: &Collections,
    session_id: &str,
    now: Timestamp,
) -> Result<Option<User>> {
    let living = doc! { "_id": session_id, "revoked": false, "expires_at": { "$gt": date(now) } };
    match answer(collections.sessions.find_one(living)).await? {
        Some(session) => users::get_in_epoch(collections, &session.user_id, session.epoch).await,
        None => Ok(None),
    }
}

pub(super) async fn list(
    collections: &Collections,
    user_id: &str,
    now: Timestamp,
) -> Result<Vec<LiveSession>> {
    let Some(epoch) = users::epoch_of_welcome(collections, user_id).await? else { return Ok(Vec::new()) };
    let living = doc! {
        "user_id": user_id, "epoch": epoch, "revoked": false, "expires_at": { "$gt": date(now) },
    };
    answer(async {
        let cursor = collections.sessions.find(living).sort(doc! { "_id": -1 }).await?;
        cursor.map_ok(LiveSession::from).try_collect().await
    })
    .await
}

/// MongoDB forgets expired tokens by itself; this is for who does not want to wait.
pub(super) async fn purge(collections: &Collections, before: Timestamp) -> Result<u64> {
    let ended = doc! { "expires_at": { "$lt": date(before) } };
    let forgotten = answer(collections.tokens.delete_many(ended.clone())).await?.deleted_count;
    answer(collections.sessions.delete_many(ended.clone())).await?;
    answer(collections.api_tokens.delete_many(ended)).await?;
    Ok(forgotten)
}

/// Removes every session of a person.
pub(super) async fn remove_all_of(collections: &Collections, user_id: &str) -> Result<()> {
    answer(collections.sessions.delete_many(doc! { "user_id": user_id })).await?;
    answer(collections.tokens.delete_many(doc! { "user_id": user_id })).await?;
    Ok(())
}

/// Revokes the session, and says whether it was this call that did.
pub(super) async fn revoke(collections: &Collections, session_id: &str) -> Result<bool> {
    let living = doc! { "_id": session_id, "revoked": false };
    let revoking = doc! { "$set": { "revoked": true } };
    Ok(answer(collections.sessions.update_one(living, revoking)).await?.modified_count == 1)
}
