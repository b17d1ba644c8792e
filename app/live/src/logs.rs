//! Log lines: one reader for each set of streams, a bounded buffer, and a cursor for each viewer.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use nephoscope_aws::{Cloud, LogPage};
use nephoscope_model::{
    Error, Timestamp,
    logs::{LogRow, LogTail},
};
use tokio::sync::watch;

use crate::{
    Pacing,
    upstream::{Idle, Registry, Upstream, is_hopeless},
};

/// Lines kept for viewers that join or fall behind.
const BUFFER: usize = 5_000;
/// Lines that a new upstream begins with.
const HISTORY: usize = 200;
/// The most bytes of text that a buffer keeps; a line may have a megabyte.
const BUFFER_BYTES: usize = 16 << 20;
/// Lines asked for at a time: less than the buffer holds, so that no read can push out lines that no viewer could see yet.
const BATCH: usize = 2_000;
/// Lines told to a viewer at a time.
const AT_ONCE: usize = 500;
/// Lines may arrive out of order, since writers buffer them: so much before the newest is read again each time.
const OVERLAP_MILLIS: i64 = 10_000;

/// The lines of one tail.
#[derive(Default)]
pub(crate) struct LogState {
    rows: VecDeque<Arc<LogRow>>,
    bytes: usize,
    /// The sequence number of the first row in `rows`.
    first: u64,
    trouble: Option<Error>,
    ready: bool,
}

impl LogState {
    fn end(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    fn push(&mut self, rows: Vec<LogRow>) {
        for row in rows {
            self.bytes += row.message.len();
            self.rows.push_back(Arc::new(row));
            while self.rows.len() > BUFFER || (self.bytes > BUFFER_BYTES && self.rows.len() > 1) {
                self.bytes -= self.rows.pop_front().map_or(0, |row| row.message.len());
                self.first += 1;
            }
        }
    }

    fn position_after(&self, id: &str) -> Option<u64> {
        let index = self.rows.iter().rposition(|row| row.id == id)?;
        Some(self.first + index as u64 + 1)
    }
}

/// What happened to a log since a viewer last looked.
#[derive(Debug, Clone, PartialEq)]
pub enum LogUpdate {
    /// New lines, oldest first, and how many were lost before them. The first of these comes even when there are no lines.
    Rows {
        /// The lines.
        rows: Vec<Arc<LogRow>>,
        /// Lines that went out of the buffer before this viewer took them.
        dropped: u64,
    },
    /// AWS does not answer; lines are late but none is lost.
    Trouble(Error),
    /// AWS answers again.
    Recovered,
    /// There is nothing to follow, or nobody to follow it any more.
    Ended(Error),
}

/// One viewer of a log.
pub struct LogSubscription {
    upstream: Arc<Upstream<LogState>>,
    bell: watch::Receiver<u64>,
    after: Option<String>,
    next: Option<u64>,
    in_trouble: bool,
    ended: bool,
}

impl LogSubscription {
    /// Waits for news. Returns `None` after the end. Safe to cancel.
    pub async fn next(&mut self) -> Option<LogUpdate> {
        loop {
            if let Some(update) = self.look() {
                return Some(update);
            }
            if self.ended {
                return None;
            }
            self.bell.changed().await.ok()?;
        }
    }

