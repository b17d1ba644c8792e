//! Accounts and kept scopes, in MongoDB.

use async_trait::async_trait;
use futures::TryStreamExt;
use mongodb::bson::{DateTime, doc};
use nephoscope_model::{
    Account, AccountId, Region, Scope,
    scope::{AccountColor, SavedScope},
};
use serde::{Deserialize, Serialize};

use super::{
    MongoStore, date,
    error::{answer, insert},
    timestamp, users,
};
use crate::{
    AccountStore, Result, StoreError, StoredAccount,
    common::{from_json, to_json, unreadable},
};

/// An account. The source of its credentials is the same JSON as in SQLite; the secret in it is sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountDocument {
    #[serde(rename = "_id")]
    id: AccountId,
    name: String,
    color: AccountColor,
    regions: Vec<Region>,
    credentials: String,
    revision: String,
    created_at: DateTime,
    updated_at: DateTime,
    updated_by: String,
}

impl AccountDocument {
    fn new(account: StoredAccount) -> Result<Self> {
        Ok(Self {
            credentials: to_json(&account.credentials)?,
            id: account.account.id,
            name: account.account.name,
            color: account.account.color,
            regions: account.account.regions,
            revision: account.revision,
            created_at: date(account.created_at),
            updated_at: date(account.updated_at),
            updated_by: account.updated_by,
        })
    }

    fn read(self) -> Result<StoredAccount> {
        Ok(StoredAccount {
            credentials: from_json("an account", &self.credentials)?,
            account: Account { id: self.id, name: self.name, color: self.color, regions: self.regions },
            revision: self.revision,
            created_at: timestamp(self.created_at),
            updated_at: timestamp(self.updated_at),
            updated_by: self.updated_by,
        })
    }
}

/// Whose scope, by which name: as `_id` it is unique; the order of its fields is part of it.
#[derive(Serialize, Deserialize)]
struct ScopeKey {
    user: String,
    name: String,
}

/// A scope that somebody keeps; accounts and regions as they stand in an address.
#[derive(Serialize, Deserialize)]
pub(super) struct ScopeDocument {
    #[serde(rename = "_id")]
    key: ScopeKey,
    accounts: String,
    regions: String,
}

#[async_trait]
impl AccountStore for MongoStore {
    async fn create_account(&self, account: StoredAccount) -> Result<()> {
        insert(&self.collections.accounts, &AccountDocument::new(account)?, "account").await
    }

    async fn update_account(&self, account: StoredAccount, expected: &str) -> Result<()> {
        let next = AccountDocument::new(account)?;
        let id = next.id.as_str();
        let regions: Vec<&str> = next.regions.iter().map(Region::as_str).collect();
        let fields = doc! {
            "name": &next.name,
            "color": to_word(next.color)?,
            "regions": regions,
            "credentials": &next.credentials,
            "revision": &next.revision,
            "updated_at": next.updated_at,
            "updated_by": &next.updated_by,
        };
        let accounts = &self.collections.accounts;
        let wanted = doc! { "_id": id, "revision": expected };
        let changed = answer(accounts.update_one(wanted, doc! { "$set": fields })).await?;
        if changed.matched_count == 1 {
            return Ok(());
        }
        match answer(accounts.find_one(doc! { "_id": id })).await? {
            None => Err(StoreError::NotFound("account")),
            // An update whose answer was lost, and which the driver repeated, has made this revision.
            Some(found) if found.revision == next.revision => Ok(()),
            Some(_) => Err(StoreError::Conflict("change of the account")),
        }
    }

    async fn list_accounts(&self) -> Result<Vec<StoredAccount>> {
        let found: Vec<AccountDocument> = answer(async {
            let order = doc! { "created_at": 1, "_id": 1 };
            self.collections.accounts.find(doc! {}).sort(order).await?.try_collect().await
        })
        .await?;
        found.into_iter().map(AccountDocument::read).collect()
    }

    async fn remove_account(&self, id: &AccountId) -> Result<()> {
        let removed = answer(self.collections.accounts.delete_one(doc! { "_id": id.as_str() })).await?;
        if removed.deleted_count == 0 { Err(StoreError::NotFound("account")) } else { Ok(()) }
    }

    async fn save_scope(&self, user_id: &str, scope: SavedScope) -> Result<()> {
        if users::get(&self.collections, user_id).await?.is_none() {
            return Err(StoreError::NotFound("user"));
        }
        let scopes = &self.collections.scopes;
        // Two that are saved at once may both find room; the bound is against heaps, not to the letter.
        let others = doc! { "_id.user": user_id, "_id.name": { "$ne": &scope.name } };
        if answer(scopes.count_documents(others)).await? >= SavedScope::MAX as u64 {
            return Err(StoreError::Conflict("number of saved scopes"));
        }
        let key = doc! { "user": user_id, "name": &scope.name };
        let fields = doc! {
            "accounts": scope.scope.account_query().unwrap_or_default(),
            "regions": scope.scope.region_query().unwrap_or_default(),
        };
        answer(scopes.update_one(doc! { "_id": key }, doc! { "$set": fields }).upsert(true)).await?;
        Ok(())
    }

    async fn list_scopes(&self, user_id: &str) -> Result<Vec<SavedScope>> {
        let found: Vec<ScopeDocument> = answer(async {
            let theirs = doc! { "_id.user": user_id };
            self.collections.scopes.find(theirs).sort(doc! { "_id.name": 1 }).await?.try_collect().await
        })
        .await?;
        found
            .into_iter()
            .map(|document| {
                let scope = Scope::from_query(Some(&document.accounts), Some(&document.regions));
                let scope = scope.map_err(|error| unreadable("a saved scope", error))?;
                Ok(SavedScope { name: document.key.name, scope })
            })
            .collect()
    }

    async fn remove_scope(&self, user_id: &str, name: &str) -> Result<()> {
        let key = doc! { "user": user_id, "name": name };
        let removed = answer(self.collections.scopes.delete_one(doc! { "_id": key })).await?;
        if removed.deleted_count == 0 { Err(StoreError::NotFound("saved scope")) } else { Ok(()) }
    }
}

/// Forgets what a person keeps.
pub(super) async fn remove_scopes_of(collections: &super::Collections, user_id: &str) -> Result<()> {
    answer(collections.scopes.delete_many(doc! { "_id.user": user_id })).await.map(drop)
}

/// The word that serde makes of the colour.
fn to_word(color: AccountColor) -> Result<String> {
    from_json("a colour", &to_json(&color)?)
}
