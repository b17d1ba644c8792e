//! Who is calling, and what they were granted.

use std::marker::PhantomData;

use nephoscope_model::{
    Error, ErrorCode, Timestamp,
    identity::{Permission, Role, UserName, Viewer},
};

/// Who is calling, as proven by a token; or nephoscope itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub(crate) user_id: String,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) session_id: String,
    pub(crate) token_expires_at: Timestamp,
    pub(crate) request_id: String,
}

impl Caller {
    /// The command line and the jobs: whoever can run the server's binary on its data may do all.
    #[must_use]
    pub fn system() -> Self {
        Self {
            user_id: String::new(),
            name: "system".to_owned(),
            role: Role::Admin,
            session_id: String::new(),
            token_expires_at: Timestamp::from_millis(i64::MAX),
            request_id: String::new(),
        }
    }

    /// The log-in name, or `system`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What they may do.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
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
            token_expires_at: self.token_expires_at,
        }
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
/// To administer nephoscope.
#[derive(Debug)]
pub enum Administer {}

impl Need for Read {
    const PERMISSION: Permission = Permission::Read;
}
impl Need for Operate {
    const PERMISSION: Permission = Permission::Operate;
}
impl Need for Administer {
    const PERMISSION: Permission = Permission::Administer;
}

/// Proof that a caller may do what needs `N`. Only the check makes one.
#[derive(Debug)]
pub struct Grant<N: Need> {
    need: PhantomData<N>,
}

impl<N: Need> Grant<N> {
    /// The check.
    ///
    /// # Errors
    /// `forbidden`, naming the role that would be enough.
    pub(crate) fn check(caller: &Caller) -> Result<Self, Error> {
        check_permission(caller, N::PERMISSION).map(|()| Self { need: PhantomData })
    }
}

/// The check without the proof.
pub(crate) fn check_permission(caller: &Caller, permission: Permission) -> Result<(), Error> {
    if caller.role.may(permission) {
        return Ok(());
    }
    let needed = permission.least_role();
    Err(Error::new(
        ErrorCode::Forbidden,
        format!("Your role is {}; this needs the role {needed}.", caller.role),
    )
    .with_hint("Ask an administrator of nephoscope."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_only_made_for_who_may() {
        for role in Role::ALL {
            let caller = Caller { role, ..Caller::system() };
            assert!(Grant::<Read>::check(&caller).is_ok());
            assert_eq!(Grant::<Operate>::check(&caller).is_ok(), role >= Role::Operator);
            assert_eq!(Grant::<Administer>::check(&caller).is_ok(), role == Role::Admin);
        }
    }
}
