//! People: approved, listed, changed and removed.

use nephoscope_model::{
    AccountId, Error, ErrorCode, Operation, Result, Timestamp,
    identity::{EmailAddress, PasswordLink, Role, User, UserName},
};
use nephoscope_store::{NewUser, StoreError};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::token::{hash_secret, new_secret};
use crate::{
    Administer, Caller, Grant, Ops,
    record::{Done, Task},
};

/// How long a link to set a password is good: three days, since people have weekends.
const LINK_LIFETIME_MILLIS: i64 = 3 * 86_400_000;

/// The word for it in the audit.
const fn state_of(disabled: bool) -> &'static str {
    if disabled { "disabled" } else { "active" }
}

/// The word for it in the audit.
fn address_of(email: Option<&EmailAddress>) -> &str {
    email.map_or("none", EmailAddress::as_str)
}

impl Ops {
    /// Approves a person who gets a password at once.
    ///
    /// # Errors
    /// `conflict` when the name or the address is taken, `invalid_input` when the password is weak.
    pub async fn add_user(
        &self,
        caller: &Caller,
        name: &UserName,
        email: Option<&EmailAddress>,
        role: Role,
        password: &SecretString,
    ) -> Result<User> {
        check_name(name)?;
        let task = Task::new(Operation::AddUser).on(name.as_str()).detail(role.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let hash = self.hasher().hash_new(password, name).await?;
            let user = self.create(name, email, role, hash).await?;
            Ok(Done::with(user, role.as_str()).changed([], facts_of_new(email, role)))
        })
        .await
    }

    /// Approves a person, who sets a password by the link that this gives.
    ///
    /// # Errors
    /// `conflict` when the name or the address is taken.
    pub async fn invite_user(
        &self,
        caller: &Caller,
        name: &UserName,
        email: Option<&EmailAddress>,
        role: Role,
    ) -> Result<PasswordLink> {
        check_name(name)?;
        let words = format!("{role}, invited");
        let task = Task::new(Operation::AddUser).on(name.as_str()).detail(words.clone());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let user = self.create(name, email, role, SecretString::from("")).await?;
            let link = self.make_link(&user).await?;
            Ok(Done::with(link, words.clone()).changed([], facts_of_new(email, role)))
        })
        .await
    }

    async fn create(
        &self,
        name: &UserName,
        email: Option<&EmailAddress>,
        role: Role,
        password_hash: SecretString,
    ) -> Result<User> {
        let user = NewUser {
            id: Uuid::now_v7().to_string(),
            name: name.clone(),
            email: email.cloned(),
            role,
            password_hash,
            created_at: Timestamp::now(),
        };
        match self.store().create_user(user).await {
            Ok(user) => Ok(user),
            Err(error) => Err(self.what_is_taken(error, name, email).await),
        }
    }

    /// Says of a conflict what is taken, and of an address by whom.
    async fn what_is_taken(&self, error: StoreError, name: &UserName, email: Option<&EmailAddress>) -> Error {
        match (error, email) {
            (StoreError::Conflict(StoreError::EMAIL), Some(email)) => {
                let owner = match self.store().find_user_by_email(email).await {
                    Ok(Some(owner)) => owner.user.name.to_string(),
                    Ok(None) | Err(_) => "somebody else".to_owned(),
                };
                Error::new(
                    ErrorCode::Conflict,
                    format!("The e-mail address {email} is taken: {owner} has it."),
                )
                .with_hint("Take it from them first, or give another.")
            }
            (StoreError::Conflict(StoreError::USER), _) => {
                Error::new(ErrorCode::Conflict, format!("The name {name} is taken."))
                    .with_hint("Choose another name.")
            }
            (error, _) => error.into(),
        }
    }

    async fn make_link(&self, user: &User) -> Result<PasswordLink> {
        let token = new_secret();
        let expires_at = Timestamp::now().plus_millis(LINK_LIFETIME_MILLIS);
        self.store().set_password_link(&user.id, &hash_secret(token.expose_secret()), expires_at).await?;
        Ok(PasswordLink {
            name: user.name.clone(),
            path: format!("/password?token={}", token.expose_secret()),
            token: token.expose_secret().to_owned(),
            expires_at,
        })
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

    /// One person.
    ///
    /// # Errors
    /// `not_found` when there is no such user.
    pub async fn get_user(&self, caller: &Caller, name: &UserName) -> Result<User> {
        let task = Task::new(Operation::ListUsers).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| self.user(name).await).await
    }

    /// Replaces a person's password and ends all their sessions.
    ///
    /// # Errors
    /// `not_found`, or `invalid_input` when it is weak.
    pub async fn set_password(
        &self,
        caller: &Caller,
        name: &UserName,
        password: &SecretString,
    ) -> Result<()> {
        let task = Task::new(Operation::SetPassword).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let user = self.user(name).await?;
            let hash = self.hasher().hash_new(password, name).await?;
            self.store().set_password(&user.id, &hash).await?;
            self.person_changed(&user.id);
            Ok(())
        })
        .await
    }

    /// Takes a person's password away, ends all their sessions, and gives a link with which they set a new one.
    ///
    /// # Errors
    /// `not_found` when there is no such user; `conflict` for oneself.
    pub async fn reset_password(&self, caller: &Caller, name: &UserName) -> Result<PasswordLink> {
        let task = Task::new(Operation::ResetPassword).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let user = self.user(name).await?;
            if user.id == caller.user_id {
                return Err(Error::new(ErrorCode::Conflict, "Change your own password at /settings/me."));
            }
            self.store().set_password(&user.id, &SecretString::from("")).await?;
            let link = self.make_link(&user).await?;
            self.person_changed(&user.id);
            Ok(link)
        })
        .await
    }

    /// Gives a person another role.
    ///
    /// # Errors
    /// `not_found`; `conflict` for an administrator who would take their own role, or the last one's.
    pub async fn set_role(&self, caller: &Caller, name: &UserName, role: Role) -> Result<User> {
        let task = Task::new(Operation::SetRole).on(name.as_str()).detail(role.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let _alone = self.admins().lock().await;
            let user = self.user(name).await?;
            let leaves = user.role == Role::Admin && role != Role::Admin;
            if leaves {
                self.check_may_leave(caller, &user).await?;
            }
            self.store().set_roles(&user.id, role, &user.grants).await?;
            if leaves && !self.is_admin_left(caller).await? {
                self.store().set_roles(&user.id, user.role, &user.grants).await?;
                return Err(last_admin(name));
            }
            self.person_changed(&user.id);
            let (before, after) = (user.role.as_str(), role.as_str());
            let done = Done::with(self.user(name).await?, format!("{before} → {after}"));
            Ok(done.changed([("role", before)], [("role", after)]))
        })
        .await
    }

    /// Gives a person another e-mail address, or none. An identity provider that vouches for it may log them in, and the log-in there that the
    /// address was first used with counts no longer. Their sessions go on.
    ///
    /// # Errors
    /// `not_found`; `conflict` when somebody else has the address.
    pub async fn set_email(
        &self,
        caller: &Caller,
        name: &UserName,
        email: Option<&EmailAddress>,
    ) -> Result<User> {
        let task = Task::new(Operation::SetEmail).on(name.as_str()).detail(address_of(email));
        self.perform(caller, task, async |_: Grant<Administer>| {
            let _alone = self.admins().lock().await;
            let user = self.user(name).await?;
            // Another address ends the way in that the last one was, until they come with the new one.
            if user.is_active_admin() && !user.has_password {
                self.check_may_leave(caller, &user).await?;
            }
            if let Err(error) = self.store().set_email(&user.id, email).await {
                return Err(self.what_is_taken(error, name, email).await);
            }
            self.person_changed(&user.id);
            let (before, after) = (address_of(user.email.as_ref()), address_of(email));
            let done = Done::with(self.user(name).await?, format!("{before} → {after}"));
            Ok(done.changed([("e-mail", before)], [("e-mail", after)]))
        })
        .await
    }

    /// Grants a person a role in one account, in place of the one they have elsewhere; none takes the grant back.
    ///
    /// # Errors
    /// `not_found`; `invalid_input` for the role of administrators, which is of no account.
    pub async fn set_grant(
        &self,
        caller: &Caller,
        name: &UserName,
        account: &AccountId,
        role: Option<Role>,
    ) -> Result<User> {
        let words = role.map_or("as elsewhere", Role::as_str);
        let task = Task::new(Operation::SetGrant).on(name.as_str()).detail(format!("{account}: {words}"));
        self.perform(caller, task, async |_: Grant<Administer>| {
            if role == Some(Role::Admin) {
                return Err(Error::invalid(
                    "Administering belongs to no account: grant viewer or operator there.",
                )
                .with_hint("To make somebody an administrator, set their role."));
            }
            // Two changes at once would each write all grants.
            let _alone = self.admins().lock().await;
            let user = self.user(name).await?;
            let mut grants = user.grants.clone();
            let before = match role {
                Some(role) => grants.insert(account.clone(), role),
                None => grants.remove(account),
            };
            self.store().set_roles(&user.id, user.role, &grants).await?;
            self.person_changed(&user.id);
            let before = before.map_or("as elsewhere", Role::as_str);
            let done = Done::with(self.user(name).await?, format!("{account}: {before} → {words}"));
            let what = format!("role in {account}");
            Ok(done.changed([(&*what, before)], [(&*what, words)]))
        })
        .await
    }

    /// Disables a person and ends all their sessions, or enables them again.
    ///
    /// # Errors
    /// `not_found`; `conflict` for an administrator who would disable themselves, or the last one.
    pub async fn set_disabled(&self, caller: &Caller, name: &UserName, disabled: bool) -> Result<()> {
        let words = if disabled { "disabled" } else { "enabled" };
        let task = Task::new(Operation::DisableUser).on(name.as_str()).detail(words);
        self.perform(caller, task, async |_: Grant<Administer>| {
            let _alone = self.admins().lock().await;
            let user = self.user(name).await?;
            if disabled {
                self.disable(caller, &user).await?;
            } else {
                self.store().set_disabled(&user.id, false).await?;
            }
            self.person_changed(&user.id);
            Ok(Done::with((), words)
                .changed([("state", state_of(user.disabled))], [("state", state_of(disabled))]))
        })
        .await
    }

    /// Removes a person, whose name must be typed; the audit keeps it.
    ///
    /// # Errors
    /// `not_found`; `confirmation_required`; `conflict` for an administrator who would remove themselves, or the last one.
    pub async fn remove_user(&self, caller: &Caller, name: &UserName, confirmation: &str) -> Result<()> {
        let task = Task::new(Operation::RemoveUser).on(name.as_str());
        self.perform(caller, task, async |_: Grant<Administer>| {
            let _alone = self.admins().lock().await;
            let user = self.user(name).await?;
            if confirmation.trim() != name.as_str() {
                return Err(Error::new(
                    ErrorCode::ConfirmationRequired,
                    format!("Removing {name} cannot be undone, so the name must be typed first."),
                )
                .with_hint(format!("Confirm with {:?}.", name.as_str())));
            }
            // Disabling can be undone, should it turn out that nobody is left.
            self.disable(caller, &user).await?;
            self.store().remove_user(&user.id).await?;
            self.person_changed(&user.id);
            let before = [
                ("role", user.role.as_str()),
                ("state", state_of(user.disabled)),
                ("e-mail", address_of(user.email.as_ref())),
            ];
            Ok(Done::from(()).changed(before, []))
        })
        .await
    }

    async fn disable(&self, caller: &Caller, user: &User) -> Result<()> {
        self.check_may_leave(caller, user).await?;
        self.store().set_disabled(&user.id, true).await?;
        if user.role == Role::Admin && !self.is_admin_left(caller).await? {
            self.store().set_disabled(&user.id, false).await?;
            return Err(last_admin(&user.name));
        }
        Ok(())
    }

    /// Whether this person may lose what they have: nobody does it to themselves, and one administrator stays.
    async fn check_may_leave(&self, caller: &Caller, user: &User) -> Result<()> {
        if user.id == caller.user_id {
            return Err(Error::new(ErrorCode::Conflict, "You cannot take this away from yourself.")
                .with_hint("Ask another administrator to do it."));
        }
        if user.role != Role::Admin || caller.is_system() {
            return Ok(());
        }
        let users = self.store().list_users().await?;
        if users.iter().any(|other| other.id != user.id && other.is_active_admin()) {
            return Ok(());
        }
        Err(last_admin(&user.name))
    }

    /// Whether an administrator is left after one was sent away: another server that shares the store may have sent the other one at the
    /// same moment, and then both take it back. The command line may leave nobody, since it can approve somebody again.
    async fn is_admin_left(&self, caller: &Caller) -> Result<bool> {
        Ok(caller.is_system() || self.store().list_users().await?.iter().any(User::is_active_admin))
    }

    pub(super) async fn user(&self, name: &UserName) -> Result<User> {
        Ok(self.store().find_user(name).await?.ok_or(StoreError::NotFound("user"))?.user)
    }
}

/// What the audit says of somebody who was just approved.
fn facts_of_new(email: Option<&EmailAddress>, role: Role) -> [(&str, &str); 3] {
    [("role", role.as_str()), ("state", state_of(false)), ("e-mail", address_of(email))]
}

fn last_admin(name: &UserName) -> Error {
    Error::new(ErrorCode::Conflict, format!("{name} is the last administrator who can log in."))
        .with_hint("Make somebody else an administrator first.")
}

fn check_name(name: &UserName) -> Result<()> {
    if name.as_str() == Caller::system().name() {
        return Err(Error::invalid("The name \"system\" is nephoscope's own; choose another."));
    }
    Ok(())
}
