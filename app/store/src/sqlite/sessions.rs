//! Sessions and their refresh tokens, in SQLite.
//!
//! Every function here runs inside one transaction of the only writer, which is all the atomicity that
//! rotation needs.

use nephoscope_model::{Timestamp, identity::User};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{error::OrConflict, timestamp, users};
use crate::{
    Client, EndedSession, LiveSession, RefreshToken, Result, Rotation, StoreError, common::is_reuse,
};

pub(super) fn begin(connection: &Connection, token: &RefreshToken, client: &Client) -> Result<()> {
    if !users::is_welcome(connection, &token.user_id)? {
        return Err(StoreError::NotFound("user"));
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (id, user_id, started_at, address, browser)
             VALUES (:id, :user_id, :started_at, :address, :browser)",
        )?
        .execute(named_params! {
            ":id": token.session_id,
            ":user_id": token.user_id,
            ":started_at": token.session_started_at.as_millis(),
            ":address": client.address,
            ":browser": client.browser,
        })
        .or_conflict("session")?;
    insert(connection, token)
}

pub(super) fn rotate(
    connection: &Connection,
    presented: &str,
    next_hash: &str,
    next_expires_at: Timestamp,
    now: Timestamp,
    grace_millis: i64,
) -> Result<Rotation> {
    let Some((token, used_at)) = find_living(connection, presented, now)? else {
        return Ok(Rotation::Refused);
    };
    if used_at.is_some_and(|used_at| is_reuse(used_at, now, grace_millis)) {
        revoke_session(connection, &token.session_id)?;
        return Ok(Rotation::Reused(token));
    }
    let next = token.successor(next_hash, now, next_expires_at);
    insert(connection, &next)?;
    if used_at.is_some() {
        return Ok(Rotation::Repeated(next));
    }
    connection
        .prepare_cached("UPDATE tokens SET used_at = ?2 WHERE hash = ?1")?
        .execute(params![presented, now.as_millis()])?;
    Ok(Rotation::Rotated(next))
}

/// Revokes the session of the token with this hash, if there is one.
pub(super) fn end(connection: &Connection, hash: &str) -> Result<Option<EndedSession>> {
    let ended = connection
        .prepare_cached(
            "UPDATE sessions SET revoked = TRUE
             WHERE id = (SELECT session_id FROM tokens WHERE hash = ?1) AND NOT revoked RETURNING id, user_id",
        )?
        .query_row([hash], |row| Ok(EndedSession { id: row.get("id")?, user_id: row.get("user_id")? }))
        .optional()?;
    Ok(ended)
}

pub(super) fn revoke_session(connection: &Connection, session_id: &str) -> Result<()> {
    connection.prepare_cached("UPDATE sessions SET revoked = TRUE WHERE id = ?1")?.execute([session_id])?;
    Ok(())
}

/// Revokes every session of a person who must be there.
pub(super) fn revoke_all(connection: &Connection, user_id: &str) -> Result<()> {
    if users::get(connection, user_id)?.is_none() {
        return Err(StoreError::NotFound("user"));
    }
    revoke_all_of(connection, user_id)
}

/// Revokes every session of a person.
pub(super) fn revoke_all_of(connection: &Connection, user_id: &str) -> Result<()> {
    connection.prepare_cached("UPDATE sessions SET revoked = TRUE WHERE user_id = ?1")?.execute([user_id])?;
    Ok(())
}

pub(super) fn user_of(connection: &Connection, session_id: &str, now: Timestamp) -> Result<Option<User>> {
    connection
        .prepare_cached(&format!(
            "SELECT {} FROM sessions JOIN users ON users.id = sessions.user_id
             WHERE sessions.id = ?1 AND NOT sessions.revoked AND NOT users.disabled
               AND EXISTS (SELECT * FROM tokens WHERE session_id = sessions.id AND expires_at > ?2)",
            users::COLUMNS
        ))?
        .query_and_then(params![session_id, now.as_millis()], users::read)?
        .next()
        .transpose()
}

pub(super) fn list(connection: &Connection, user_id: &str, now: Timestamp) -> Result<Vec<LiveSession>> {
    connection
        .prepare_cached(
            "SELECT sessions.id, started_at, address, browser, max(issued_at) AS last_used_at,
                    max(expires_at) AS expires_at
             FROM sessions JOIN tokens ON tokens.session_id = sessions.id
             WHERE user_id = ?1 AND NOT revoked
             GROUP BY sessions.id HAVING max(expires_at) > ?2
             ORDER BY sessions.id DESC",
        )?
        .query_and_then(params![user_id, now.as_millis()], |row| {
            Ok(LiveSession {
                id: row.get("id")?,
                started_at: timestamp(row, "started_at")?,
                last_used_at: timestamp(row, "last_used_at")?,
                expires_at: timestamp(row, "expires_at")?,
                client: Client { address: row.get("address")?, browser: row.get("browser")? },
            })
        })?
        .collect()
}

pub(super) fn purge(connection: &Connection, before: Timestamp) -> Result<u64> {
    let forgotten = connection
        .prepare_cached("DELETE FROM tokens WHERE expires_at < ?1")?
        .execute([before.as_millis()])?;
    connection
        .prepare_cached(
            "DELETE FROM sessions WHERE NOT EXISTS (SELECT * FROM tokens WHERE session_id = sessions.id)",
        )?
        .execute([])?;
    Ok(forgotten as u64)
}

/// The token with this hash and when it was used up, unless it is past `now` or its session is revoked.
fn find_living(
    connection: &Connection,
    hash: &str,
    now: Timestamp,
) -> Result<Option<(RefreshToken, Option<Timestamp>)>> {
    connection
        .prepare_cached(
            "SELECT hash, session_id, user_id, started_at, issued_at, expires_at, used_at
             FROM tokens JOIN sessions ON sessions.id = tokens.session_id
             WHERE hash = ?1 AND expires_at > ?2 AND NOT revoked",
        )?
        .query_and_then(params![hash, now.as_millis()], read)?
        .next()
        .transpose()
}

fn read(row: &Row<'_>) -> Result<(RefreshToken, Option<Timestamp>)> {
    let token = RefreshToken {
        hash: row.get("hash")?,
        session_id: row.get("session_id")?,
        user_id: row.get("user_id")?,
        session_started_at: timestamp(row, "started_at")?,
        issued_at: timestamp(row, "issued_at")?,
        expires_at: timestamp(row, "expires_at")?,
    };
    Ok((token, row.get::<_, Option<i64>>("used_at")?.map(Timestamp::from_millis)))
}

fn insert(connection: &Connection, token: &RefreshToken) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO tokens (hash, session_id, issued_at, expires_at)
             VALUES (:hash, :session_id, :issued_at, :expires_at)",
        )?
        .execute(named_params! {
            ":hash": token.hash,
            ":session_id": token.session_id,
            ":issued_at": token.issued_at.as_millis(),
            ":expires_at": token.expires_at.as_millis(),
        })
        .or_conflict("session")?;
    Ok(())
}
