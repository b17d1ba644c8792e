//! The language of `/api/live`: JSON frames `{"event": "...", "data": {...}}`, both ways.
//!
//! The event names and fields are public API. A client may have many subscriptions on one connection; each carries
//! an `id` of the client's choosing, which every frame that belongs to it repeats. A request under an id that is in use puts an end to
//! what was followed under it, even when the request fails. A client that names none may have one subscription of each kind.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Error, Place, Region, Scope, Timestamp,
    ec2::{Instance, InstanceId},
    logs::LogRow,
    metrics::{Series, Statistic, TimeRange},
};

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data")]
pub enum ClientEvent {
    /// The first word of a program that could not set a header; browsers are known by their cookie. Also said again
    /// by programs before the token expires.
    #[serde(rename = "authenticate")]
    Authenticate {
        /// The JWT.
        token: String,
    },
    /// Follow log lines, beginning with the last ones.
    #[serde(rename = "get logdata")]
    GetLogData(LogRequest),
    /// Follow a metric of an instance, beginning with the range's history.
    #[serde(rename = "get metricdata")]
    GetMetricData(MetricRequest),
    /// Follow the states of all instances of a scope.
    #[serde(rename = "watch instances")]
    WatchInstances(InstancesRequest),
    /// End a subscription.
    #[serde(rename = "stop")]
    Stop {
        /// The id it was begun with.
        #[serde(default)]
        id: String,
    },
}

/// The data of `get logdata`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogRequest {
    /// The subscription's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The group.
    pub log_group_name: String,
    /// The streams; empty for all.
    pub log_stream_names: Vec<String>,
    /// The account; may be left out when only one is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The region; may be left out when the account has only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The `id` of the last row that the client already has, to go on after it when a connection was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The data of `get metricdata`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricRequest {
    /// The subscription's id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The instance.
    pub instance_id: InstanceId,
    /// The account it is in; may be left out when only one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// The region it is in; may be left out when the account has only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// Such as `CPUUtilization`.
    pub metric: String,
    /// How to fold samples.
    #[serde(default)]
    pub statistic: Statistic,
    /// How far back.
    #[serde(default)]
    pub range: TimeRange,
}

/// The data of `watch instances`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstancesRequest {
    /// The subscription's id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Where.
    pub scope: Scope,
    /// What the client knows already: the `fetchedAt` of each source of its list, or the `at` of the last frame of each place. A place
    /// that is not named, or was known longer ago than the server remembers, is sent whole first ([`InstancesChange::complete`]).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<KnownAt>,
}

/// As of when a client knows the instances of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAt {
    /// Where.
    pub place: Place,
    /// As of when.
    pub at: Timestamp,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data")]
pub enum ServerEvent {
    /// The connection is known to belong to somebody.
    #[serde(rename = "authenticated")]
    Authenticated {
        /// Who.
        user: String,
    },
    /// Log lines, oldest first.
    #[serde(rename = "logdata received")]
    LogDataReceived(LogData),
    /// Points of a metric: first the whole range, then only what is new or changed.
    #[serde(rename = "metricdata received")]
    MetricDataReceived(MetricData),
    /// Instances that appeared or changed, and ids of those that are gone.
    #[serde(rename = "instances changed")]
    InstancesChanged(InstancesChange),
    /// A subscription met trouble. Unless `fatal`, it goes on by itself when the trouble is over.
    #[serde(rename = "error")]
    Error(LiveError),
    /// The trouble is over.
    #[serde(rename = "recovered")]
    Recovered {
        /// The subscription.
        #[serde(default)]
        id: String,
    },
    /// The server is about to close the connection.
    #[serde(rename = "closing")]
    Closing {
        /// Why, for a person.
        reason: String,
        /// Whether connecting again at once makes sense.
        reconnect: bool,
    },
}

impl ServerEvent {
    /// Reads a frame: the same as deserialising, in a fraction of the code. Derived code for such an enum first copies a frame into a
    /// tree of its own and so needs every type a second time, which a browser would have to download.
    ///
    /// # Errors
    /// When it is not a frame of this protocol.
    pub fn parse(frame: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Named {
            event: String,
        }
        #[derive(Deserialize)]
        struct Holding<T> {
            data: T,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Words {
            user: String,
            id: String,
            reason: String,
            reconnect: bool,
        }
        fn data<T: serde::de::DeserializeOwned>(frame: &str) -> serde_json::Result<T> {
            serde_json::from_str::<Holding<T>>(frame).map(|frame| frame.data)
        }
        let Named { event } = serde_json::from_str(frame)?;
        Ok(match event.as_str() {
            "logdata received" => Self::LogDataReceived(data(frame)?),
            "metricdata received" => Self::MetricDataReceived(data(frame)?),
            "instances changed" => Self::InstancesChanged(data(frame)?),
            "error" => Self::Error(data(frame)?),
            other => {
                let Words { user, id, reason, reconnect } = data(frame)?;
                match other {
                    "authenticated" => Self::Authenticated { user },
                    "recovered" => Self::Recovered { id },
                    "closing" => Self::Closing { reason, reconnect },
                    _ => return Err(serde::de::Error::custom("unknown event")),
                }
            }
        })
    }
}

/// The data of `logdata received`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogData {
    /// The subscription.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Oldest first; empty in the first answer of a silent group.
    pub new_rows: Vec<LogRow>,
    /// Rows that this viewer was too slow to take, since the frame before.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: u64,
}

