//! The audit, in SQLite.
//!
//! The one writer gives each record its number and hash inside the transaction that stores it, and a transaction begins by taking the
//! only lock for writing; so the chain cannot fork, however many processes share the file.

use nephoscope_model::{
    Operation, Timestamp,
    audit::{AuditHead, AuditPage, AuditQuery, AuditRecord, Facts},
};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params, params_from_iter, types::Value};

use super::error::OrConflict;
use crate::{
    Result,
    chain::{Entry, Fields, Link},
    common::{audit_page, unreadable},
};

const COLUMNS: &str =
    "id, seq, hash, operation_id, at, actor, operation, change, account, region, resource, outcome,
                       error, detail, before, after, duration_ms, request_id, aws_request_id";

pub(super) fn append(connection: &Connection, record: AuditRecord) -> Result<()> {
    insert(connection, &Fields::from(record).chained(head(connection)?.as_ref()))
}

/// The newest record.
pub(super) fn head(connection: &Connection) -> Result<Option<AuditHead>> {
    last_before(connection, i64::MAX)
}

/// The last record whose number is less.
fn last_before(connection: &Connection, seq: i64) -> Result<Option<AuditHead>> {
    Ok(connection
        .prepare_cached("SELECT seq, hash FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([seq], |row| Ok(AuditHead { seq: row.get(0)?, hash: row.get(1)? }))
        .optional()?)
}

fn insert(connection: &Connection, entry: &Entry) -> Result<()> {
    let Entry { seq, hash, fields } = entry;
    connection
        .prepare_cached(&format!(
            "INSERT INTO audit ({COLUMNS})
             VALUES (:id, :seq, :hash, :operation_id, :at, :actor, :operation, :change, :account, :region, :resource,
                     :outcome, :error, :detail, :before, :after, :duration_ms, :request_id, :aws_request_id)"
        ))?
        .execute(named_params! {
            ":id": fields.id,
            ":seq": seq,
            ":hash": hash,
            ":operation_id": fields.operation_id,
            ":at": fields.at,
            ":actor": fields.actor,
            ":operation": fields.operation,
            ":change": fields.change,
            ":account": fields.account,
            ":region": fields.region,
            ":resource": fields.resource,
            ":outcome": fields.outcome,
            ":error": fields.error,
            ":detail": fields.detail,
            ":before": write_facts(&fields.before)?,
            ":after": write_facts(&fields.after)?,
            ":duration_ms": fields.duration_ms,
            ":request_id": fields.request_id,
            ":aws_request_id": fields.aws_request_id,
        })
        .or_conflict("audit record")?;
    Ok(())
}

/// Part of the migration that introduced the chain: moves the records from before into it, oldest first.
pub(super) fn chain_old_records(connection: &Connection) -> Result<()> {
    let mut statement = connection.prepare(
        "SELECT id, 0 AS seq, '' AS hash, operation_id, at, actor, operation, change, account, region, resource, outcome,
                error, detail, '{}' AS before, '{}' AS after, duration_ms, request_id, '' AS aws_request_id
         FROM audit_before_the_chain ORDER BY id",
    )?;
    let mut head = None;
    for entry in statement.query_and_then([], read)? {
        let entry = entry?.fields.chained(head.as_ref());
        insert(connection, &entry)?;
        head = Some(entry.head());
    }
    drop(statement);
    Ok(connection.execute_batch("DROP TABLE audit_before_the_chain")?)
}

pub(super) fn query(connection: &Connection, query: &AuditQuery) -> Result<AuditPage> {
    let (sql, values) = select(query);
    let records = connection
        .prepare_cached(&sql)?
        .query_and_then(params_from_iter(values), |row| read(row)?.try_into())?
        .collect::<Result<Vec<AuditRecord>>>()?;
    Ok(audit_page(records, query.page_size()))
}

/// The records after a number, in the order of the chain.
pub(super) fn read_chain(connection: &Connection, after: i64, limit: u32) -> Result<Vec<Link>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2"))?
        .query_and_then([after, limit.into()], link)?
        .collect()
}

/// The newest records of an operation, newest first.
pub(super) fn read_chain_of(connection: &Connection, operation: Operation, limit: u32) -> Result<Vec<Link>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM audit WHERE operation = ?1 ORDER BY id DESC LIMIT ?2"
        ))?
        .query_and_then(params![operation.as_str(), limit], link)?
        .collect()
}

