//! Who is calling, and what they were granted.

use std::marker::PhantomData;

use nephoscope_model::{
    AccountId, Error, ErrorCode, Operation, Place, Timestamp,
    identity::{AccountRoles, ApiToken, Permission, Role, User, UserName, Viewer, role_in},
};

/// Who is calling, as proven by a token; or nephoscope itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) grants: AccountRoles,
    /// The session that was logged in; empty for tokens of programs and for nephoscope itself.
    pub(crate) session_id: String,
    /// The token of a program, if it was one that proved who this is.
    pub(crate) api_token: Option<TokenUse>,
    pub(crate) token_expires_at: Timestamp,
    pub(crate) request_id: String,
}

/// The token of a program that somebody calls with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenUse {
    /// What the store keeps of it.
    pub(crate) hash: String,
    /// Whether it changes nothing.
    pub(crate) read_only: bool,
}

impl Caller {
    /// The command line and the jobs: whoever can run the server's binary on its data may do all.
    #[must_use]
    pub fn system() -> Self {
        Self {
            user_id: String::new(),
            name: "system".to_owned(),
            role: Role::Admin,
            grants: AccountRoles::new(),
            session_id: String::new(),
            api_token: None,
            token_expires_at: Timestamp::from_millis(i64::MAX),
            request_id: String::new(),
        }
    }

    /// Somebody who is logged in.
    pub(crate) fn in_session(user: &User, session_id: &str, token_expires_at: Timestamp) -> Self {
        Self {
            user_id: user.id.clone(),
            name: user.name.to_string(),
            role: user.role,
            grants: user.grants.clone(),
            session_id: session_id.to_owned(),
            token_expires_at,
            ..Self::system()
        }
    }

    /// A program with a token of somebody: it may do at most what both the person and the token may.
    pub(crate) fn by_api_token(user: &User, token: &ApiToken, hash: &str) -> Self {
        let capped = |role: Role| role.min(token.role);
        Self {
            role: capped(user.role),
            grants: user.grants.iter().map(|(account, role)| (account.clone(), capped(*role))).collect(),
            api_token: Some(TokenUse { hash: hash.to_owned(), read_only: token.read_only }),
            ..Self::in_session(user, "", token.expires_at)
        }
    }

    /// The log-in name, or `system`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What they may do where nothing else was granted.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// What they may do in one account.
    #[must_use]
    pub fn role_in(&self, account: &AccountId) -> Role {
        role_in(self.role, &self.grants, account)
    }

    /// Whether this is nephoscope itself: the command line or a job.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.user_id.is_empty()
    }

    /// When the token that proved it ends.
    #[must_use]
    pub fn token_expires_at(&self) -> Timestamp {
        self.token_expires_at
    }

    /// The same caller, within an HTTP request.
    #[must_use]
    pub fn within_request(mut self, request_id: &str) -> Self {
        request_id.clone_into(&mut self.request_id);
        self
    }

    /// What their browser may know of them.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer {
            name: self.name.parse().unwrap_or_else(|_| system_name()),
            role: self.role,
            grants: self.grants.clone(),
            token_expires_at: self.token_expires_at,
        }
    }

    /// Whether both stand for the same person who may do the same things.
    pub(crate) fn may_the_same_as(&self, other: &Self) -> bool {
        (&self.user_id, self.role, &self.grants, &self.api_token)
            == (&other.user_id, other.role, &other.grants, &other.api_token)
    }

    /// The role that counts for a permission: what is in an account is judged by the role there. What is in none is judged by the
    /// person's own role, but changes of AWS by the least role they have anywhere, since such a change could reach any account.
    fn role_for(&self, permission: Permission, account: Option<&AccountId>) -> Role {
        match (permission, account) {
            (Permission::Operate, Some(account)) => self.role_in(account),
            (Permission::Operate, None) => self.grants.values().copied().fold(self.role, Role::min),
            (Permission::Read | Permission::Own | Permission::Administer, _) => self.role,
        }
    }

    /// Whether they may do this kind of thing in one account at least.
    fn may_somewhere(&self, permission: Permission) -> bool {
        self.role.may(permission)
            || (permission == Permission::Operate && self.grants.values().any(|role| role.may(permission)))
    }
}

fn system_name() -> UserName {
    "system".parse().expect("a plain word is a user name")
}

/// A kind of permission, as a type.
pub trait Need {
    /// The permission.
    const PERMISSION: Permission;
}

/// To see.
#[derive(Debug)]
pub enum Read {}
/// To change AWS resources.
#[derive(Debug)]
pub enum Operate {}
/// To change what is one's own.
#[derive(Debug)]
pub enum Own {}
/// To administer nephoscope.
#[derive(Debug)]
pub enum Administer {}

impl Need for Read {
    const PERMISSION: Permission = Permission::Read;
}
impl Need for Operate {
    const PERMISSION: Permission = Permission::Operate;
}
impl Need for Own {
    const PERMISSION: Permission = Permission::Own;
}
impl Need for Administer {
    const PERMISSION: Permission = Permission::Administer;
}

/// Proof that a caller may do what needs `N`, in the account that was asked for. Only the check makes one.
#[derive(Debug)]
pub struct Grant<N: Need> {
    account: Option<AccountId>,
    need: PhantomData<N>,
}

