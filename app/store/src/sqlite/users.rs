//! People, in SQLite.

use nephoscope_model::{
    Error, Timestamp,
    identity::{AccountRoles, EmailAddress, Role, User, UserName},
};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use secrecy::{ExposeSecret, SecretString};

use super::{error::OrConflict, sessions, timestamp};
use crate::{
    NewUser, Result, StoreError, StoredUser,
    common::{read_grants, unreadable, write_grants},
};

/// What [`read`] reads; qualified, since people are also looked up through what is theirs.
pub(super) const COLUMNS: &str = "users.id, users.name, users.email, users.role, users.grants, users.disabled, users.created_at, \
     users.last_login_at, users.password_hash, users.bound_login IS NOT NULL AS has_provider_login, users.factor_secret IS NOT NULL AS has_second_factor";

pub(super) fn create(connection: &Connection, new: NewUser) -> Result<User> {
    connection
        .prepare_cached(
            "INSERT INTO users (id, name, email, role, disabled, password_hash, created_at)
             VALUES (:id, :name, :email, :role, FALSE, :password_hash, :created_at)",
        )?
        .execute(named_params! {
            ":id": new.id,
            ":name": new.name.as_str(),
            ":email": new.email.as_ref().map(EmailAddress::as_str),
            ":role": new.role.as_str(),
            ":password_hash": new.password_hash.expose_secret(),
            ":created_at": new.created_at.as_millis(),
        })
        .or_conflict(StoreError::USER)
        .or_else(|error| Err(what_is_taken(connection, &new, error)?))?;
    Ok(User {
        id: new.id,
        name: new.name,
        email: new.email,
        role: new.role,
        grants: AccountRoles::new(),
        disabled: false,
        has_password: !new.password_hash.expose_secret().is_empty(),
        has_provider_login: false,
        has_second_factor: false,
        created_at: new.created_at,
        last_login_at: None,
    })
}

/// SQLite does not say which of a row's columns is in conflict: without somebody of that name or id, it is the address.
fn what_is_taken(connection: &Connection, new: &NewUser, error: StoreError) -> Result<StoreError> {
    if !matches!(error, StoreError::Conflict(_)) {
        return Ok(error);
    }
    let is_user: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM users WHERE name = ?1 OR id = ?2)")?
        .query_row([new.name.as_str(), &new.id], |row| row.get(0))?;
    Ok(StoreError::Conflict(if is_user { StoreError::USER } else { StoreError::EMAIL }))
}

pub(super) fn find(connection: &Connection, name: &UserName) -> Result<Option<StoredUser>> {
    find_where(connection, "name", name.as_str())
}

pub(super) fn find_by_email(connection: &Connection, email: &EmailAddress) -> Result<Option<StoredUser>> {
    find_where(connection, "email", email.as_str())
}

fn find_where(connection: &Connection, column: &'static str, value: &str) -> Result<Option<StoredUser>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE {column} = ?1"))?;
    let mut rows = statement.query([value])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let password_hash: String = row.get("password_hash")?;
    Ok(Some(StoredUser { user: read(row)?, password_hash: password_hash.into() }))
}

pub(super) fn get(connection: &Connection, id: &str) -> Result<Option<User>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?
        .query_and_then([id], read)?
        .next()
        .transpose()
}

pub(super) fn list(connection: &Connection) -> Result<Vec<User>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users ORDER BY name"))?
        .query_and_then([], read)?
        .collect()
}

pub(super) fn set_password(connection: &Connection, id: &str, password_hash: &SecretString) -> Result<()> {
    must_exist(
        connection
            .prepare_cached(
                "UPDATE users SET password_hash = ?2, link_hash = NULL, link_expires_at = NULL WHERE id = ?1",
            )?
            .execute(params![id, password_hash.expose_secret()])?,
    )?;
    sessions::revoke_all_of(connection, id)
}

pub(super) fn set_disabled(connection: &Connection, id: &str, disabled: bool) -> Result<()> {
    must_exist(
        connection
            .prepare_cached("UPDATE users SET disabled = ?2 WHERE id = ?1")?
            .execute(params![id, disabled])?,
    )?;
    if disabled { sessions::revoke_all_of(connection, id) } else { Ok(()) }
}

