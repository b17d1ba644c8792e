//! The accounts at run time: how each is entered for whom, and the clients that were made for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
    time::Duration,
};

use aws_config::{SdkConfig, identity::IdentityCache};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::region::Region as SdkRegion;
use moka::{policy::EvictionPolicy, sync::Cache};
use nephoscope_model::{
    Account, AccountId, Error, Place, Region, Result,
    account::{AccountDetails, Credentials, Origin, RoleArn},
    identity::Role,
};

use crate::{
    Actor,
    credentials::{AccountConfig, RENEW_BEFORE, is_same, keys},
    policy::{entering_policy, session_policy},
    role::{Base, RoleProvider},
    site::{OnCall, Shared, Site},
};

/// People whose sessions with one account are kept; who was away for long assumes the role anew.
const MAX_SESSIONS: u64 = 256;
const KEEP_IDLE: Duration = Duration::from_secs(3_600);

/// All that clones of a cloud share.
pub(crate) struct Inner {
    /// The SDK's configuration with the server's own credentials.
    sdk: SdkConfig,
    max_concurrency: usize,
    on_call: Option<OnCall>,
    estate: RwLock<Arc<Vec<Arc<Entrance>>>>,
    /// To hand out to what must not keep the cloud alive.
    this: Weak<Self>,
}

/// One account, and who is in it.
struct Entrance {
    config: AccountConfig,
    origin: Origin,
    /// Whether an account of this id was added at run time, too.
    shadows: bool,
    shared: Arc<Shared>,
    sessions: Cache<SessionKey, Arc<Session>>,
}

/// A person in an account, and what for.
#[derive(Clone, PartialEq, Eq, Hash)]
struct SessionKey {
    name: Arc<str>,
    aim: Aim,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Aim {
    /// To do what this role may.
    Act(Role),
    /// To assume this role of another account, as the n-th in a chain.
    Enter(RoleArn, usize),
}

/// The credentials of a person in an account, and the clients that sign with them.
struct Session {
    sdk: SdkConfig,
    sites: Mutex<HashMap<Region, Arc<Site>>>,
}

impl Inner {
    /// The accounts of the configuration come first; of two with one id, the first counts.
    pub(crate) fn new(
        sdk: SdkConfig,
        max_concurrency: usize,
        on_call: Option<OnCall>,
        configured: Vec<AccountConfig>,
    ) -> Arc<Self> {
        let mut estate: Vec<Arc<Entrance>> = Vec::new();
        for config in configured {
            if !estate.iter().any(|known| known.config.account.id == config.account.id) {
                estate.push(Arc::new(Entrance::new(config, Origin::File, max_concurrency)));
            }
        }
        let estate = RwLock::new(Arc::new(estate));
        Arc::new_cyclic(|this| Self { sdk, max_concurrency, on_call, estate, this: this.clone() })
    }

    /// The same accounts and one more, in place of the one with its id: to try it before it is added.
    pub(crate) fn with_candidate(&self, candidate: AccountConfig) -> Arc<Self> {
        let others = self.estate().iter().map(|entrance| entrance.config.clone()).collect::<Vec<_>>();
        let all = std::iter::once(candidate).chain(others).collect();
        Self::new(self.sdk.clone(), self.max_concurrency, self.on_call.clone(), all)
    }

