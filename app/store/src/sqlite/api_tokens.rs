//! Tokens for programs, in SQLite.

use nephoscope_model::{
    Timestamp,
    identity::{ApiToken, User},
};
use rusqlite::{Connection, Row, named_params, params};

use super::{error::OrConflict, timestamp, users};
use crate::{Result, StoreError, StoredApiToken, common::unreadable};

const COLUMNS: &str = "id, name, role, read_only, created_at, expires_at, last_used_at";

pub(super) fn create(connection: &Connection, token: &StoredApiToken) -> Result<()> {
    if !users::is_welcome(connection, &token.user_id)? {
        return Err(StoreError::NotFound("user"));
    }
    connection
        .prepare_cached(
            "INSERT INTO api_tokens (id, user_id, hash, name, role, read_only, created_at, expires_at)
             VALUES (:id, :user_id, :hash, :name, :role, :read_only, :created_at, :expires_at)",
        )?
        .execute(named_params! {
            ":id": token.info.id,
            ":user_id": token.user_id,
            ":hash": token.hash,
            ":name": token.info.name,
            ":role": token.info.role.as_str(),
            ":read_only": token.info.read_only,
            ":created_at": token.info.created_at.as_millis(),
            ":expires_at": token.info.expires_at.as_millis(),
        })
        .or_conflict("token")?;
    Ok(())
}

pub(super) fn list(connection: &Connection, user_id: &str) -> Result<Vec<ApiToken>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM api_tokens WHERE user_id = ?1 ORDER BY id DESC"))?
        .query_and_then([user_id], read)?
        .collect()
}

pub(super) fn find(connection: &Connection, hash: &str, now: Timestamp) -> Result<Option<(ApiToken, User)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, user_id FROM api_tokens WHERE hash = ?1 AND expires_at > ?2"
    ))?;
    let mut rows = statement.query(params![hash, now.as_millis()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (token, user_id) = (read(row)?, row.get::<_, String>("user_id")?);
    let owner = users::get(connection, &user_id)?.filter(|user| !user.disabled);
    Ok(owner.map(|user| (token, user)))
}

pub(super) fn record_use(connection: &Connection, id: &str, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached("UPDATE api_tokens SET last_used_at = ?2 WHERE id = ?1")?
        .execute(params![id, at.as_millis()])?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, user_id: &str, id: &str) -> Result<()> {
    let removed = connection
        .prepare_cached("DELETE FROM api_tokens WHERE id = ?1 AND user_id = ?2")?
        .execute([id, user_id])?;
    if removed == 0 { Err(StoreError::NotFound("token")) } else { Ok(()) }
}

pub(super) fn purge(connection: &Connection, before: Timestamp) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM api_tokens WHERE expires_at < ?1")?
        .execute([before.as_millis()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<ApiToken> {
    let role: String = row.get("role")?;
    Ok(ApiToken {
        id: row.get("id")?,
        name: row.get("name")?,
        role: role.parse().map_err(|error| unreadable("the role of a token", error))?,
        read_only: row.get("read_only")?,
        created_at: timestamp(row, "created_at")?,
        expires_at: timestamp(row, "expires_at")?,
        last_used_at: row.get::<_, Option<i64>>("last_used_at")?.map(Timestamp::from_millis),
    })
}
