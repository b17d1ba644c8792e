//! Reading the audit.

use nephoscope_model::{
    Operation, Result,
    audit::{AuditPage, AuditQuery},
    identity::Permission,
};

use crate::{Administer, Caller, Grant, Ops, Read, record::Task};

impl Ops {
    /// A page of the audit, newest first. Administrators see everybody's records; others their own, whatever they ask for.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn query_audit(&self, caller: &Caller, mut query: AuditQuery) -> Result<AuditPage> {
        if caller.role().may(Permission::Administer) {
            return self
                .perform(caller, Task::new(Operation::QueryAudit), async |_: Grant<Administer>| {
                    Ok(self.store().query_audit(&query).await?)
                })
                .await;
        }
        query.actor = Some(caller.name().to_owned());
        self.perform(caller, Task::new(Operation::QueryOwnAudit), async |_: Grant<Read>| {
            Ok(self.store().query_audit(&query).await?)
        })
        .await
    }
}