/// The data of `metricdata received`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricData {
    /// The subscription.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The points.
    pub series: Series,
}

/// The data of `instances changed`: one account in one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstancesChange {
    /// The subscription.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Where.
    pub place: Place,
    /// As of when this is true; give it in `since` after a lost connection.
    pub at: Timestamp,
    /// New and changed ones, whole.
    pub changed: Vec<Instance>,
    /// Those that AWS no longer lists.
    pub gone: Vec<InstanceId>,
    /// Whether `changed` is all there is in this place: a client forgets whatever else it has of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
}

impl InstancesChange {
    /// Which of the instances that a client holds, of this place and of others, are no longer there.
    #[must_use]
    pub fn lost_of(&self, held: &[Instance]) -> Vec<InstanceId> {
        let gone: HashSet<&InstanceId> = self.gone.iter().collect();
        let listed: HashSet<&InstanceId> = self.changed.iter().map(|instance| &instance.id).collect();
        let is_here = |it: &Instance| it.account == self.place.account && it.region == self.place.region;
        held.iter()
            .filter(|it| is_here(it) && !listed.contains(&it.id))
            .filter(|it| self.complete || gone.contains(&it.id))
            .map(|it| it.id.clone())
            .collect()
    }
}

/// The data of `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveError {
    /// The subscription; empty when the trouble is the connection's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What happened.
    pub error: Error,
    /// Whether the subscription has ended, or never began. With `rate_limited`, the same may be asked for again a little later.
    pub fatal: bool,
}

// A reference is as long as the number on the server and shorter in the browser, where the lint says nothing.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_read_as_it_was_written() {
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        };
        let error = Error::new(crate::ErrorCode::AwsThrottled, "slow down").with_hint("wait");
        let series = Series {
            metric: "CPUUtilization".to_owned(),
            statistic: Statistic::Average,
            period: 300,
            unit: "Percent".to_owned(),
            points: vec![],
        };
        for event in [
            ServerEvent::Authenticated { user: "ada".to_owned() },
            ServerEvent::LogDataReceived(LogData { dropped: 3, ..LogData::default() }),
            ServerEvent::MetricDataReceived(MetricData { id: "m".to_owned(), series }),
            ServerEvent::InstancesChanged(InstancesChange {
                id: "i".to_owned(),
                place,
                at: Timestamp::from_millis(1),
                changed: vec![],
                gone: vec!["i-00000001".parse().expect("an id")],
                complete: true,
            }),
            ServerEvent::Error(LiveError { id: "e".to_owned(), error, fatal: true }),
            ServerEvent::Recovered { id: "r".to_owned() },
            ServerEvent::Closing { reason: "restart".to_owned(), reconnect: true },
        ] {
            let frame = serde_json::to_string(&event).expect("JSON");
            assert_eq!(ServerEvent::parse(&frame).ok(), Some(event.clone()), "{frame}");
            assert_eq!(serde_json::from_str(&frame).ok(), Some(event), "{frame}");
        }
        for bad in ["", "[]", r#"{"event":"fly","data":{}}"#, r#"{"event":"logdata received"}"#] {
            assert!(ServerEvent::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_contracts_frames_are_understood_and_made() {
        let frame = r#"{"event":"get logdata","data":{"logGroupName":"/app/web","logStreamNames":["a"]}}"#;
        let Ok(ClientEvent::GetLogData(request)) = serde_json::from_str(frame) else {
            panic!("not understood");
        };
        assert_eq!((request.log_group_name.as_str(), request.log_stream_names.len()), ("/app/web", 1));

        let answer = ServerEvent::LogDataReceived(LogData::default());
        assert_eq!(
            serde_json::to_value(answer).ok(),
            Some(serde_json::json!({"event": "logdata received", "data": {"newRows": []}}))
        );
    }

    #[test]
    fn a_change_says_that_it_is_complete_only_when_it_is() {
        let frame = r#"{"place":{"account":"111111111111","region":"us-east-1"},"at":"1970-01-01T00:00:00Z","changed":[],"gone":[]}"#;
        let change: InstancesChange = serde_json::from_str(frame).expect("a frame of an older server");
        assert!(!change.complete);
        let written = |change: &InstancesChange| serde_json::to_value(change).expect("JSON");
        assert!(written(&change).get("complete").is_none());
        assert_eq!(written(&InstancesChange { complete: true, ..change })["complete"], true);
    }
}
