//! Sessions: log in, go on, log out.

use std::net::IpAddr;

use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    error::shorten,
    identity::{UserName, Viewer},
};
use nephoscope_store::{RefreshToken, Rotation, StoreError};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::token::{hash_refresh_token, new_refresh_token};
use crate::{Caller, Grant, Ops, Read, record::Task};

/// How long a session lasts without being used: 12 hours, a working day.
const REFRESH_LIFETIME_MILLIS: i64 = 12 * 3_600_000;
/// Two tabs that refresh at once, or an answer that got lost, are no theft.
const REUSE_GRACE_MILLIS: i64 = 30_000;

/// What a log-in or a refresh hands out.
#[derive(Debug)]
pub struct Session {
    /// Who.
    pub viewer: Viewer,
    /// The JWT.
    pub token: SecretString,
    /// Gets the next one, once.
    pub refresh_token: SecretString,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
}

impl Ops {
    /// Checks name and password and begins a session.
    ///
    /// # Errors
    /// `unauthenticated`, the same for an unknown name, a wrong password and a disabled user; `rate_limited`.
    pub async fn log_in(
        &self,
        name: &str,
        password: &SecretString,
        address: IpAddr,
        request_id: &str,
    ) -> Result<Session> {
        let typed = shorten(name.trim(), 64).to_lowercase();
        // Attempts that are not heard leave no record: anybody could fill the store with them.
        if let Err(error) = self.login_guard().count(address, &typed) {
            ::metrics::counter!("nephoscope_logins_not_heard_total").increment(1);
            return Err(error);
        }
        let user = match typed.parse::<UserName>() {
            Ok(name) => self.store().find_user(&name).await?,
            Err(_) => None,
        };
        // What was typed may be a password in the wrong field: only names that exist are recorded.
        let actor =
            user.as_ref().map_or_else(|| "(unknown)".to_owned(), |stored| stored.user.name.to_string());
        let caller = Caller { name: actor, ..Caller::system().within_request(request_id) };
        self.perform(&caller, Task::new(Operation::LogIn), async |_: Grant<Read>| {
            let hash = user.as_ref().map(|stored| stored.password_hash.clone());
            let matches = self.hasher().verify(password, hash.as_ref()).await?;
            let Some(user) = user.map(|stored| stored.user).filter(|user| matches && !user.disabled) else {
                return Err(wrong_credentials());
            };
            let now = Timestamp::now();
            let session_id = Uuid::now_v7().to_string();
            let refresh_token = new_refresh_token();
            let refresh_expires_at = now.plus_millis(REFRESH_LIFETIME_MILLIS);
            self.store()
                .begin_session(RefreshToken {
                    hash: hash_refresh_token(refresh_token.expose_secret()),
                    session_id: session_id.clone(),
                    user_id: user.id.clone(),
                    session_started_at: now,
                    issued_at: now,
                    expires_at: refresh_expires_at,
                })
                .await
                .map_err(|error| match error {
                    // Disabled or removed in this very moment.
                    StoreError::NotFound(_) => wrong_credentials(),
                    other => other.into(),
                })?;
            // The password may have been replaced while this one was being checked, which takes a moment.
            let replaced = !self.store().find_user(&user.name).await?.is_some_and(|stored| {
                hash.as_ref().is_some_and(|hash| stored.password_hash.expose_secret() == hash.expose_secret())
            });
            if replaced {
                self.store().end_session(&hash_refresh_token(refresh_token.expose_secret())).await?;
                return Err(wrong_credentials());
            }
            self.store().record_login(&user.id, now).await?;
            let (token, caller) = self.signing_key().sign(&user, &session_id, now)?;
            Ok(Session { viewer: caller.viewer(), token, refresh_token, refresh_expires_at })
        })
        .await
    }

