//! Log-in through an identity provider, by OpenID Connect: code flow with PKCE, state and nonce.
//!
//! A provider says who somebody is. Whether they may come in is said here: only whose e-mail address an administrator has set beforehand,
//! and only when the provider vouches for the address. The first log-in binds the person to what the provider calls them, so that
//! an address which is given to somebody else one day does not hand their access on.

mod claims;
mod provider;
mod ticket;

use std::sync::Arc;

use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp, error::shorten, identity::Role, login::LoginProvider,
};
use nephoscope_store::StoredUser;
use secrecy::SecretString;

pub use provider::ProviderSettings;

use self::{
    provider::{Proven, Provider},
    ticket::Begun,
};
use super::{Session, Visitor};
use crate::{
    Caller, Grant, Ops, Read,
    limiter::network_of,
    record::{Done, Task},
    wait_seconds,
};

/// The longest address to come back to that a ticket carries: browsers keep cookies of 4,096 bytes, and a ticket has more in it.
const MAX_NEXT: usize = 1_500;
/// The longest error of a provider that is read.
const MAX_SAID: usize = 64;

/// The identity providers there are.
#[derive(Debug, Clone, Default)]
pub struct Providers(Arc<Vec<Provider>>);

impl Providers {
    /// Providers that send people back to `public_url`, the address under which browsers reach this server.
    ///
    /// # Errors
    /// `invalid_input` when that is no address.
    pub fn new(public_url: &str, settings: Vec<ProviderSettings>) -> Result<Self> {
        let providers = settings.into_iter().map(|settings| Provider::new(settings, public_url));
        Ok(Self(Arc::new(providers.collect::<Result<_>>()?)))
    }

    fn find(&self, id: &str) -> Result<&Provider> {
        self.0.iter().find(|provider| provider.settings.id.as_str() == id).ok_or_else(|| {
            Error::not_found("There is no such identity provider here.")
                .with_hint("The log-in page shows which there are.")
        })
    }
}

/// The way to a provider.
#[derive(Debug)]
pub struct ProviderLogin {
    /// Where to send the browser.
    pub url: String,
    /// What the browser keeps meanwhile and brings back.
    pub ticket: SecretString,
    /// For how long that is good, in seconds.
    pub lifetime_secs: i64,
}

/// What a browser brings back from a provider.
#[derive(Debug, Default)]
pub struct ProviderAnswer {
    /// Exchanged for who they are.
    pub code: Option<String>,
    /// What the log-in was begun with.
    pub state: String,
    /// Which issuer answered, if it says so (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl Ops {
    /// The identity providers people can log in with.
    #[must_use]
    pub fn login_providers(&self) -> Vec<LoginProvider> {
        let offered = |provider: &Provider| LoginProvider {
            id: provider.settings.id.clone(),
            name: provider.settings.name.clone(),
        };
        self.providers().0.iter().map(offered).collect()
    }

    /// Begins a log-in at a provider; `next` is where to go afterwards.
    ///
    /// # Errors
    /// `not_found` when there is no such provider, `unavailable` when it does not answer, `rate_limited`.
    pub async fn begin_provider_login(
        &self,
        provider: &str,
        next: &str,
        visitor: &Visitor,
    ) -> Result<ProviderLogin> {
        let provider = self.providers().find(provider)?;
        self.count_provider_login(visitor)?;
        let next = if next.len() > MAX_NEXT { "" } else { next };
        let (url, begun) = provider.begin(next).await?;
        let ticket = ticket::sign(self.signing_keys(), &begun, Timestamp::now())?;
        Ok(ProviderLogin { url, ticket, lifetime_secs: ticket::LIFETIME_SECS })
    }

    /// Ends a log-in at a provider, and says where to go.
    ///
    /// # Errors
    /// `token_invalid` or `token_expired` when it was not begun in this browser within ten minutes; `unauthenticated` when the provider's
    /// answer is not good; `forbidden` when the person is not approved; `unavailable`, `rate_limited`.
    pub async fn finish_provider_login(
        &self,
        provider: &str,
        ticket: &str,
        answer: ProviderAnswer,
        visitor: &Visitor,
    ) -> Result<(Session, String)> {
        let provider = self.providers().find(provider)?;
        self.count_provider_login(visitor)?;
        // What was not begun here leaves no record: anybody could fill the store with it.
        let begun = ticket::verify(self.signing_keys(), ticket, Timestamp::now())
            .map_err(|error| begin_again(&error))?;
        check_belongs(provider, &begun, &answer)?;
        let proven = prove(provider, &begun, answer).await;
        let email = proven.as_ref().map(|proven| proven.email.to_string()).unwrap_or_default();
        let known = match &proven {
            Ok(proven) => self.store().find_user_by_email(&proven.email).await?,
            Err(_) => None,
        };
        let name = known.as_ref().map_or("(unknown)", |stored| stored.user.name.as_str()).to_owned();
        let caller = Caller { name, ..Caller::system().within_request(&visitor.request_id) };
        let task = Task::new(Operation::LogIn).on(&email);
        let session = self
            .perform(&caller, task, async |_: Grant<Read>| {
                let session = self.admit(provider, &proven?, known, visitor).await?;
                Ok(Done::with(session, format!("by {}", provider.settings.id)))
            })
            .await?;
        Ok((session, begun.next))
    }

