//! What became of terminations that left the queue: whoever asked for one hears why it did not come to pass, since it failed long after
//! they asked.

use leptos::prelude::*;
use nephoscope_model::{
    Error, ErrorCode, Operation,
    audit::{AuditQuery, AuditRecord, Outcome},
    ec2::Termination,
};

use crate::{api::audit::query_audit, components::Toasts};

/// How often the activity is asked for the end of one. It is on record as soon as AWS answered.
const MOST_ASKED: u8 = 4;

/// Terminations whose end is not known yet. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Departed {
    all: StoredValue<Vec<(Termination, u8)>>,
    toasts: Toasts,
}

impl Departed {
    /// None.
    pub(super) fn new(toasts: Toasts) -> Self {
        Self { all: StoredValue::new(Vec::new()), toasts }
    }

    /// Takes what left the queue since it was last read. What was not due yet, somebody undid.
    pub(super) fn take(self, gone: Vec<(Termination, bool)>) {
        for (it, due) in gone {
            if due {
                let _ = self.all.try_update_value(|all| all.push((it, 0)));
            } else {
                self.toasts.info(format!("{} is not terminated: somebody undid it.", it.name));
            }
        }
    }

    /// Asks what became of them, and tells of those that were not done.
    pub(super) async fn look(self) {
        for (it, asked) in self.all.try_update_value(std::mem::take).unwrap_or_default() {
            let end = end_of(&it).await;
            if let Some(error) = end.as_ref().and_then(|record| error_of(&it, record)) {
                self.toasts.error(&error);
            }
            if end.is_none() && asked < MOST_ASKED {
                let _ = self.all.try_update_value(|all| all.push((it, asked + 1)));
            }
        }
    }
}

/// The record of its end, when there is one.
async fn end_of(it: &Termination) -> Option<AuditRecord> {
    let query = AuditQuery {
        operation: Some(Operation::TerminateInstance),
        resource: Some(it.id.to_string()),
        from: Some(it.due_at),
        limit: Some(1),
        ..AuditQuery::default()
    };
    // A lost connection is told of elsewhere.
    let records = query_audit(query).await.ok()?.records;
    records.into_iter().find(|record| record.outcome != Outcome::Started)
}

fn error_of(it: &Termination, record: &AuditRecord) -> Option<Error> {
    if !matches!(record.outcome, Outcome::Failed | Outcome::Refused) {
        return None;
    }
    let code = record.error.unwrap_or(ErrorCode::Conflict);
    Some(Error::new(code, format!("{} was not terminated when it was due. {}", it.name, record.detail)))
}
