//! Forgetting what is older than the configuration wants to keep.

use nephoscope_model::{Error, ErrorCode, Operation, Result, Timestamp};
use nephoscope_store::{StoreError, Verification};

use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

/// Records removed at once: other writes wait that long.
const BATCH: u32 = 1_000;

impl Ops {
    /// Removes records from the oldest end of the audit that are older than the configuration keeps them, and says how many. The record of
    /// the start names the last one that goes, by number and hash, so that whoever checks the audit accepts that this and nothing else is
    /// missing. An audit that somebody meddled with is left as it is, for it is evidence; and a read-only server removes nothing.
    ///
    /// # Errors
    /// `conflict` when the audit is not intact, `unavailable` when the store does not answer.
    pub async fn retain_audit(&self) -> Result<u64> {
        let Some(keep) = self.audit_retention().filter(|_| !self.is_read_only()) else { return Ok(0) };
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before = Timestamp::now().plus_millis(-keep);
        let past = self.store().end_of_past_audit(before).await?;
        let Some(last) = past else { return Ok(0) };
        if let Verification::Broken(what) = nephoscope_store::verify_audit(self.store(), None).await? {
            return Err(Error::new(
                ErrorCode::Conflict,
                format!("Nothing is removed from the audit, since it is broken: {what}."),
            )
            .with_hint("Find out who could write to the store: nephoscope audit verify."));
        }
        let resource = last.to_string();
        let task = Task::new(Operation::RetainAudit)
            .on(&resource)
            .detail(format!("records 1 to {} are from before {before}", last.seq));
        self.perform(&Caller::system(), task, async |_: Grant<Administer>| {
            let mut removed = 0;
            loop {
                match self.store().remove_past_audit(last.seq, BATCH).await? {
                    0 => break,
                    batch => removed += batch,
                }
            }
            Ok::<_, StoreError>(Done::with(removed, format!("{removed} removed"))).map_err(Error::from)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use nephoscope_aws::Cloud;
    use nephoscope_model::audit::{AuditQuery, AuditRecord, Outcome};
    use nephoscope_store::{SqliteStore, Store};

    use super::*;
    use crate::SigningKey;

    const DAY_MILLIS: i64 = 86_400_000;

    async fn ops(store: &Arc<SqliteStore>, keep: Option<Duration>) -> Ops {
        let key = SigningKey::from_text(&SigningKey::generate_text()).expect("a key");
        let store: Arc<dyn Store> = Arc::<SqliteStore>::clone(store);
        Ops::builder(Cloud::builder().build().await, store, key).audit_retention(keep).build()
    }

    /// A store with one record for each of the last ten days, the youngest of now.
    async fn ten_days() -> Arc<SqliteStore> {
        let store = Arc::new(SqliteStore::open_in_memory().expect("a store"));
        for age in (0..10).rev() {
            let record: AuditRecord = serde_json::from_value(serde_json::json!({
                "id": uuid::Uuid::now_v7(), "operationId": "o", "at": "2026-11-20T12:00:00Z", "actor": "ada",
                "operation": "ec2.list", "outcome": "succeeded", "durationMs": 1,
            }))
            .expect("a record");
            let at = Timestamp::now().plus_millis(-age * DAY_MILLIS);
            store.append_audit(AuditRecord { at, ..record }).await.expect("a new record");
        }
        store
    }

    async fn numbers(store: &SqliteStore) -> Vec<i64> {
        let page = store.query_audit(&AuditQuery::default()).await.expect("a page");
        page.records.iter().map(|record| record.seq).collect()
    }

    #[tokio::test]
    async fn what_is_older_goes_and_the_chain_holds() {
        let store = ten_days().await;
        let ops = ops(&store, Some(Duration::from_millis(5 * DAY_MILLIS as u64 + 1_000))).await;
        assert_eq!(ops.retain_audit().await, Ok(4));
        assert_eq!(numbers(&store).await, [12, 11, 10, 9, 8, 7, 6, 5]);
        let query = AuditQuery { operation: Some(Operation::RetainAudit), ..AuditQuery::default() };
        let said = store.query_audit(&query).await.expect("a page").records;
        assert_eq!(
            said.iter().map(|it| it.outcome).collect::<Vec<_>>(),
            [Outcome::Succeeded, Outcome::Started]
        );
        assert!(said.iter().all(|it| it.resource.starts_with("4:") && it.actor == "system"), "{said:?}");
        let found = ops.verify_audit(&Caller::system(), None).await;
        assert!(matches!(&found, Ok(Verification::Intact { first: Some(5), .. })), "{found:?}");
        assert_eq!(ops.retain_audit().await, Ok(0), "there is nothing more to do, and nothing is recorded");
        assert_eq!(numbers(&store).await.len(), 9);
    }

    #[tokio::test]
    async fn without_a_limit_everything_is_kept() {
        let store = ten_days().await;
        assert_eq!(ops(&store, None).await.retain_audit().await, Ok(0));
        assert_eq!(numbers(&store).await.len(), 10);
    }

    #[tokio::test]
    async fn an_audit_that_is_broken_is_kept_as_evidence() {
        let store = ten_days().await;
        store.remove_past_audit(2, 10).await.expect("a removal that nothing vouches for");
        let ops = ops(&store, Some(Duration::from_secs(86_400))).await;
        let refused = ops.retain_audit().await.map_err(|error| error.code);
        assert_eq!(refused, Err(ErrorCode::Conflict));
        assert_eq!(numbers(&store).await.len(), 8);
    }
}
