//! AWS accounts: added, changed, removed, tried; and who calls AWS for whom.

mod discovery;
mod rotation;
mod scopes;
mod sync;

use nephoscope_aws::{AccountConfig, Actor, Cloud, CredentialsSource};
use nephoscope_model::{
    AccountId, Error, ErrorCode, Operation, Result, Timestamp,
    account::{AccountDetails, AccountInput, ConnectionReport, Credentials, CredentialsKind, Origin, Sealed},
    identity::{AccountRoles, Permission, Role},
};
use nephoscope_store::{StoreError, StoredAccount};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    Administer, Caller, Grant, Ops, Read,
    record::{Done, Task},
    vault::Purpose,
};
pub use rotation::KeyRotation;
pub(crate) use sync::Synced;

/// What the secret of an account is sealed for.
fn purpose(id: &AccountId) -> Purpose {
    Purpose::new(format!("account/{id}"), "secret")
}

impl Ops {
    /// AWS in the caller's name: where a role is assumed, its session carries the name and may do no more than the caller.
    pub(crate) fn cloud_for(&self, caller: &Caller) -> Cloud {
        let actor = if self.is_read_only() || caller.api_token.as_ref().is_some_and(|token| token.read_only) {
            Actor::person(&caller.name, Role::Viewer, &AccountRoles::new())
        } else if caller.is_system() {
            Actor::person("nephoscope", caller.role, &caller.grants)
        } else {
            Actor::person(&caller.name, caller.role, &caller.grants)
        };
        self.cloud().on_behalf_of(actor)
    }

    /// AWS in the name of an administrator who sets up accounts: narrowed to nothing less than what nephoscope uses at all, or a test
    /// would find that to be denied which only the person is.
    fn cloud_to_set_up(&self, caller: &Caller, _grant: &Grant<Administer>) -> Cloud {
        let name = if caller.is_system() { "nephoscope" } else { &caller.name };
        self.cloud().on_behalf_of(Actor::person(name, Role::Admin, &AccountRoles::new()))
    }

    /// The accounts with where they come from; administrators also see how they are entered, never with a secret.
    ///
    /// # Errors
    /// `unavailable` when it cannot be recorded.
    pub async fn list_accounts(&self, caller: &Caller) -> Result<Vec<AccountDetails>> {
        self.perform(caller, Task::new(Operation::ListAccounts), async |_: Grant<Read>| {
            let mut accounts = self.cloud().account_details();
            if !caller.role().may(Permission::Administer) {
                for details in &mut accounts {
                    details.credentials = None;
                    details.problem = None;
                }
            }
            Ok(accounts)
        })
        .await
    }

