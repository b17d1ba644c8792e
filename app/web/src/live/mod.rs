//! The client side of `/api/live`: one WebSocket for a tab, shared by all that its pages follow.
//!
//! [`protocol`] decides (pure, tested), `socket` acts (browser only). On the server everything here is inert, so pages may use
//! it without asking where they run; subscribing belongs into an `Effect` all the same, since only the browser runs those.

pub mod protocol;
pub mod seen;
#[cfg(feature = "hydrate")]
mod socket;
#[cfg(test)]
mod tests;

use leptos::prelude::*;
use nephoscope_model::{
    Error,
    ec2::{Instance, InstanceId},
    live::InstancesChange,
    logs::LogRow,
    metrics::Series,
};

pub use protocol::Topic;

/// How the connection is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveStatus {
    /// Nothing is followed yet.
    #[default]
    Idle,
    /// For the first time.
    Connecting,
    /// Everything followed arrives as it happens.
    Live,
    /// The connection was lost and is being made again.
    Reconnecting,
    /// The browser has no network.
    Offline,
    /// The server ended it; only loading the page again helps.
    Closed,
}

impl LiveStatus {
    /// As a page says it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Idle => "Not live",
            Self::Connecting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Offline => "Offline",
            Self::Closed => "Disconnected",
        }
    }

    /// Why, when the server has not said.
    #[must_use]
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Idle | Self::Connecting | Self::Live => None,
            Self::Reconnecting => Some("The connection to the server was lost and is being made again."),
            Self::Offline => Some("This browser has no network."),
            Self::Closed => Some("The server ended the connection. Load the page again."),
        }
    }
}

/// The trouble of one subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub error: Error,
    /// Whether the subscription has ended.
    pub fatal: bool,
}

/// What a subscriber is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveUpdate {
    /// New lines, oldest first, none of them told before.
    Logs {
        /// The lines; empty in the first answer of a silent group.
        rows: Vec<LogRow>,
        /// Lines that were left out since the last update because this page was too slow.
        dropped: u64,
    },
    /// Points: first the whole range, then what is new or changed.
    Metric(Series),
    /// Instances that appeared or changed, and those that are gone, in one place. When it is complete, so are those that it does not name:
    /// [`InstancesChange::lost_of`] tells which.
    Instances(InstancesChange),
    /// There is trouble with this subscription. Unless `fatal`, it goes on by itself.
    Trouble(Trouble),
    /// The trouble is over.
    Recovered,
    /// The connection was lost and is there again. What was missed meanwhile follows by itself.
    Resumed,
}

/// The tab's connection. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Live {
    status: RwSignal<LiveStatus>,
    notice: RwSignal<Option<String>>,
    #[cfg(feature = "hydrate")]
    client: StoredValue<socket::Shared, LocalStorage>,
}

/// A running subscription. It ends with the page or component that began it, or when it is stopped.
#[derive(Clone, Copy)]
pub struct Subscription {
    #[cfg(feature = "hydrate")]
    live: Live,
    #[cfg(feature = "hydrate")]
    id: u32,
}

/// Makes the tab's connection available to all pages. Nothing is opened before something is followed.
pub fn provide_live() {
    provide_context(Live::new());
}

/// The tab's connection.
#[must_use]
pub fn use_live() -> Live {
    use_context().unwrap_or_else(Live::new)
}

impl Live {
    fn new() -> Self {
        let status = RwSignal::new(LiveStatus::Idle);
        let notice = RwSignal::new(None);
        let live = Self {
            status,
            notice,
            #[cfg(feature = "hydrate")]
            client: StoredValue::new_local(socket::Shared::new(status, notice)),
        };
        #[cfg(feature = "hydrate")]
        socket::listen_to_browser(live);
        live
    }

    /// How the connection is.
    #[must_use]
    pub fn status(self) -> Signal<LiveStatus> {
        self.status.into()
    }

    /// Why it is so, for a person.
    #[must_use]
    pub fn notice(self) -> Signal<Option<String>> {
        let Self { status, notice, .. } = self;
        Signal::derive(move || notice.get().or_else(|| status.get().reason().map(str::to_owned)))
    }

    /// How one subscription is: as the connection, unless it has trouble of its own.
    #[must_use]
    pub fn status_of(self, trouble: RwSignal<Option<Trouble>>) -> Signal<LiveStatus> {
        let status = self.status;
        Signal::derive(move || match (status.get(), trouble.get()) {
            (LiveStatus::Live, Some(trouble)) if trouble.fatal => LiveStatus::Closed,
            (LiveStatus::Live, Some(_)) => LiveStatus::Reconnecting,
            (status, _) => status,
        })
    }

    /// Why one subscription is so, for a person.
    #[must_use]
    pub fn notice_of(self, trouble: RwSignal<Option<Trouble>>) -> Signal<Option<String>> {
        let notice = self.notice();
        Signal::derive(move || match trouble.get() {
            Some(trouble) => Some(trouble.error.message),
            None => notice.get(),
        })
    }

    /// Begins to follow something. `on_update` is called in the browser only, for as long as the calling owner lives.
    pub fn subscribe(self, topic: Topic, on_update: impl Fn(LiveUpdate) + 'static) -> Subscription {
        #[cfg(feature = "hydrate")]
        {
            let id = self.client.with_value(|client| client.subscribe(topic, on_update));
            let subscription = Subscription { live: self, id };
            on_cleanup(move || subscription.stop());
            subscription
        }
        #[cfg(not(feature = "hydrate"))]
        {
            let _ = (topic, on_update);
            Subscription {}
        }
    }
}

impl Subscription {
    /// Ends it now. Stopping twice is harmless.
    pub fn stop(self) {
        #[cfg(feature = "hydrate")]
        let _ = self.live.client.try_with_value(|client| client.unsubscribe(self.id));
    }
}

/// Puts changed instances into a list and takes away those that are gone, keeping the order of those that stay; new ones come last.
pub fn merge_instances(list: &mut Vec<Instance>, changed: Vec<Instance>, gone: &[InstanceId]) {
    if !gone.is_empty() {
        list.retain(|instance| !gone.contains(&instance.id));
    }
    for instance in changed {
        match list.iter_mut().find(|known| known.id == instance.id) {
            Some(known) => *known = instance,
            None => list.push(instance),
        }
    }
}
