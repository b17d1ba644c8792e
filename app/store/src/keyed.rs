//! What is remembered of requests that carry an idempotency key, so that one which is sent twice is done once.

use async_trait::async_trait;
use nephoscope_model::Timestamp;

use crate::Result;

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// Whose it is: everybody has keys of their own.
    pub user_id: String,
    /// The key, as the client chose it.
    pub key: String,
    /// SHA-256 of the request, in lower-case hexadecimal: the same key with another request is a mistake.
    pub fingerprint: String,
}

/// The answer that a request got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// What is known of a request when it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed {
    /// Nothing: it is the caller's to do now, and to end by [`KeyedStore::end_keyed`].
    New,
    /// It came before and is being done.
    UnderWay,
    /// It came before and got this answer.
    Answered(KeptAnswer),
    /// Another request had this key.
    Another,
}

/// The requests that carry idempotency keys. Errors are as in [`Store`](crate::Store).
#[async_trait]
pub trait KeyedStore {
    /// Notes that a request begins, unless one with its key did before and is remembered still. One that began before `abandoned` and
    /// never ended is begun anew: its server is gone. Of many that come at once, one is [`Keyed::New`].
    async fn begin_keyed(
        &self,
        request: &KeyedRequest,
        now: Timestamp,
        abandoned: Timestamp,
        forget_at: Timestamp,
    ) -> Result<Keyed>;

    /// Keeps the answer of a request that was begun, or forgets the request when there is nothing to keep; does nothing when it is
    /// forgotten already.
    async fn end_keyed(&self, request: &KeyedRequest, answer: Option<KeptAnswer>) -> Result<()>;
}
