//! The JWT that proves who is calling, and the refresh token that gets the next one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use nephoscope_model::{
    Error, ErrorCode, Result, Timestamp,
    identity::{Role, User},
};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Caller;

/// How long a JWT lasts: the contract says 5 minutes.
pub const TOKEN_LIFETIME_SECS: i64 = 300;
/// Who issues, and for whom.
const ISSUER: &str = "nephoscope";

/// What a JWT says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    name: String,
    role: Role,
    sid: String,
    iat: i64,
    exp: i64,
}

/// The key that signs JWTs: 32 bytes at least. All servers that share a store must share it.
#[derive(Clone)]
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

impl SigningKey {
    /// From its base64url text, as a file or a variable holds it.
    ///
    /// # Errors
    /// `invalid_input` when that is not base64url of 32 bytes at least.
    pub fn from_text(text: &SecretString) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD
            .decode(text.expose_secret().trim().trim_end_matches('='))
            .map_err(|_| Error::invalid("The signing key is not base64url."))?;
        if bytes.len() < 32 {
            return Err(Error::invalid("The signing key must have 32 bytes at least."));
        }
        Ok(Self { encoding: EncodingKey::from_secret(&bytes), decoding: DecodingKey::from_secret(&bytes) })
    }

    /// The text of a new random key.
    #[must_use]
    pub fn generate_text() -> SecretString {
        SecretString::from(random_text())
    }

    /// A JWT for a user's session.
    pub(crate) fn sign(
        &self,
        user: &User,
        session_id: &str,
        now: Timestamp,
    ) -> Result<(SecretString, Caller)> {
        let exp = now.as_secs() + TOKEN_LIFETIME_SECS;
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: user.id.clone(),
            name: user.name.to_string(),
            role: user.role,
            sid: session_id.to_owned(),
            iat: now.as_secs(),
            exp,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(
            |error| {
                tracing::error!("cannot sign a token: {error}");
                Error::internal()
            },
        )?;
        Ok((SecretString::from(token), claims.into_caller()))
    }

    /// Who a JWT proves.
    ///
    /// # Errors
    /// `token_expired` or `token_invalid`.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Caller> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // Expiry is checked below, against the same clock as everything else and without the crate's leeway of a minute.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => expired(),
                _ => Error::new(ErrorCode::TokenInvalid, "The token is not valid.")
                    .with_hint("Log in again to get a new one."),
            })?
            .claims;
        if claims.exp <= now.as_secs() {
            return Err(expired());
        }
        // A token from the future was not made by a server whose clock agrees with ours.
        if claims.iat > now.as_secs() + 60 {
            return Err(Error::new(ErrorCode::TokenInvalid, "The token was issued in the future.")
                .with_hint("Check the clocks of the servers, then log in again."));
        }
        Ok(claims.into_caller())
    }
}

impl Claims {
    fn into_caller(self) -> Caller {
        Caller {
            user_id: self.sub,
            name: self.name,
            role: self.role,
            session_id: self.sid,
            token_expires_at: Timestamp::from_millis(self.exp * 1000),
            request_id: String::new(),
        }
    }
}

fn expired() -> Error {
    Error::new(ErrorCode::TokenExpired, "The token has expired.")
        .with_hint("Exchange the refresh token for a new one, or log in again.")
}

/// A new refresh token: 256 random bits.
pub(crate) fn new_refresh_token() -> SecretString {
    SecretString::from(random_text())
}

/// What the store keeps of a refresh token. It has 256 random bits, so that a plain hash is enough.
pub(crate) fn hash_refresh_token(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn random_text() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        User {
            id: "u1".to_owned(),
            name: "ada".parse().expect("a name"),
            role: Role::Operator,
            disabled: false,
            created_at: Timestamp::default(),
            last_login_at: None,
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_text(&SigningKey::generate_text()).expect("a key")
    }

    fn code(result: Result<Caller>) -> Option<ErrorCode> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn a_token_proves_its_user_for_five_minutes() {
        let (key, now) = (key(), Timestamp::now());
        let (token, _) = key.sign(&user(), "s1", now).expect("a token");
        let caller = key.verify(token.expose_secret(), now).expect("good");
        assert_eq!((caller.name(), caller.role(), caller.session_id.as_str()), ("ada", Role::Operator, "s1"));
        assert!(key.verify(token.expose_secret(), now.plus_millis(298_000)).is_ok());
        assert_eq!(
            code(key.verify(token.expose_secret(), now.plus_millis(300_000))),
            Some(ErrorCode::TokenExpired)
        );
    }

    #[test]
    fn other_keys_no_algorithm_and_tampering_are_refused() {
        let (key, other, now) = (key(), self::key(), Timestamp::now());
        let (token, _) = other.sign(&user(), "s1", now).expect("a token");
        assert_eq!(code(key.verify(token.expose_secret(), now)), Some(ErrorCode::TokenInvalid));

        let (token, _) = key.sign(&user(), "s1", now).expect("a token");
        let parts: Vec<&str> = token.expose_secret().split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        assert_eq!(code(key.verify(&format!("{none}.{}.", parts[1]), now)), Some(ErrorCode::TokenInvalid));

        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).expect("base64")).expect("JSON");
        let admin = URL_SAFE_NO_PAD.encode(claims.replace("operator", "admin"));
        let tampered = format!("{}.{admin}.{}", parts[0], parts[2]);
        assert_eq!(code(key.verify(&tampered, now)), Some(ErrorCode::TokenInvalid));

        let (future, _) = key.sign(&user(), "s1", now.plus_millis(120_000)).expect("a token");
        assert_eq!(code(key.verify(future.expose_secret(), now)), Some(ErrorCode::TokenInvalid));
        for garbage in ["", "a.b.c", "🦀"] {
            assert_eq!(code(key.verify(garbage, now)), Some(ErrorCode::TokenInvalid));
        }
    }

    #[test]
    fn a_signing_key_that_is_short_or_garbled_is_refused() {
        for bad in ["", "c2hvcnQ", "not base64 at all!"] {
            assert!(SigningKey::from_text(&SecretString::from(bad)).is_err(), "{bad}");
        }
    }
}
