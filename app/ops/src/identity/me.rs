//! What is one's own: sessions, the password, tokens for programs.

use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    error::shorten,
    identity::{ApiToken, Me, NewApiToken, Role, SessionInfo, UserName},
};
use nephoscope_store::{LiveSession, StoreError, StoredApiToken, StoredUser};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::{
    Session, Visitor,
    token::{hash_secret, new_api_token},
};
use crate::{
    Caller, Grant, Ops, Own, Read,
    record::{Done, Task},
};

/// The most tokens that one person may have.
const MAX_TOKENS: usize = 50;
/// The longest that a token may last, in days.
const MAX_TOKEN_DAYS: u32 = 366;
/// The longest name of a token, in characters.
const MAX_TOKEN_NAME: usize = 64;

/// A token for a program to make.
#[derive(Debug, Clone)]
pub struct NewTokenRequest {
    /// What its owner calls it.
    pub name: String,
    /// The most that it may do.
    pub role: Role,
    /// Whether it changes nothing, whatever the role.
    pub read_only: bool,
    /// How many days it lasts.
    pub days: u32,
}

impl Ops {
    /// The caller's own account: sessions and tokens.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn get_me(&self, caller: &Caller) -> Result<Me> {
        self.perform(caller, Task::new(Operation::ListOwn), async |_: Grant<Read>| {
            let stored = self.own_user(caller).await?;
            let sessions = self.store().list_sessions(&caller.user_id, Timestamp::now()).await?;
            let factor = self.store().find_second_factor(&caller.user_id).await?;
            Ok(Me {
                user: stored.user,
                sessions: sessions.into_iter().map(|session| describe(session, caller)).collect(),
                tokens: self.store().list_api_tokens(&caller.user_id).await?,
                recovery_codes: factor
                    .map_or(0, |factor| u32::try_from(factor.recovery_hashes.len()).unwrap_or(u32::MAX)),
            })
        })
        .await
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// `not_found` when they have none of that id.
    pub async fn end_session(&self, caller: &Caller, id: &str) -> Result<()> {
        let task = Task::new(Operation::EndSession).on(id);
        self.perform(caller, task, async |_: Grant<Read>| {
            check_in_session(caller)?;
            let sessions = self.store().list_sessions(&caller.user_id, Timestamp::now()).await?;
            if !sessions.iter().any(|session| session.id == id) {
                return Err(Error::not_found("You have no such session; it may have ended already."));
            }
            self.store().revoke_session(id).await?;
            self.person_changed(&caller.user_id);
            Ok(())
        })
        .await
    }

