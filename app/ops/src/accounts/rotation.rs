//! Changing the master key while everything runs.

use nephoscope_aws::CredentialsSource;
use nephoscope_model::{Error, ErrorCode, Operation, Result, Timestamp, account::Sealed};
use nephoscope_store::{StoreError, StoredAccount};
use tracing::warn;
use uuid::Uuid;

use super::purpose;
use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

/// How often the store is gone through before a rotation is given up: each time only what changed meanwhile is left.
const MAX_PASSES: usize = 10;

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRotation {
    /// The master key that seals now.
    pub key: String,
    /// Secrets that were sealed anew.
    pub resealed: usize,
}

impl Ops {
    /// Brings a new master key into use: it seals from now on, everything is sealed anew with it, and then the old one is dropped.
    /// Servers that run meanwhile go on: they find the new key in the file when they meet it. With keys from a variable or from KMS,
    /// everything is sealed anew with the one that is first, and dropping the others is left to whoever gave them.
    ///
    /// # Errors
    /// `unavailable` when the store or the key file cannot be written, and `conflict` when a secret does not open; the old key is
    /// kept then, and the rotation can be repeated.
    pub async fn rotate_master_key(&self, caller: &Caller) -> Result<KeyRotation> {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move {
            let task = Task::new(Operation::RotateMasterKey);
            ops.perform(&caller, task, async |_: Grant<Administer>| {
                let before = ops.vault().current_key()?;
                ops.vault().begin_rotation()?;
                let mut resealed = 0;
                for _ in 0..MAX_PASSES {
                    let changed = ops.reseal_accounts().await? + ops.reseal_second_factors().await?;
                    resealed += changed;
                    if changed == 0 {
                        ops.vault().finish_rotation()?;
                        ops.sync_accounts().await?;
                        let key = ops.vault().current_key()?;
                        let words = format!("{resealed} secrets sealed anew");
                        let done = Done::with(KeyRotation { key: key.clone(), resealed }, words);
                        return Ok(done.changed([("key", &before)], [("key", &key)]));
                    }
                }
                Err(Error::new(
                    ErrorCode::Conflict,
                    "Secrets were changed faster than they could be sealed anew.",
                )
                .with_hint("Both master keys are kept. Try again when nobody is changing accounts."))
            })
            .await
        })
        .await
    }

    /// Seals anew what is not sealed with the present key, and says how many that were.
    async fn reseal_accounts(&self) -> Result<usize> {
        let mut changed = 0;
        for account in self.store().list_accounts().await? {
            let Some(sealed) = account.credentials.secret() else { continue };
            if self.vault().is_current(sealed)? {
                continue;
            }
            let id = account.account.id.clone();
            let secret = self.vault().open_sealed(&purpose(&id), sealed).await.map_err(|error| {
                Error::new(ErrorCode::Conflict, format!("{} Both master keys are kept.", error.message))
                    .with_hint(
                        "Enter the secret of that account again, or remove the account; then try again.",
                    )
            })?;
            let sealed = self.vault().seal(&purpose(&id), &secret).await?;
            match self.replace_sealed(account, sealed).await {
                // Somebody changed the account meanwhile; the next pass looks again.
                Ok(()) | Err(StoreError::Conflict(_) | StoreError::NotFound(_)) => changed += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(changed)
    }

    async fn replace_sealed(&self, account: StoredAccount, sealed: Sealed) -> Result<(), StoreError> {
        let StoredAccount { credentials, revision, .. } = account.clone();
        let credentials = credentials
            .with_secret(Some(sealed))
            .ok_or_else(|| StoreError::Corrupt("an account lost its secret".to_owned()))?;
        let next = StoredAccount {
            credentials,
            revision: Uuid::now_v7().to_string(),
            updated_at: Timestamp::now(),
            ..account
        };
        self.store().update_account(next, &revision).await
    }

    /// A rotation may have gone through the store between the sealing of a secret and its arrival there, and have dropped the key it was
    /// sealed with: then it is sealed once more, while it is known still.
    pub(super) async fn reseal_if_rotated(
        &self,
        stored: StoredAccount,
        credentials: CredentialsSource,
    ) -> Result<()> {
        let (Some(sealed), Some(secret)) = (stored.credentials.secret(), credentials.secret()) else {
            return Ok(());
        };
        if self.vault().is_current(sealed)? {
            return Ok(());
        }
        warn!(
            "the master key was changed while account {} was saved; its secret is sealed anew",
            stored.account.id
        );
        let sealed = self.vault().seal(&purpose(&stored.account.id), secret).await?;
        match self.replace_sealed(stored, sealed).await {
            // The rotation has done it, or somebody has changed it after us.
            Ok(()) | Err(StoreError::Conflict(_) | StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
