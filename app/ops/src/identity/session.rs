//! Sessions: log in, go on, log out.

use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    error::shorten,
    identity::{User, UserName, Viewer},
};
use nephoscope_store::{RefreshToken, Rotation, StoreError, StoredUser};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::{
    Visitor,
    token::{self, API_TOKEN_PREFIX, hash_secret, new_secret},
};
use crate::{
    Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// How long a session lasts without being used: 12 hours, a working day.
const REFRESH_LIFETIME_MILLIS: i64 = 12 * 3_600_000;
/// Two tabs that refresh at once, or an answer that got lost, are no theft.
const REUSE_GRACE_MILLIS: i64 = 30_000;

/// How exactly the last use of a token for a program is known.
const USE_KNOWN_TO_MILLIS: i64 = 60_000;

/// Somebody's role, password or sessions have changed: whoever serves them beyond one request looks again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonChanged {
    user_id: String,
}

impl PersonChanged {
    /// Whether it is about this caller.
    #[must_use]
    pub fn concerns(&self, caller: &Caller) -> bool {
        self.user_id == caller.user_id
    }
}

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

/// What came of a name and a password.
#[derive(Debug)]
pub enum LoggedIn {
    /// A session has begun.
    In(Session),
    /// They were right, and a code is needed as well, together with this ticket, within five minutes.
    CodeNeeded(SecretString),
}

impl Ops {
    /// Checks name and password, and a code when one is given and needed, and begins a session.
    ///
    /// # Errors
    /// `unauthenticated`, the same for an unknown name, a wrong password and a disabled user, and for a wrong code; `rate_limited`.
    pub async fn log_in(
        &self,
        name: &str,
        password: &SecretString,
        code: Option<&str>,
        visitor: &Visitor,
    ) -> Result<LoggedIn> {
        let typed = shorten(name.trim(), 64).to_lowercase();
        // Attempts that are not heard leave no record: anybody could fill the store with them.
        let attempt = self.login_guard().admit(visitor.address, &typed).inspect_err(|_| {
            ::metrics::counter!("nephoscope_logins_not_heard_total").increment(1);
        })?;
        tokio::time::sleep(attempt.delay()).await;
        let result = self.log_in_heard(&typed, password, code, visitor).await;
        if !matches!(&result, Err(error) if error.code == ErrorCode::Unauthenticated) {
            attempt.forgive();
        }
        result
    }

    async fn log_in_heard(
        &self,
        typed: &str,
        password: &SecretString,
        code: Option<&str>,
        visitor: &Visitor,
    ) -> Result<LoggedIn> {
        let user = match typed.parse::<UserName>() {
            Ok(name) => self.store().find_user(&name).await?,
            Err(_) => None,
        };
        // What was typed may be a password in the wrong field: only names that exist are recorded.
        let actor =
            user.as_ref().map_or_else(|| "(unknown)".to_owned(), |stored| stored.user.name.to_string());
        let caller = Caller { name: actor, ..Caller::system().within_request(&visitor.request_id) };
        self.perform(&caller, Task::new(Operation::LogIn), async |_: Grant<Read>| {
            // Who was invited has no password yet, which must take as long as a wrong one.
            let hash = user
                .as_ref()
                .map(|stored| stored.password_hash.clone())
                .filter(|hash| !hash.expose_secret().is_empty());
            let matches = self.hasher().verify(password, hash.as_ref()).await?;
            let Some(stored) = user.filter(|stored| matches && !stored.user.disabled) else {
                return Err(wrong_credentials());
            };
            match code {
                _ if !stored.user.has_second_factor => {
                    Ok(Done::from(LoggedIn::In(self.begin_session(&stored, visitor).await?)))
                }
                Some(code) => {
                    let (session, how) = self.finish_with_code(&stored, code, visitor).await?;
                    Ok(Done::with(LoggedIn::In(session), how))
                }
                None => {
                    let mark = hash_secret(stored.password_hash.expose_secret());
                    let keys = self.signing_keys();
                    let ticket = token::sign_ticket(keys, &stored.user.id, &mark, Timestamp::now())?;
                    Ok(Done::with(LoggedIn::CodeNeeded(ticket), "a code was asked for"))
                }
            }
        })
        .await
    }