    /// Ends every session of the caller, this one included. Tokens for programs stay.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn end_all_sessions(&self, caller: &Caller) -> Result<()> {
        self.perform(caller, Task::new(Operation::EndAllSessions), async |_: Grant<Read>| {
            check_in_session(caller)?;
            self.store().revoke_sessions(&caller.user_id).await?;
            self.person_changed(&caller.user_id);
            Ok(())
        })
        .await
    }

    /// Replaces the caller's password, ends all their sessions, and begins a new one for where they are.
    ///
    /// # Errors
    /// `unauthenticated` when the present password is wrong, `invalid_input` when the new one is weak, `rate_limited`.
    pub async fn change_password(
        &self,
        caller: &Caller,
        present: &SecretString,
        new: &SecretString,
        visitor: &Visitor,
    ) -> Result<Session> {
        self.perform(caller, Task::new(Operation::ChangePassword), async |_: Grant<Own>| {
            let stored = self.own_user(caller).await?;
            self.check_own_password(&stored, present, visitor).await?;
            let hash = self.hasher().hash_new(new, &stored.user.name).await?;
            self.store().set_password(&caller.user_id, &hash).await?;
            self.person_changed(&caller.user_id);
            self.begin_session(&StoredUser { user: stored.user, password_hash: hash }, visitor).await
        })
        .await
    }

    /// Sets a password by a link, which is used up, and ends all sessions of that person.
    ///
    /// # Errors
    /// `not_found` when the link is not good (any more), `invalid_input` when the password is weak.
    pub async fn redeem_password_link(
        &self,
        link: &str,
        password: &SecretString,
        request_id: &str,
    ) -> Result<UserName> {
        let hash = hash_secret(link);
        // Unknown links leave no record: anybody can invent them.
        let user =
            self.store().find_password_link(&hash, Timestamp::now()).await?.ok_or_else(no_such_link)?;
        let caller = Caller { name: user.name.to_string(), ..Caller::system().within_request(request_id) };
        self.perform(&caller, Task::new(Operation::RedeemLink), async |_: Grant<Own>| {
            let password = self.hasher().hash_new(password, &user.name).await?;
            let redeemed = self.store().redeem_password_link(&hash, &password, Timestamp::now()).await?;
            let user = redeemed.ok_or_else(no_such_link)?;
            self.person_changed(&user.id);
            Ok(user.name)
        })
        .await
    }

    /// Whose password a link sets, for the page that asks for it.
    ///
    /// # Errors
    /// `not_found` when the link is not good (any more).
    pub async fn whose_password_link(&self, link: &str) -> Result<UserName> {
        let found = self.store().find_password_link(&hash_secret(link), Timestamp::now()).await?;
        Ok(found.ok_or_else(no_such_link)?.name)
    }

    /// Makes a token for a program. It is shown this once.
    ///
    /// # Errors
    /// `forbidden` when it should do more than its owner may, `invalid_input`, `conflict` when there are too many.
    pub async fn add_api_token(&self, caller: &Caller, request: NewTokenRequest) -> Result<NewApiToken> {
        let name = request.name.trim().to_owned();
        let limits = if request.read_only { ", read only" } else { "" };
        let words = format!("{} for {} days{limits}", request.role, request.days);
        let task = Task::new(Operation::AddToken).on(&name).detail(words.clone());
        self.perform(caller, task, async |_: Grant<Own>| {
            check_token(&name, request.days)?;
            let most = caller.grants.values().copied().fold(caller.role, Role::max);
            if request.role > most {
                return Err(Error::new(
                    ErrorCode::Forbidden,
                    format!("Your role is {most}; a token of yours cannot be {}.", request.role),
                )
                .with_hint("Choose a lesser role."));
            }
            if self.store().list_api_tokens(&caller.user_id).await?.len() >= MAX_TOKENS {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    format!("You have {MAX_TOKENS} tokens already."),
                )
                .with_hint("Remove one that is no longer used."));
            }
            let (token, now) = (new_api_token(), Timestamp::now());
            let info = ApiToken {
                id: Uuid::now_v7().to_string(),
                name: name.clone(),
                role: request.role,
                read_only: request.read_only,
                created_at: now,
                expires_at: now.plus_millis(i64::from(request.days) * 86_400_000),
                last_used_at: None,
            };
            let hash = hash_secret(token.expose_secret());
            let stored = StoredApiToken { info: info.clone(), hash, user_id: caller.user_id.clone() };
            self.store().create_api_token(stored).await?;
            let made = NewApiToken { token: token.expose_secret().to_owned(), info };
            Ok(Done::with(made, words.clone()))
        })
        .await
    }

    /// Removes one of the caller's tokens; what uses it is refused at once.
    ///
    /// # Errors
    /// `not_found` when they have none of that id.
    pub async fn remove_api_token(&self, caller: &Caller, id: &str) -> Result<()> {
        let task = Task::new(Operation::RemoveToken).on(id);
        self.perform(caller, task, async |_: Grant<Own>| {
            self.store().remove_api_token(&caller.user_id, id).await?;
            self.person_changed(&caller.user_id);
            Ok(())
        })
        .await
    }

    /// Makes sure that it is the person themselves: whoever finds a browser open must not be able to guess here what they cannot guess at
    /// the door.
    pub(super) async fn check_own_password(
        &self,
        stored: &StoredUser,
        password: &SecretString,
        visitor: &Visitor,
    ) -> Result<()> {
        let attempt = self.login_guard().admit(visitor.address, stored.user.name.as_str())?;
        tokio::time::sleep(attempt.delay()).await;
        if !self.hasher().verify(password, Some(&stored.password_hash)).await? {
            return Err(Error::new(
                ErrorCode::InvalidInput,
                "Your present password is not the one you gave.",
            )
            .with_hint("Nothing was changed. If you have forgotten it, an administrator can reset it."));
        }
        attempt.forgive();
        Ok(())
    }

    /// The caller as the store knows them.
    pub(super) async fn own_user(&self, caller: &Caller) -> Result<StoredUser> {
        let name = caller.name.parse::<UserName>()?;
        let found = self.store().find_user(&name).await?;
        Ok(found.filter(|stored| stored.user.id == caller.user_id).ok_or(StoreError::NotFound("user"))?)
    }
}

fn describe(session: LiveSession, caller: &Caller) -> SessionInfo {
    SessionInfo {
        current: session.id == caller.session_id,
        id: session.id,
        started_at: session.started_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        address: session.client.address,
        browser: session.client.browser,
    }
}

/// A program's token must not throw its owner out.
fn check_in_session(caller: &Caller) -> Result<()> {
    if caller.api_token.is_none() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Forbidden, "A token cannot end the sessions of its owner.")
        .with_hint("Log in with the password for this."))
}

fn check_token(name: &str, days: u32) -> Result<()> {
    if name.is_empty() || name.chars().count() > MAX_TOKEN_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid(format!(
            "{:?} is no name for a token: 1 to {MAX_TOKEN_NAME} characters are needed.",
            shorten(name, MAX_TOKEN_NAME)
        )));
    }
    if !(1..=MAX_TOKEN_DAYS).contains(&days) {
        return Err(Error::invalid(format!("A token lasts 1 to {MAX_TOKEN_DAYS} days, not {days}.")));
    }
    Ok(())
}

fn no_such_link() -> Error {
    Error::not_found("This link is not good (any more): it works once, and for a few days.")
        .with_hint("Ask an administrator for a new one.")
}
