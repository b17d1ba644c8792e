//! What the connection does next, given what happened: a state machine without a clock, a socket or a random number, so that
//! every turn of it can be tested. The browser's half ([`super::socket`]) feeds it [`Input`]s and carries out its
//! [`Command`]s.

use std::collections::BTreeMap;

use nephoscope_model::{
    ErrorCode, Scope,
    live::{ClientEvent, InstancesRequest, KnownAt, LiveError, LogRequest, MetricRequest, ServerEvent},
};

use super::{LiveStatus, LiveUpdate, Trouble, seen::Seen};

/// What can be followed. The `id` of the requests is given by the connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Topic {
    /// The instances of a scope.
    Instances {
        /// Where.
        scope: Scope,
        /// How old what is known already is, place by place ([`nephoscope_model::Listing::known_at`]): only what changed after it
        /// is told. A place that is not named tells all its instances first.
        since: Vec<KnownAt>,
    },
    /// A metric of an instance.
    Metric(MetricRequest),
    /// Log lines.
    Logs {
        /// Which. With `after`, it begins behind that row.
        request: LogRequest,
        /// The ids of the rows that are shown already; they are not delivered again.
        shown: Vec<String>,
    },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Somebody wants to follow something, under an id never used before.
    Subscribe(u32, Topic),
    /// Nobody does any more.
    Unsubscribe(u32),
    /// A frame arrived.
    Frame(String),
    /// The socket closed, or could not be opened.
    Lost,
    /// The wait before the next attempt is over.
    RetryDue,
    /// The page became visible again: a good moment to try at once.
    Woke,
    /// The browser lost its network.
    WentOffline,
    /// The browser has a network again.
    WentOnline,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Open a socket.
    Open,
    /// Close the socket, and hear nothing of it any more.
    Close,
    /// Send a frame.
    Send(String),
    /// Come back with [`Input::RetryDue`] after so many milliseconds.
    RetryIn(u32),
    /// Tell a subscriber.
    Deliver(u32, LiveUpdate),
}

/// How long to wait before attempt `n` (0 is the first repetition): half a second doubled each time, at most 30 seconds, of
/// which a random half is taken away so that a restarted server is not stormed by all its pages at once.
/// `jitter` lies in 0…1.
#[must_use]
pub fn back_off(attempt: u32, jitter: f64) -> u32 {
    let full = f64::from(500_u32.saturating_mul(1 << attempt.min(6)).min(30_000));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "250 to 30,000")]
    let wait = (full * (1.0 - 0.5 * jitter.clamp(0.0, 1.0))) as u32;
    wait
}

/// A connection that was good for so long was not a failed attempt.
const STABLE_MS: f64 = 5_000.0;
/// What was asked for too fast is asked for again as after so many failed attempts: in four to eight seconds.
const REFUSED_ATTEMPT: u32 = 4;

#[derive(Debug)]
struct Subscribed {
    topic: Topic,
    seen: Seen,
    /// Whether it was already asked for on an earlier connection.
    resumes: bool,
    /// Whether the subscriber was told of a trouble that is not over.
    in_trouble: bool,
    /// Whether the server did not begin it, because too much was asked for in a short time.
    refused: bool,
}

impl Subscribed {
    /// Whatever the trouble was, it was the last request's; the next one meets its own.
    fn forget_trouble(&mut self) -> Option<LiveUpdate> {
        self.refused = false;
        std::mem::take(&mut self.in_trouble).then_some(LiveUpdate::Recovered)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Link {
    /// Nothing was asked for yet.
    Idle,
    /// A socket is on its way, or open but not yet greeted.
    Opening,
    /// Greeted, since this moment.
    Open(f64),
    /// Between two attempts.
    Waiting,
    /// The browser has no network.
    Offline,
    /// The server said not to come back.
    Closed,
}

/// The connection of a page.
#[derive(Debug)]
pub struct Machine {
    link: Link,
    attempt: u32,
    was_open: bool,
    subscriptions: BTreeMap<u32, Subscribed>,
    notice: Option<String>,
}

impl Default for Machine {
    fn default() -> Self {
        Self { link: Link::Idle, attempt: 0, was_open: false, subscriptions: BTreeMap::new(), notice: None }
    }
}

impl Machine {
    /// How the connection is.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        match self.link {
            Link::Idle => LiveStatus::Idle,
            Link::Opening if !self.was_open && self.attempt == 0 => LiveStatus::Connecting,
            Link::Opening | Link::Waiting => LiveStatus::Reconnecting,
            Link::Open(_) => LiveStatus::Live,
            Link::Offline => LiveStatus::Offline,
            Link::Closed => LiveStatus::Closed,
        }
    }