    /// Adds an account. Unless the input says otherwise, AWS is asked first whom the credentials belong to.
    ///
    /// # Errors
    /// `invalid_input`, `conflict` when there is one of its id or the credentials belong to another, and those of AWS.
    pub async fn add_account(&self, caller: &Caller, input: AccountInput<SecretString>) -> Result<()> {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move { ops.save_account(&caller, input, Operation::AddAccount).await }).await
    }

    /// Changes an account that was added here. A secret that is to be kept is not entered again.
    ///
    /// # Errors
    /// As [`Self::add_account`], and `not_found`.
    pub async fn edit_account(&self, caller: &Caller, input: AccountInput<SecretString>) -> Result<()> {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move { ops.save_account(&caller, input, Operation::EditAccount).await }).await
    }

    async fn save_account(
        &self,
        caller: &Caller,
        input: AccountInput<SecretString>,
        operation: Operation,
    ) -> Result<()> {
        let id = input.id.clone();
        let task = Task::new(operation).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Administer>| {
            let (keep, unchecked) = (input.keep_secret, input.unchecked);
            let (account, credentials, entered) = input.into_parts()?;
            self.check_not_in_file(&id)?;
            let known = self.find_stored(&id).await?;
            match (operation, &known) {
                (Operation::AddAccount, Some(_)) => return Err(exists(&id)),
                (Operation::EditAccount, None) => return Err(StoreError::NotFound("account").into()),
                _ => {}
            }
            self.check_from(&credentials)?;
            let secret = match (entered, &known) {
                (None, Some(known)) if keep => self.open_secret(known, credentials.kind()).await?,
                (entered, _) => entered,
            };
            let credentials = credentials
                .with_secret(secret)
                .ok_or_else(|| Error::invalid("The secret access key is missing."))?;
            if !unchecked {
                let candidate = AccountConfig::new(account.clone(), credentials.clone());
                self.cloud_to_set_up(caller, &grant).with_candidate(candidate).check_identity(&id).await?;
            }
            let before = known.as_ref().map(describe).unwrap_or_default();
            let now = Timestamp::now();
            let stored = StoredAccount {
                account,
                credentials: self.seal_credentials(&id, credentials.clone()).await?,
                revision: Uuid::now_v7().to_string(),
                created_at: known.as_ref().map_or(now, |known| known.created_at),
                updated_at: now,
                updated_by: caller.name().to_owned(),
            };
            let after = describe(&stored);
            match &known {
                None => self.store().create_account(stored.clone()).await.map_err(|error| match error {
                    StoreError::Conflict(_) => exists(&id),
                    other => other.into(),
                })?,
                Some(known) => self.store().update_account(stored.clone(), &known.revision).await?,
            }
            self.reseal_if_rotated(stored, credentials).await?;
            self.sync_accounts().await?;
            let words = after.clone();
            Ok(Done::with((), words).changed([("account", &before)], [("account", &after)]))
        })
        .await
    }

    /// Removes an account that was added here. `confirmation` is its name.
    ///
    /// # Errors
    /// `not_found`, `confirmation_required`, and `conflict` while another account is entered from it.
    pub async fn remove_account(
        &self,
        caller: &Caller,
        id: &AccountId,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let task = Task::new(Operation::RemoveAccount).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let Some(known) = self.find_stored(id).await? else {
                self.check_not_in_file(id)?;
                return Err(StoreError::NotFound("account").into());
            };
            if confirmation.map(str::trim) != Some(known.account.name.trim()) {
                return Err(Error::new(
                    ErrorCode::ConfirmationRequired,
                    format!("Removing account {id} forgets its credentials, so its name must be typed first."),
                )
                .with_hint(format!("Confirm with {:?}.", known.account.name)));
            }
            let from_it = |details: &AccountDetails| matches!(&details.credentials, Some(Credentials::Role { from: Some(from), .. }) if from == id);
            if let Some(other) = self.cloud().account_details().iter().find(|details| from_it(details)) {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    format!("Account {} ({}) is entered from this one.", other.account.name, other.account.id),
                )
                .with_hint("Change or remove that account first."));
            }
            self.store().remove_account(id).await?;
            self.sync_accounts().await?;
            let before = describe(&known);
            Ok(Done::with((), "removed").changed([("account", &before)], []))
        })
        .await
    }

    /// Asks AWS whom the credentials of an account belong to, and tries each action that nephoscope uses without changing anything.
    ///
    /// # Errors
    /// `not_found`, `conflict` when they belong to another account, and those of AWS.
    pub async fn test_account(&self, caller: &Caller, id: &AccountId) -> Result<ConnectionReport> {
        let task = Task::new(Operation::TestAccount).on(id.as_str());
        self.perform(caller, task, async |grant: Grant<Administer>| {
            let cloud = self.cloud_to_set_up(caller, &grant);
            let identity = cloud.check_identity(id).await?;
            let report = ConnectionReport { identity, checks: cloud.check_actions(id).await? };
            let words = format!("{}; {} actions denied", report.identity.arn, report.denied().count());
            Ok(Done::with(report, words))
        })
        .await
    }

    async fn find_stored(&self, id: &AccountId) -> Result<Option<StoredAccount>> {
        let stored = self.store().list_accounts().await?;
        Ok(stored.into_iter().find(|stored| stored.account.id == *id))
    }

    fn check_not_in_file(&self, id: &AccountId) -> Result<()> {
        let is_it = |details: &AccountDetails| details.account.id == *id && details.origin == Origin::File;
        if !self.cloud().account_details().iter().any(is_it) {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Conflict, format!("Account {id} is from the configuration file."))
            .with_hint("Change it there and restart the server; of two with one id the file's is used."))
    }

    /// An account is entered only from one that is known.
    fn check_from(&self, credentials: &Credentials<()>) -> Result<()> {
        let Credentials::Role { from: Some(from), .. } = credentials else { return Ok(()) };
        if self.cloud().accounts().iter().any(|account| account.id == *from) {
            return Ok(());
        }
        Err(Error::invalid(format!(
            "Account {from}, from which the role is to be assumed, is not configured here."
        ))
        .with_hint("Add that account first, or assume the role with the server's own credentials."))
    }

    async fn seal_credentials(
        &self,
        id: &AccountId,
        credentials: CredentialsSource,
    ) -> Result<Credentials<Sealed>> {
        let sealed = match credentials.secret() {
            Some(secret) => Some(self.vault().seal(&purpose(id), secret).await?),
            None => None,
        };
        credentials.with_secret(sealed).ok_or_else(Error::internal)
    }

    /// The secret that is kept, if it is of the same kind.
    async fn open_secret(
        &self,
        known: &StoredAccount,
        kind: CredentialsKind,
    ) -> Result<Option<SecretString>> {
        match known.credentials.secret().filter(|_| known.credentials.kind() == kind) {
            Some(sealed) => Ok(Some(self.vault().open_sealed(&purpose(&known.account.id), sealed).await?)),
            None => Ok(None),
        }
    }
}

fn exists(id: &AccountId) -> Error {
    Error::new(ErrorCode::Conflict, format!("Account {id} was added already."))
        .with_hint("Edit it, or remove it first.")
}

/// An account in a line for the audit, without secrets.
fn describe(stored: &StoredAccount) -> String {
    let regions: Vec<&str> = stored.account.regions.iter().map(AsRef::as_ref).collect();
    let source = match &stored.credentials {
        Credentials::Default => "own credentials".to_owned(),
        Credentials::Keys { access_key_id, .. } => format!("key {access_key_id}"),
        Credentials::Role { role_arn, from: None, .. } => role_arn.to_string(),
        Credentials::Role { role_arn, from: Some(from), .. } => format!("{role_arn} from {from}"),
        Credentials::WebIdentity { role_arn, .. } => format!("{role_arn} by web identity"),
    };
    format!("{} ({}), {}", stored.account.name, regions.join(" "), source)
}
