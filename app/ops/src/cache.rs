//! What AWS answered a moment ago, so that nobody asks again what another viewer has just paid for.

use std::{
    future::Future,
    hash::Hash,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;
use nephoscope_model::{Error, Result, Timestamp};

/// An answer of AWS and when it was given.
#[derive(Debug)]
pub(crate) struct Known<V> {
    pub(crate) value: Arc<V>,
    pub(crate) at: Timestamp,
}

impl<V> Clone for Known<V> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), at: self.at }
    }
}

/// Answers of one kind. Of many callers that want the same at the same time, one asks AWS and all get its answer; errors are not kept.
pub(crate) struct Answers<K, V> {
    cache: Cache<K, Known<V>>,
    /// Since when what was known of a key is untrue: an answer that was asked for before may still be on its way.
    not_before: Cache<K, Timestamp>,
    /// The same for every key, in milliseconds.
    all_not_before: AtomicI64,
    kind: &'static str,
}

impl<K, V> std::fmt::Debug for Answers<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answers").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<K, V> Answers<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    pub(crate) fn new(kind: &'static str, entries: u64, time_to_live: Duration) -> Self {
        Self {
            cache: Cache::builder().max_capacity(entries).time_to_live(time_to_live).build(),
            not_before: Cache::builder().max_capacity(entries).time_to_live(time_to_live).build(),
            all_not_before: AtomicI64::new(i64::MIN),
            kind,
        }
    }

    /// What is known, or else what `ask` brings. With `fresh`, only what is younger than a second counts as known: many who press
    /// "refresh" at once still make one call.
    pub(crate) async fn get(
        &self,
        key: K,
        fresh: bool,
        ask: impl Future<Output = Result<V>>,
    ) -> Result<Known<V>> {
        if let Some(known) = self.cache.get(&key).await {
            let is_true = self.is_true(&key, known.at).await;
            if is_true && (!fresh || Timestamp::now().as_millis() - known.at.as_millis() < 1_000) {
                ::metrics::counter!("nephoscope_cache_hits_total", "kind" => self.kind).increment(1);
                return Ok(known);
            }
            self.cache.invalidate(&key).await;
        }
        let (mut ask, mut asked) = (pin!(ask), false);
        loop {
            let answer = self
                .cache
                .try_get_with(key.clone(), async {
                    asked = true;
                    ::metrics::counter!("nephoscope_cache_misses_total", "kind" => self.kind).increment(1);
                    let at = Timestamp::now();
                    ask.as_mut().await.map(|value| Known { value: Arc::new(value), at })
                })
                .await;
            let known = answer.map_err(|error: Arc<Error>| Error::clone(&error))?;
            // Somebody else's answer may be from before a change that whoever asks now knows of.
            if asked || self.is_true(&key, known.at).await {
                return Ok(known);
            }
            self.cache.invalidate(&key).await;
        }
    }

    /// What is known already.
    pub(crate) async fn peek(&self, key: &K) -> Option<Known<V>> {
        let known = self.cache.get(key).await?;
        self.is_true(key, known.at).await.then_some(known)
    }

    /// Takes an answer that came by another way, unless a newer one is known.
    pub(crate) async fn put(&self, key: K, known: Known<V>) {
        let newer = self.cache.get(&key).await.is_some_and(|kept| kept.at > known.at);
        if !newer && self.is_true(&key, known.at).await {
            self.cache.insert(key, known).await;
        }
    }

    /// Forgets what a change has made untrue, answers included that are still on their way.
    pub(crate) async fn forget(&self, key: &K) {
        self.not_before.insert(key.clone(), Timestamp::now()).await;
        self.cache.invalidate(key).await;
    }

    /// Forgets everything, answers included that are still on their way.
    pub(crate) fn forget_all(&self) {
        self.all_not_before.fetch_max(Timestamp::now().as_millis(), Ordering::SeqCst);
        self.cache.invalidate_all();
    }

    async fn is_true(&self, key: &K, at: Timestamp) -> bool {
        if at.as_millis() <= self.all_not_before.load(Ordering::SeqCst) {
            return false;
        }
        self.not_before.get(key).await.is_none_or(|not_before| at > not_before)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::oneshot;

    use nephoscope_model::ErrorCode;

    use super::*;

    #[tokio::test]
    async fn many_who_ask_at_once_cost_one_call() {
        let answers = Arc::new(Answers::<u8, u32>::new("test", 10, Duration::from_secs(60)));
        let calls = Arc::new(AtomicU32::new(0));
        let asks = (0..50).map(|_| {
            let (answers, calls) = (Arc::clone(&answers), Arc::clone(&calls));
            tokio::spawn(async move {
                answers
                    .get(1, false, async {
                        tokio::task::yield_now().await;
                        Ok(calls.fetch_add(1, Ordering::SeqCst))
                    })
                    .await
            })
        });
        for ask in futures::future::join_all(asks).await {
            assert_eq!(ask.map(|known| known.map(|known| *known.value)).ok(), Some(Ok(0)));
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_answer_that_was_asked_for_before_a_change_is_not_kept() {
        let answers = Answers::<u8, &str>::new("test", 10, Duration::from_secs(60));
        let asked_before = answers.get(1, false, async {
            answers.forget(&1).await;
            Ok("before")
        });
        assert_eq!(asked_before.await.map(|known| *known.value), Ok("before"));
        let old = Known { value: Arc::new("old"), at: Timestamp::from_millis(1) };
        answers.put(1, old).await;
        assert!(answers.peek(&1).await.is_none());
        // A change and the next question may fall into the same millisecond, and then it is asked once more.
        let now = Timestamp::now();
        while Timestamp::now() == now {
            tokio::task::yield_now().await;
        }
        assert_eq!(answers.get(1, false, async { Ok("after") }).await.map(|known| *known.value), Ok("after"));
        assert_eq!(answers.peek(&1).await.map(|known| *known.value), Some("after"));
    }

    #[tokio::test]
    async fn an_error_is_told_and_not_kept() {
        let answers = Answers::<u8, u8>::new("test", 10, Duration::from_secs(60));
        let error = Error::new(ErrorCode::AwsThrottled, "slow down");
        let failed = answers.get(1, false, async { Err(error.clone()) }).await;
        assert_eq!(failed.map(|known| *known.value), Err(error));
        assert_eq!(answers.get(1, false, async { Ok(7) }).await.map(|known| *known.value), Ok(7));
    }

    #[tokio::test]
    async fn whoever_asks_after_a_change_is_not_given_the_answer_to_who_asked_before() {
        let answers = Arc::new(Answers::<u8, &str>::new("test", 10, Duration::from_secs(60)));
        let (begun, has_begun) = oneshot::channel();
        let (answer, answered) = oneshot::channel();
        let first = tokio::spawn({
            let answers = Arc::clone(&answers);
            async move {
                let ask = async {
                    begun.send(()).expect("the test waits");
                    answered.await.expect("the test answers");
                    Ok("before")
                };
                answers.get(1, false, ask).await
            }
        });
        has_begun.await.expect("the first one asks");
        answers.forget(&1).await;
        let mut second = pin!(answers.get(1, false, async { Ok("after") }));
        assert!(futures::poll!(second.as_mut()).is_pending(), "it waits for the answer that is on its way");
        // What is asked for in the millisecond of a change counts as from before it.
        tokio::time::sleep(Duration::from_millis(2)).await;
        answer.send(()).expect("the first one waits");
        assert_eq!(*second.await.expect("an answer").value, "after");
        assert_eq!(*first.await.expect("it ends").expect("an answer").value, "before");
        let known = answers.get(1, false, async { Ok("asked again") }).await.expect("an answer");
        assert_eq!(*known.value, "after");
    }
}