    fn look(&mut self) -> Option<LogUpdate> {
        if self.ended {
            return None;
        }
        if let Some(reason) = self.upstream.ended() {
            self.ended = true;
            return Some(LogUpdate::Ended(reason.clone()));
        }
        let state = self.upstream.state();
        match &state.trouble {
            Some(error) if !self.in_trouble => {
                self.in_trouble = true;
                return Some(LogUpdate::Trouble(error.clone()));
            }
            None if self.in_trouble => {
                self.in_trouble = false;
                return Some(LogUpdate::Recovered);
            }
            _ => {}
        }
        if !state.ready {
            return None;
        }
        let mut unknown = 0;
        let next = match self.next {
            Some(next) if next == state.end() => return None,
            Some(next) => next,
            // A viewer that comes back goes on after its last line, if that is still known.
            None => match self.after.take().map(|id| state.position_after(&id)) {
                Some(Some(next)) => next,
                // How many lines are missing nobody knows, but that some may be, the viewer must know.
                Some(None) => {
                    unknown = u64::from(!state.rows.is_empty());
                    state.first
                }
                None => state.first,
            },
        };
        let from = next.max(state.first);
        let skip = usize::try_from(from - state.first).unwrap_or(usize::MAX);
        let rows: Vec<_> = state.rows.iter().skip(skip).take(AT_ONCE).cloned().collect();
        self.next = Some(from + rows.len() as u64);
        Some(LogUpdate::Rows { rows, dropped: from - next + unknown })
    }
}

/// Joins the upstream of a tail. A viewer that comes back gives the id of its last line.
pub(crate) fn subscribe(
    registry: &Arc<Registry<LogTail, LogState>>,
    cloud: &Cloud,
    pacing: Pacing,
    tail: LogTail,
    after: Option<String>,
) -> LogSubscription {
    let (upstream, bell) = registry.join(&tail.clone(), LogState::default, |upstream| {
        follow(Arc::clone(registry), cloud.clone(), pacing, tail, upstream)
    });
    LogSubscription { upstream, bell, after, next: None, in_trouble: false, ended: false }
}

/// Where the reading of a log stands.
struct Cursor {
    newest: Timestamp,
    /// Whether more was there than one read takes: then the next read goes on at the newest line instead of looking back, or it
    /// would bring the same lines again.
    behind: bool,
    /// Nothing before this is read: the upstream began there, and what is older is not new.
    floor: Timestamp,
    /// The ids of the lines within the overlap, which will be read again.
    seen: HashMap<String, Timestamp>,
}

impl Cursor {
    fn begin_of_next_read(&self) -> Timestamp {
        let from = if self.behind { self.newest } else { self.newest.plus_millis(-OVERLAP_MILLIS) };
        from.max(self.floor)
    }

    /// Takes one read and keeps what is new of it.
    fn take(&mut self, page: LogPage, now: Timestamp) -> Vec<LogRow> {
        let before = (self.behind, self.newest);
        let new = self.take_new(page.rows, now);
        self.behind = !page.complete;
        if self.behind && before == (true, self.newest) {
            // More lines in one millisecond than a read takes: AWS gives no way to tell the rest apart, so go on after them.
            self.newest = self.newest.plus_millis(1);
        }
        new
    }

