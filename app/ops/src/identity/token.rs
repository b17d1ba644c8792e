//! The JWT that proves who is calling, and the secrets that are kept as hashes: refresh tokens, tokens for programs, links.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use nephoscope_model::{
    Error, ErrorCode, Result, Timestamp,
    identity::{Role, User},
};
use rand::RngCore;
use secrecy::SecretString;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::signing_keys::SigningKeys;

/// How long a JWT lasts: the contract says 5 minutes.
pub const TOKEN_LIFETIME_SECS: i64 = 300;
/// Who issues.
pub(super) const ISSUER: &str = "nephoscope";
/// For whom: callers of this server's API, and nothing else that may be signed with the same keys one day.
const AUDIENCE: &str = "nephoscope-api";
/// How far a server's clock may be ahead of ours, in seconds.
const CLOCK_SKEW_SECS: i64 = 60;
/// The longest id of a key that is looked up at all.
const MAX_KEY_ID: usize = 64;
/// What tokens for programs begin with, so that people and secret scanners know one when they see it.
pub(crate) const API_TOKEN_PREFIX: &str = "nph_";

/// What a JWT says. The name and the role are for whoever reads it: what counts is what the store says of the session.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    name: String,
    role: Role,
    sid: String,
    iat: i64,
    exp: i64,
}

/// For whom a ticket is: the second step of a log-in, and nothing else.
const TICKET_AUDIENCE: &str = "nephoscope-second-step";

/// What the first step of a log-in hands to the second.
#[derive(Debug, Serialize, Deserialize)]
struct TicketClaims {
    iss: String,
    aud: String,
    sub: String,
    /// A mark of the password that was right.
    pwd: String,
    iat: i64,
    exp: i64,
}

/// What a ticket proves: that this person gave the right password a moment ago.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) user_id: String,
    pub(crate) password_mark: String,
}

/// What a JWT proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    /// Whose it is.
    pub(crate) user_id: String,
    /// Of which session.
    pub(crate) session_id: String,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
}

/// A JWT for a user's session, and when it ends.
pub(crate) fn sign(
    keys: &SigningKeys,
    user: &User,
    session_id: &str,
    now: Timestamp,
) -> Result<(SecretString, Timestamp)> {
    let exp = now.as_secs() + TOKEN_LIFETIME_SECS;
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: user.id.clone(),
        name: user.name.to_string(),
        role: user.role,
        sid: session_id.to_owned(),
        iat: now.as_secs(),
        exp,
    };
    Ok((encode(keys, &claims)?, Timestamp::from_millis(exp * 1000)))
}

/// A ticket for the second step of a log-in.
pub(crate) fn sign_ticket(
    keys: &SigningKeys,
    user_id: &str,
    password_mark: &str,
    now: Timestamp,
) -> Result<SecretString> {
    encode(
        keys,
        &TicketClaims {
            iss: ISSUER.to_owned(),
            aud: TICKET_AUDIENCE.to_owned(),
            sub: user_id.to_owned(),
            pwd: password_mark.to_owned(),
            iat: now.as_secs(),
            exp: now.as_secs() + TOKEN_LIFETIME_SECS,
        },
    )
}

pub(super) fn encode(keys: &SigningKeys, claims: &impl Serialize) -> Result<SecretString> {
    let key = keys.active()?;
    let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &key.encoding).map(SecretString::from).map_err(|error| {
        tracing::error!("cannot sign a token: {error}");
        Error::internal()
    })
}

/// What a JWT proves, by arithmetic alone. The algorithm is ours, whatever the token says of itself.
///
/// # Errors
/// `token_expired` or `token_invalid`.
pub(crate) fn verify(keys: &SigningKeys, token: &str, now: Timestamp) -> Result<Proof> {
    let claims: Claims = decode(keys, token, AUDIENCE)?;
    check_times(claims.iat, claims.exp, now)?;
    let expires_at = Timestamp::from_millis(claims.exp * 1000);
    Ok(Proof { user_id: claims.sub, session_id: claims.sid, expires_at })
}

/// What a ticket proves.
///
/// # Errors
/// `token_expired` or `token_invalid`.
pub(crate) fn verify_ticket(keys: &SigningKeys, ticket: &str, now: Timestamp) -> Result<Ticket> {
    let claims: TicketClaims = decode(keys, ticket, TICKET_AUDIENCE)?;
    check_times(claims.iat, claims.exp, now)?;
    Ok(Ticket { user_id: claims.sub, password_mark: claims.pwd })
}

