//! Taking records of the audit away.

use nephoscope_model::{
    Operation, Result,
    audit::{AuditPage, AuditQuery, AuditRecord},
};

use super::within_reach;
use crate::{
    Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// Records read at once: all of an export that is ever in memory.
const PAGE: u32 = 500;

/// Records of the audit, newest first, a page at a time.
#[derive(Debug)]
pub struct AuditExport {
    ops: Ops,
    query: AuditQuery,
    page: Option<AuditPage>,
}

impl AuditExport {
    /// The next records; nothing after the last.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn next(&mut self) -> Result<Option<Vec<AuditRecord>>> {
        let page = match self.page.take() {
            Some(page) => page,
            None if self.query.before.is_some() => self.ops.store().query_audit(&self.query).await?,
            None => return Ok(None),
        };
        self.query.before = page.next;
        Ok(Some(page.records))
    }
}

impl Ops {
    /// The records that `query` selects, to be written in `format`. Administrators get everybody's; others their own.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn export_audit(
        &self,
        caller: &Caller,
        query: AuditQuery,
        format: &str,
    ) -> Result<AuditExport> {
        let query =
            AuditQuery { limit: Some(PAGE), before: None, after: None, ..within_reach(caller, query) };
        let resource = query.resource.clone().unwrap_or_default();
        let task = Task::new(Operation::ExportAudit).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            let page = Some(self.store().query_audit(&query).await?);
            let words = describe(&query, format);
            Ok(Done::with(AuditExport { ops: self.clone(), query, page }, words))
        })
        .await
    }
}

/// What is taken away, in a few words.
fn describe(query: &AuditQuery, format: &str) -> String {
    let given = [
        ("user", query.actor.clone()),
        ("operation", query.operation.map(|operation| operation.to_string())),
        ("account", query.account.as_ref().map(ToString::to_string)),
        ("outcome", query.outcome.map(|outcome| outcome.to_string())),
        ("from", query.from.map(|at| at.to_string())),
        ("to", query.to.map(|at| at.to_string())),
        ("changes", query.changes_only.then(|| "only".to_owned())),
    ];
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .fold(format!("as {format}"), |words, (name, value)| format!("{words}, {name} {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_says_what_was_taken() {
        let query = AuditQuery {
            actor: Some("ada".to_owned()),
            operation: Some(Operation::StopInstance),
            changes_only: true,
            ..AuditQuery::default()
        };
        assert_eq!(describe(&query, "csv"), "as csv, user ada, operation ec2.stop, changes only");
        assert_eq!(describe(&AuditQuery::default(), "jsonl"), "as jsonl");
    }
}