    /// The server's last word about the connection itself.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// One turn. `now` is in milliseconds of any clock; `jitter` is a random number in 0…1.
    pub fn step(&mut self, now: f64, jitter: f64, input: Input) -> Vec<Command> {
        match input {
            Input::Subscribe(id, topic) => self.subscribe(id, topic),
            Input::Unsubscribe(id) => self.unsubscribe(id),
            Input::Frame(text) => self.frame(now, jitter, &text),
            Input::Lost => self.lost(now, jitter),
            Input::RetryDue | Input::Woke if self.link == Link::Waiting => self.open(),
            Input::RetryDue if matches!(self.link, Link::Open(_)) => self.ask_again(),
            Input::WentOnline if matches!(self.link, Link::Waiting | Link::Offline) => {
                self.attempt = 0;
                self.open()
            }
            Input::WentOffline if matches!(self.link, Link::Opening | Link::Open(_) | Link::Waiting) => {
                self.link = Link::Offline;
                vec![Command::Close]
            }
            Input::RetryDue | Input::Woke | Input::WentOnline | Input::WentOffline => Vec::new(),
        }
    }

    fn open(&mut self) -> Vec<Command> {
        self.link = Link::Opening;
        vec![Command::Open]
    }

    fn subscribe(&mut self, id: u32, topic: Topic) -> Vec<Command> {
        let seen = match &topic {
            Topic::Logs { shown, .. } => Seen::with(shown),
            Topic::Instances { .. } | Topic::Metric(_) => Seen::default(),
        };
        let subscribed = Subscribed { topic, seen, resumes: false, in_trouble: false, refused: false };
        self.subscriptions.insert(id, subscribed);
        match self.link {
            Link::Idle => self.open(),
            Link::Open(_) => self.ask(id).into_iter().collect(),
            Link::Opening | Link::Waiting | Link::Offline | Link::Closed => Vec::new(),
        }
    }

    fn unsubscribe(&mut self, id: u32) -> Vec<Command> {
        let known = self.subscriptions.remove(&id).is_some();
        if known && matches!(self.link, Link::Open(_)) {
            send(&ClientEvent::Stop { id: id.to_string() }).into_iter().collect()
        } else {
            Vec::new()
        }
    }

    /// The frame that begins a subscription, or takes it up again.
    fn ask(&self, id: u32) -> Option<Command> {
        let name = id.to_string();
        send(&match &self.subscriptions.get(&id)?.topic {
            Topic::Instances { scope, since } => ClientEvent::WatchInstances(InstancesRequest {
                id: name,
                scope: scope.clone(),
                since: since.clone(),
            }),
            Topic::Metric(request) => {
                ClientEvent::GetMetricData(MetricRequest { id: name, ..request.clone() })
            }
            Topic::Logs { request, .. } => {
                ClientEvent::GetLogData(LogRequest { id: name, ..request.clone() })
            }
        })
    }

    fn lost(&mut self, now: f64, jitter: f64) -> Vec<Command> {
        match self.link {
            Link::Open(since) if now - since >= STABLE_MS => self.attempt = 0,
            Link::Open(_) | Link::Opening => {}
            Link::Idle | Link::Waiting | Link::Offline | Link::Closed => return Vec::new(),
        }
        let wait = back_off(self.attempt, jitter);
        self.attempt = self.attempt.saturating_add(1);
        self.link = Link::Waiting;
        vec![Command::RetryIn(wait)]
    }