pub(super) fn decode<T: DeserializeOwned>(keys: &SigningKeys, token: &str, audience: &str) -> Result<T> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
    let key = header
        .kid
        .filter(|id| header.alg == Algorithm::HS256 && id.len() <= MAX_KEY_ID)
        .and_then(|id| keys.find(&id))
        .ok_or_else(invalid)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
    // Expiry is checked below, against the same clock as everything else and without the crate's leeway of a minute.
    validation.validate_exp = false;
    Ok(jsonwebtoken::decode::<T>(token, &key.decoding, &validation).map_err(|_| invalid())?.claims)
}

pub(super) fn check_times(iat: i64, exp: i64, now: Timestamp) -> Result<()> {
    if exp <= now.as_secs() {
        return Err(Error::new(ErrorCode::TokenExpired, "The token has expired.")
            .with_hint("Exchange the refresh token for a new one, or log in again."));
    }
    // A token from the future was not made by a server whose clock agrees with ours.
    if iat > now.as_secs() + CLOCK_SKEW_SECS {
        return Err(Error::new(ErrorCode::TokenInvalid, "The token was issued in the future.")
            .with_hint("Check the clocks of the servers, then log in again."));
    }
    Ok(())
}

fn invalid() -> Error {
    Error::new(ErrorCode::TokenInvalid, "The token is not valid.").with_hint("Log in again to get a new one.")
}

/// A new secret of 256 random bits, for refresh tokens and links.
pub(crate) fn new_secret() -> SecretString {
    SecretString::from(random_text())
}

/// A new token for a program.
pub(crate) fn new_api_token() -> SecretString {
    SecretString::from(format!("{API_TOKEN_PREFIX}{}", random_text()))
}