/// A record without a place in the chain. The schema demands a number, but not which.
pub(super) fn find_unchained(connection: &Connection) -> Result<Option<String>> {
    Ok(connection
        .prepare_cached("SELECT id FROM audit WHERE seq < 1 LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

/// The last of the oldest records that are all from before `before`.
pub(super) fn end_of_past(connection: &Connection, before: Timestamp) -> Result<Option<AuditHead>> {
    let first_to_keep: Option<i64> = connection
        .prepare_cached("SELECT seq FROM audit WHERE at >= ?1 ORDER BY seq LIMIT 1")?
        .query_row([before.as_millis()], |row| row.get(0))
        .optional()?;
    last_before(connection, first_to_keep.unwrap_or(i64::MAX))
}

/// Removes the oldest records, none after `through`.
pub(super) fn remove_past(connection: &Connection, through: i64, limit: u32) -> Result<u64> {
    let removed = connection
        .prepare_cached(
            "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE seq <= ?1 ORDER BY seq LIMIT ?2)",
        )?
        .execute([through, limit.into()])?;
    Ok(removed as u64)
}

/// The statement, and the values of its question marks. Nothing that came from outside is in the statement.
fn select(query: &AuditQuery) -> (String, Vec<Value>) {
    let text = |text: &str| Value::Text(text.to_owned());
    let given = [
        ("actor = ?", query.actor.as_deref().map(text)),
        ("operation = ?", query.operation.map(|operation| text(operation.as_str()))),
        ("resource = ?", query.resource.as_deref().map(text)),
        ("account = ?", query.account.as_ref().map(|account| text(account.as_str()))),
        ("outcome = ?", query.outcome.map(|outcome| text(outcome.as_str()))),
        ("at >= ?", query.from.map(|from| Value::Integer(from.as_millis()))),
        ("at < ?", query.to.map(|to| Value::Integer(to.as_millis()))),
        ("seq > ?", query.after.map(Value::Integer)),
        ("id < ?", query.before.as_deref().map(text)),
    ];
    // What is new since a number is few records, found by their numbers: a `+` keeps SQLite from another index, along which it would
    // walk all that is old as well.
    let hidden = if query.after.is_some() { "+" } else { "" };
    // Spelt like this, `change = 1` lets SQLite use the index that holds nothing but changes.
    let every = if query.changes_only { format!("{hidden}change = 1") } else { "TRUE".to_owned() };
    let mut sql = format!("SELECT {COLUMNS} FROM audit WHERE {every}");
    let mut values = Vec::with_capacity(given.len() + 1);
    for (condition, value) in given {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(if condition.starts_with("seq") { "" } else { hidden });
            sql.push_str(condition);
            values.push(value);
        }
    }
    // One more than the page holds tells whether there is a next page.
    sql.push_str(&format!(" ORDER BY {hidden}id DESC LIMIT ?"));
    values.push(Value::Integer(i64::from(query.page_size()) + 1));
    (sql, values)
}

/// What stands at a place of the chain, even when it cannot be read.
fn link(row: &Row<'_>) -> Result<Link> {
    Ok(Link { seq: row.get("seq")?, entry: read(row) })
}

fn read(row: &Row<'_>) -> Result<Entry> {
    let text = |column| row.get::<_, String>(column);
    let maybe = |column| row.get::<_, Option<String>>(column);
    Ok(Entry {
        seq: row.get("seq")?,
        hash: text("hash")?,
        fields: Fields {
            id: text("id")?,
            operation_id: text("operation_id")?,
            at: row.get("at")?,
            actor: text("actor")?,
            operation: text("operation")?,
            change: row.get("change")?,
            account: maybe("account")?,
            region: maybe("region")?,
            resource: text("resource")?,
            outcome: text("outcome")?,
            error: maybe("error")?,
            detail: text("detail")?,
            before: read_facts(&text("before")?)?,
            after: read_facts(&text("after")?)?,
            duration_ms: row.get("duration_ms")?,
            request_id: text("request_id")?,
            aws_request_id: text("aws_request_id")?,
        },
    })
}

fn write_facts(facts: &Facts) -> Result<String> {
    serde_json::to_string(facts).map_err(|error| unreadable("the state in an audit record", error))
}

fn read_facts(json: &str) -> Result<Facts> {
    serde_json::from_str(json).map_err(|error| unreadable("the state in an audit record", error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::{connection::open_in_memory, schema::migrate};

    #[test]
    fn what_is_new_is_found_by_its_number() {
        let mut connection = open_in_memory().expect("a database");
        migrate(&mut connection).expect("a schema");
        let query = AuditQuery {
            after: Some(7),
            actor: Some("ada".to_owned()),
            changes_only: true,
            from: Some(Timestamp::default()),
            ..AuditQuery::default()
        };
        let (sql, values) = select(&query);
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        let first: String =
            plan.query_row(params_from_iter(values), |row| row.get("detail")).expect("a plan");
        assert!(first.starts_with("SEARCH audit") && first.contains("(seq>?)"), "{first}");
    }

    #[test]
    fn every_filter_has_an_index_and_nothing_is_sorted() {
        let mut connection = open_in_memory().expect("a database");
        migrate(&mut connection).expect("a schema");
        let all = AuditQuery { before: Some("b".to_owned()), ..AuditQuery::default() };
        let account = "123456789012".parse().ok();
        for (index, query) in [
            ("PRIMARY KEY", all.clone()),
            ("PRIMARY KEY", AuditQuery { from: Some(nephoscope_model::Timestamp::default()), ..all.clone() }),
            ("audit_by_actor", AuditQuery { actor: Some("ada".to_owned()), ..all.clone() }),
            ("audit_by_operation", AuditQuery { operation: Some(Operation::LogIn), ..all.clone() }),
            ("audit_by_resource", AuditQuery { resource: Some("i-1".to_owned()), ..all.clone() }),
            ("audit_by_account", AuditQuery { account, ..all.clone() }),
            ("audit_of_changes", AuditQuery { changes_only: true, ..all }),
        ] {
            let (sql, values) = select(&query);
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
            let steps: Vec<String> = plan
                .query_map(params_from_iter(values), |row| row.get("detail"))
                .and_then(Iterator::collect)
                .expect("a plan");
            assert_eq!(steps.len(), 1, "{steps:?}");
            assert!(steps[0].starts_with("SEARCH audit") && steps[0].contains(index), "{index}: {steps:?}");
        }
    }
}
