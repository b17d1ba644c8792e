//! CloudWatch Logs: groups, streams and the last lines.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, Listing, Operation, Place, Result, Scope, Timestamp,
    logs::{LogGroup, LogRow, LogStreamPage, LogTail, check_group_name},
};

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

/// Streams of a group that are read for one request, 50 with each call to AWS. A group can have millions.
const MOST_STREAMS: usize = 10_000;
/// Which page of the streams of a group: its place, its name, where the page goes on, and how long it is.
pub(crate) type StreamsKey = (Place, String, Option<String>, usize);
/// Lines that a page begins with.
const LAST_ROWS: usize = 200;

impl Ops {
    /// All log groups of a scope.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_log_groups(&self, caller: &Caller, scope: &Scope) -> Result<Listing<LogGroup>> {
        self.perform(caller, Task::new(Operation::ListLogGroups), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_log_groups(&cloud, place)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_log_groups(&self, cloud: &Cloud, place: Place) -> Result<Known<Vec<LogGroup>>> {
        let ask = cloud.list_log_groups(&place, None);
        self.caches().log_groups.get(place.clone(), false, ask).await
    }

    /// The place of a log group, when a request for `operation` may leave account and region out, as the contract's does. A failure is
    /// recorded as one of that operation.
    ///
    /// # Errors
    /// `not_found` when no place of the scope has it, `invalid_input` when several have; the failure of a place that could not
    /// be asked comes before `not_found`, since the group may be there.
    pub async fn locate_log_group(
        &self,
        caller: &Caller,
        operation: Operation,
        scope: &Scope,
        group: &str,
    ) -> Result<Place> {
        let cloud = self.cloud_for(caller);
        self.locate(caller, operation, group, self.find_log_group(&cloud, scope, group)).await
    }

    async fn find_log_group(&self, cloud: &Cloud, scope: &Scope, group: &str) -> Result<Place> {
        check_group_name(group)?;
        let mut places = self.places(scope)?;
        if let (Some(place), true) = (places.pop(), places.is_empty()) {
            return Ok(place);
        }
        let listing = self.merge(scope, |place| self.known_log_groups(cloud, place)).await?;
        let mut found = listing.items.iter().filter(|known| known.name == group).map(LogGroup::place);
        match (found.next(), found.next()) {
            (Some(place), None) => Ok(place),
            (Some(_), Some(_)) => {
                Err(Error::invalid("Several accounts or regions have a log group of that name.")
                    .with_hint("Say which one is meant with account and region."))
            }
            (None, _) => Err(listing.failures().next().map_or_else(
                || {
                    Error::not_found(format!(
                        "There is no log group {group} in the chosen accounts and regions."
                    ))
                },
                |(_, error)| error.clone(),
            )),
        }
    }

    /// The streams of a group, the most recently written first: so many from where a page ended, or all, as far as that is 10,000; fewer where
    /// AWS throttles or it takes long. `next` of the answer goes on.
    ///
    /// # Errors
    /// `not_found` when there is no such group, `invalid_input` for none or more than 10,000, and those of AWS, as for an `after` that was no
    /// `next`.
    pub async fn list_log_streams(
        &self,
        caller: &Caller,
        place: &Place,
        group: &str,
        after: Option<&str>,
        limit: Option<usize>,
    ) -> Result<LogStreamPage> {
        let task = Task::new(Operation::ListLogStreams).at(place).on(group);
        self.perform(caller, task, async |_: Grant<Read>| {
            check_group_name(group)?;
            self.check_place(place)?;
            let limit = limit.unwrap_or(MOST_STREAMS);
            if !(1..=MOST_STREAMS).contains(&limit) {
                return Err(Error::invalid(format!("{limit} streams cannot be read at once."))
                    .with_hint(format!("Ask for 1 to {MOST_STREAMS}, and go on with next.")));
            }
            let cloud = self.cloud_for(caller);
            let ask = cloud.list_log_streams(place, group, after, limit);
            let key = (place.clone(), group.to_owned(), after.map(str::to_owned), limit);
            let known = self.caches().log_streams.get(key, false, ask).await?;
            Ok(LogStreamPage::clone(&known.value))
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
            let cloud = self.cloud_for(caller);
            let ask = cloud.last_log_rows(&tail, LAST_ROWS, Timestamp::now());
            Ok(self.caches().log_rows.get(tail.clone(), false, ask).await?.value.to_vec())
        })
        .await
    }
}
