//! What a browser brings back from an identity provider: proof that it was here before, and what that log-in was begun with.
//!
//! It is signed and not sealed: the browser it is given to may know everything in it. Nothing of it is kept on the server, so that visitors
//! who never come back cost nothing, and any server of several can end what another began.

use nephoscope_model::{Result, Timestamp, login::ProviderId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::identity::{
    signing_keys::SigningKeys,
    token::{self, ISSUER},
};

/// For whom such a ticket is: the end of a log-in that went by a provider, and nothing else.
const AUDIENCE: &str = "nephoscope-provider";
/// How long somebody may take at the provider: ten minutes, in seconds.
pub(super) const LIFETIME_SECS: i64 = 600;

/// What a log-in was begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// At which provider.
    pub(super) provider: ProviderId,
    /// Comes back in the address.
    pub(super) state: String,
    /// Comes back in the ID token.
    pub(super) nonce: String,
    /// Proves to the provider that the code was asked for here.
    pub(super) verifier: String,
    /// Where to go afterwards.
    pub(super) next: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    iat: i64,
    exp: i64,
}

/// A ticket for the way to the provider and back.
pub(super) fn sign(keys: &SigningKeys, begun: &Begun, now: Timestamp) -> Result<SecretString> {
    let Begun { provider, state, nonce, verifier, next } = begun.clone();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: provider.into(),
        state,
        nonce,
        verifier,
        next,
        iat: now.as_secs(),
        exp: now.as_secs() + LIFETIME_SECS,
    };
    token::encode(keys, &claims)
}

/// What a ticket proves.
///
/// # Errors
/// `token_expired` or `token_invalid`.
pub(super) fn verify(keys: &SigningKeys, ticket: &str, now: Timestamp) -> Result<Begun> {
    let claims: Claims = token::decode(keys, ticket, AUDIENCE)?;
    token::check_times(claims.iat, claims.exp, now)?;
    let Claims { sub, state, nonce, verifier, next, .. } = claims;
    Ok(Begun { provider: sub.parse()?, state, nonce, verifier, next })
}

#[cfg(test)]
mod tests {
    use nephoscope_model::ErrorCode;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::SigningKey;

    #[test]
    fn a_ticket_brings_back_what_was_begun_for_ten_minutes() {
        let key = SigningKey::from_text(&SigningKey::generate_text()).expect("a key");
        let (keys, now) = (SigningKeys::from(key), Timestamp::now());
        let begun = Begun {
            provider: "google".parse().expect("an id"),
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            next: "/ec2?q=ü".to_owned(),
        };
        let ticket = sign(&keys, &begun, now).expect("a ticket");
        assert_eq!(verify(&keys, ticket.expose_secret(), now).expect("good"), begun);
        let late = verify(&keys, ticket.expose_secret(), now.plus_millis(600_000));
        assert_eq!(late.expect_err("too late").code, ErrorCode::TokenExpired);
        // A ticket of this kind opens nothing else.
        assert!(token::verify(&keys, ticket.expose_secret(), now).is_err());
        assert!(token::verify_ticket(&keys, ticket.expose_secret(), now).is_err());
    }
}
