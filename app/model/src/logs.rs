//! CloudWatch Logs.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, Place, Region, Result, Timestamp};

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogGroup {
    /// Such as `/aws/lambda/order-processor`.
    pub name: String,
    /// The account it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// Bytes stored, as AWS counts them: hours late.
    pub stored_bytes: i64,
    /// Days kept; `None` means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<i32>,
}

impl LogGroup {
    /// Where it is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }
}

/// A stream of a log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogStream {
    /// Its name within the group.
    pub name: String,
    /// The time of its newest line, as far as AWS knows: it lags by up to an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_event_at: Option<Timestamp>,
}

/// Streams of a log group, or a part of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogStreamPage {
    /// The most recently written first.
    pub items: Vec<LogStream>,
    /// Gets the streams after these, which AWS remembers for a day; nothing on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogRow {
    /// AWS's id of the event, unique within the group.
    pub id: String,
    /// The time that the writer gave it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
    /// The stream it came by.
    pub log_stream_name: String,
    /// The text: anything at all. Show, never interpret.
    pub message: String,
}

/// Which lines a viewer wants: a group, and some of its streams.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LogTail {
    /// Where the group is.
    pub place: Place,
    /// The group.
    pub group: String,
    /// The streams, sorted and unique; empty means all.
    pub streams: Vec<String>,
}

impl LogTail {
    /// `FilterLogEvents` takes at most this many stream names.
    pub const MAX_STREAMS: usize = 100;

    /// Checks the names and puts the streams in order, so that viewers who want the same share one upstream.
    ///
    /// # Errors
    /// `invalid_input` for names that CloudWatch Logs cannot have, or more streams than one call takes.
    pub fn new(place: Place, group: &str, mut streams: Vec<String>) -> Result<Self> {
        check_group_name(group)?;
        streams.sort_unstable();
        streams.dedup();
        if streams.len() > Self::MAX_STREAMS {
            return Err(Error::invalid(format!(
                "CloudWatch follows at most {} streams at once; leave the list empty for all of them.",
                Self::MAX_STREAMS
            )));
        }
        for stream in &streams {
            if stream.is_empty() || stream.chars().count() > 512 || stream.contains([':', '*']) {
                return Err(Error::invalid(format!(
                    "{:?} is not a log stream name.",
                    crate::error::shorten(stream, 80)
                )));
            }
        }
        Ok(Self { place, group: group.to_owned(), streams })
    }
}

/// Checks a log group's name by CloudWatch's rule: 1 to 512 of `a-zA-Z0-9_-/.#`.
///
/// # Errors
/// `invalid_input` for anything else.
pub fn check_group_name(group: &str) -> Result<()> {
    let good = (1..=512).contains(&group.len())
        && group.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-/.#".contains(&b));
    if good {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{:?} is not a log group name (1 to 512 of letters, digits and _ - / . #).",
        crate::error::shorten(group, 80)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_who_want_the_same_ask_for_the_same() {
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        };
        let tail = |streams: &[&str]| {
            LogTail::new(place.clone(), "/app/web", streams.iter().map(|s| (*s).to_owned()).collect())
        };
        assert_eq!(tail(&["b", "a", "b"]), tail(&["a", "b"]));
        assert!(tail(&["a:b"]).is_err() && tail(&[""]).is_err());
        assert!(LogTail::new(place.clone(), "no spaces", vec![]).is_err());
        assert!(LogTail::new(place.clone(), "/g", (0..101).map(|n| n.to_string()).collect()).is_err());
    }
}
