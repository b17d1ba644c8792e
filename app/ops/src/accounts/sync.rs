//! Keeping the accounts at run time what the store says: another server or the command line may have changed them.

use std::collections::HashMap;

use nephoscope_aws::AccountConfig;
use nephoscope_model::{AccountId, Error, Result};
use nephoscope_store::StoredAccount;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tracing::{info, warn};

use super::purpose;
use crate::Ops;

/// The accounts of the store as they were last taken, by id, with their revisions: what has not changed is not opened again.
#[derive(Default)]
pub(crate) struct Synced(Mutex<HashMap<AccountId, (String, AccountConfig)>>);

impl std::fmt::Debug for Synced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Synced")
    }
}

impl Ops {
    /// Takes the accounts from the store. One whose secret does not open is there, and says so when it is used.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer; the accounts then stay as they are.
    pub async fn sync_accounts(&self) -> Result<()> {
        let mut synced = self.synced().0.lock().await;
        let stored = self.store().list_accounts().await?;
        let mut next = HashMap::new();
        let mut configs = Vec::new();
        for account in stored {
            let (id, revision) = (account.account.id.clone(), account.revision.clone());
            let config = match synced
                .get(&id)
                .filter(|(known, config)| *known == revision && config.problem.is_none())
            {
                Some((_, config)) => config.clone(),
                None => self.open_account(account).await,
            };
            configs.push(config.clone());
            next.insert(id, (revision, config));
        }
        let changed = next.len() != synced.len()
            || next
                .iter()
                .any(|(id, (revision, _))| synced.get(id).is_none_or(|(known, _)| known != revision));
        *synced = next;
        if changed {
            info!(accounts = configs.len(), "took the accounts that were added from the store");
        }
        self.cloud().set_added(configs);
        Ok(())
    }

    async fn open_account(&self, stored: StoredAccount) -> AccountConfig {
        let StoredAccount { account, credentials, .. } = stored;
        let opened = match credentials.secret() {
            Some(sealed) => self.vault().open_sealed(&purpose(&account.id), sealed).await.map(Some),
            None => Ok(None),
        };
        match opened {
            Ok(secret) => match credentials.with_secret(secret) {
                Some(credentials) => AccountConfig::new(account, credentials),
                None => unusable(account, Error::internal()),
            },
            Err(error) => {
                warn!(code = ?error.code, "account {} cannot be entered: {error}", account.id);
                match credentials.with_secret(Some(SecretString::default())) {
                    Some(credentials) => AccountConfig { account, credentials, problem: Some(error) },
                    None => unusable(account, error),
                }
            }
        }
    }
}

fn unusable(account: nephoscope_model::Account, problem: Error) -> AccountConfig {
    AccountConfig { account, credentials: nephoscope_aws::CredentialsSource::Default, problem: Some(problem) }
}
