//! The schema and its history. A migration that was released is never changed; a new one is added below it.

use rusqlite::{Connection, TransactionBehavior};

use crate::{Result, StoreError};

/// Every migration in order; the first one makes version 1. `PRAGMA user_version` says how many were applied.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_initial.sql")];

/// Brings the schema up to date, each step in its own transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] when the database was made by a newer nephoscope: it is left as it is.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let latest = MIGRATIONS.len();
    let found = version(connection)?;
    if found > latest {
        return Err(StoreError::Corrupt(format!(
            "the database has schema version {found} and this nephoscope knows {latest}: it was made by a newer one; \
             upgrade nephoscope, or restore the backup from before the upgrade"
        )));
    }
    for (target, sql) in (1..).zip(MIGRATIONS).skip(found) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have taken this step while we waited for the lock.
        if version(&step)? < target {
            step.execute_batch(sql)?;
            step.pragma_update(None, "user_version", target as i64)?;
        }
        step.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<usize> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(found).map_err(|_| StoreError::Corrupt(format!("the database has schema version {found}")))
}
