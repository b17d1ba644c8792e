//! People, in MongoDB.

use futures::TryStreamExt;
use mongodb::{
    bson::{self, Bson, DateTime, Document, doc, oid::ObjectId},
    options::ReturnDocument,
};
use nephoscope_model::{
    Timestamp,
    identity::{AccountRoles, EmailAddress, Role, User, UserName},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Collections, accounts, api_tokens, date,
    error::{answer, insert, unless_taken},
    sessions, timestamp,
};
use crate::{NewUser, Result, SecondFactor, StoreError, StoredUser, common::unreadable};

/// A person. No `Debug`: it holds the password's hash.
#[derive(Serialize, Deserialize)]
pub(super) struct UserDocument {
    #[serde(rename = "_id")]
    id: String,
    name: UserName,
    /// Left out where there is none: the index is of addresses only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    /// The one log-in at an identity provider that the address belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bound_login: Option<String>,
    role: Role,
    /// By account id: always read and written with the person.
    #[serde(default)]
    grants: AccountRoles,
    disabled: bool,
    password_hash: String,
    created_at: DateTime,
    last_login_at: Option<DateTime>,
    /// The one link that sets the password, by its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link_expires_at: Option<DateTime>,
    /// The second factor: in this document, so that using a code is one write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor_secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor_last_step: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    factor_recovery: Vec<String>,
    /// A session lives only in the epoch it began in. A new one revokes them all in the same write that
    /// changes the password or disables the person, so that no crash and no race leaves one behind.
    pub(super) epoch: ObjectId,
}

impl From<UserDocument> for User {
    fn from(document: UserDocument) -> Self {
        Self {
            id: document.id,
            name: document.name,
            email: document.email,
            role: document.role,
            grants: document.grants,
            disabled: document.disabled,
            has_password: !document.password_hash.is_empty(),
            has_provider_login: document.bound_login.is_some(),
            has_second_factor: document.factor_secret.is_some(),
            created_at: timestamp(document.created_at),
            last_login_at: document.last_login_at.map(timestamp),
        }
    }
}

pub(super) async fn create(collections: &Collections, new: NewUser) -> Result<User> {
    let document = UserDocument {
        id: new.id,
        name: new.name,
        email: new.email,
        bound_login: None,
        role: new.role,
        grants: AccountRoles::new(),
        disabled: false,
        password_hash: new.password_hash.expose_secret().to_owned(),
        created_at: date(new.created_at),
        last_login_at: None,
        link_hash: None,
        link_expires_at: None,
        factor_secret: None,
        factor_last_step: None,
        factor_recovery: Vec::new(),
        epoch: ObjectId::new(),
    };
    match insert(&collections.users, &document, StoreError::USER).await {
        Ok(()) => Ok(document.into()),
        Err(StoreError::Conflict(_)) => Err(what_is_taken(collections, &document).await?),
        Err(error) => Err(error),
    }
}

/// The driver does not say which index refused: without somebody of that name or id, it was the one of addresses.
async fn what_is_taken(collections: &Collections, document: &UserDocument) -> Result<StoreError> {
    let same = doc! { "$or": [{ "name": document.name.as_str() }, { "_id": &document.id }] };
    let user = answer(collections.users.find_one(same)).await?;
    let by_email = document.email.is_some() && user.is_none();
    Ok(StoreError::Conflict(if by_email { StoreError::EMAIL } else { StoreError::USER }))
}

pub(super) async fn find(collections: &Collections, name: &UserName) -> Result<Option<StoredUser>> {
    find_where(collections, doc! { "name": name.as_str() }).await
}

pub(super) async fn find_by_email(
    collections: &Collections,
    email: &EmailAddress,
) -> Result<Option<StoredUser>> {
    find_where(collections, doc! { "email": email.as_str() }).await
}

