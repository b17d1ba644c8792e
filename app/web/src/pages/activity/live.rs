//! New records as they come: the newest page asks again every few seconds while somebody looks at it.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::audit::{AuditQuery, AuditRecord};

use crate::{api::audit::follow_audit, browser, hydration::use_hydrated, live::LiveStatus};

/// How often to ask.
const EVERY: Duration = Duration::from_secs(4);
/// Records that are kept on the page; the oldest make room.
const MOST: usize = 200;

/// Whether the page follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Following {
    paused: RwSignal<bool>,
    status: RwSignal<LiveStatus>,
    notice: RwSignal<Option<String>>,
}

impl Following {
    pub(super) fn new() -> Self {
        Self {
            paused: RwSignal::new(false),
            status: RwSignal::new(LiveStatus::Idle),
            notice: RwSignal::new(None),
        }
    }

    pub(super) fn is_paused(self) -> bool {
        self.paused.get()
    }

    pub(super) fn toggle(self) {
        self.paused.update(|paused| *paused = !*paused);
    }

    pub(super) fn status(self) -> Signal<LiveStatus> {
        self.status.into()
    }

    pub(super) fn notice(self) -> Signal<Option<String>> {
        self.notice.into()
    }

    fn set(self, status: LiveStatus, notice: Option<String>) {
        // The page may be gone when an answer comes.
        if self.status.try_get_untracked().is_some_and(|known| known != status) {
            let _ = self.status.try_set(status);
        }
        let _ = self.notice.try_set(notice);
    }
}

/// Adds what is new to `records`, of which all up to the number `newest` are there. When more is new than a page holds, `reload` fetches it
/// as the page itself did.
pub(super) fn follow(
    query: AuditQuery,
    records: RwSignal<Vec<AuditRecord>>,
    newest: i64,
    following: Following,
    reload: Callback<()>,
) {
    let hydrated = use_hydrated();
    let seen = RwSignal::new(newest);
    let asking = RwSignal::new(false);
    Effect::new(move |_| {
        if !hydrated.get() {
            return;
        }
        if following.paused.get() {
            following.set(LiveStatus::Idle, Some("New records are not shown: paused.".to_owned()));
            return;
        }
        following.set(LiveStatus::Live, None);
        let query = query.clone();
        let ask = move || {
            if asking.try_get_untracked() != Some(false) || !browser::is_visible() {
                return;
            }
            asking.set(true);
            let query = AuditQuery { after: Some(seen.get_untracked()), ..query.clone() };
            spawn_local(async move {
                let answer = follow_audit(query).await;
                // The page may be gone by now.
                if asking.try_set(false).is_some() {
                    return;
                }
                match answer {
                    Ok(page) if page.next.is_some() => reload.run(()),
                    Ok(page) => {
                        let _ = seen.try_set(page.newest);
                        if !page.records.is_empty() {
                            let _ = records.try_update(|records| prepend(records, page.records));
                        }
                        if following.paused.try_get_untracked() == Some(false) {
                            following.set(LiveStatus::Live, None);
                        }
                    }
                    Err(error) => following.set(LiveStatus::Reconnecting, Some(error.0.message)),
                }
            });
        };
        if let Ok(handle) = set_interval_with_handle(ask, EVERY) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// Puts newer records before those that are there. A record that is there already stays where it is.
fn prepend(records: &mut Vec<AuditRecord>, mut newer: Vec<AuditRecord>) {
    newer.retain(|record| records.iter().all(|known| known.id != record.id));
    newer.append(records);
    newer.truncate(MOST);
    *records = newer;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> AuditRecord {
        serde_json::from_value(serde_json::json!({
            "id": id, "operationId": id, "at": "2026-11-20T12:00:00Z", "actor": "ada", "operation": "ec2.stop",
            "outcome": "succeeded", "durationMs": 1,
        }))
        .expect("a record")
    }

    #[test]
    fn what_is_new_comes_first_and_once() {
        let mut records = vec![record("b"), record("a")];
        prepend(&mut records, vec![record("c"), record("b")]);
        let ids: Vec<&str> = records.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids, ["c", "b", "a"]);
        prepend(&mut records, (0..MOST).map(|index| record(&format!("n{index}"))).collect());
        assert_eq!((records.len(), records[0].id.as_str()), (MOST, "n0"));
    }
}
