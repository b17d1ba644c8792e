//! People, in MongoDB.

use futures::TryStreamExt;
use mongodb::bson::{DateTime, Document, doc, oid::ObjectId};
use nephoscope_model::{
    Timestamp,
    identity::{Role, User, UserName},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Collections, date,
    error::{answer, insert},
    sessions, timestamp,
};
use crate::{NewUser, Result, StoreError, StoredUser};

/// A person. No `Debug`: it holds the password's hash.
#[derive(Serialize, Deserialize)]
pub(super) struct UserDocument {
    #[serde(rename = "_id")]
    id: String,
    name: UserName,
    role: Role,
    disabled: bool,
    password_hash: String,
    created_at: DateTime,
    last_login_at: Option<DateTime>,
    /// A session lives only in the epoch it began in. A new one revokes them all in the same write that
    /// changes the password or disables the person, so that no crash and no race leaves one behind.
    pub(super) epoch: ObjectId,
}

impl From<UserDocument> for User {
    fn from(document: UserDocument) -> Self {
        Self {
            id: document.id,
            name: document.name,
            role: document.role,
            disabled: document.disabled,
            created_at: timestamp(document.created_at),
            last_login_at: document.last_login_at.map(timestamp),
        }
    }
}

pub(super) async fn create(collections: &Collections, new: NewUser) -> Result<User> {
    let document = UserDocument {
        id: new.id,
        name: new.name,
        role: new.role,
        disabled: false,
        password_hash: new.password_hash.expose_secret().to_owned(),
        created_at: date(new.created_at),
        last_login_at: None,
        epoch: ObjectId::new(),
    };
    insert(&collections.users, &document, "user").await?;
    Ok(document.into())
}

pub(super) async fn find(collections: &Collections, name: &UserName) -> Result<Option<StoredUser>> {
    let found = answer(collections.users.find_one(doc! { "name": name.as_str() })).await?;
    Ok(found.map(|mut document| {
        let password_hash = std::mem::take(&mut document.password_hash).into();
        StoredUser { user: document.into(), password_hash }
    }))
}

pub(super) async fn get(collections: &Collections, id: &str) -> Result<Option<User>> {
    Ok(answer(collections.users.find_one(doc! { "_id": id })).await?.map(User::from))
}

pub(super) async fn list(collections: &Collections) -> Result<Vec<User>> {
    answer(async {
        let cursor = collections.users.find(doc! {}).sort(doc! { "name": 1 }).await?;
        cursor.map_ok(User::from).try_collect().await
    })
    .await
}

pub(super) async fn set_password(
    collections: &Collections,
    id: &str,
    password_hash: &SecretString,
) -> Result<()> {
    set(collections, id, doc! { "password_hash": password_hash.expose_secret(), "epoch": ObjectId::new() })
        .await
}

pub(super) async fn set_disabled(collections: &Collections, id: &str, disabled: bool) -> Result<()> {
    let mut fields = doc! { "disabled": disabled };
    if disabled {
        fields.insert("epoch", ObjectId::new());
    }
    set(collections, id, fields).await
}

/// The person goes last: if this fails in between, it can be tried again. A session that begins meanwhile is
/// dead without its person, and swept up when it expires.
pub(super) async fn remove(collections: &Collections, id: &str) -> Result<()> {
    sessions::remove_all_of(collections, id).await?;
    let removed = answer(collections.users.delete_one(doc! { "_id": id })).await?.deleted_count;
    if removed == 0 { Err(StoreError::NotFound("user")) } else { Ok(()) }
}

pub(super) async fn record_login(collections: &Collections, id: &str, at: Timestamp) -> Result<()> {
    set(collections, id, doc! { "last_login_at": date(at) }).await
}

/// The epoch in which a session of this person can begin; none if the person is gone or disabled.
pub(super) async fn epoch_of_welcome(collections: &Collections, id: &str) -> Result<Option<ObjectId>> {
    let found = answer(collections.users.find_one(doc! { "_id": id, "disabled": false })).await?;
    Ok(found.map(|document| document.epoch))
}

/// Whether it is still this epoch for this person.
pub(super) async fn is_epoch(collections: &Collections, id: &str, epoch: ObjectId) -> Result<bool> {
    Ok(answer(collections.users.find_one(doc! { "_id": id, "epoch": epoch })).await?.is_some())
}

async fn set(collections: &Collections, id: &str, fields: Document) -> Result<()> {
    let changed = answer(collections.users.update_one(doc! { "_id": id }, doc! { "$set": fields })).await?;
    if changed.matched_count == 0 { Err(StoreError::NotFound("user")) } else { Ok(()) }
}