impl<N: Need> Grant<N> {
    /// The check for one operation, in the account of its place when it has one.
    ///
    /// # Errors
    /// `forbidden`, naming the role that would be enough.
    pub(crate) fn check(caller: &Caller, operation: Operation, place: Option<&Place>) -> Result<Self, Error> {
        let account = place.map(|place| &place.account);
        check_token(caller, operation, N::PERMISSION)?;
        if !caller.role_for(N::PERMISSION, account).may(N::PERMISSION) {
            return Err(too_little(caller, N::PERMISSION, account));
        }
        Ok(Self { account: account.cloned(), need: PhantomData })
    }

    /// Makes sure that this was granted for the account where it is about to be used.
    ///
    /// # Errors
    /// `internal`, since an operation that asks for one account and changes another is a bug.
    pub(crate) fn check_covers(&self, place: &Place) -> Result<(), Error> {
        if self.account.as_ref() == Some(&place.account) {
            return Ok(());
        }
        tracing::error!(?self.account, %place, "a grant for one account was used for another");
        Err(Error::internal())
    }
}

/// The check before it is known which account is meant: whether they may do it anywhere. The operation itself checks again.
pub(crate) fn check_somewhere(caller: &Caller, operation: Operation) -> Result<(), Error> {
    let permission = operation.permission();
    check_token(caller, operation, permission)?;
    if caller.may_somewhere(permission) { Ok(()) } else { Err(too_little(caller, permission, None)) }
}

/// What a token of a program may not do, whatever its role.
fn check_token(caller: &Caller, operation: Operation, permission: Permission) -> Result<(), Error> {
    let Some(token) = &caller.api_token else { return Ok(()) };
    if token.read_only && operation.is_change() {
        return Err(Error::new(ErrorCode::Forbidden, "This token may only read.")
            .with_hint("Make another one that may change things, at /settings/me."));
    }
    // Whoever finds a token must not be able to make it last, or to lock its owner out.
    if permission == Permission::Own {
        return Err(Error::new(ErrorCode::Forbidden, "A token cannot change the account of its owner.")
            .with_hint("Log in with the password for this."));
    }
    Ok(())
}

fn too_little(caller: &Caller, permission: Permission, account: Option<&AccountId>) -> Error {
    let needed = permission.least_role();
    let role = caller.role_for(permission, account);
    let whose = if caller.api_token.is_some() { "The role of this token" } else { "Your role" };
    let message = match account.filter(|account| caller.grants.contains_key(*account)) {
        Some(account) => format!("{whose} in account {account} is {role}; this needs the role {needed}."),
        None => format!("{whose} is {role}; this needs the role {needed}."),
    };
    Error::new(ErrorCode::Forbidden, message).with_hint("Ask an administrator of nephoscope.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: &str) -> Place {
        Place {
            account: account.parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
        }
    }

    fn may<N: Need>(caller: &Caller, operation: Operation, place: Option<&Place>) -> bool {
        Grant::<N>::check(caller, operation, place).is_ok()
    }

    #[test]
    fn a_grant_is_only_made_for_who_may() {
        for role in Role::ALL {
            let caller = Caller { role, ..Caller::system() };
            assert!(may::<Read>(&caller, Operation::ListInstances, None));
            assert_eq!(may::<Operate>(&caller, Operation::StopInstance, None), role >= Role::Operator);
            assert_eq!(may::<Administer>(&caller, Operation::AddUser, None), role == Role::Admin);
        }
    }

    #[test]
    fn a_grant_for_one_account_is_of_no_use_in_another() {
        let (dev, prod) = (place("111111111111"), place("222222222222"));
        let grants = AccountRoles::from([(dev.account.clone(), Role::Operator)]);
        let caller = Caller { role: Role::Viewer, grants, ..Caller::system() };
        let stop = Operation::StopInstance;
        assert!(may::<Operate>(&caller, stop, Some(&dev)) && !may::<Operate>(&caller, stop, Some(&prod)));
        assert!(check_somewhere(&caller, stop).is_ok() && !may::<Operate>(&caller, stop, None));
        let grant = Grant::<Operate>::check(&caller, stop, Some(&dev)).expect("granted");
        assert!(grant.check_covers(&dev).is_ok() && grant.check_covers(&prod).is_err());
    }

    #[test]
    fn a_lower_role_in_one_account_counts_there_and_for_what_could_reach_it() {
        let (dev, prod) = (place("111111111111"), place("222222222222"));
        let grants = AccountRoles::from([(prod.account.clone(), Role::Viewer)]);
        let caller = Caller { role: Role::Admin, grants, ..Caller::system() };
        let stop = Operation::StopInstance;
        assert!(may::<Operate>(&caller, stop, Some(&dev)) && !may::<Operate>(&caller, stop, Some(&prod)));
        assert!(!may::<Operate>(&caller, stop, None));
        assert!(may::<Administer>(&caller, Operation::AddUser, None), "administering is of no account");
    }

    #[test]
    fn a_token_of_a_program_may_no_more_than_it_says_and_nothing_of_its_owner() {
        let token = TokenUse { hash: String::new(), read_only: true };
        let caller = Caller { api_token: Some(token), ..Caller::system() };
        assert!(may::<Administer>(&caller, Operation::ListUsers, None));
        assert!(!may::<Administer>(&caller, Operation::AddUser, None));
        assert!(!may::<Operate>(&caller, Operation::StopInstance, Some(&place("111111111111"))));
        let token = TokenUse { hash: String::new(), read_only: false };
        let caller = Caller { api_token: Some(token), ..Caller::system() };
        assert!(may::<Administer>(&caller, Operation::AddUser, None));
        assert!(!may::<Own>(&caller, Operation::AddToken, None));
    }
}
