//! The schema and its history. A migration that was released is never changed; a new one is added below it.

use rusqlite::{Connection, TransactionBehavior};

use crate::{Result, StoreError};

/// A step: its SQL, and then what SQL cannot do.
#[derive(Clone, Copy)]
struct Migration {
    sql: &'static str,
    then: fn(&Connection) -> Result<()>,
}

/// Every migration in order; the first one makes version 1. `PRAGMA user_version` says how many were applied.
const MIGRATIONS: &[Migration] = &[
    sql(include_str!("migrations/0001_initial.sql")),
    Migration { sql: include_str!("migrations/0002_audit_chain.sql"), then: super::audit::chain_old_records },
    sql(include_str!("migrations/0003_people.sql")),
    sql(include_str!("migrations/0004_aws_usage.sql")),
    sql(include_str!("migrations/0005_accounts.sql")),
    sql(include_str!("migrations/0006_email.sql")),
    sql(include_str!("migrations/0007_prices.sql")),
    sql(include_str!("migrations/0008_keyed_requests.sql")),
    sql(include_str!("migrations/0009_test_events.sql")),
    sql(include_str!("migrations/0010_terminations.sql")),
    sql(include_str!("migrations/0011_open_uploads.sql")),
];

/// A step that is only SQL.
const fn sql(sql: &'static str) -> Migration {
    Migration { sql, then: |_| Ok(()) }
}

/// Brings the schema up to date, each step in its own transaction.
///
/// # Errors
/// [`StoreError::Corrupt`] when the database was made by a newer nephoscope: it is left as it is.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    apply(connection, MIGRATIONS)
}

fn apply(connection: &mut Connection, migrations: &[Migration]) -> Result<()> {
    let latest = migrations.len();
    let found = version(connection)?;
    if found > latest {
        return Err(StoreError::Corrupt(format!(
            "the database has schema version {found} and this nephoscope knows {latest}: it was made by a \
             newer one; upgrade nephoscope, or restore the backup from before the upgrade"
        )));
    }
    for (target, migration) in (1..).zip(migrations).skip(found) {
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have taken this step while we waited for the lock.
        if version(&step)? < target {
            step.execute_batch(migration.sql)?;
            (migration.then)(&step)?;
            step.pragma_update(None, "user_version", target as i64)?;
        }
        step.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<usize> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    usize::try_from(found)
        .map_err(|_| StoreError::Corrupt(format!("the database has schema version {found}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connection::open_in_memory;

    #[test]
    fn each_step_is_taken_once_and_in_order() {
        let mut connection = open_in_memory().expect("a database");
        let steps =
            ["CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y", "INSERT INTO a (x, y) VALUES (1, 2)"]
                .map(sql);
        for known in [1, 1, 3, 3] {
            apply(&mut connection, &steps[..known]).expect("migrated");
            assert_eq!(version(&connection).expect("a version"), known);
        }
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).expect("a count");
        assert_eq!(rows, 1);
    }

    #[test]
    fn a_step_that_fails_is_not_taken_at_all() {
        let mut connection = open_in_memory().expect("a database");
        let steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1); SELECT nonsense"].map(sql);
        let failed = apply(&mut connection, &steps);
        assert!(matches!(failed, Err(StoreError::Corrupt(_))), "{failed:?}");
        assert_eq!(version(&connection).expect("a version"), 1);
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM a", [], |row| row.get(0)).expect("a count");
        assert_eq!(rows, 0);
    }

    #[test]
    fn people_of_a_database_from_before_addresses_have_none_and_may_have_one() {
        let mut connection = open_in_memory().expect("a database");
        apply(&mut connection, &MIGRATIONS[..5]).expect("migrated");
        let add = "INSERT INTO users (id, name, role, disabled, password_hash, created_at) VALUES (?1, ?1, 'viewer', 0, '', 0)";
        for name in ["ada", "bob"] {
            connection.execute(add, [name]).expect("a user");
        }
        migrate(&mut connection).expect("migrated");
        let with_none: i64 = connection
            .query_row("SELECT count(*) FROM users WHERE email IS NULL AND bound_login IS NULL", [], |row| {
                row.get(0)
            })
            .expect("a count");
        assert_eq!(with_none, 2);
        let give = "UPDATE users SET email = 'ada@example.com' WHERE name = ?1";
        assert_eq!(connection.execute(give, ["ada"]).expect("an address"), 1);
        assert!(connection.execute(give, ["bob"]).is_err(), "it is taken");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut connection = open_in_memory().expect("a database");
        apply(&mut connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"].map(sql)).expect("migrated");
        let refused = apply(&mut connection, &["CREATE TABLE a (x)"].map(sql));
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
    }
}