    /// Keeps what was not seen before. `now` bounds the cursor: a writer whose clock is ahead must not hide everybody else's lines.
    fn take_new(&mut self, rows: Vec<LogRow>, now: Timestamp) -> Vec<LogRow> {
        let mut new = Vec::new();
        for row in rows {
            self.newest = self.newest.max(row.timestamp.min(now));
            if self.seen.insert(row.id.clone(), row.timestamp).is_none() {
                new.push(row);
            }
        }
        let oldest = self.newest.plus_millis(-OVERLAP_MILLIS);
        self.seen.retain(|_, at| *at >= oldest);
        new
    }
}

async fn follow(
    registry: Arc<Registry<LogTail, LogState>>,
    cloud: Cloud,
    pacing: Pacing,
    tail: LogTail,
    upstream: Arc<Upstream<LogState>>,
) -> Result<(), Error> {
    let mut cursor: Option<Cursor> = None;
    let mut failures = 0;
    let mut idle = Idle::default();
    loop {
        let pause = match read(&cloud, &tail, &mut cursor).await {
            Ok((rows, complete)) => {
                failures = 0;
                let news = {
                    let mut state = upstream.state();
                    let news = !rows.is_empty() || !state.ready || state.trouble.is_some();
                    state.push(rows);
                    state.ready = true;
                    state.trouble = None;
                    news
                };
                if news {
                    upstream.ring();
                }
                if complete {
                    pacing.logs_among(registry.count(|other| other.place == tail.place))
                } else {
                    std::time::Duration::ZERO
                }
            }
            Err(error) => {
                // What was there once may come back: a group that is made anew.
                if cursor.is_none() && is_hopeless(&error) {
                    return Err(error);
                }
                failures += 1;
                upstream.state().trouble = Some(error);
                upstream.ring();
                pacing.backoff_after(failures)
            }
        };
        if registry.retire(&tail, &mut idle, pacing.linger) {
            return Ok(());
        }
        upstream.rest(pause).await;
    }
}

/// Reads what is new, and says whether that was all.
async fn read(
    cloud: &Cloud,
    tail: &LogTail,
    cursor: &mut Option<Cursor>,
) -> Result<(Vec<LogRow>, bool), Error> {
    let now = Timestamp::now();
    if let Some(cursor) = cursor {
        let page = cloud.filter_log_events(tail, cursor.begin_of_next_read(), BATCH).await?;
        let complete = page.complete;
        return Ok((cursor.take(page, now), complete));
    }
    let rows = cloud.last_log_rows(tail, HISTORY, now).await?;
    let mut first = Cursor {
        newest: rows.last().map_or_else(|| now.plus_millis(-OVERLAP_MILLIS), |row| row.timestamp.min(now)),
        behind: false,
        floor: rows
            .first()
            .filter(|_| rows.len() >= HISTORY)
            .map_or(Timestamp::from_millis(0), |row| row.timestamp),
        seen: HashMap::new(),
    };
    let rows = first.take_new(rows, now);
    *cursor = Some(first);
    Ok((rows, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, millis: i64) -> LogRow {
        LogRow {
            id: id.to_owned(),
            timestamp: Timestamp::from_millis(millis),
            log_stream_name: "s".to_owned(),
            message: id.to_owned(),
        }
    }

    fn cursor_at(millis: i64) -> Cursor {
        Cursor {
            newest: Timestamp::from_millis(millis),
            behind: false,
            floor: Timestamp::default(),
            seen: HashMap::new(),
        }
    }

    #[test]
    fn more_lines_than_a_read_takes_are_read_on_and_never_in_a_circle() {
        let now = Timestamp::from_millis(100_000);
        let mut cursor = cursor_at(50_000);
        let page = |rows| LogPage { rows, complete: false };
        cursor.take(page(vec![row("a", 60_000), row("b", 60_000)]), now);
        assert_eq!(cursor.begin_of_next_read(), Timestamp::from_millis(60_000));
        cursor.take(page(vec![row("a", 60_000), row("b", 60_000)]), now);
        assert_eq!(cursor.begin_of_next_read(), Timestamp::from_millis(60_001));
        let last = LogPage { rows: vec![row("c", 60_001)], complete: true };
        assert_eq!(ids(&cursor.take(last, now)), ["c"]);
        assert_eq!(cursor.begin_of_next_read(), Timestamp::from_millis(50_001));
    }

    fn ids(rows: &[LogRow]) -> Vec<&str> {
        rows.iter().map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn lines_that_are_read_again_are_not_repeated_and_late_ones_are_not_lost() {
        let now = Timestamp::from_millis(100_000);
        let mut cursor = cursor_at(50_000);
        assert_eq!(ids(&cursor.take_new(vec![row("a", 60_000), row("b", 61_000)], now)), ["a", "b"]);
        assert!(cursor.begin_of_next_read() <= Timestamp::from_millis(60_000));
        let again = vec![row("late", 59_000), row("a", 60_000), row("b", 61_000), row("c", 61_000)];
        assert_eq!(ids(&cursor.take_new(again, now)), ["late", "c"]);
    }

    #[test]
    fn a_line_from_the_future_does_not_hide_the_present() {
        let now = Timestamp::from_millis(100_000);
        let mut cursor = cursor_at(100_000);
        cursor.take_new(vec![row("ahead", 7_000_000)], now);
        assert_eq!(cursor.newest, now);
        assert!(cursor.take_new(vec![row("ahead", 7_000_000)], now).is_empty());
    }

    #[test]
    fn a_full_buffer_drops_its_oldest_line() {
        let mut state = LogState::default();
        state.push((0..BUFFER + 3).map(|n| row(&n.to_string(), n as i64)).collect());
        assert_eq!((state.first, state.rows.len(), state.end()), (3, BUFFER, BUFFER as u64 + 3));
        const { assert!(BATCH < BUFFER && HISTORY < BUFFER) };
        assert_eq!(state.position_after("3"), Some(4));
        assert_eq!(state.position_after("2"), None);
    }
}
