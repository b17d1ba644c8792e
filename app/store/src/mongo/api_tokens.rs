//! Tokens for programs, in MongoDB.

use futures::TryStreamExt;
use mongodb::bson::{DateTime, doc};
use nephoscope_model::{
    Timestamp,
    identity::{ApiToken, Role, User},
};
use serde::{Deserialize, Serialize};

use super::{
    Collections, date,
    error::{answer, insert},
    timestamp, users,
};
use crate::{Result, StoreError, StoredApiToken};

/// A token for a program; MongoDB removes it when it has expired.
#[derive(Serialize, Deserialize)]
pub(super) struct ApiTokenDocument {
    #[serde(rename = "_id")]
    id: String,
    user_id: String,
    hash: String,
    name: String,
    role: Role,
    read_only: bool,
    created_at: DateTime,
    expires_at: DateTime,
    last_used_at: Option<DateTime>,
}

impl From<ApiTokenDocument> for ApiToken {
    fn from(document: ApiTokenDocument) -> Self {
        Self {
            id: document.id,
            name: document.name,
            role: document.role,
            read_only: document.read_only,
            created_at: timestamp(document.created_at),
            expires_at: timestamp(document.expires_at),
            last_used_at: document.last_used_at.map(timestamp),
        }
    }
}

pub(super) async fn create(collections: &Collections, token: StoredApiToken) -> Result<()> {
    if users::epoch_of_welcome(collections, &token.user_id).await?.is_none() {
        return Err(StoreError::NotFound("user"));
    }
    let document = ApiTokenDocument {
        id: token.info.id,
        user_id: token.user_id,
        hash: token.hash,
        name: token.info.name,
        role: token.info.role,
        read_only: token.info.read_only,
        created_at: date(token.info.created_at),
        expires_at: date(token.info.expires_at),
        last_used_at: None,
    };
    insert(&collections.api_tokens, &document, "token").await
}

pub(super) async fn list(collections: &Collections, user_id: &str) -> Result<Vec<ApiToken>> {
    answer(async {
        let theirs = doc! { "user_id": user_id };
        let cursor = collections.api_tokens.find(theirs).sort(doc! { "_id": -1 }).await?;
        cursor.map_ok(ApiToken::from).try_collect().await
    })
    .await
}

pub(super) async fn find(
    collections: &Collections,
    hash: &str,
    now: Timestamp,
) -> Result<Option<(ApiToken, User)>> {
    let living = doc! { "hash": hash, "expires_at": { "$gt": date(now) } };
    let Some(document) = answer(collections.api_tokens.find_one(living)).await? else { return Ok(None) };
    let owner = users::get(collections, &document.user_id).await?.filter(|user| !user.disabled);
    Ok(owner.map(|user| (document.into(), user)))
}

pub(super) async fn record_use(collections: &Collections, id: &str, at: Timestamp) -> Result<()> {
    let using = doc! { "$set": { "last_used_at": date(at) } };
    answer(collections.api_tokens.update_one(doc! { "_id": id }, using)).await.map(drop)
}

pub(super) async fn remove(collections: &Collections, user_id: &str, id: &str) -> Result<()> {
    let theirs = doc! { "_id": id, "user_id": user_id };
    let removed = answer(collections.api_tokens.delete_one(theirs)).await?.deleted_count;
    if removed == 0 { Err(StoreError::NotFound("token")) } else { Ok(()) }
}

/// Removes every token of a person.
pub(super) async fn remove_all_of(collections: &Collections, user_id: &str) -> Result<()> {
    answer(collections.api_tokens.delete_many(doc! { "user_id": user_id })).await.map(drop)
}
