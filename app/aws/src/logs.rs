//! CloudWatch Logs: groups, streams, and lines.
//! [API reference](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/)

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use aws_sdk_cloudwatchlogs::types as sdk;
use nephoscope_model::{
    ErrorCode, Place, Result, Timestamp,
    logs::{LogGroup, LogRow, LogStream, LogStreamPage, LogTail},
};

use crate::{
    Cloud,
    calls::{DESCRIBE_LOG_GROUPS, DESCRIBE_LOG_STREAMS, FILTER_LOG_EVENTS},
    paging::Pages,
    site::Site,
};

mod look_back;

/// The most that the `Describe…` operations give in a page.
const PAGE: usize = 50;
/// How long streams are read for one page, at 25 calls a second that AWS allows to an account and region.
const STREAMS_TIME: Duration = Duration::from_secs(20);
/// The most that `FilterLogEvents` gives in a page, and no more than 1 MB of them.
const EVENTS_PAGE: usize = 10_000;

/// Lines of a log, as far as one reading went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPage {
    /// By time, and at the same time in the order in which AWS took them in; each once.
    pub rows: Vec<LogRow>,
    /// Whether this is all there is now. Otherwise there were more lines than asked for: read on from the last one's time.
    pub complete: bool,
}

impl Cloud {
    /// The log groups of a place whose names begin with the prefix, sorted by name.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_log_groups(&self, place: &Place, prefix: Option<&str>) -> Result<Vec<LogGroup>> {
        let site = self.site(place)?;
        let prefix = prefix.filter(|prefix| !prefix.is_empty()).map(ToOwned::to_owned);
        let mut groups = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site
                .logs()
                .describe_log_groups()
                .set_log_group_name_prefix(prefix.clone())
                .limit(to_limit(PAGE))
                .set_next_token(pages.token());
            let page = site.call(DESCRIBE_LOG_GROUPS, request.send()).await?;
            groups.extend(
                page.log_groups.unwrap_or_default().into_iter().filter_map(|it| read_group(place, it)),
            );
            if !pages.turn(page.next_token) {
                break;
            }
        }
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups.dedup_by(|a, b| a.name == b.name);
        Ok(groups)
    }

    /// The streams of a group, the one with the newest line first: `limit` of them, or fewer on the last page, and where AWS throttles or
    /// it takes longer than 20 s. `after` is the `next` of the page before. AWS's idea of the newest line lags by up to an hour, and so does the order.
    ///
    /// # Errors
    /// `not_found` when there is no such group or the place is not configured, and the errors of any call, which are also that AWS does
    /// not know `after`.
    pub async fn list_log_streams(
        &self,
        place: &Place,
        group: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<LogStreamPage> {
        let site = self.site(place)?;
        let mut streams: Vec<LogStream> = Vec::new();
        let mut names = HashSet::new();
        let mut pages = Pages::from(after);
        let begun = Instant::now();
        let is_last = loop {
            let request = site
                .logs()
                .describe_log_streams()
                .log_group_name(group)
                .order_by(sdk::OrderBy::LastEventTime)
                .descending(true)
                .limit(to_limit((limit - streams.len()).min(PAGE)))
                .set_next_token(pages.token());
            let page = match site.call(DESCRIBE_LOG_STREAMS, request.send()).await {
                Ok(page) => page,
                // What was read by then is not lost: whoever wants more goes on where it stopped.
                Err(error) if !streams.is_empty() && error.code == ErrorCode::AwsThrottled => break false,
                Err(error) => return Err(error),
            };
            let found = page.log_streams.unwrap_or_default().into_iter().filter_map(read_stream);
            streams.extend(found.filter(|stream| names.insert(stream.name.clone())));
            let is_last = !pages.turn(page.next_token);
            if is_last || streams.len() >= limit || begun.elapsed() > STREAMS_TIME {
                break is_last;
            }
        };
        streams.sort_by_key(|stream| std::cmp::Reverse(stream.last_event_at));
        Ok(LogStreamPage { items: streams, next: pages.token().filter(|_| !is_last) })
    }

    /// The lines from a time on, that time included, oldest first, at most `max` of them. Lines arrive late and out of order, so a
    /// reader who follows a log reads again from a little before the last line, and knows lines by their ids.
    ///
    /// # Errors
    /// `not_found` when there is no such group or the place is not configured, and the errors of any call.
    pub async fn filter_log_events(&self, tail: &LogTail, from: Timestamp, max: usize) -> Result<LogPage> {
        let site = self.site(&tail.place)?;
        let stretch = Stretch { from, to: None, newest_first: false, limit: max, pattern: None };
        let mut events = Events::default();
        let mut pages = Pages::default();
        let more = loop {
            let page = stretch.read(&site, tail, &pages).await?;
            events.extend(page.events);
            let more = pages.turn(page.next_token);
            if !more || events.len() >= max {
                break more;
            }
        };
        let complete = !more && events.len() <= max;
        let mut rows = events.into_rows();
        rows.truncate(max);
        Ok(LogPage { rows, complete })
    }
}

