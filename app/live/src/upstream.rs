//! What all upstreams have in common: shared state, viewers that wait for it to change, and a task that lives as long as there are
//! viewers.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

/// The state of one upstream, and the bell that rings when it changes.
pub(crate) struct Upstream<S> {
    state: Mutex<S>,
    bell: watch::Sender<u64>,
    poke: Notify,
}

impl<S> Upstream<S> {
    fn new(state: S) -> Self {
        Self { state: Mutex::new(state), bell: watch::Sender::new(0), poke: Notify::new() }
    }

    /// Looks at the state. A viewer that panicked while looking has changed nothing, so poison is no reason to stop for the others.
    pub(crate) fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells every viewer to look.
    pub(crate) fn ring(&self) {
        self.bell.send_modify(|version| *version = version.wrapping_add(1));
    }

    /// Waits for `pause`, or less if somebody knows that there is news.
    pub(crate) async fn rest(&self, pause: Duration) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.poke.notified() => {}
        }
    }

    /// Makes the task ask AWS now.
    pub(crate) fn poke(&self) {
        self.poke.notify_one();
    }

    /// Asks every viewer to look again at once, as when it joins.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        let mut bell = self.bell.subscribe();
        bell.mark_changed();
        bell
    }
}

/// The upstreams of one kind, by what they watch.
pub(crate) struct Registry<K, S> {
    upstreams: Mutex<HashMap<K, Arc<Upstream<S>>>>,
}

impl<K, S> Default for Registry<K, S> {
    fn default() -> Self {
        Self { upstreams: Mutex::new(HashMap::new()) }
    }
}

impl<K: Clone + Eq + Hash, S> Registry<K, S> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Upstream<S>>>> {
        self.upstreams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the upstream of `key`. When there is none, makes one with `state` and has `begin` start its task.
    pub(crate) fn join(
        &self,
        key: &K,
        state: impl FnOnce() -> S,
        begin: impl FnOnce(Arc<Upstream<S>>),
    ) -> (Arc<Upstream<S>>, watch::Receiver<u64>) {
        let mut upstreams = self.lock();
        if let Some(upstream) = upstreams.get(key) {
            return (Arc::clone(upstream), upstream.listen());
        }
        let upstream = Arc::new(Upstream::new(state()));
        upstreams.insert(key.clone(), Arc::clone(&upstream));
        let bell = upstream.listen();
        begin(Arc::clone(&upstream));
        (upstream, bell)
    }

    /// The upstream of `key`, if anybody watches it.
    pub(crate) fn get(&self, key: &K) -> Option<Arc<Upstream<S>>> {
        self.lock().get(key).cloned()
    }

    /// How many upstreams have a key like this.
    pub(crate) fn count(&self, like: impl Fn(&K) -> bool) -> usize {
        self.lock().keys().filter(|key| like(key)).count()
    }

    /// Forgets the upstream if nobody has watched it for `linger`, and says whether its task should end. Looking and forgetting are one
    /// step, so that nobody can join an upstream that is about to end.
    pub(crate) fn retire(&self, key: &K, idle: &mut Idle, linger: Duration) -> bool {
        let mut upstreams = self.lock();
        let viewers = upstreams.get(key).map_or(0, |upstream| upstream.bell.receiver_count());
        if !idle.is_over(viewers, linger) {
            return false;
        }
        upstreams.remove(key);
        true
    }

    /// Forgets the upstream at once: it has failed for good.
    pub(crate) fn remove(&self, key: &K) {
        self.lock().remove(key);
    }
}

/// Since when nobody has been watching.
#[derive(Debug, Default)]
pub(crate) struct Idle(Option<Instant>);

impl Idle {
    fn is_over(&mut self, viewers: usize, linger: Duration) -> bool {
        if viewers > 0 {
            self.0 = None;
            return false;
        }
        self.0.get_or_insert_with(Instant::now).elapsed() >= linger
    }
}