    pub(crate) fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    fn estate(&self) -> Arc<Vec<Arc<Entrance>>> {
        Arc::clone(&self.estate.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn accounts(&self) -> Vec<Account> {
        self.estate().iter().map(|entrance| entrance.config.account.clone()).collect()
    }

    pub(crate) fn details(&self) -> Vec<AccountDetails> {
        self.estate().iter().map(|entrance| entrance.details()).collect()
    }

    /// Takes other accounts beside those of the configuration. Who is in an account that stays the same stays in it.
    pub(crate) fn set_added(&self, added: Vec<AccountConfig>) {
        let mut estate = self.estate.write().unwrap_or_else(PoisonError::into_inner);
        let mut next: Vec<Arc<Entrance>> = Vec::new();
        for entrance in estate.iter().filter(|entrance| entrance.origin == Origin::File) {
            let shadows = added.iter().any(|config| config.account.id == entrance.config.account.id);
            next.push(if shadows == entrance.shadows {
                Arc::clone(entrance)
            } else {
                Arc::new(entrance.with_shadow(shadows))
            });
        }
        for config in added {
            if next.iter().any(|entrance| entrance.config.account.id == config.account.id) {
                continue;
            }
            let old = estate.iter().find(|old| old.config.account.id == config.account.id);
            next.push(match old.filter(|old| is_same(&old.config, &config)) {
                Some(old) => Arc::clone(old),
                None => Arc::new(Entrance::new(config, Origin::Store, self.max_concurrency)),
            });
        }
        *estate = Arc::new(next);
    }

    /// The clients of a place for somebody. Only configured places have any, so nobody can make the server sign requests for others.
    pub(crate) fn site(&self, place: &Place, actor: &Actor) -> Result<Arc<Site>> {
        let Place { account, region } = place;
        let entrance = self.entrance(account)?;
        if !entrance.config.account.regions.contains(region) {
            return Err(Error::not_found(format!(
                "Region {region} is not configured for account {account}."
            ))
            .with_hint("Choose another region, or add this one to the account's configuration."));
        }
        let session = self.session(&entrance, actor, Aim::Act(actor.role_in(account)))?;
        let mut sites = session.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let site = sites.entry(region.clone()).or_insert_with(|| {
            let sdk = session.sdk.to_builder().region(SdkRegion::new(region.as_str().to_owned())).build();
            Arc::new(Site::new(
                place.clone(),
                entrance.config.account.name.clone(),
                sdk,
                Arc::clone(&entrance.shared),
                self.on_call.clone(),
            ))
        });
        Ok(Arc::clone(site))
    }

    /// The account's first region, where calls go that concern the account as a whole.
    pub(crate) fn first_site(&self, account: &AccountId, actor: &Actor) -> Result<Arc<Site>> {
        let entrance = self.entrance(account)?;
        let region = entrance.config.account.regions.first().cloned().ok_or_else(|| {
            Error::not_found(format!("Account {account} has no regions."))
                .with_hint("Add at least one region to the account's configuration.")
        })?;
        self.site(&Place { account: account.clone(), region }, actor)
    }

    /// Clients that sign with the server's own credentials.
    pub(crate) fn server_site(&self, place: Place, sdk: SdkConfig) -> Site {
        let shared = Arc::new(Shared::new(self.max_concurrency));
        Site::new(place, String::new(), sdk, shared, self.on_call.clone())
    }

    /// The configuration with the credentials of an account, for somebody who will assume a role of another account with them.
    pub(crate) fn entering(
        &self,
        from: &AccountId,
        role: &RoleArn,
        actor: &Actor,
        depth: usize,
    ) -> Result<SdkConfig> {
        let entrance = self.entrance(from)?;
        Ok(self.session(&entrance, actor, Aim::Enter(role.clone(), depth))?.sdk.clone())
    }

    fn entrance(&self, account: &AccountId) -> Result<Arc<Entrance>> {
        let estate = self.estate();
        estate.iter().find(|entrance| entrance.config.account.id == *account).cloned().ok_or_else(|| {
            Error::not_found(format!("Account {account} is not configured here."))
                .with_hint("Choose another account, or let an administrator add this one.")
        })
    }

    fn session(&self, entrance: &Entrance, actor: &Actor, aim: Aim) -> Result<Arc<Session>> {
        if let Some(problem) = &entrance.config.problem {
            return Err(problem.clone());
        }
        let key = SessionKey { name: Arc::clone(actor.name()), aim };
        Ok(entrance.sessions.get_with_by_ref(&key, || {
            let sdk = self.sdk_of(entrance, actor, &key.aim);
            Arc::new(Session { sdk, sites: Mutex::default() })
        }))
    }

    /// The configuration that signs with the account's credentials. Each session caches its own, and lets go of them when it ends.
    fn sdk_of(&self, entrance: &Entrance, actor: &Actor, aim: &Aim) -> SdkConfig {
        let AccountConfig { account, credentials, .. } = &entrance.config;
        let (role_arn, base, external_id) = match credentials {
            Credentials::Default => return self.sdk.clone(),
            Credentials::Keys { access_key_id, secret_access_key } => {
                let keys = keys(access_key_id.to_string(), secret_access_key);
                return self.signing_with(SharedCredentialsProvider::new(keys));
            }
            Credentials::Role { role_arn, external_id, from } => {
                let base = from.clone().map_or(Base::Server, Base::Account);
                (role_arn, base, external_id.clone())
            }
            Credentials::WebIdentity { role_arn, token_file } => {
                (role_arn, Base::TokenFile(token_file.clone()), None)
            }
        };
        let (policy, depth) = match aim {
            Aim::Act(role) => (session_policy(*role), 0),
            Aim::Enter(role, depth) => (entering_policy(role), *depth),
        };
        self.signing_with(SharedCredentialsProvider::new(RoleProvider {
            cloud: self.this.clone(),
            base,
            role_arn: role_arn.clone(),
            external_id,
            actor: actor.clone(),
            policy,
            region: account.regions.first().map(|region| SdkRegion::new(region.as_str().to_owned())),
            depth,
        }))
    }

    fn signing_with(&self, provider: SharedCredentialsProvider) -> SdkConfig {
        let cache = IdentityCache::lazy().buffer_time(RENEW_BEFORE).build();
        self.sdk.to_builder().credentials_provider(provider).identity_cache(cache).build()
    }
}

impl Entrance {
    fn new(config: AccountConfig, origin: Origin, max_concurrency: usize) -> Self {
        Self {
            config,
            origin,
            shadows: false,
            shared: Arc::new(Shared::new(max_concurrency)),
            // Who comes is let in for whoever was away longest; by default a newcomer might be turned away each time.
            sessions: Cache::builder()
                .max_capacity(MAX_SESSIONS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(KEEP_IDLE)
                .build(),
        }
    }

    /// The same, sessions included.
    fn with_shadow(&self, shadows: bool) -> Self {
        Self {
            config: self.config.clone(),
            origin: self.origin,
            shadows,
            shared: Arc::clone(&self.shared),
            sessions: self.sessions.clone(),
        }
    }

    fn details(&self) -> AccountDetails {
        AccountDetails {
            account: self.config.account.clone(),
            origin: self.origin,
            shadows: self.shadows,
            credentials: Some(self.config.credentials.hidden()),
            problem: self.config.problem.clone(),
        }
    }
}
