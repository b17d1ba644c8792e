//! CloudWatch Logs: groups, streams and the last lines.

use nephoscope_model::{
    Listing, Operation, Place, Result, Scope, Timestamp,
    logs::{LogGroup, LogRow, LogStream, LogTail, check_group_name},
};

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

/// Streams of a group that are listed. A group can have millions; the newest are what people look for.
const MAX_STREAMS: usize = 500;
/// Lines that a page begins with.
const LAST_ROWS: usize = 200;

impl Ops {
    /// All log groups of a scope.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_log_groups(&self, caller: &Caller, scope: &Scope) -> Result<Listing<LogGroup>> {
        self.perform(caller, Task::new(Operation::ListLogGroups), async |_: Grant<Read>| {
            let listing = self.merge(scope, |place| self.known_log_groups(place)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_log_groups(&self, place: Place) -> Result<Known<Vec<LogGroup>>> {
        let ask = self.cloud().list_log_groups(&place, None);
        self.caches().log_groups.get(place.clone(), false, ask).await
    }

    /// The streams of a group, the most recently written first; of very many the newest 500.
    ///
    /// # Errors
    /// `not_found` when there is no such group.
    pub async fn list_log_streams(
        &self,
        caller: &Caller,
        place: &Place,
        group: &str,
    ) -> Result<Vec<LogStream>> {
        let task = Task::new(Operation::ListLogStreams).at(place).on(group);
        self.perform(caller, task, async |_: Grant<Read>| {
            check_group_name(group)?;
            self.check_place(place)?;
            let ask = self.cloud().list_log_streams(place, group, MAX_STREAMS);
            let known = self.caches().log_streams.get((place.clone(), group.to_owned()), false, ask).await?;
            Ok(known.value.to_vec())
        })
        .await
    }

    /// The last lines of some streams, or of all when none is named; oldest first.
    ///
    /// # Errors
    /// `not_found` when there is no such group.
    pub async fn last_log_rows(
        &self,
        caller: &Caller,
        place: Place,
        group: &str,
        streams: Vec<String>,
    ) -> Result<Vec<LogRow>> {
        let here = place.clone();
        let task = Task::new(Operation::TailLogs).at(&here).on(group);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let tail = LogTail::new(place, group, streams)?;
            self.cloud().last_log_rows(&tail, LAST_ROWS, Timestamp::now()).await
        })
        .await
    }
}