    fn frame(&mut self, now: f64, jitter: f64, text: &str) -> Vec<Command> {
        // A frame that this version does not know is a newer server's: nothing of ours depends on it.
        let Ok(event) = ServerEvent::parse(text) else {
            return Vec::new();
        };
        match event {
            ServerEvent::Authenticated { .. } => self.greeted(now),
            ServerEvent::LogDataReceived(data) => {
                let Some((id, subscribed)) = self.find(&data.id) else { return Vec::new() };
                let rows = subscribed.seen.only_new(data.new_rows);
                if let (Topic::Logs { request, .. }, Some(last)) = (&mut subscribed.topic, rows.last()) {
                    request.after = Some(last.id.clone());
                }
                vec![Command::Deliver(id, LiveUpdate::Logs { rows, dropped: data.dropped })]
            }
            ServerEvent::MetricDataReceived(data) => self.deliver(&data.id, LiveUpdate::Metric(data.series)),
            ServerEvent::InstancesChanged(change) => {
                let Some((id, subscribed)) = self.find(&change.id) else { return Vec::new() };
                if let Topic::Instances { since, .. } = &mut subscribed.topic {
                    since.retain(|known| known.place != change.place);
                    since.push(KnownAt { place: change.place.clone(), at: change.at });
                }
                vec![Command::Deliver(id, LiveUpdate::Instances(change))]
            }
            ServerEvent::Error(trouble) if trouble.id.is_empty() => {
                self.notice = Some(trouble.error.message);
                Vec::new()
            }
            ServerEvent::Error(trouble) => self.trouble(jitter, trouble),
            ServerEvent::Recovered { id } => {
                let Some((id, subscribed)) = self.find(&id) else { return Vec::new() };
                subscribed.in_trouble = false;
                vec![Command::Deliver(id, LiveUpdate::Recovered)]
            }
            ServerEvent::Closing { reason, reconnect } => {
                self.notice = Some(reason);
                if reconnect {
                    // The close itself follows, and with it the next attempt.
                    return Vec::new();
                }
                self.link = Link::Closed;
                vec![Command::Close]
            }
        }
    }

    fn trouble(&mut self, jitter: f64, LiveError { id, error, fatal }: LiveError) -> Vec<Command> {
        let Some((id, subscribed)) = self.find(&id) else { return Vec::new() };
        // For the page it is no end, since it is asked for again.
        let refused = fatal && error.code == ErrorCode::RateLimited;
        let fatal = fatal && !refused;
        subscribed.in_trouble = true;
        subscribed.refused = refused;
        if fatal {
            self.subscriptions.remove(&id);
        }
        let told = Command::Deliver(id, LiveUpdate::Trouble(Trouble { error, fatal }));
        let again = refused.then(|| Command::RetryIn(back_off(REFUSED_ATTEMPT, jitter)));
        std::iter::once(told).chain(again).collect()
    }

    /// Asks for what the server refused to begin.
    fn ask_again(&mut self) -> Vec<Command> {
        let refused: Vec<u32> =
            self.subscriptions.iter().filter(|(_, it)| it.refused).map(|(id, _)| *id).collect();
        let mut commands: Vec<Command> = refused.iter().filter_map(|id| self.ask(*id)).collect();
        for id in refused {
            let over = self.subscriptions.get_mut(&id).and_then(Subscribed::forget_trouble);
            commands.extend(over.map(|update| Command::Deliver(id, update)));
        }
        commands
    }

    fn greeted(&mut self, now: f64) -> Vec<Command> {
        // Programs are greeted again when they renew their token; only the first greeting begins anything.
        if self.link != Link::Opening {
            return Vec::new();
        }
        self.link = Link::Open(now);
        self.was_open = true;
        self.notice = None;
        let ids: Vec<u32> = self.subscriptions.keys().copied().collect();
        let mut commands: Vec<Command> = ids.iter().filter_map(|id| self.ask(*id)).collect();
        for (id, subscribed) in &mut self.subscriptions {
            commands.extend(subscribed.forget_trouble().map(|update| Command::Deliver(*id, update)));
            if subscribed.resumes {
                commands.push(Command::Deliver(*id, LiveUpdate::Resumed));
            }
            subscribed.resumes = true;
        }
        commands
    }

    fn find(&mut self, id: &str) -> Option<(u32, &mut Subscribed)> {
        let id = id.parse().ok()?;
        Some((id, self.subscriptions.get_mut(&id)?))
    }

    fn deliver(&mut self, id: &str, update: LiveUpdate) -> Vec<Command> {
        self.find(id).map(|(id, _)| Command::Deliver(id, update)).into_iter().collect()
    }
}

fn send(event: &ClientEvent) -> Option<Command> {
    serde_json::to_string(event).ok().map(Command::Send)
}
