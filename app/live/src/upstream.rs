//! What all upstreams have in common: shared state, viewers that wait for it to change, and a task that lives as long as there are
//! viewers. A task that ends before them, be it by a panic, takes its upstream with it and tells them why.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use nephoscope_model::{Error, ErrorCode};
use tokio::sync::{Notify, watch};

/// The state of one upstream, and the bell that rings when it changes.
pub(crate) struct Upstream<S> {
    state: Mutex<S>,
    bell: watch::Sender<u64>,
    poke: Notify,
    /// Why nobody keeps the state up to date any more.
    end: OnceLock<Error>,
}

impl<S> Upstream<S> {
    fn new(state: S) -> Self {
        Self {
            state: Mutex::new(state),
            bell: watch::Sender::new(0),
            poke: Notify::new(),
            end: OnceLock::new(),
        }
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

    /// Why this upstream has ended, if it has: then nothing changes any more.
    pub(crate) fn ended(&self) -> Option<&Error> {
        self.end.get()
    }

    fn end(&self, reason: Error) {
        // A reason that is there already is the first one, and the better one.
        let _ = self.end.set(reason);
        self.ring();
    }

    /// Asks every viewer to look again at once, as when it joins.
    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        let mut bell = self.bell.subscribe();
        bell.mark_changed();
        bell
    }
}

/// What an upstream is known by.
pub(crate) trait Key: Clone + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Key for K {}

/// The upstreams of one kind, by what they watch.
pub(crate) struct Registry<K, S> {
    upstreams: Mutex<HashMap<K, Arc<Upstream<S>>>>,
}

impl<K, S> Default for Registry<K, S> {
    fn default() -> Self {
        Self { upstreams: Mutex::new(HashMap::new()) }
    }
}

impl<K: Key, S: Send + 'static> Registry<K, S> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Upstream<S>>>> {
        self.upstreams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the upstream of `key`. When there is none, makes one with `state` and starts the task that `follow` describes, which ends
    /// well only by [`Self::retire`]. With any other end the upstream is forgotten, so that who joins next begins a fresh one, and its
    /// viewers are told: the error, or an internal one when the task panicked.
    pub(crate) fn join<F>(
        self: &Arc<Self>,
        key: &K,
        state: impl FnOnce() -> S,
        follow: impl FnOnce(Arc<Upstream<S>>) -> F,
    ) -> (Arc<Upstream<S>>, watch::Receiver<u64>)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (upstream, bell) = {
            let mut upstreams = self.lock();
            if let Some(upstream) = upstreams.get(key) {
                return (Arc::clone(upstream), upstream.listen());
            }
            let upstream = Arc::new(Upstream::new(state()));
            upstreams.insert(key.clone(), Arc::clone(&upstream));
            let bell = upstream.listen();
            (upstream, bell)
        };
        // Outside the lock, which the end of the task takes: a runtime that is shutting down drops a new task at once.
        let mut following = Following {
            registry: Arc::clone(self),
            key: key.clone(),
            upstream: Arc::clone(&upstream),
            reason: Error::internal(),
        };
        let work = follow(Arc::clone(&upstream));
        tokio::spawn(async move {
            if let Err(error) = work.await {
                following.reason = error;
            }
            drop(following);
        });
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

    /// Forgets this upstream, and not another that has taken its place.
    fn forget(&self, key: &K, upstream: &Arc<Upstream<S>>) {
        let mut upstreams = self.lock();
        if upstreams.get(key).is_some_and(|present| Arc::ptr_eq(present, upstream)) {
            upstreams.remove(key);
        }
    }
}

/// A task that follows something. When it goes away, however that comes, so does its upstream.
struct Following<K: Key, S: Send + 'static> {
    registry: Arc<Registry<K, S>>,
    key: K,
    upstream: Arc<Upstream<S>>,
    reason: Error,
}

impl<K: Key, S: Send + 'static> Drop for Following<K, S> {
    fn drop(&mut self) {
        // In this order: who is told the end may join again at once.
        self.registry.forget(&self.key, &self.upstream);
        self.upstream.end(self.reason.clone());
    }
}

/// Whether asking AWS the same again cannot help: it understood, and there is no such thing or no such question. A denied call is not
/// of that kind, since the permission may be granted at any time.
pub(crate) fn is_hopeless(error: &Error) -> bool {
    matches!(error.code, ErrorCode::NotFound | ErrorCode::InvalidInput | ErrorCode::AwsRejected)
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

#[cfg(test)]
mod tests {
    use super::*;

    type Words = Registry<&'static str, u32>;

    async fn panics() -> Result<(), Error> {
        panic!("a bug, made by a test")
    }

    async fn end_of(upstream: &Upstream<u32>, bell: &mut watch::Receiver<u64>) -> Error {
        let rung =
            tokio::time::timeout(Duration::from_secs(30), bell.wait_for(|_| upstream.ended().is_some()));
        rung.await.expect("told in time").expect("the upstream is there");
        upstream.ended().cloned().expect("it has ended")
    }

    #[tokio::test]
    async fn a_task_that_panics_is_told_and_the_next_viewer_begins_a_fresh_one() {
        let registry = Arc::new(Words::default());
        let (lost, mut bell) = registry.join(&"a", || 1, |_| panics());
        assert_eq!(end_of(&lost, &mut bell).await.code, ErrorCode::Internal);
        assert_eq!(registry.count(|_| true), 0);

        let (fresh, _bell) = registry.join(&"a", || 2, |_| std::future::pending());
        assert_eq!((*fresh.state(), fresh.ended()), (2, None));
    }

    #[tokio::test]
    async fn a_task_that_ends_with_a_reason_tells_it() {
        let registry = Arc::new(Words::default());
        let (upstream, mut bell) =
            registry.join(&"a", || 1, |_| std::future::ready(Err(Error::not_found("gone"))));
        assert_eq!(end_of(&upstream, &mut bell).await.code, ErrorCode::NotFound);
        assert!(registry.get(&"a").is_none());
    }

    #[tokio::test]
    async fn the_end_of_one_task_leaves_its_successor_alone() {
        let registry = Arc::new(Words::default());
        let (first, _bell) = registry.join(&"a", || 1, |_| std::future::pending());
        registry.forget(&"a", &first);
        let (second, _bell) = registry.join(&"a", || 2, |_| std::future::pending());
        registry.forget(&"a", &first);
        assert!(registry.get(&"a").is_some_and(|present| Arc::ptr_eq(&present, &second)));
    }

    #[test]
    fn what_may_be_granted_later_is_not_hopeless() {
        let is = |code| is_hopeless(&Error::new(code, "no"));
        assert!(is(ErrorCode::AwsRejected) && is(ErrorCode::NotFound) && is(ErrorCode::InvalidInput));
        for code in [ErrorCode::AwsDenied, ErrorCode::AwsCredentials, ErrorCode::AwsThrottled] {
            assert!(!is(code), "{code:?}");
        }
    }
}
