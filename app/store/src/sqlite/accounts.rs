//! Accounts and kept scopes, in SQLite.

use async_trait::async_trait;
use nephoscope_model::{Account, AccountId, Scope, scope::SavedScope};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{SqliteStore, error::OrConflict, timestamp};
use crate::{
    AccountStore, Result, StoreError, StoredAccount,
    common::{from_json, to_json, unreadable},
};

#[async_trait]
impl AccountStore for SqliteStore {
    async fn create_account(&self, account: StoredAccount) -> Result<()> {
        self.write(move |connection| create(connection, &account)).await
    }

    async fn update_account(&self, account: StoredAccount, expected: &str) -> Result<()> {
        let expected = expected.to_owned();
        self.write(move |connection| update(connection, &account, &expected)).await
    }

    async fn list_accounts(&self) -> Result<Vec<StoredAccount>> {
        self.read(list).await
    }

    async fn remove_account(&self, id: &AccountId) -> Result<()> {
        let id = id.clone();
        self.write(move |connection| {
            let removed =
                connection.prepare_cached("DELETE FROM accounts WHERE id = ?1")?.execute([id.as_str()])?;
            if removed == 0 { Err(StoreError::NotFound("account")) } else { Ok(()) }
        })
        .await
    }

    async fn save_scope(&self, user_id: &str, scope: SavedScope) -> Result<()> {
        let user_id = user_id.to_owned();
        self.write(move |connection| save_scope(connection, &user_id, &scope)).await
    }

    async fn list_scopes(&self, user_id: &str) -> Result<Vec<SavedScope>> {
        let user_id = user_id.to_owned();
        self.read(move |connection| list_scopes(connection, &user_id)).await
    }

    async fn remove_scope(&self, user_id: &str, name: &str) -> Result<()> {
        let (user_id, name) = (user_id.to_owned(), name.to_owned());
        self.write(move |connection| {
            let removed = connection
                .prepare_cached("DELETE FROM saved_scopes WHERE user_id = ?1 AND name = ?2")?
                .execute([user_id, name])?;
            if removed == 0 { Err(StoreError::NotFound("saved scope")) } else { Ok(()) }
        })
        .await
    }
}

fn create(connection: &Connection, new: &StoredAccount) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO accounts (id, name, color, regions, credentials, revision, created_at, updated_at, updated_by)
             VALUES (:id, :name, :color, :regions, :credentials, :revision, :created_at, :updated_at, :updated_by)",
        )?
        .execute(named_params! {
            ":id": new.account.id.as_str(),
            ":name": new.account.name,
            ":color": to_json(&new.account.color)?,
            ":regions": to_json(&new.account.regions)?,
            ":credentials": to_json(&new.credentials)?,
            ":revision": new.revision,
            ":created_at": new.created_at.as_millis(),
            ":updated_at": new.updated_at.as_millis(),
            ":updated_by": new.updated_by,
        })
        .or_conflict("account")?;
    Ok(())
}

fn update(connection: &Connection, next: &StoredAccount, expected: &str) -> Result<()> {
    let found: Option<String> = connection
        .prepare_cached("SELECT revision FROM accounts WHERE id = ?1")?
        .query_row([next.account.id.as_str()], |row| row.get(0))
        .optional()?;
    match found {
        None => return Err(StoreError::NotFound("account")),
        Some(revision) if revision != expected => return Err(StoreError::Conflict("change of the account")),
        Some(_) => {}
    }
    connection
        .prepare_cached(
            "UPDATE accounts SET name = :name, color = :color, regions = :regions, credentials = :credentials,
             revision = :revision, updated_at = :updated_at, updated_by = :updated_by WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": next.account.id.as_str(),
            ":name": next.account.name,
            ":color": to_json(&next.account.color)?,
            ":regions": to_json(&next.account.regions)?,
            ":credentials": to_json(&next.credentials)?,
            ":revision": next.revision,
            ":updated_at": next.updated_at.as_millis(),
            ":updated_by": next.updated_by,
        })?;
    Ok(())
}

fn list(connection: &Connection) -> Result<Vec<StoredAccount>> {
    connection
        .prepare_cached("SELECT * FROM accounts ORDER BY created_at, id")?
        .query_and_then([], read)?
        .collect()
}

fn read(row: &Row<'_>) -> Result<StoredAccount> {
    const WHAT: &str = "an account";
    let text = |column: &str| row.get::<_, String>(column);
    Ok(StoredAccount {
        account: Account {
            id: text("id")?.parse().map_err(|error| unreadable(WHAT, error))?,
            name: text("name")?,
            color: from_json(WHAT, &text("color")?)?,
            regions: from_json(WHAT, &text("regions")?)?,
        },
        credentials: from_json(WHAT, &text("credentials")?)?,
        revision: text("revision")?,
        created_at: timestamp(row, "created_at")?,
        updated_at: timestamp(row, "updated_at")?,
        updated_by: text("updated_by")?,
    })
}

fn save_scope(connection: &Connection, user_id: &str, saved: &SavedScope) -> Result<()> {
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM users WHERE id = ?1)")?
        .query_row([user_id], |row| row.get(0))?;
    if !known {
        return Err(StoreError::NotFound("user"));
    }
    let others: i64 = connection
        .prepare_cached("SELECT count(*) FROM saved_scopes WHERE user_id = ?1 AND name <> ?2")?
        .query_row([user_id, &saved.name], |row| row.get(0))?;
    if others >= SavedScope::MAX as i64 {
        return Err(StoreError::Conflict("number of saved scopes"));
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO saved_scopes (user_id, name, accounts, regions) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            user_id,
            saved.name,
            saved.scope.account_query().unwrap_or_default(),
            saved.scope.region_query().unwrap_or_default()
        ])?;
    Ok(())
}

fn list_scopes(connection: &Connection, user_id: &str) -> Result<Vec<SavedScope>> {
    connection
        .prepare_cached("SELECT name, accounts, regions FROM saved_scopes WHERE user_id = ?1 ORDER BY name")?
        .query_and_then([user_id], |row| {
            let (accounts, regions): (String, String) = (row.get("accounts")?, row.get("regions")?);
            let scope = Scope::from_query(Some(&accounts), Some(&regions));
            Ok(SavedScope {
                name: row.get("name")?,
                scope: scope.map_err(|error| unreadable("a saved scope", error))?,
            })
        })?
        .collect()
}