    /// Begins a session of somebody whom a provider proved, if they are approved.
    async fn admit(
        &self,
        provider: &Provider,
        proven: &Proven,
        known: Option<StoredUser>,
        visitor: &Visitor,
    ) -> Result<Session> {
        let stored = known.filter(|stored| !stored.user.disabled).ok_or_else(not_approved)?;
        let role = role_of(provider, proven)?;
        let login = provider.login_of(proven);
        if !self.store().bind_login(&stored.user.id, &proven.email, &login).await? {
            return Err(Error::new(
                ErrorCode::Forbidden,
                format!(
                    "{} knows you as somebody else than the person who logged in with this address before.",
                    provider.settings.name
                ),
            )
            .with_hint(
                "If you are that person, an administrator lets you in again by setting your address anew.",
            ));
        }
        let Some(role) = role.filter(|role| *role != stored.user.role) else {
            return self.begin_session(&stored, visitor).await;
        };
        let system = Caller::system().within_request(&visitor.request_id);
        self.set_role(&system, &stored.user.name, role).await?;
        let stored = self.store().find_user(&stored.user.name).await?.ok_or_else(not_approved)?;
        self.begin_session(&stored, visitor).await
    }

    fn count_provider_login(&self, visitor: &Visitor) -> Result<()> {
        self.provider_limit().check(network_of(visitor.address)).map_err(|wait| {
            Error::new(ErrorCode::RateLimited, "Too many attempts to log in.")
                .with_hint("Wait a moment, then try again.")
                .with_retry_after(wait_seconds(wait))
        })
    }
}

/// The answer must be one to what was begun: of this provider, with the state that only this browser has.
fn check_belongs(provider: &Provider, begun: &Begun, answer: &ProviderAnswer) -> Result<()> {
    let is_ours = begun.provider == provider.settings.id
        && begun.state == answer.state
        && answer.issuer.as_ref().is_none_or(|issuer| *issuer == provider.settings.issuer);
    if is_ours {
        return Ok(());
    }
    Err(begin_again(&Error::new(ErrorCode::TokenInvalid, "")))
}

async fn prove(provider: &Provider, begun: &Begun, answer: ProviderAnswer) -> Result<Proven> {
    match answer {
        ProviderAnswer { code: Some(code), error: None, .. } => provider.prove(code, begun).await,
        ProviderAnswer { error, .. } => {
            let said = shorten(error.as_deref().unwrap_or("nothing"), MAX_SAID);
            let name = &provider.settings.name;
            Err(Error::new(
                ErrorCode::Unauthenticated,
                format!("{name} did not log you in: it said {said:?}."),
            )
            .with_hint("Try again, and allow nephoscope to see your e-mail address there."))
        }
    }
}

/// The role that the person's groups give them; none when groups do not decide here.
fn role_of(provider: &Provider, proven: &Proven) -> Result<Option<Role>> {
    let roles = &provider.settings.roles;
    if roles.is_empty() {
        return Ok(None);
    }
    claims::role_of_groups(roles, &proven.groups).map(Some).ok_or_else(|| {
        Error::new(
            ErrorCode::Forbidden,
            format!("None of your groups at {} may use nephoscope.", provider.settings.name),
        )
        .with_hint("Ask your administrator to put you into one that may.")
    })
}

/// The same for an address that nobody knows and for a person who is disabled.
fn not_approved() -> Error {
    Error::new(ErrorCode::Forbidden, "You are not approved to use nephoscope.").with_hint(
        "Ask your administrator to approve the e-mail address that you have at the identity provider.",
    )
}

fn begin_again(error: &Error) -> Error {
    Error::new(error.code, "This log-in was not begun in this browser, or too long ago.")
        .with_hint("Begin again from the log-in page.")
}
