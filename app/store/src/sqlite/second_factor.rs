//! The second factor, in SQLite. Using a code is one transaction of the only writer.

use rusqlite::{Connection, OptionalExtension, params};
use secrecy::ExposeSecret;

use super::users::must_exist;
use crate::{Result, SecondFactor, common::unreadable};

pub(super) fn set(connection: &Connection, id: &str, factor: Option<&SecondFactor>) -> Result<()> {
    let recovery = factor.map(|factor| write_hashes(&factor.recovery_hashes));
    must_exist(
        connection
            .prepare_cached(
                "UPDATE users SET factor_secret = ?2, factor_last_step = ?3, factor_recovery = ?4 WHERE id = ?1",
            )?
            .execute(params![
                id,
                factor.map(|factor| factor.sealed_secret.expose_secret()),
                factor.map(|factor| factor.last_step),
                recovery,
            ])?,
    )
}

pub(super) fn find(connection: &Connection, id: &str) -> Result<Option<SecondFactor>> {
    let found: Option<(String, i64, String)> = connection
        .prepare_cached(
            "SELECT factor_secret, factor_last_step, factor_recovery FROM users
             WHERE id = ?1 AND factor_secret IS NOT NULL",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((secret, last_step, recovery)) = found else { return Ok(None) };
    let recovery_hashes =
        serde_json::from_str(&recovery).map_err(|error| unreadable("the recovery codes of a user", error))?;
    Ok(Some(SecondFactor { sealed_secret: secret.into(), last_step, recovery_hashes }))
}

pub(super) fn reseal(connection: &Connection, id: &str, old: &str, new: &str) -> Result<bool> {
    let changed = connection
        .prepare_cached("UPDATE users SET factor_secret = ?3 WHERE id = ?1 AND factor_secret = ?2")?
        .execute([id, old, new])?;
    Ok(changed == 1)
}

pub(super) fn use_code(connection: &Connection, id: &str, step: i64) -> Result<bool> {
    let used = connection
        .prepare_cached(
            "UPDATE users SET factor_last_step = ?2
             WHERE id = ?1 AND factor_secret IS NOT NULL AND factor_last_step < ?2",
        )?
        .execute(params![id, step])?;
    Ok(used == 1)
}

pub(super) fn use_recovery_code(connection: &Connection, id: &str, hash: &str) -> Result<bool> {
    let Some(factor) = find(connection, id)? else { return Ok(false) };
    let left: Vec<String> = factor.recovery_hashes.iter().filter(|known| *known != hash).cloned().collect();
    if left.len() == factor.recovery_hashes.len() {
        return Ok(false);
    }
    connection
        .prepare_cached("UPDATE users SET factor_recovery = ?2 WHERE id = ?1")?
        .execute(params![id, write_hashes(&left)])?;
    Ok(true)
}

fn write_hashes(hashes: &[String]) -> String {
    serde_json::to_string(hashes).unwrap_or_default()
}