pub(super) fn set_roles(connection: &Connection, id: &str, role: Role, grants: &AccountRoles) -> Result<()> {
    must_exist(
        connection
            .prepare_cached("UPDATE users SET role = ?2, grants = ?3 WHERE id = ?1")?
            .execute(params![id, role.as_str(), write_grants(grants)])?,
    )
}

pub(super) fn set_email(connection: &Connection, id: &str, email: Option<&EmailAddress>) -> Result<()> {
    must_exist(
        connection
            .prepare_cached("UPDATE users SET email = ?2, bound_login = NULL WHERE id = ?1")?
            .execute(params![id, email.map(EmailAddress::as_str)])
            .or_conflict(StoreError::EMAIL)?,
    )
}

pub(super) fn bind_login(
    connection: &Connection,
    id: &str,
    email: &EmailAddress,
    login: &str,
) -> Result<bool> {
    let bound = connection
        .prepare_cached(
            "UPDATE users SET bound_login = ?3 WHERE id = ?1 AND email = ?2 AND (bound_login IS NULL OR bound_login = ?3)",
        )?
        .execute([id, email.as_str(), login])?;
    Ok(bound == 1)
}

pub(super) fn set_link(connection: &Connection, id: &str, hash: &str, expires_at: Timestamp) -> Result<()> {
    must_exist(
        connection
            .prepare_cached("UPDATE users SET link_hash = ?2, link_expires_at = ?3 WHERE id = ?1")?
            .execute(params![id, hash, expires_at.as_millis()])
            .or_conflict("link")?,
    )
}

pub(super) fn find_by_link(connection: &Connection, hash: &str, now: Timestamp) -> Result<Option<User>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM users WHERE link_hash = ?1 AND link_expires_at > ?2 AND NOT disabled"
        ))?
        .query_and_then(params![hash, now.as_millis()], read)?
        .next()
        .transpose()
}

pub(super) fn redeem_link(
    connection: &Connection,
    hash: &str,
    password_hash: &SecretString,
    now: Timestamp,
) -> Result<Option<User>> {
    let Some(user) = find_by_link(connection, hash, now)? else { return Ok(None) };
    set_password(connection, &user.id, password_hash)?;
    get(connection, &user.id)
}

/// Sessions and tokens go with the person: `ON DELETE CASCADE`.
pub(super) fn remove(connection: &Connection, id: &str) -> Result<()> {
    must_exist(connection.prepare_cached("DELETE FROM users WHERE id = ?1")?.execute([id])?)
}

pub(super) fn record_login(connection: &Connection, id: &str, at: Timestamp) -> Result<()> {
    must_exist(
        connection
            .prepare_cached("UPDATE users SET last_login_at = ?2 WHERE id = ?1")?
            .execute(params![id, at.as_millis()])?,
    )
}

/// Whether there is such a person and they are not disabled.
pub(super) fn is_welcome(connection: &Connection, id: &str) -> Result<bool> {
    let disabled: Option<bool> = connection
        .prepare_cached("SELECT disabled FROM users WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(disabled == Some(false))
}

pub(super) fn must_exist(changed: usize) -> Result<()> {
    if changed == 0 { Err(StoreError::NotFound("user")) } else { Ok(()) }
}

pub(super) fn read(row: &Row<'_>) -> Result<User> {
    let name: String = row.get("name")?;
    let email: Option<String> = row.get("email")?;
    let role: String = row.get("role")?;
    let grants: String = row.get("grants")?;
    let password_hash: String = row.get("password_hash")?;
    Ok(User {
        id: row.get("id")?,
        name: name.parse().map_err(|error| unreadable("the name of a user", error))?,
        email: email
            .map(|email| email.parse())
            .transpose()
            .map_err(|error: Error| unreadable("the e-mail address of a user", error))?,
        role: role.parse().map_err(|error| unreadable("the role of a user", error))?,
        grants: read_grants(&grants)?,
        disabled: row.get("disabled")?,
        has_password: !password_hash.is_empty(),
        has_provider_login: row.get("has_provider_login")?,
        has_second_factor: row.get("has_second_factor")?,
        created_at: timestamp(row, "created_at")?,
        last_login_at: row.get::<_, Option<i64>>("last_login_at")?.map(Timestamp::from_millis),
    })
}