    /// Begins a session of somebody who has proved who they are, unless their password was replaced meanwhile.
    pub(super) async fn begin_session(&self, stored: &StoredUser, visitor: &Visitor) -> Result<Session> {
        let (user, now) = (&stored.user, Timestamp::now());
        let session_id = Uuid::now_v7().to_string();
        let refresh_token = new_secret();
        let refresh_expires_at = now.plus_millis(REFRESH_LIFETIME_MILLIS);
        let token = RefreshToken {
            hash: hash_secret(refresh_token.expose_secret()),
            session_id: session_id.clone(),
            user_id: user.id.clone(),
            session_started_at: now,
            issued_at: now,
            expires_at: refresh_expires_at,
        };
        self.store().begin_session(token, visitor.client()).await.map_err(|error| match error {
            // Disabled or removed in this very moment.
            StoreError::NotFound(_) => wrong_credentials(),
            other => other.into(),
        })?;
        // The password may have been replaced while this one was being checked, which takes a moment.
        let replaced = !self.store().find_user(&user.name).await?.is_some_and(|now| {
            now.user.id == user.id
                && now.password_hash.expose_secret() == stored.password_hash.expose_secret()
        });
        if replaced {
            self.store().revoke_session(&session_id).await?;
            return Err(wrong_credentials());
        }
        self.store().record_login(&user.id, now).await?;
        self.hand_out(user, &session_id, refresh_token, refresh_expires_at, now)
    }