/// What the store keeps of a secret. It has 256 random bits, so that a plain hash is enough.
pub(crate) fn hash_secret(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn random_text() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::EncodingKey;
    use secrecy::ExposeSecret;

    use super::*;
    use crate::identity::signing_keys::SigningKey;

    fn user() -> User {
        User {
            id: "u1".to_owned(),
            name: "ada".parse().expect("a name"),
            email: None,
            role: Role::Operator,
            grants: nephoscope_model::identity::AccountRoles::new(),
            disabled: false,
            has_password: true,
            has_provider_login: false,
            has_second_factor: false,
            created_at: Timestamp::default(),
            last_login_at: None,
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_text(&SigningKey::generate_text()).expect("a key")
    }

    fn code(result: Result<Proof>) -> Option<ErrorCode> {
        result.err().map(|error| error.code)
    }

    fn signed(keys: &SigningKeys, now: Timestamp) -> String {
        sign(keys, &user(), "s1", now).expect("a token").0.expose_secret().to_owned()
    }

    /// A token with these claims and this header, signed with the key.
    fn forged(header: &Header, claims: &serde_json::Value, key: &EncodingKey) -> String {
        jsonwebtoken::encode(header, claims, key).expect("a token")
    }

    fn claims(now: Timestamp) -> serde_json::Value {
        serde_json::json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": "u1", "name": "ada", "role": "admin", "sid": "s1",
            "iat": now.as_secs(), "exp": now.as_secs() + 100,
        })
    }

    #[test]
    fn a_token_proves_its_session_for_five_minutes() {
        let (keys, now) = (SigningKeys::from(key()), Timestamp::now());
        let token = signed(&keys, now);
        let proof = verify(&keys, &token, now).expect("good");
        assert_eq!((proof.user_id.as_str(), proof.session_id.as_str()), ("u1", "s1"));
        assert!(verify(&keys, &token, now.plus_millis(298_000)).is_ok());
        assert_eq!(code(verify(&keys, &token, now.plus_millis(300_000))), Some(ErrorCode::TokenExpired));
    }

    #[test]
    fn other_keys_no_algorithm_and_tampering_are_refused() {
        let (keys, other, now) = (SigningKeys::from(key()), SigningKeys::from(key()), Timestamp::now());
        assert_eq!(code(verify(&keys, &signed(&other, now), now)), Some(ErrorCode::TokenInvalid));

        let token = signed(&keys, now);
        let parts: Vec<&str> = token.split('.').collect();
        let kid = keys.active().expect("a key").id;
        for alg in ["none", "None", "HS512", "RS256"] {
            let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#));
            for signature in ["", parts[2]] {
                let token = format!("{header}.{}.{signature}", parts[1]);
                assert_eq!(code(verify(&keys, &token, now)), Some(ErrorCode::TokenInvalid), "{alg}");
            }
        }

        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(parts[1]).expect("base64")).expect("JSON");
        let admin = URL_SAFE_NO_PAD.encode(text.replace("operator", "admin"));
        let tampered = format!("{}.{admin}.{}", parts[0], parts[2]);
        assert_eq!(code(verify(&keys, &tampered, now)), Some(ErrorCode::TokenInvalid));
        for garbage in ["", "a.b.c", "🦀"] {
            assert_eq!(code(verify(&keys, garbage, now)), Some(ErrorCode::TokenInvalid));
        }
    }

    #[test]
    fn the_id_of_a_key_is_needed_and_only_compared() {
        let (key, now) = (key(), Timestamp::now());
        let keys = SigningKeys::from(key.clone());
        let with = |kid: Option<&str>| {
            let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::HS256) };
            code(verify(&keys, &forged(&header, &claims(now), &key.encoding), now))
        };
        assert_eq!(with(Some(&key.id)), None);
        let long = "a".repeat(100_000);
        for bad in [
            None,
            Some(""),
            Some("0123456789abcdef"),
            Some("../../../dev/null"),
            Some("/proc/self/environ"),
            Some("' OR 1=1 --"),
            Some("http://evil.example/key"),
            Some("\0"),
            Some(long.as_str()),
        ] {
            assert_eq!(with(bad), Some(ErrorCode::TokenInvalid), "{bad:?}");
        }
    }

    #[test]
    fn issuer_audience_and_time_are_checked() {
        let (key, now) = (key(), Timestamp::now());
        let keys = SigningKeys::from(key.clone());
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        let with = |field: &str, value: serde_json::Value| {
            let mut claims = claims(now);
            claims[field] = value;
            code(verify(&keys, &forged(&header, &claims, &key.encoding), now))
        };
        assert_eq!(with("iat", now.as_secs().into()), None);
        assert_eq!(with("iss", "elsewhere".into()), Some(ErrorCode::TokenInvalid));
        assert_eq!(with("aud", "another".into()), Some(ErrorCode::TokenInvalid));
        assert_eq!(with("exp", (now.as_secs() - 1).into()), Some(ErrorCode::TokenExpired));
        assert_eq!(with("iat", (now.as_secs() + 59).into()), None);
        assert_eq!(with("iat", (now.as_secs() + 120).into()), Some(ErrorCode::TokenInvalid));
        for missing in ["iss", "aud", "sub", "exp", "sid"] {
            assert_eq!(with(missing, serde_json::Value::Null), Some(ErrorCode::TokenInvalid), "{missing}");
        }
    }

    #[test]
    fn a_ticket_is_no_token_and_a_token_no_ticket() {
        let (keys, now) = (SigningKeys::from(key()), Timestamp::now());
        let ticket = sign_ticket(&keys, "u1", "mark", now).expect("a ticket");
        let ticket = ticket.expose_secret();
        let proven = verify_ticket(&keys, ticket, now).expect("good");
        assert_eq!((proven.user_id.as_str(), proven.password_mark.as_str()), ("u1", "mark"));
        assert_eq!(code(verify(&keys, ticket, now)), Some(ErrorCode::TokenInvalid));
        let as_ticket = verify_ticket(&keys, &signed(&keys, now), now).map_err(|error| error.code);
        assert_eq!(as_ticket.err(), Some(ErrorCode::TokenInvalid));
        let late = verify_ticket(&keys, ticket, now.plus_millis(300_000)).map_err(|error| error.code);
        assert_eq!(late.err(), Some(ErrorCode::TokenExpired));
    }

    #[test]
    fn a_rotated_key_logs_nobody_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signing.key");
        std::fs::write(&path, SigningKey::generate_text().expose_secret()).expect("a file");
        let (keys, now) = (SigningKeys::from_file(&path).expect("keys"), Timestamp::now());
        let before = signed(&keys, now);
        keys.rotate(now).expect("rotated");
        let after = signed(&keys, now);
        let kid = |token: &str| jsonwebtoken::decode_header(token).expect("a header").kid;
        assert_ne!(kid(&before), kid(&after));
        assert!(verify(&keys, &before, now).is_ok() && verify(&keys, &after, now).is_ok());
    }
}
