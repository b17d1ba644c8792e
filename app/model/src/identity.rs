//! Who: people, their roles, and what a role allows.

use serde::{Deserialize, Serialize};

use crate::{Error, Timestamp, validated_string};

/// The name a person logs in with: 1 to 64 of `a-z 0-9 . _ - @ +`, starting with a letter or digit. Always lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);
validated_string!(
    UserName,
    "a user name (1 to 64 of a-z, 0-9, '.', '_', '-', '@', '+', starting with a letter or digit)",
    |text| {
        (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-@+".contains(&b))
    }
);

/// What a person may do, each role including the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Also changes AWS resources.
    Operator,
    /// Also sees what everyone did, and administers nephoscope.
    Admin,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// Whether the role includes the permission.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
            Error::invalid(format!(
                "{:?} is not a role: viewer, operator or admin.",
                crate::error::shorten(text, 40)
            ))
        })
    }
}

/// The kinds of things that may be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// See resources, metrics and logs.
    Read,
    /// Change AWS resources.
    Operate,
    /// See everybody's activity and administer nephoscope itself.
    Administer,
}

impl Permission {
    /// The least role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Administer => Role::Admin,
        }
    }
}

/// A person who may log in. The password's hash never leaves the store and `ops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// UUIDv7.
    pub id: String,
    /// The log-in name.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// A disabled user keeps their history and cannot log in.
    pub disabled: bool,
    /// When they were approved.
    pub created_at: Timestamp,
    /// When they last gave the right password.
    pub last_login_at: Option<Timestamp>,
}

/// Who is looking at this page: the part of a session that the browser may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// The log-in name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// When the present token ends; the browser renews it before.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub token_expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_include_the_ones_before_them() {
        assert!(Role::Viewer.may(Permission::Read));
        assert!(!Role::Viewer.may(Permission::Operate));
        assert!(Role::Operator.may(Permission::Operate));
        assert!(!Role::Operator.may(Permission::Administer));
        assert!(Role::Admin.may(Permission::Administer) && Role::Admin.may(Permission::Read));
    }

    #[test]
    fn user_names_are_plain() {
        for good in ["ada", "ops+night@example.com", "0x"] {
            assert!(good.parse::<UserName>().is_ok(), "{good}");
        }
        for bad in ["", "Ada", ".ada", "a b", "ада", "a\n", &"a".repeat(65)] {
            assert!(bad.parse::<UserName>().is_err(), "{bad}");
        }
    }
}
