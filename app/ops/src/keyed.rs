//! Requests that carry an idempotency key: one that is sent twice, because its answer was lost, is done once.

use std::time::Duration;

use nephoscope_model::{Error, ErrorCode, Result, Timestamp, error::shorten};
use nephoscope_store::{KeptAnswer, Keyed, KeyedRequest};
use sha2::{Digest, Sha256};

use crate::{Caller, Ops};

/// How long a key is remembered.
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// After how long without an answer nobody works at a request any more: longer than the server lets any request with a key take.
const ABANDONED: Duration = Duration::from_secs(900);
/// The longest key.
const MOST_IN_KEY: usize = 200;
/// The longest answer that is kept, in bytes: more than Lambda answers.
const MOST_KEPT: usize = 8 << 20;

/// What is to be done with a request that carries a key.
#[derive(Debug)]
pub enum Repeat {
    /// It is new: do it, and then end it by [`Ops::end_keyed`].
    First(KeyedRequest),
    /// It was done before: this was the answer.
    Again(KeptAnswer),
}

impl Ops {
    /// Looks whether a request of this key came before. `parts` are what makes it another request: method, address and body.
    ///
    /// # Errors
    /// `invalid_input` for a key that is none or that another request had, `conflict` while the first one is being done, and
    /// `unavailable` when the store does not answer.
    pub async fn begin_keyed(&self, caller: &Caller, key: &str, parts: &[&[u8]]) -> Result<Repeat> {
        if key.is_empty() || key.len() > MOST_IN_KEY || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid(format!(
                "An Idempotency-Key has 1 to {MOST_IN_KEY} visible ASCII characters."
            ))
            .with_hint("A random UUID is a good one."));
        }
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let fingerprint = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let request = KeyedRequest { user_id: caller.user_id.clone(), key: key.to_owned(), fingerprint };
        let now = Timestamp::now();
        let after = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        let (abandoned, forget_at) = (now.plus_millis(-after(ABANDONED)), now.plus_millis(after(REMEMBERED)));
        match self.store().begin_keyed(&request, now, abandoned, forget_at).await? {
            Keyed::New => Ok(Repeat::First(request)),
            Keyed::Answered(answer) => Ok(Repeat::Again(answer)),
            Keyed::UnderWay => {
                Err(Error::new(ErrorCode::Conflict, "A request with this Idempotency-Key is being done now.")
                    .with_hint("Ask again with the same key in a moment to get its answer.")
                    .with_retry_after(2))
            }
            Keyed::Another => Err(Error::invalid(format!(
                "The Idempotency-Key {:?} was used for another request.",
                shorten(key, 60)
            ))
            .with_hint("Take a new key for each new request.")),
        }
    }

    /// Ends a request that was the first of its key. An answer that is good is kept for those who ask again; after one that failed, or
    /// that is too large to keep, the request may be sent again with the same key.
    pub async fn end_keyed(&self, request: &KeyedRequest, answer: Option<KeptAnswer>) {
        let kept = answer.filter(|answer| answer.body.len() <= MOST_KEPT);
        if let Err(error) = self.store().end_keyed(request, kept).await {
            tracing::warn!("the answer to a request with an idempotency key cannot be kept: {error}");
        }
    }
}
