//! Counted calls to AWS, in SQLite.

use nephoscope_model::usage::UsageRow;
use rusqlite::{Connection, Row, named_params, params};

use crate::{
    Result,
    common::{code_of, unreadable, word_of},
};

/// Adds to what was counted already.
pub(super) fn add(connection: &Connection, rows: &[UsageRow]) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO aws_usage (day, user, account, service, operation, error, calls, cost_micros)
         VALUES (:day, :user, :account, :service, :operation, :error, :calls, :cost_micros)
         ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, cost_micros = cost_micros + excluded.cost_micros",
    )?;
    for row in rows {
        statement.execute(named_params! {
            ":day": row.day,
            ":user": row.user,
            ":account": row.account.as_str(),
            ":service": row.service,
            ":operation": row.operation,
            ":error": row.error.map(word_of).unwrap_or_default(),
            ":calls": row.calls,
            ":cost_micros": row.cost_micros,
        })?;
    }
    Ok(())
}

/// Forgets what was counted before a day.
pub(super) fn remove_before(connection: &Connection, day: &str) -> Result<u64> {
    Ok(connection.execute("DELETE FROM aws_usage WHERE day < ?1", [day])? as u64)
}

/// What was counted from one day to another, newest day first.
pub(super) fn query(connection: &Connection, from: &str, to: &str, limit: u32) -> Result<Vec<UsageRow>> {
    connection
        .prepare_cached(
            "SELECT day, user, account, service, operation, error, calls, cost_micros FROM aws_usage
             WHERE day BETWEEN ?1 AND ?2 ORDER BY day DESC, user, account, service, operation, error LIMIT ?3",
        )?
        .query_and_then(params![from, to, limit], read)?
        .collect()
}

fn read(row: &Row<'_>) -> Result<UsageRow> {
    let account: String = row.get("account")?;
    let error: String = row.get("error")?;
    Ok(UsageRow {
        day: row.get("day")?,
        user: row.get("user")?,
        account: account.parse().map_err(|error| unreadable("the account of counted calls", error))?,
        service: row.get("service")?,
        operation: row.get("operation")?,
        error: Some(error)
            .filter(|word| !word.is_empty())
            .map(|word| code_of(&word))
            .transpose()
            .map_err(|error| unreadable("the outcome of counted calls", error))?,
        calls: row.get("calls")?,
        cost_micros: row.get("cost_micros")?,
    })
}
