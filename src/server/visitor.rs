//! Who knocks, for what begins a session.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use nephoscope_ops::Visitor;

use super::{access::request_id, security::client};

/// An extractor: where the request came from and what browser or program sent it.
#[derive(Debug)]
pub(super) struct Knock(pub(super) Visitor);

impl<S: Sync> FromRequestParts<S> for Knock {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let user_agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self(Visitor {
            address: client::of(&parts.extensions).address,
            user_agent: user_agent.unwrap_or_default().to_owned(),
            request_id: request_id(&parts.extensions),
        }))
    }
}
