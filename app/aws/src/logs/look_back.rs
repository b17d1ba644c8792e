//! The last lines of a log, whatever their age.

use nephoscope_model::{
    Result, Timestamp,
    logs::{LogRow, LogTail},
};
use tracing::debug;

use super::{EVENTS_PAGE, Event, Events, Stretch};
use crate::{Cloud, paging::Pages, site::Site};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How far back each stretch reaches.
const REACHES: [i64; 7] = [10 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY];

/// The most calls that one look back makes.
const MAX_CALLS: usize = 60;
/// The most that are made to find lines by a pattern.
const MAX_CALLS_OF_A_FIND: usize = 20;

impl Cloud {
    /// The last `count` lines, oldest first, whatever their age; lines that are dated after `now` count too.
    ///
    /// Time is cut into stretches that reach ever further back (10 minutes, an hour, 6 hours, a day, a week, 30 days, a year, 2024,
    /// for ever), and each is read newest line first until there are enough. AWS reads newest first since June 2026, and
    /// lines from 2024 on; older stretches, and emulators that do not know of it, are read to their end and the last lines kept.
    ///
    /// A busy log costs one call, an empty one about ten. At most 60 calls are made; what was found until then is given, so of
    /// a log that is dense, old and silent since, some of the last lines may be missing.
    ///
    /// # Errors
    /// `not_found` when there is no such group or the place is not configured, and the errors of any call.
    pub async fn last_log_rows(&self, tail: &LogTail, count: usize, now: Timestamp) -> Result<Vec<LogRow>> {
        let site = self.site(&tail.place)?;
        let mut search = Search { site: &site, tail, pattern: None, calls: MAX_CALLS, newest_first: true };
        let mut events = Events::default();
        let mut to = None;
        for from in beginnings(now) {
            let missing = count.saturating_sub(events.len());
            if missing == 0 || search.calls == 0 {
                break;
            }
            events.extend(search.read(from, to, missing).await?);
            to = Some(from.plus_millis(-1));
        }
        let mut rows = events.into_rows();
        let surplus = rows.len().saturating_sub(count);
        rows.drain(..surplus);
        Ok(rows)
    }

    /// The last `count` lines since a time that fit a
    /// [filter pattern](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html), oldest first. At most 20
    /// calls are made; what was found until then is given.
    ///
    /// # Errors
    /// `not_found` when there is no such group or the place is not configured, and the errors of any call.
    pub async fn find_log_rows(
        &self,
        tail: &LogTail,
        pattern: &str,
        from: Timestamp,
        count: usize,
    ) -> Result<Vec<LogRow>> {
        let site = self.site(&tail.place)?;
        let pattern = Some(pattern);
        let mut search =
            Search { site: &site, tail, pattern, calls: MAX_CALLS_OF_A_FIND, newest_first: true };
        let mut events = Events::default();
        events.extend(search.read(from, None, count).await?);
        let mut rows = events.into_rows();
        let surplus = rows.len().saturating_sub(count);
        rows.drain(..surplus);
        Ok(rows)
    }
}

/// `FilterLogEvents` gives newest lines first only for stretches that begin at 2024-01-01T00:00:00Z or later.
/// [Source](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html)
fn newest_first_since() -> Timestamp {
    Timestamp::from_millis(1_704_067_200_000)
}

/// Where the stretches begin, the newest first.
fn beginnings(now: Timestamp) -> impl Iterator<Item = Timestamp> {
    let reaches = REACHES.into_iter().map(move |reach| now.plus_millis(-reach));
    let recent = reaches.take_while(|from| *from > newest_first_since());
    recent.chain([newest_first_since(), Timestamp::from_millis(0)])
}

/// A look back under way.
struct Search<'a> {
    site: &'a Site,
    tail: &'a LogTail,
    /// Only lines that fit it.
    pattern: Option<&'a str>,
    /// How many calls are left.
    calls: usize,
    /// Whether the other side reads newest first, as far as is known.
    newest_first: bool,
}

impl<'a> Search<'a> {
    /// The last `count` lines of a stretch; a few more may come along.
    async fn read(&mut self, from: Timestamp, to: Option<Timestamp>, count: usize) -> Result<Vec<Event>> {
        if self.newest_first && from >= newest_first_since() {
            // Of one line alone nobody could tell the direction.
            let stretch =
                Stretch { from, to, newest_first: true, limit: count.max(2), pattern: self.pattern };
            if let Some(events) = self.read_backward(stretch).await? {
                return Ok(events);
            }
            debug!(place = %self.tail.place, "this AWS does not read logs newest first");
            self.newest_first = false;
        }
        let stretch = Stretch { from, to, newest_first: false, limit: EVENTS_PAGE, pattern: self.pattern };
        self.read_forward(stretch, count).await
    }

    /// Reads from the end until there are enough lines; nothing when the other side began at the beginning and left lines out.
    async fn read_backward(&mut self, stretch: Stretch<'a>) -> Result<Option<Vec<Event>>> {
        let mut events = Vec::new();
        let mut pages = Pages::default();
        while self.calls > 0 {
            self.calls -= 1;
            let page = stretch.read(self.site, self.tail, &pages).await?;
            events.extend(page.events);
            let more = pages.turn(page.next_token);
            let enough = events.len() >= stretch.limit;
            if is_oldest_first(&events) && (more || enough) {
                return Ok(None);
            }
            if !more || enough {
                break;
            }
        }
        Ok(Some(events))
    }

    /// Reads to the end and keeps the last lines.
    async fn read_forward(&mut self, stretch: Stretch<'a>, count: usize) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut pages = Pages::default();
        while self.calls > 0 {
            self.calls -= 1;
            let page = stretch.read(self.site, self.tail, &pages).await?;
            events.extend(page.events);
            events.sort_by_key(|event: &Event| (event.row.timestamp, event.taken_in));
            let surplus = events.len().saturating_sub(count);
            events.drain(..surplus);
            if !pages.turn(page.next_token) {
                break;
            }
        }
        Ok(events)
    }
}

fn is_oldest_first(events: &[Event]) -> bool {
    match events {
        [first, .., last] => first.row.timestamp < last.row.timestamp,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_reach_ever_further_back_and_never_before_the_epoch() {
        let now = Timestamp::from_millis(1_795_174_448_250); // November 2026
        let all: Vec<_> = beginnings(now).collect();
        assert_eq!(all.len(), 9);
        assert!(all.is_sorted_by(|a, b| a > b));
        assert_eq!(all.last(), Some(&Timestamp::from_millis(0)));

        let early: Vec<_> = beginnings(newest_first_since().plus_millis(2 * HOUR)).collect();
        assert!(early.is_sorted_by(|a, b| a > b), "{early:?}");
        assert_eq!(early.len(), 4);
    }
}
