//! A cloud for tests: plays wire answers to the real SDK clients, without a socket, and remembers what was asked.
//!
//! A closure sees each HTTP request as it would go out, signed, and gives the answer, so a test says in AWS's own bytes what
//! happens and everything above the socket is the real thing: serialisation, signing, retries, error mapping. Nothing here
//! is for production; it is always compiled because the tests of other rooms use it too.
//!
//! ```
//! use nephoscope_aws::replay::{Replay, wire};
//!
//! let replay = Replay::new(|request| match request.operation() {
//!     "DescribeInstances" => wire::instances(&[], None),
//!     other => wire::ec2_error(400, "InvalidAction", &format!("{other} is not played")),
//! });
//! # async fn test(replay: Replay, estate: Vec<nephoscope_model::Account>) {
//! let cloud = replay.cloud(estate).await;
//! // … cloud.list_instances(&place).await …
//! assert_eq!(replay.requests()[0].region(), "eu-west-1");
//! # }
//! ```

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use nephoscope_model::Account;

use crate::{AccountConfig, Cloud, CloudBuilder, CredentialsSource, Patience};

pub mod cbor;
pub mod wire;

/// One request as it would have gone out.
#[derive(Clone, Debug)]
pub struct ReplayRequest {
    /// Always `POST` in the services used here.
    pub method: String,
    /// With scheme and host, such as `https://ec2.eu-west-1.amazonaws.com/`.
    pub uri: String,
    /// Names in lower case, in no particular order.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

impl ReplayRequest {
    /// The value of a header, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// AWS's name of the operation, whichever protocol says it: `Action=` (EC2, STS), `x-amz-target` (Logs) or the path
    /// (CloudWatch). Empty when none does.
    #[must_use]
    pub fn operation(&self) -> &str {
        if let Some((_, operation)) = self.header("x-amz-target").and_then(|target| target.split_once('.')) {
            return operation;
        }
        if let Some((_, operation)) = self.uri.split_once("/operation/") {
            return operation;
        }
        self.text().strip_prefix("Action=").and_then(|form| form.split('&').next()).unwrap_or_default()
    }

    /// A field of a form (EC2, STS) with its percent-encoding undone.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<String> {
        let value = self.text().split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_decode(value))
    }

    /// A JSON body (Logs); null when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text; empty when it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The access key id that signed it, which tells accounts apart.
    #[must_use]
    pub fn access_key(&self) -> &str {
        self.credential_scope().first().copied().unwrap_or_default()
    }

    /// The region it was signed for.
    #[must_use]
    pub fn region(&self) -> &str {
        self.credential_scope().get(2).copied().unwrap_or_default()
    }

    /// The service it was signed for: `ec2`, `logs`, `monitoring` or `sts`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.credential_scope().get(3).copied().unwrap_or_default()
    }

    /// `AKID/20261120/eu-west-1/ec2/aws4_request`, taken apart.
    fn credential_scope(&self) -> Vec<&str> {
        let authorization = self.header("authorization").unwrap_or_default();
        let scope = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
        scope.split(',').next().unwrap_or_default().split('/').collect()
    }
}

/// An answer with its HTTP status.
#[derive(Clone, Debug, Default)]
pub struct ReplayResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is answered.
    Response(ReplayResponse),
    /// The connection breaks.
    Dropped,
    /// The connector gives up waiting.
    TimedOut,
    /// Nothing ever comes back; only the caller's own timeouts help.
    Silence,
}

impl From<ReplayResponse> for Answer {
    fn from(response: ReplayResponse) -> Self {
        Self::Response(response)
    }
}

/// The HTTP client that plays. Clones share what they remember.
#[derive(Clone)]
pub struct Replay {
    play: Arc<dyn Fn(&ReplayRequest) -> Answer + Send + Sync>,
    seen: Arc<Mutex<Vec<ReplayRequest>>>,
}

impl Replay {
    /// A client that answers with what `play` returns: a [`ReplayResponse`] or any [`Answer`].
    pub fn new<A: Into<Answer>>(play: impl Fn(&ReplayRequest) -> A + Send + Sync + 'static) -> Self {
        Self { play: Arc::new(move |request| play(request).into()), seen: Arc::default() }
    }

    /// Every request so far, retries included, in the order they came.
    #[must_use]
    pub fn requests(&self) -> Vec<ReplayRequest> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The operations asked for so far.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.operation().to_owned()).collect()
    }

    /// A cloud of these accounts on this client, with made-up keys and hardly any patience. Account `111111111111` signs with
    /// the access key `AKID111111111111`, so a player can tell accounts apart by [`ReplayRequest::access_key`].
    pub async fn cloud(&self, estate: Vec<Account>) -> Cloud {
        self.builder(estate).build().await
    }

    /// The same cloud, before it is made.
    #[must_use]
    pub fn builder(&self, estate: Vec<Account>) -> CloudBuilder {
        let accounts = estate.into_iter().map(|account| {
            let access_key_id = format!("AKID{}", account.id).parse().expect("letters and digits");
            let secret_access_key = "not a secret".into();
            AccountConfig::new(account, CredentialsSource::Keys { access_key_id, secret_access_key })
        });
        Cloud::builder()
            .accounts(accounts.collect())
            .base_credentials("AKIDBASE", "not a secret")
            .http_client(self.clone())
            .patience(Patience::of_a_test())
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").finish_non_exhaustive()
    }
}

impl HttpClient for Replay {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = ReplayRequest {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request.headers().iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            body: request.body().bytes().unwrap_or_default().to_vec(),
        };
        let answer = (self.play)(&request);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        HttpConnectorFuture::new(async move {
            match answer {
                Answer::Response(response) => respond(response),
                Answer::Dropped => Err(ConnectorError::io("connection reset by the player".into())),
                Answer::TimedOut => Err(ConnectorError::timeout("the player gave no answer in time".into())),
                Answer::Silence => std::future::pending().await,
            }
        })
    }
}

impl From<Replay> for SharedHttpClient {
    fn from(replay: Replay) -> Self {
        Self::new(replay)
    }
}

fn respond(played: ReplayResponse) -> Result<HttpResponse, ConnectorError> {
    let status = played.status.try_into().map_err(|_| ConnectorError::user("no such HTTP status".into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(played.body));
    for (name, value) in played.headers {
        response.headers_mut().try_append(name, value).map_err(|error| ConnectorError::user(error.into()))?;
    }
    Ok(response)
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
