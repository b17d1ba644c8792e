//! What one connection watches.

use std::sync::Arc;

use futures::{Stream, StreamExt, stream::BoxStream};
use nephoscope_live::{InstancesUpdate, LogUpdate, SeriesUpdate};
use nephoscope_model::{
    Error, ErrorCode, Place,
    live::{ClientEvent, InstancesChange, LiveError, LogData, MetricData, ServerEvent},
};
use nephoscope_ops::{Caller, InstancesWatch, LogWatch, MetricWatch, Ops};
use tokio_stream::StreamMap;

/// The most that one connection may watch at the same time.
const MAX_SUBSCRIPTIONS: usize = 64;
/// The longest id that a client may choose.
const MAX_ID: usize = 64;

/// The kinds of subscriptions: a client that chooses no ids may have one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Logs,
    Metric,
    Instances,
}

type Key = (Kind, String);

/// What one connection watches, by the client's ids.
#[derive(Default)]
pub(super) struct Subscriptions(StreamMap<Key, BoxStream<'static, ServerEvent>>);

impl Subscriptions {
    /// The next event of any of them; `None` while there is none.
    pub(super) async fn next(&mut self) -> Option<ServerEvent> {
        self.0.next().await.map(|(_, event)| event)
    }

    /// Does what a client says. An id that is in use is taken over.
    pub(super) async fn obey(
        &mut self,
        ops: &Ops,
        caller: &Caller,
        event: ClientEvent,
    ) -> Result<(), (String, Error)> {
        match event {
            ClientEvent::GetLogData(request) => {
                let id = request.id.clone();
                self.admit(Kind::Logs, &id).map_err(|error| (id.clone(), error))?;
                let watch = ops.tail_logs(caller, request).await.map_err(|error| (id.clone(), error))?;
                self.put(Kind::Logs, id.clone(), log_events(id, watch));
            }
            ClientEvent::GetMetricData(request) => {
                let id = request.id.clone();
                self.admit(Kind::Metric, &id).map_err(|error| (id.clone(), error))?;
                let watch = ops.watch_metric(caller, request).await.map_err(|error| (id.clone(), error))?;
                self.put(Kind::Metric, id.clone(), metric_events(id, watch));
            }
            ClientEvent::WatchInstances(request) => {
                let id = request.id.clone();
                self.admit(Kind::Instances, &id).map_err(|error| (id.clone(), error))?;
                let watch =
                    ops.watch_instances(caller, request).await.map_err(|error| (id.clone(), error))?;
                self.put(Kind::Instances, id.clone(), instance_events(id, watch));
            }
            ClientEvent::Stop { id } => {
                for kind in [Kind::Logs, Kind::Metric, Kind::Instances] {
                    self.0.remove(&(kind, id.clone()));
                }
            }
            // The connection itself has dealt with it.
            ClientEvent::Authenticate { .. } => {}
        }
        Ok(())
    }

    fn admit(&self, kind: Kind, id: &str) -> Result<(), Error> {
        if id.len() > MAX_ID {
            return Err(Error::invalid(format!("A subscription's id has at most {MAX_ID} bytes.")));
        }
        if self.0.len() >= MAX_SUBSCRIPTIONS && !self.0.contains_key(&(kind, id.to_owned())) {
            return Err(Error::new(
                ErrorCode::RateLimited,
                format!("A connection has at most {MAX_SUBSCRIPTIONS} subscriptions; stop one first."),
            ));
        }
        Ok(())
    }

    fn put(&mut self, kind: Kind, id: String, events: impl Stream<Item = ServerEvent> + Send + 'static) {
        self.0.insert((kind, id), events.boxed());
    }
}

fn trouble(id: &str, error: Error, fatal: bool) -> ServerEvent {
    ServerEvent::Error(LiveError { id: id.to_owned(), error, fatal })
}

fn recovered(id: &str) -> ServerEvent {
    ServerEvent::Recovered { id: id.to_owned() }
}

fn log_events(id: String, watch: LogWatch) -> impl Stream<Item = ServerEvent> + Send {
    futures::stream::unfold((id, watch), |(id, mut watch)| async move {
        let event = match watch.next().await? {
            LogUpdate::Rows { rows, dropped } => {
                metrics::counter!("nephoscope_live_rows_dropped_total").increment(dropped);
                ServerEvent::LogDataReceived(LogData {
                    id: id.clone(),
                    new_rows: rows.into_iter().map(Arc::unwrap_or_clone).collect(),
                    dropped,
                })
            }
            LogUpdate::Trouble(error) => trouble(&id, error, false),
            LogUpdate::Recovered => recovered(&id),
            LogUpdate::Ended(error) => trouble(&id, error, true),
        };
        Some((event, (id, watch)))
    })
}

fn metric_events(id: String, watch: MetricWatch) -> impl Stream<Item = ServerEvent> + Send {
    futures::stream::unfold((id, watch), |(id, mut watch)| async move {
        let event = match watch.next().await? {
            SeriesUpdate::Points(series) => {
                ServerEvent::MetricDataReceived(MetricData { id: id.clone(), series })
            }
            SeriesUpdate::Trouble(error) => trouble(&id, error, false),
            SeriesUpdate::Recovered => recovered(&id),
        };
        Some((event, (id, watch)))
    })
}

fn instance_events(id: String, watch: InstancesWatch) -> impl Stream<Item = ServerEvent> + Send {
    futures::stream::unfold((id, watch), |(id, mut watch)| async move {
        let (place, update): (Place, InstancesUpdate) = watch.next().await?;
        let event = match update {
            InstancesUpdate::Changed { at, changed, gone } => {
                ServerEvent::InstancesChanged(InstancesChange {
                    id: id.clone(),
                    place,
                    at,
                    changed: changed.into_iter().map(Arc::unwrap_or_clone).collect(),
                    gone,
                })
            }
            InstancesUpdate::Trouble(mut error) => {
                error.message = format!("{place}: {}", error.message);
                trouble(&id, error, false)
            }
            InstancesUpdate::Recovered => recovered(&id),
        };
        Some((event, (id, watch)))
    })
}
