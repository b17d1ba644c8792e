//! What is remembered of accounts that were added here, and of the scopes that people keep.

use async_trait::async_trait;
use nephoscope_model::{
    Account, AccountId, Timestamp,
    account::{Credentials, Sealed},
    scope::SavedScope,
};

use crate::Result;

/// An account that an administrator added, as it is kept: its secret is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAccount {
    /// What pages know of it.
    pub account: Account,
    /// How it is entered.
    pub credentials: Credentials<Sealed>,
    /// UUIDv7; another one with every change.
    pub revision: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it last.
    pub updated_by: String,
}

/// The accounts that were added here, and the scopes that people keep. Errors are as in [`Store`](crate::Store).
#[async_trait]
pub trait AccountStore {
    /// Adds an account. [`StoreError::Conflict`](crate::StoreError::Conflict) if one of its id was added before.
    async fn create_account(&self, account: StoredAccount) -> Result<()>;

    /// Puts an account in the place of the one with its id, which must have the revision `expected` still; the time it was added stays.
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) if there is none, and
    /// [`StoreError::Conflict`](crate::StoreError::Conflict) if it was changed meanwhile.
    async fn update_account(&self, account: StoredAccount, expected: &str) -> Result<()>;

    /// The accounts, in the order in which they were added.
    async fn list_accounts(&self) -> Result<Vec<StoredAccount>>;

    /// Removes an account. [`StoreError::NotFound`](crate::StoreError::NotFound) if there is none.
    async fn remove_account(&self, id: &AccountId) -> Result<()>;

    /// Keeps a scope for a person, in place of one with its name. [`StoreError::NotFound`](crate::StoreError::NotFound) if the person is
    /// gone, and [`StoreError::Conflict`](crate::StoreError::Conflict) if they have as many as one may have.
    async fn save_scope(&self, user_id: &str, scope: SavedScope) -> Result<()>;

    /// The scopes of a person, by name.
    async fn list_scopes(&self, user_id: &str) -> Result<Vec<SavedScope>>;

    /// Forgets a scope of a person. [`StoreError::NotFound`](crate::StoreError::NotFound) if they have none of that name.
    async fn remove_scope(&self, user_id: &str, name: &str) -> Result<()>;
}