/// A stretch of time to read lines of; both ends are included.
#[derive(Clone, Copy, Debug)]
struct Stretch<'a> {
    from: Timestamp,
    to: Option<Timestamp>,
    newest_first: bool,
    /// Lines in a page, at most.
    limit: usize,
    /// Only lines that fit it, in CloudWatch's words.
    pattern: Option<&'a str>,
}

/// A page of `FilterLogEvents`.
struct EventsPage {
    events: Vec<Event>,
    next_token: Option<String>,
}

impl Stretch<'_> {
    async fn read(&self, site: &Site, tail: &LogTail, pages: &Pages) -> Result<EventsPage> {
        let request = site
            .logs()
            .filter_log_events()
            .log_group_name(&tail.group)
            .set_log_stream_names((!tail.streams.is_empty()).then(|| tail.streams.clone()))
            .start_time(self.from.as_millis().max(0))
            .set_end_time(self.to.map(|to| to.as_millis().max(0)))
            .set_start_from_head(self.newest_first.then_some(false))
            .set_filter_pattern(self.pattern.map(str::to_owned))
            .limit(to_limit(self.limit.min(EVENTS_PAGE)))
            .set_next_token(pages.token());
        let page = site.call(FILTER_LOG_EVENTS, request.send()).await?;
        let events = page.events.unwrap_or_default().into_iter().map(Event::read).collect();
        Ok(EventsPage { events, next_token: page.next_token })
    }
}

/// A line, and when AWS took it in.
#[derive(Debug)]
struct Event {
    row: LogRow,
    taken_in: i64,
}

impl Event {
    fn read(event: sdk::FilteredLogEvent) -> Self {
        let taken_in = event.ingestion_time.unwrap_or_default();
        let timestamp = Timestamp::from_millis(event.timestamp.unwrap_or(taken_in));
        let log_stream_name = event.log_stream_name.unwrap_or_default();
        let message = event.message.unwrap_or_default();
        // AWS always gives an id. An emulator that does not must not make all lines look the same.
        let id = event
            .event_id
            .unwrap_or_else(|| format!("{}/{log_stream_name}/{taken_in}/{message}", timestamp.as_millis()));
        Self { row: LogRow { id, timestamp, log_stream_name, message }, taken_in }
    }
}

/// Lines, each once.
#[derive(Debug, Default)]
struct Events {
    events: Vec<Event>,
    ids: HashSet<String>,
}

impl Events {
    fn len(&self) -> usize {
        self.events.len()
    }

    fn extend(&mut self, events: Vec<Event>) {
        let ids = &mut self.ids;
        self.events.extend(events.into_iter().filter(|event| ids.insert(event.row.id.clone())));
    }

    /// By time, and at the same time in the order in which AWS took them in.
    fn into_rows(mut self) -> Vec<LogRow> {
        self.events.sort_by_key(|event| (event.row.timestamp, event.taken_in));
        self.events.into_iter().map(|event| event.row).collect()
    }
}

fn read_group(place: &Place, group: sdk::LogGroup) -> Option<LogGroup> {
    Some(LogGroup {
        name: group.log_group_name?,
        account: place.account.clone(),
        region: place.region.clone(),
        stored_bytes: group.stored_bytes.unwrap_or_default(),
        retention_days: group.retention_in_days,
    })
}

fn read_stream(stream: sdk::LogStream) -> Option<LogStream> {
    Some(LogStream {
        name: stream.log_stream_name?,
        last_event_at: stream.last_event_timestamp.map(Timestamp::from_millis),
    })
}

/// AWS takes limits from 1 on.
fn to_limit(limit: usize) -> i32 {
    i32::try_from(limit.max(1)).unwrap_or(i32::MAX)
}
