//! Who: people, their roles, and what a role allows.

mod email;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::email::EmailAddress;
use crate::{AccountId, Error, Timestamp, validated_string};

/// Roles that somebody has in some accounts instead of the role they have everywhere else.
pub type AccountRoles = BTreeMap<AccountId, Role>;

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
    /// Change what is one's own: the password, the second factor, tokens.
    Own,
    /// See everybody's activity and administer nephoscope itself.
    Administer,
}

impl Permission {
    /// The least role that has it.
    #[must_use]
    pub const fn least_role(self) -> Role {
        match self {
            Self::Read | Self::Own => Role::Viewer,
            Self::Operate => Role::Operator,
            Self::Administer => Role::Admin,
        }
    }
}

/// The role in one account: the one granted there, or else the person's own.
#[must_use]
pub fn role_in(role: Role, grants: &AccountRoles, account: &AccountId) -> Role {
    grants.get(account).copied().unwrap_or(role)
}

/// A person who may log in. The password's hash never leaves the store and `ops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// UUIDv7.
    pub id: String,
    /// The log-in name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: UserName,
    /// The address that an administrator gave them, by which an identity provider may log them in; nobody else has it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Email))]
    pub email: Option<EmailAddress>,
    /// What they may do, where nothing else was granted.
    pub role: Role,
    /// What they may do instead in some accounts, by account id: viewer or operator.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, Role>))]
    pub grants: AccountRoles,
    /// A disabled user keeps their history and cannot log in.
    pub disabled: bool,
    /// Whether they have set a password. Who was invited has none before they follow the link.
    pub has_password: bool,
    /// Whether they have logged in through an identity provider, which is theirs since then.
    #[serde(default)]
    pub has_provider_login: bool,
    /// Whether logging in takes a code from a device as well.
    pub has_second_factor: bool,
    /// When they were approved.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When they last logged in.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_login_at: Option<Timestamp>,
}

impl User {
    /// Whether they have a way to log in; somebody who was invited has none before they follow the link or come through a provider.
    #[must_use]
    pub fn has_way_in(&self) -> bool {
        self.has_password || self.has_provider_login
    }

    /// Whether they can log in and administer nephoscope now.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.role == Role::Admin && !self.disabled && self.has_way_in()
    }
}

/// A link that lets its bearer set a password, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PasswordLink {
    /// For whom.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: UserName,
    /// The secret of the link, shown this once.
    pub token: String,
    /// The path to open on this server; it holds the secret.
    pub path: String,
    /// Until when.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
}

/// One of one's own sessions: a log-in and what followed from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// UUIDv7.
    pub id: String,
    /// When it began, by log-in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub started_at: Timestamp,
    /// When it was last renewed, which happens every few minutes while it is used.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_used_at: Timestamp,
    /// Until when it can be renewed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// The address it began from.
    pub address: String,
    /// The browser or program it began with, in a few words.
    pub browser: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A token for a program, as its owner sees it later. The token itself is shown once, when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ApiToken {
    /// UUIDv7.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The most that it may do; never more than its owner may.
    pub role: Role,
    /// Whether it changes nothing at all, whatever the role.
    pub read_only: bool,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it ends.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
}

/// A token for a program that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewApiToken {
    /// The token, shown this once: send it as `Authorization: Bearer …`.
    pub token: String,
    /// What is known of it from now on.
    pub info: ApiToken,
}

/// A device that makes codes, in the making: it counts when the first code of it was given back.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FactorSetup {
    /// The secret in base32, to type into the device.
    pub secret: String,
    /// The same as an `otpauth://` address, which devices read from a QR code.
    pub uri: String,
    /// Give this back together with the first code, within 15 minutes.
    pub pending: String,
}

impl std::fmt::Debug for FactorSetup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactorSetup([redacted])")
    }
}

/// Codes for the day when the device is lost. Each is good once.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// The codes, shown this once.
    pub codes: Vec<String>,
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecoveryCodes({})", self.codes.len())
    }
}

/// What a person sees of their own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The person.
    pub user: User,
    /// Their sessions, the newest first.
    pub sessions: Vec<SessionInfo>,
    /// Their tokens for programs, the newest first.
    pub tokens: Vec<ApiToken>,
    /// How many recovery codes of the second factor are left.
    pub recovery_codes: u32,
}

/// Who is looking at this page: the part of a session that the browser may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Viewer {
    /// The log-in name.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: UserName,
    /// What they may do, where nothing else was granted.
    pub role: Role,
    /// What they may do instead in some accounts, by account id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::HashMap<String, Role>))]
    pub grants: AccountRoles,
    /// When the present token ends; the browser renews it before.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub token_expires_at: Timestamp,
}

impl Viewer {
    /// What they may do in one account.
    #[must_use]
    pub fn role_in(&self, account: &AccountId) -> Role {
        role_in(self.role, &self.grants, account)
    }
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
    fn a_grant_counts_in_its_account_and_nowhere_else() {
        let account = |id: &str| id.parse::<AccountId>().expect("an id");
        let grants = AccountRoles::from([(account("111111111111"), Role::Operator)]);
        assert_eq!(role_in(Role::Viewer, &grants, &account("111111111111")), Role::Operator);
        assert_eq!(role_in(Role::Viewer, &grants, &account("222222222222")), Role::Viewer);
        let lowered = AccountRoles::from([(account("111111111111"), Role::Viewer)]);
        assert_eq!(role_in(Role::Admin, &lowered, &account("111111111111")), Role::Viewer);
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
