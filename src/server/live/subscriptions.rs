//! What one connection watches.

use std::sync::Arc;

use futures::{StreamExt, stream::BoxStream};
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

type Events = BoxStream<'static, ServerEvent>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Logs,
    Metric,
    Instances,
}

/// What a subscription is known by: the client's id, whatever it follows; a client that chooses none may have one of each kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Named(String),
    Nameless(Kind),
}

impl Key {
    fn new(kind: Kind, id: &str) -> Self {
        if id.is_empty() { Self::Nameless(kind) } else { Self::Named(id.to_owned()) }
    }
}

/// What one connection watches.
#[derive(Default)]
pub(super) struct Subscriptions(StreamMap<Key, Events>);

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
                let watch = ops.tail_logs(caller, request);
                self.begin(Kind::Logs, id.clone(), async { Ok(log_events(id, watch.await?)) }).await
            }
            ClientEvent::GetMetricData(request) => {
                let id = request.id.clone();
                let watch = ops.watch_metric(caller, request);
                self.begin(Kind::Metric, id.clone(), async { Ok(metric_events(id, watch.await?)) }).await
            }
            ClientEvent::WatchInstances(request) => {
                let id = request.id.clone();
                let watch = ops.watch_instances(caller, request);
                self.begin(Kind::Instances, id.clone(), async { Ok(instance_events(id, watch.await?)) }).await
            }
            ClientEvent::Stop { id } => {
                for kind in [Kind::Logs, Kind::Metric, Kind::Instances] {
                    self.0.remove(&Key::new(kind, &id));
                }
                Ok(())
            }
            // The connection itself has dealt with it.
            ClientEvent::Authenticate { .. } => Ok(()),
        }
    }

    /// Begins a subscription. What was followed under its id ends even when this fails: the client wants something else now, and is told
    /// that it has nothing.
    async fn begin(
        &mut self,
        kind: Kind,
        id: String,
        watch: impl Future<Output = Result<Events, Error>>,
    ) -> Result<(), (String, Error)> {
        let key = Key::new(kind, &id);
        let begun = match self.admit(&key) {
            Ok(()) => watch.await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(events) => {
                self.0.insert(key, events);
                Ok(())
            }
            Err(error) => {
                self.0.remove(&key);
                Err((id, error))
            }
        }
    }

    fn admit(&self, key: &Key) -> Result<(), Error> {
        if matches!(key, Key::Named(id) if id.len() > MAX_ID) {
            return Err(Error::invalid(format!("A subscription's id has at most {MAX_ID} bytes.")));
        }
        if self.0.len() >= MAX_SUBSCRIPTIONS && !self.0.contains_key(key) {
            return Err(Error::new(
                ErrorCode::RateLimited,
                format!("A connection has at most {MAX_SUBSCRIPTIONS} subscriptions; stop one first."),
            ));
        }
        Ok(())
    }
}

fn trouble(id: &str, error: Error, fatal: bool) -> ServerEvent {
    ServerEvent::Error(LiveError { id: id.to_owned(), error, fatal })
}

/// A subscription may follow many places, and only one of them has the trouble.
fn error_at(place: &Place, error: Error) -> Error {
    Error { message: format!("{place}: {}", error.message), ..error }
}

fn recovered(id: &str) -> ServerEvent {
    ServerEvent::Recovered { id: id.to_owned() }
}

fn log_events(id: String, watch: LogWatch) -> Events {
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
    .boxed()
}

fn metric_events(id: String, watch: MetricWatch) -> Events {
    futures::stream::unfold((id, watch), |(id, mut watch)| async move {
        let event = match watch.next().await? {
            SeriesUpdate::Points(series) => {
                ServerEvent::MetricDataReceived(MetricData { id: id.clone(), series })
            }
            SeriesUpdate::Trouble(error) => trouble(&id, error, false),
            SeriesUpdate::Recovered => recovered(&id),
            SeriesUpdate::Ended(error) => trouble(&id, error, true),
        };
        Some((event, (id, watch)))
    })
    .boxed()
}

fn instance_events(id: String, watch: InstancesWatch) -> Events {
    futures::stream::unfold((id, watch), |(id, mut watch)| async move {
        let (place, update): (Place, InstancesUpdate) = watch.next().await?;
        let event = match update {
            InstancesUpdate::Changed { at, changed, gone, complete } => {
                ServerEvent::InstancesChanged(InstancesChange {
                    id: id.clone(),
                    place,
                    at,
                    changed: changed.into_iter().map(Arc::unwrap_or_clone).collect(),
                    gone,
                    complete,
                })
            }
            InstancesUpdate::Trouble(error) => trouble(&id, error_at(&place, error), false),
            InstancesUpdate::Recovered => recovered(&id),
            InstancesUpdate::Ended(error) => trouble(&id, error_at(&place, error), true),
        };
        Some((event, (id, watch)))
    })
    .boxed()
}