    fn hand_out(
        &self,
        user: &User,
        session_id: &str,
        refresh_token: SecretString,
        refresh_expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Session> {
        let (token, expires_at) = token::sign(self.signing_keys(), user, session_id, now)?;
        let viewer = Caller::in_session(user, session_id, expires_at).viewer();
        Ok(Session { viewer, token, refresh_token, refresh_expires_at })
    }

    /// Exchanges a refresh token for a new JWT and the next refresh token. A token that comes twice is in two hands: the whole session
    /// ends then.
    ///
    /// # Errors
    /// `token_invalid` when the token is not good (any more).
    pub async fn refresh_session(&self, refresh_token: &str, request_id: &str) -> Result<Session> {
        let now = Timestamp::now();
        let next = new_secret();
        let expires_at = now.plus_millis(REFRESH_LIFETIME_MILLIS);
        let rotation = self
            .store()
            .rotate_token(
                &hash_secret(refresh_token),
                &hash_secret(next.expose_secret()),
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
        // Of its own name in the audit, since somebody should look into it.
        let operation = if reused { Operation::ReuseToken } else { Operation::RefreshSession };
        if reused {
            self.person_changed(&user.id);
        }
        self.perform(&caller, Task::new(operation).on(&known.session_id), async |_: Grant<Read>| {
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
            self.hand_out(&user, &known.session_id, next, expires_at, now)
        })
        .await
    }

    /// Ends the caller's session, and the one of a refresh token if one is given; does nothing when there is none.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn log_out(
        &self,
        caller: Option<&Caller>,
        refresh_token: Option<&str>,
        request_id: &str,
    ) -> Result<()> {
        let ended = match refresh_token {
            Some(token) => self.store().end_session(&hash_secret(token)).await?,
            None => None,
        };
        if let Some(caller) = caller {
            self.perform(caller, Task::new(Operation::LogOut), async |_: Grant<Read>| {
                self.store().revoke_session(&caller.session_id).await?;
                self.person_changed(&caller.user_id);
                Ok(())
            })
            .await?;
        }
        // Of a session that the caller's record does not tell of, its own does.
        let Some(ended) = ended.filter(|ended| caller.is_none_or(|caller| caller.session_id != ended.id))
        else {
            return Ok(());
        };
        let Some(user) = self.store().get_user(&ended.user_id).await? else { return Ok(()) };
        let owner = Caller { name: user.name.to_string(), ..Caller::system().within_request(request_id) };
        self.perform(&owner, Task::new(Operation::LogOut).on(&ended.id), async |_: Grant<Read>| {
            self.person_changed(&ended.user_id);
            Ok(())
        })
        .await
    }

    /// Who a token proves: a JWT while its session lives, or a token for a program. What they may do is what the store says, known for
    /// five seconds: so a log-out, another role, a new password or a disabled user counts within five seconds on every server that shares
    /// the store, and at once on the one where it was done.
    ///
    /// # Errors
    /// `token_expired` or `token_invalid`.
    pub async fn identify(&self, token: &str, request_id: &str) -> Result<Caller> {
        if token.starts_with(API_TOKEN_PREFIX) {
            return self.identify_program(token, request_id).await;
        }
        let now = Timestamp::now();
        let proof = token::verify(self.signing_keys(), token, now)?;
        let session_id = proof.session_id.clone();
        let ask = async { Ok(self.store().session_user(&session_id, now).await?) };
        let known = self.caches().sessions.get(proof.session_id.clone(), false, ask).await?;
        match &*known.value {
            Some(user) if user.id == proof.user_id => {
                Ok(Caller::in_session(user, &session_id, proof.expires_at).within_request(request_id))
            }
            _ => Err(session_ended()),
        }
    }

    async fn identify_program(&self, token: &str, request_id: &str) -> Result<Caller> {
        let (hash, now) = (hash_secret(token), Timestamp::now());
        let ask = async {
            let found = self.store().find_api_token(&hash, now).await?;
            if let Some((token, _)) = &found
                && token.last_used_at.is_none_or(|at| now.as_millis() - at.as_millis() > USE_KNOWN_TO_MILLIS)
            {
                self.store().record_api_token_use(&token.id, now).await?;
            }
            Ok(found)
        };
        let known = self.caches().api_tokens.get(hash.clone(), false, ask).await?;
        match &*known.value {
            Some((token, user)) if token.expires_at > now => {
                Ok(Caller::by_api_token(user, token, &hash).within_request(request_id))
            }
            _ => Err(Error::new(ErrorCode::TokenInvalid, "The token is not good (any more).")
                .with_hint("Make a new one at /settings/me.")),
        }
    }

    /// Whether a caller may still go on as before, for connections that outlive a request.
    ///
    /// # Errors
    /// `token_invalid` when the session or the token has ended, or its user was disabled or removed; `token_expired` when they may do other
    /// things now.
    pub async fn recheck(&self, caller: &Caller) -> Result<()> {
        let now = Timestamp::now();
        let present = match &caller.api_token {
            Some(token) => self
                .store()
                .find_api_token(&token.hash, now)
                .await?
                .map(|(found, user)| Caller::by_api_token(&user, &found, &token.hash)),
            None => self
                .store()
                .session_user(&caller.session_id, now)
                .await?
                .map(|user| Caller::in_session(&user, &caller.session_id, caller.token_expires_at)),
        };
        match present {
            Some(present) if present.may_the_same_as(caller) => Ok(()),
            Some(_) => Err(Error::new(ErrorCode::TokenExpired, "What you may do has changed.")
                .with_hint("Connect again; what you may do now is checked anew.")),
            None => Err(session_ended()),
        }
    }

    /// Tells of every change of a person on this server, for connections that outlive a request. Whoever is too slow to hear of each one
    /// looks again for itself.
    #[must_use]
    pub fn person_changes(&self) -> broadcast::Receiver<PersonChanged> {
        self.people_channel().subscribe()
    }

    /// Forgets what is known of people and tells those who serve this one.
    pub(super) fn person_changed(&self, user_id: &str) {
        self.caches().sessions.forget_all();
        self.caches().api_tokens.forget_all();
        // Nobody listening is nothing to complain about.
        let _listeners = self.people_channel().send(PersonChanged { user_id: user_id.to_owned() });
    }

    /// Forgets what sessions and attempts left behind.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn purge_sessions(&self) -> Result<u64> {
        self.subscription_guard().forget_old();
        Ok(self.store().purge_tokens(Timestamp::now()).await?)
    }
}

pub(super) fn wrong_credentials() -> Error {
    Error::new(ErrorCode::Unauthenticated, "The name or the password is wrong.")
        .with_hint("If you have forgotten it, an administrator can set a new one.")
}

fn session_ended() -> Error {
    Error::new(ErrorCode::TokenInvalid, "Your session has ended.").with_hint("Log in again.")
}
