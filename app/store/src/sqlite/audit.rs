//! The audit, in SQLite.

use std::fmt;

use nephoscope_model::{
    ErrorCode,
    audit::{AuditPage, AuditQuery, AuditRecord},
};
use rusqlite::{Connection, Row, named_params, params_from_iter, types::Value};
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value},
};

use super::{error::OrConflict, timestamp};
use crate::{
    Result,
    common::{audit_page, unreadable},
};

pub(super) fn append(connection: &Connection, record: &AuditRecord) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO audit (id, operation_id, at, actor, operation, change, account, region, resource, outcome,
                                error, detail, duration_ms, request_id)
             VALUES (:id, :operation_id, :at, :actor, :operation, :change, :account, :region, :resource, :outcome,
                     :error, :detail, :duration_ms, :request_id)",
        )?
        .execute(named_params! {
            ":id": record.id,
            ":operation_id": record.operation_id,
            ":at": record.at.as_millis(),
            ":actor": record.actor,
            ":operation": record.operation.as_str(),
            ":change": record.operation.is_change(),
            ":account": record.account.as_ref().map(AsRef::<str>::as_ref),
            ":region": record.region.as_ref().map(AsRef::<str>::as_ref),
            ":resource": record.resource,
            ":outcome": record.outcome.as_str(),
            ":error": record.error.map(|code| Word(code).to_string()),
            ":detail": record.detail,
            ":duration_ms": record.duration_ms,
            ":request_id": record.request_id,
        })
        .or_conflict("audit record")?;
    Ok(())
}

pub(super) fn query(connection: &Connection, query: &AuditQuery) -> Result<AuditPage> {
    let (conditions, mut values) = conditions(query);
    let size = query.page_size();
    values.push(Value::Integer(i64::from(size) + 1));
    let records = connection
        .prepare_cached(&format!(
            "SELECT id, operation_id, at, actor, operation, account, region, resource, outcome, error, detail,
                    duration_ms, request_id
             FROM audit WHERE {conditions} ORDER BY id DESC LIMIT ?"
        ))?
        .query_and_then(params_from_iter(values), read)?
        .collect::<Result<Vec<_>>>()?;
    Ok(audit_page(records, size))
}

/// The conditions in SQL, and the values of their question marks. Nothing that came from outside is in the SQL.
fn conditions(query: &AuditQuery) -> (String, Vec<Value>) {
    let text = |text: &str| Value::Text(text.to_owned());
    let given = [
        ("actor = ?", query.actor.as_deref().map(text)),
        ("operation = ?", query.operation.map(|operation| text(operation.as_str()))),
        ("resource = ?", query.resource.as_deref().map(text)),
        ("account = ?", query.account.as_ref().map(|account| text(account.as_str()))),
        ("outcome = ?", query.outcome.map(|outcome| text(outcome.as_str()))),
        ("at >= ?", query.from.map(|from| Value::Integer(from.as_millis()))),
        ("at < ?", query.to.map(|to| Value::Integer(to.as_millis()))),
        ("id < ?", query.before.as_deref().map(text)),
    ];
    // Spelt like this, `change = 1` lets SQLite use the index that holds nothing but changes.
    let mut sql = String::from(if query.changes_only { "change = 1" } else { "TRUE" });
    let mut values = Vec::with_capacity(given.len() + 1);
    for (condition, value) in given {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    }
    (sql, values)
}

fn read(row: &Row<'_>) -> Result<AuditRecord> {
    let text = |column| row.get::<_, String>(column);
    let maybe = |column| row.get::<_, Option<String>>(column);
    Ok(AuditRecord {
        id: text("id")?,
        operation_id: text("operation_id")?,
        at: timestamp(row, "at")?,
        actor: text("actor")?,
        operation: text("operation")?
            .parse()
            .map_err(|error| unreadable("the operation of an audit record", error))?,
        account: maybe("account")?
            .map(|account| account.parse())
            .transpose()
            .map_err(|error| unreadable("the account of an audit record", error))?,
        region: maybe("region")?
            .map(|region| region.parse())
            .transpose()
            .map_err(|error| unreadable("the region of an audit record", error))?,
        resource: text("resource")?,
        outcome: text("outcome")?
            .parse()
            .map_err(|error| unreadable("the outcome of an audit record", error))?,
        error: maybe("error")?
            .map(|word| read_error_code(&word))
            .transpose()
            .map_err(|error| unreadable("the error code of an audit record", error))?,
        detail: text("detail")?,
        duration_ms: row.get("duration_ms")?,
        request_id: text("request_id")?,
    })
}

fn read_error_code(word: &str) -> std::result::Result<ErrorCode, value::Error> {
    ErrorCode::deserialize(word.into_deserializer())
}

/// Shows an enum by its word on the wire.
struct Word<T>(T);

impl<T: Serialize> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}
