//! On whose behalf AWS is called.

use std::sync::Arc;

use nephoscope_model::{
    AccountId,
    identity::{AccountRoles, Role, role_in},
};

/// Whoever AWS is called for: CloudTrail shows the name as the session's, where a role is assumed, and AWS lets the session do only what
/// the person's role in that account may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    name: Arc<str>,
    role: Role,
    grants: Arc<AccountRoles>,
}

impl Actor {
    /// A person, their role, and the roles they have in some accounts instead.
    #[must_use]
    pub fn person(name: &str, role: Role, grants: &AccountRoles) -> Self {
        Self { name: name.into(), role, grants: Arc::new(grants.clone()) }
    }

    /// nephoscope itself, which only looks.
    #[must_use]
    pub fn background() -> Self {
        Self { name: "nephoscope".into(), role: Role::Viewer, grants: Arc::default() }
    }

    /// The name as it is known here.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn role_in(&self, account: &AccountId) -> Role {
        role_in(self.role, &self.grants, account)
    }

    /// The name as AWS takes it: 2 to 64 of letters, digits and `_+=,.@-`
    /// ([AssumeRole](https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html)).
    pub(crate) fn session_name(&self) -> String {
        let good = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
        let name: String = self.name.chars().map(good).take(64).collect();
        if name.len() < 2 { format!("nephoscope-{name}") } else { name }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_that_aws_takes() {
        let long = "a".repeat(100);
        for (name, session) in [
            ("ada", "ada"),
            ("ops+night@example.com", "ops+night@example.com"),
            ("a", "nephoscope-a"),
            ("", "nephoscope-"),
            ("ada lövelace/x", "ada-l-velace-x"),
            (long.as_str(), &long[..64]),
        ] {
            let actor = Actor::person(name, Role::Viewer, &AccountRoles::new());
            assert_eq!(actor.session_name(), session);
        }
    }
}