async fn find_where(collections: &Collections, selected: Document) -> Result<Option<StoredUser>> {
    let found = answer(collections.users.find_one(selected)).await?;
    Ok(found.map(|document| {
        let password_hash = document.password_hash.clone().into();
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
    update(collections, id, new_password(password_hash)).await
}

/// A new password ends every session and every link that could set another.
fn new_password(password_hash: &SecretString) -> Document {
    doc! {
        "$set": { "password_hash": password_hash.expose_secret(), "epoch": ObjectId::new() },
        "$unset": { "link_hash": "", "link_expires_at": "" },
    }
}

pub(super) async fn set_roles(
    collections: &Collections,
    id: &str,
    role: Role,
    grants: &AccountRoles,
) -> Result<()> {
    let grants =
        bson::serialize_to_bson(grants).map_err(|error| unreadable("the grants of a user", error))?;
    set(collections, id, doc! { "role": role.as_str(), "grants": grants }).await
}

pub(super) async fn set_email(
    collections: &Collections,
    id: &str,
    email: Option<&EmailAddress>,
) -> Result<()> {
    let change = match email {
        Some(email) => doc! { "$set": { "email": email.as_str() }, "$unset": { "bound_login": "" } },
        None => doc! { "$unset": { "email": "", "bound_login": "" } },
    };
    let setting = unless_taken(collections.users.update_one(doc! { "_id": id }, change)).await?;
    match setting {
        None => Err(StoreError::Conflict(StoreError::EMAIL)),
        Some(changed) if changed.matched_count == 0 => Err(StoreError::NotFound("user")),
        Some(_) => Ok(()),
    }
}

pub(super) async fn bind_login(
    collections: &Collections,
    id: &str,
    email: &EmailAddress,
    login: &str,
) -> Result<bool> {
    // In MongoDB, null is also what is not there.
    let free = doc! { "_id": id, "email": email.as_str(), "bound_login": { "$in": [Bson::Null, login] } };
    let binding = doc! { "$set": { "bound_login": login } };
    Ok(answer(collections.users.update_one(free, binding)).await?.matched_count == 1)
}

pub(super) async fn set_link(
    collections: &Collections,
    id: &str,
    hash: &str,
    expires_at: Timestamp,
) -> Result<()> {
    set(collections, id, doc! { "link_hash": hash, "link_expires_at": date(expires_at) }).await
}

fn with_link(hash: &str, now: Timestamp) -> Document {
    doc! { "link_hash": hash, "link_expires_at": { "$gt": date(now) }, "disabled": false }
}

pub(super) async fn find_by_link(
    collections: &Collections,
    hash: &str,
    now: Timestamp,
) -> Result<Option<User>> {
    Ok(answer(collections.users.find_one(with_link(hash, now))).await?.map(User::from))
}

pub(super) async fn redeem_link(
    collections: &Collections,
    hash: &str,
    password_hash: &SecretString,
    now: Timestamp,
) -> Result<Option<User>> {
    let redeeming = collections
        .users
        .find_one_and_update(with_link(hash, now), new_password(password_hash))
        .return_document(ReturnDocument::After);
    Ok(answer(redeeming).await?.map(User::from))
}

pub(super) async fn revoke_sessions(collections: &Collections, id: &str) -> Result<()> {
    set(collections, id, doc! { "epoch": ObjectId::new() }).await
}

pub(super) async fn set_factor(
    collections: &Collections,
    id: &str,
    factor: Option<&SecondFactor>,
) -> Result<()> {
    let change = match factor {
        Some(factor) => doc! { "$set": {
            "factor_secret": factor.sealed_secret.expose_secret(),
            "factor_last_step": factor.last_step,
            "factor_recovery": &factor.recovery_hashes,
        } },
        None => doc! { "$unset": { "factor_secret": "", "factor_last_step": "", "factor_recovery": "" } },
    };
    update(collections, id, change).await
}

pub(super) async fn find_factor(collections: &Collections, id: &str) -> Result<Option<SecondFactor>> {
    let found = answer(collections.users.find_one(doc! { "_id": id })).await?;
    Ok(found.and_then(|document| {
        Some(SecondFactor {
            sealed_secret: document.factor_secret?.into(),
            last_step: document.factor_last_step.unwrap_or_default(),
            recovery_hashes: document.factor_recovery,
        })
    }))
}

pub(super) async fn reseal_factor(collections: &Collections, id: &str, old: &str, new: &str) -> Result<bool> {
    let sealed = doc! { "_id": id, "factor_secret": old };
    let anew = doc! { "$set": { "factor_secret": new } };
    Ok(answer(collections.users.update_one(sealed, anew)).await?.matched_count == 1)
}

pub(super) async fn use_code(collections: &Collections, id: &str, step: i64) -> Result<bool> {
    let unused = doc! { "_id": id, "factor_last_step": { "$lt": step } };
    let using = doc! { "$set": { "factor_last_step": step } };
    Ok(answer(collections.users.update_one(unused, using)).await?.modified_count == 1)
}

pub(super) async fn use_recovery_code(collections: &Collections, id: &str, hash: &str) -> Result<bool> {
    let having = doc! { "_id": id, "factor_recovery": hash };
    let using = doc! { "$pull": { "factor_recovery": hash } };
    Ok(answer(collections.users.update_one(having, using)).await?.modified_count == 1)
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
    api_tokens::remove_all_of(collections, id).await?;
    accounts::remove_scopes_of(collections, id).await?;
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

/// The person, if it is still this epoch for them and they are welcome.
pub(super) async fn get_in_epoch(
    collections: &Collections,
    id: &str,
    epoch: ObjectId,
) -> Result<Option<User>> {
    let welcome = doc! { "_id": id, "epoch": epoch, "disabled": false };
    Ok(answer(collections.users.find_one(welcome)).await?.map(User::from))
}

async fn set(collections: &Collections, id: &str, fields: Document) -> Result<()> {
    update(collections, id, doc! { "$set": fields }).await
}

async fn update(collections: &Collections, id: &str, change: Document) -> Result<()> {
    let changed = answer(collections.users.update_one(doc! { "_id": id }, change)).await?;
    if changed.matched_count == 0 { Err(StoreError::NotFound("user")) } else { Ok(()) }
}
