//! The audit: reading it, following it, checking it.

mod export;
mod retention;

use nephoscope_model::{
    Operation, Result,
    audit::{AuditHead, AuditPage, AuditQuery},
    identity::Permission,
};
use nephoscope_store::{Broken, Verification};
use tracing::{info, warn};

pub use self::export::AuditExport;
use crate::{
    Administer, Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// What `caller` may see of what is asked: administrators all of it, others their own, whatever they ask for.
fn within_reach(caller: &Caller, mut query: AuditQuery) -> AuditQuery {
    if !caller.role().may(Permission::Administer) {
        query.actor = Some(caller.name().to_owned());
    }
    query
}

impl Ops {
    /// A page, and how far the audit reached when it was read: not further than the page can know.
    async fn read_audit(&self, query: &AuditQuery) -> Result<AuditPage> {
        let newest = self.store().audit_head().await?.map_or(0, |head| head.seq);
        Ok(AuditPage { newest, ..self.store().query_audit(query).await? })
    }

    /// A page of the audit, newest first. Administrators see everybody's records; others their own, whatever they ask for.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn query_audit(&self, caller: &Caller, query: AuditQuery) -> Result<AuditPage> {
        let query = within_reach(caller, query);
        if caller.role().may(Permission::Administer) {
            return self
                .perform(caller, Task::new(Operation::QueryAudit), async |_: Grant<Administer>| {
                    self.read_audit(&query).await
                })
                .await;
        }
        self.perform(caller, Task::new(Operation::QueryOwnAudit), async |_: Grant<Read>| {
            self.read_audit(&query).await
        })
        .await
    }

    /// What is new since `query.after`, for a page that asks again every few seconds. That somebody follows is recorded once in ten
    /// minutes: otherwise whoever looks at everything would see nothing but their own looking.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn follow_audit(&self, caller: &Caller, query: AuditQuery) -> Result<AuditPage> {
        let query = AuditQuery { before: None, ..within_reach(caller, query) };
        let what = AuditQuery { after: None, ..query.clone() };
        let key = (caller.name().to_owned(), format!("{what:?}"));
        let known = &self.caches().audit_followers;
        if known.contains_key(&key) {
            self.check_may(caller, Operation::WatchAudit, "").await?;
            return self.read_audit(&query).await;
        }
        let page = self
            .perform(caller, Task::new(Operation::WatchAudit), async |_: Grant<Read>| {
                self.read_audit(&query).await
            })
            .await?;
        known.insert(key, ()).await;
        Ok(page)
    }

    /// Walks along the whole audit and finds the first record that was changed, removed or put elsewhere. With `expect`, also makes sure that a
    /// head that was noted earlier is still in it.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer. What is wrong with the audit is no error but the result.
    pub async fn verify_audit(&self, caller: &Caller, expect: Option<&AuditHead>) -> Result<Verification> {
        let resource = expect.map(ToString::to_string).unwrap_or_default();
        let task = Task::new(Operation::VerifyAudit).on(&resource);
        self.perform(caller, task, async |_: Grant<Administer>| {
            let found = nephoscope_store::verify_audit(self.store(), expect).await?;
            let words = match &found {
                Verification::Intact { records, .. } => format!("intact: {records} records"),
                Verification::Broken(Broken::Removed { .. }) => {
                    "the noted record was removed by retention".to_owned()
                }
                Verification::Broken(what) => format!("broken: {what}"),
            };
            Ok(Done::with(found, words))
        })
        .await
    }

    /// Writes the newest record's number and hash into the log, which whoever can change the store need not be able to change.
    pub async fn log_audit_head(&self) {
        match self.store().audit_head().await {
            Ok(Some(head)) => info!(seq = head.seq, hash = head.hash, "the head of the audit is {head}"),
            Ok(None) => info!("the audit is empty"),
            Err(error) => warn!("the head of the audit cannot be read: {error}"),
        }
    }
}
