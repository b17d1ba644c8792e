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
            "INSERT INTO audit (id, operation_id, at, actor, operation, change, account, region, resource,
                                outcome, error, detail, duration_ms, request_id)
             VALUES (:id, :operation_id, :at, :actor, :operation, :change, :account, :region, :resource,
                     :outcome, :error, :detail, :duration_ms, :request_id)",
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
    let (sql, values) = select(query);
    let records = connection
        .prepare_cached(&sql)?
        .query_and_then(params_from_iter(values), read)?
        .collect::<Result<Vec<_>>>()?;
    Ok(audit_page(records, query.page_size()))
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
        ("id < ?", query.before.as_deref().map(text)),
    ];
    // Spelt like this, `change = 1` lets SQLite use the index that holds nothing but changes.
    let every = if query.changes_only { "change = 1" } else { "TRUE" };
    let mut sql = format!(
        "SELECT id, operation_id, at, actor, operation, account, region, resource, outcome, error, detail,
                duration_ms, request_id
         FROM audit WHERE {every}"
    );
    let mut values = Vec::with_capacity(given.len() + 1);
    for (condition, value) in given {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    }
    // One more than the page holds tells whether there is a next page.
    sql.push_str(" ORDER BY id DESC LIMIT ?");
    values.push(Value::Integer(i64::from(query.page_size()) + 1));
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

#[cfg(test)]
mod tests {
    use nephoscope_model::Operation;

    use super::*;
    use crate::sqlite::{connection::open_in_memory, schema::migrate};

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
