//! Users: approved, listed, changed and removed, on the command line only.

use nephoscope_model::{
    Error, Operation, Result, Timestamp,
    identity::{Role, User, UserName},
};
use nephoscope_store::{NewUser, StoreError};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

impl Ops {
    /// Approves a person.
    ///
    /// # Errors
    /// `conflict` when the name is taken, `invalid_input` when the password is too short.
    pub async fn add_user(
        &self,
        caller: &Caller,
        name: &UserName,
        role: Role,
        password: &SecretString,
    ) -> Result<User> {
        if name.as_str() == Caller::system().name() {
            return Err(Error::invalid("The name \"system\" is nephoscope's own; choose another."));
        }
        let task = Task::new(Operation::AddUser).on(name.as_str()).detail(role.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let user = NewUser {
                id: Uuid::now_v7().to_string(),
                name: name.clone(),
                role,
                password_hash: self.hasher().hash(password).await?,
                created_at: Timestamp::now(),
            };
            Ok(Done::with(self.store().create_user(user).await?, role.as_str()))
        })
        .await
    }

    /// All people, by name.
    ///
    /// # Errors
    /// `unavailable` when the store does not answer.
    pub async fn list_users(&self, caller: &Caller) -> Result<Vec<User>> {
        self.perform(caller, Task::new(Operation::ListUsers), async |_: Grant<Administer>| {
            Ok(self.store().list_users().await?)
        })
        .await
    }

    /// Replaces a person's password and ends all their sessions.
    ///
    /// # Errors
    /// `not_found`, or `invalid_input` when it is too short.
    pub async fn set_password(
        &self,
        caller: &Caller,
        name: &UserName,
        password: &SecretString,
    ) -> Result<()> {
        self.perform(
            caller,
            Task::new(Operation::SetPassword).on(name.as_str()),
            async |_: Grant<Administer>| {
                let id = self.user_id(name).await?;
                let hash = self.hasher().hash(password).await?;
                Ok(self.store().set_password(&id, &hash).await?)
            },
        )
        .await
    }

    /// Disables a person and ends all their sessions, or enables them again.
    ///
    /// # Errors
    /// `not_found` when there is no such user.
    pub async fn set_disabled(&self, caller: &Caller, name: &UserName, disabled: bool) -> Result<()> {
        let words = if disabled { "disabled" } else { "enabled" };
        let task = Task::new(Operation::DisableUser).on(name.as_str()).detail(words);
        self.perform(caller, task, async |_: Grant<Administer>| {
            let id = self.user_id(name).await?;
            self.store().set_disabled(&id, disabled).await?;
            Ok(Done::with((), words))
        })
        .await
    }

    /// Removes a person; the audit keeps their name.
    ///
    /// # Errors
    /// `not_found` when there is no such user.
    pub async fn remove_user(&self, caller: &Caller, name: &UserName) -> Result<()> {
        self.perform(
            caller,
            Task::new(Operation::RemoveUser).on(name.as_str()),
            async |_: Grant<Administer>| {
                let id = self.user_id(name).await?;
                Ok(self.store().remove_user(&id).await?)
            },
        )
        .await
    }

    async fn user_id(&self, name: &UserName) -> Result<String> {
        Ok(self.store().find_user(name).await?.ok_or(StoreError::NotFound("user"))?.user.id)
    }
}
