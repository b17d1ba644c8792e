//! Server functions: what pages call. Each is a thin door into the operation of the same name in `ops`; in the browser it
//! is a request to `/api/fn/<noun>/<verb>`.
//!
//! A server function that is called while a page is rendered on the server skips every middleware, so [`door`] is where
//! each of them begins: it finds the caller, and the operation itself checks what that caller may do.

pub mod accounts;
pub mod audit;
pub mod docs;
pub mod ec2;
pub mod estate;
pub mod instance;
pub mod lambda;
pub mod launch;
pub mod logs;
pub mod metrics;
pub mod people;
pub mod s3;
pub mod session;
pub mod usage;

use leptos::server_fn::{
    ContentType, Decodes, Encodes, Format, FormatType,
    codec::Post,
    error::{FromServerFnError, ServerFnErrorErr},
};
use nephoscope_model::{Error, ErrorCode};
use serde::{Deserialize, Serialize};

/// JSON, read as text. Resources and the live connection read text too, so that the browser needs the code for each type once; leptos' own
/// encoding reads bytes and would need it again.
pub struct TextEncoding;

/// How server functions take their arguments and give their answers.
pub(crate) type Json = Post<TextEncoding>;

impl ContentType for TextEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for TextEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for TextEncoding {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<bytes::Bytes, Self::Error> {
        serde_json::to_string(output).map(bytes::Bytes::from)
    }
}

impl<T: serde::de::DeserializeOwned> Decodes<T> for TextEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: bytes::Bytes) -> Result<T, Self::Error> {
        serde_json::from_str(std::str::from_utf8(&bytes).map_err(serde::de::Error::custom)?)
    }
}

/// An [`Error`] on its way to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub Error);

/// The result of a server function.
pub type ApiResult<T> = Result<T, ApiError>;

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = TextEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Request(_) => {
                Error::new(ErrorCode::Unavailable, "The server of nephoscope cannot be reached.")
                    .with_hint("Check your connection; the page goes on by itself when the server is back.")
            }
            ServerFnErrorErr::Args(text)
            | ServerFnErrorErr::MissingArg(text)
            | ServerFnErrorErr::Deserialization(text) => {
                Error::invalid(format!("The request was not understood: {text}"))
            }
            ServerFnErrorErr::Registration(_)
            | ServerFnErrorErr::UnsupportedRequestMethod(_)
            | ServerFnErrorErr::MiddlewareError(_)
            | ServerFnErrorErr::ServerError(_)
            | ServerFnErrorErr::Serialization(_)
            | ServerFnErrorErr::Response(_) => Error::internal(),
        })
    }
}

/// Why nobody is calling: found in the context of a request that was not let in.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Refusal(pub Error);

/// What every server function begins with: the operations, and who is calling.
///
/// # Errors
/// `unauthenticated` when nobody is logged in, or why the caller's token is not good.
#[cfg(feature = "ssr")]
pub(crate) fn door() -> ApiResult<(nephoscope_ops::Ops, nephoscope_ops::Caller)> {
    use leptos::prelude::use_context;
    let ops = use_context::<nephoscope_ops::Ops>().ok_or_else(|| fail(Error::internal()))?;
    let caller = use_context::<Option<nephoscope_ops::Caller>>().flatten().ok_or_else(|| {
        let refusal = use_context::<Option<Refusal>>().flatten().map(|refusal| refusal.0);
        fail(refusal.unwrap_or_else(|| Error::new(ErrorCode::Unauthenticated, "Please log in first.")))
    })?;
    Ok((ops, caller))
}

/// Turns an error into the answer of a server function, HTTP status included, since leptos 0.8 would answer 500 for everything. A
/// function that is called while a page is rendered leaves the page's status alone: a page of which one part failed is
/// still a page. See [`fails_page`].
#[cfg(feature = "ssr")]
pub(crate) fn fail(error: Error) -> ApiError {
    use leptos::prelude::use_context;
    let is_page =
        use_context::<http::request::Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/api/fn/"));
    if !is_page {
        set_status(&error);
    }
    ApiError(error)
}

/// Says that a page has nothing to show but this error, so that its HTTP status is the error's. Does nothing in the browser.
pub(crate) fn fails_page(error: ApiError) -> ApiError {
    #[cfg(feature = "ssr")]
    set_status(&error.0);
    error
}

/// The one place that sets the HTTP status for an error.
#[cfg(feature = "ssr")]
fn set_status(error: &Error) {
    if let (Some(response), Ok(status)) = (
        leptos::prelude::use_context::<leptos_axum::ResponseOptions>(),
        http::StatusCode::from_u16(error.code.status()),
    ) {
        response.set_status(status);
    }
}