    /// Exchanges a refresh token for a new JWT and the next refresh token. A token that comes twice is in two hands: the whole session
    /// ends then.
    ///
    /// # Errors
    /// `token_invalid` when the token is not good (any more).
    pub async fn refresh_session(&self, refresh_token: &str, request_id: &str) -> Result<Session> {
        let now = Timestamp::now();
        let next = new_refresh_token();
        let expires_at = now.plus_millis(REFRESH_LIFETIME_MILLIS);
        let rotation = self
            .store()
            .rotate_token(
                &hash_refresh_token(refresh_token),
                &hash_refresh_token(next.expose_secret()),
                expires_at,
                now,
                REUSE_GRACE_MILLIS,
            )
            .await?;
        let (known, reused) = match rotation {
            Rotation::Rotated(known) | Rotation::Repeated(known) => (known, false),
            Rotation::Reused(known) => (known, true),
            // Nothing is known of whose token it was, and anybody can send such by the million: no record.
            Rotation::Refused => return Err(session_ended()),
        };
        let user = self.store().get_user(&known.user_id).await?.ok_or_else(session_ended)?;
        let caller = Caller { name: user.name.to_string(), ..Caller::system().within_request(request_id) };
        self.perform(&caller, Task::new(Operation::RefreshSession).on(&known.session_id), async |_: Grant<Read>| {
            if reused {
                return Err(Error::new(
                    ErrorCode::TokenInvalid,
                    "The refresh token was used before, so the session was ended.",
                )
                .with_hint("Log in again. If that was not you, tell your administrator: somebody may have copied the token."));
            }
            if user.disabled {
                return Err(session_ended());
            }
            let (token, caller) = self.signing_key().sign(&user, &known.session_id, now)?;
            Ok(Session { viewer: caller.viewer(), token, refresh_token: next, refresh_expires_at: expires_at })
        })
        .await
    }

    /// Ends the caller's session, and the one of a refresh token if one is given; does nothing when there is none.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn log_out(&self, caller: Option<&Caller>, refresh_token: Option<&str>) -> Result<()> {
        if let Some(refresh_token) = refresh_token {
            self.store().end_session(&hash_refresh_token(refresh_token)).await?;
        }
        let Some(caller) = caller else { return Ok(()) };
        self.perform(caller, Task::new(Operation::LogOut), async |_: Grant<Read>| {
            self.store().revoke_session(&caller.session_id).await?;
            self.caches().live_sessions.forget(&caller.session_id).await;
            Ok(())
        })
        .await
    }

    /// Who a JWT proves, while their session lives: a log-out, a new password or a disabled user counts within five seconds
    /// on every server that shares the store, long before the token ends by itself.
    ///
    /// # Errors
    /// `token_expired` or `token_invalid`.
    pub async fn identify(&self, token: &str, request_id: &str) -> Result<Caller> {
        let now = Timestamp::now();
        let caller = self.signing_key().verify(token, now)?.within_request(request_id);
        let session_id = caller.session_id.clone();
        let ask = async { Ok(self.store().session_is_live(&session_id, now).await?) };
        if *self.caches().live_sessions.get(session_id.clone(), false, ask).await?.value {
            return Ok(caller);
        }
        Err(session_ended())
    }

    /// Whether a caller may still go on, for connections that outlive their token.
    ///
    /// # Errors
    /// `token_invalid` when the session has ended, or its user was disabled, removed or given another role.
    pub async fn recheck(&self, caller: &Caller) -> Result<()> {
        let live = self.store().session_is_live(&caller.session_id, Timestamp::now()).await?;
        let user = self.store().get_user(&caller.user_id).await?;
        if live && user.is_some_and(|user| !user.disabled && user.role == caller.role) {
            return Ok(());
        }
        Err(session_ended())
    }

    /// Forgets what sessions and attempts left behind.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn purge_sessions(&self) -> Result<u64> {
        self.login_guard().forget_old();
        Ok(self.store().purge_tokens(Timestamp::now()).await?)
    }
}

fn wrong_credentials() -> Error {
    Error::new(ErrorCode::Unauthenticated, "The name or the password is wrong.")
        .with_hint("If you have forgotten it, an administrator can set a new one.")
}

fn session_ended() -> Error {
    Error::new(ErrorCode::TokenInvalid, "Your session has ended.").with_hint("Log in again.")
}
