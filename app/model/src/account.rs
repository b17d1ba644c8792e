//! Accounts as they are kept, entered and shown: the sources of their credentials, and what a look at an account found.

use serde::{Deserialize, Serialize};

mod input;
mod report;

pub use input::AccountInput;
pub use report::{
    ActionCheck, CallerIdentity, CheckOutcome, ConnectionReport, Discovery, OrganizationAccount,
};

use crate::{Account, AccountId, Error, validated_string};

/// The ARN of a role: `arn:aws:iam::111111111111:role/viewer`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleArn(String);
validated_string!(RoleArn, "the ARN of a role such as arn:aws:iam::111111111111:role/viewer", |text| {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    matches!(parts.as_slice(), ["arn", partition, "iam", "", account, role]
        if (*partition == "aws" || partition.starts_with("aws-"))
            && account.parse::<AccountId>().is_ok()
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty() && name.chars().all(plain)))
        && text.len() <= 2_048
});

impl RoleArn {
    /// The account that the role is in.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.0.split(':').nth(4)?.parse().ok()
    }
}

/// The id of an IAM user's access key, which is no secret: up to 128 letters and digits. AWS gives 20, emulators fewer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccessKeyId(String);
validated_string!(AccessKeyId, "an access key id such as AKIAIOSFODNN7EXAMPLE", |text| {
    (3..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
});

/// A secret as it lies in the store: sealed. What is in it only the vault of `ops` can tell.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// The text that is kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Sealed {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed([redacted])")
    }
}

/// Stands where there is a secret that is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Hidden {
    /// There is one.
    #[default]
    #[serde(rename = "set")]
    Set,
}

/// Where the credentials of an account come from. `S` stands for a secret: sealed in the store, [`Hidden`] on a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Credentials<S> {
    /// The server's own: the SDK's default chain.
    Default,
    /// The key of an IAM user.
    #[serde(rename_all = "camelCase")]
    Keys {
        /// `AKIA…`
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        access_key_id: AccessKeyId,
        /// The secret half.
        secret_access_key: S,
    },
    /// A role to assume.
    #[serde(rename_all = "camelCase")]
    Role {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        role_arn: RoleArn,
        /// What the role's trust policy demands, if it does.
        #[serde(default = "none", skip_serializing_if = "Option::is_none")]
        external_id: Option<S>,
        /// The account whose credentials assume it; the server's own when there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        from: Option<AccountId>,
    },
    /// A role to assume with the token of another identity provider, as in Kubernetes.
    #[serde(rename_all = "camelCase")]
    WebIdentity {
        /// Which.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        role_arn: RoleArn,
        /// The file on the server that holds the token; it is read anew each time.
        token_file: String,
    },
}

const fn none<S>() -> Option<S> {
    None
}

impl<S> Credentials<S> {
    /// The one secret among them, if there is one.
    pub const fn secret(&self) -> Option<&S> {
        match self {
            Self::Keys { secret_access_key, .. } => Some(secret_access_key),
            Self::Role { external_id, .. } => external_id.as_ref(),
            Self::Default | Self::WebIdentity { .. } => None,
        }
    }

    /// The same with another secret in the secret's place; nothing when a key is left without one.
    #[must_use]
    pub fn with_secret<T>(self, secret: Option<T>) -> Option<Credentials<T>> {
        Some(match self {
            Self::Default => Credentials::Default,
            Self::Keys { access_key_id, .. } => {
                Credentials::Keys { access_key_id, secret_access_key: secret? }
            }
            Self::Role { role_arn, from, .. } => Credentials::Role { role_arn, external_id: secret, from },
            Self::WebIdentity { role_arn, token_file } => Credentials::WebIdentity { role_arn, token_file },
        })
    }

    /// The same without its secret.
    #[must_use]
    pub fn hidden(&self) -> Credentials<Hidden> {
        match self {
            Self::Default => Credentials::Default,
            Self::Keys { access_key_id, .. } => {
                Credentials::Keys { access_key_id: access_key_id.clone(), secret_access_key: Hidden::Set }
            }
            Self::Role { role_arn, external_id, from } => Credentials::Role {
                role_arn: role_arn.clone(),
                external_id: external_id.as_ref().map(|_| Hidden::Set),
                from: from.clone(),
            },
            Self::WebIdentity { role_arn, token_file } => {
                Credentials::WebIdentity { role_arn: role_arn.clone(), token_file: token_file.clone() }
            }
        }
    }

    /// The word for the source.
    #[must_use]
    pub const fn kind(&self) -> CredentialsKind {
        match self {
            Self::Default => CredentialsKind::Default,
            Self::Keys { .. } => CredentialsKind::Keys,
            Self::Role { .. } => CredentialsKind::Role,
            Self::WebIdentity { .. } => CredentialsKind::WebIdentity,
        }
    }
}

/// The sources of credentials, by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum CredentialsKind {
    /// The server's own.
    Default,
    /// The key of an IAM user.
    Keys,
    /// A role to assume.
    #[default]
    Role,
    /// A role to assume with the token of another identity provider.
    WebIdentity,
}

impl CredentialsKind {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Role, Self::WebIdentity, Self::Keys, Self::Default];

    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Keys => "keys",
            Self::Role => "role",
            Self::WebIdentity => "webIdentity",
        }
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Default => "The server's own credentials",
            Self::Keys => "Key of an IAM user",
            Self::Role => "Role to assume",
            Self::WebIdentity => "Role by web identity",
        }
    }
}

/// Where an account was configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// In the configuration file: it can be changed only there.
    File,
    /// Here, by an administrator.
    Store,
}

/// An account with all that may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountDetails {
    /// What everybody may know.
    #[serde(flatten)]
    pub account: Account,
    /// Where it was configured.
    pub origin: Origin,
    /// Whether another one of the same id was added here and is not used: the configuration file wins.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shadows: bool,
    /// Where its credentials come from, without secrets; for administrators only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials<Hidden>>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Error>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_roles_are_told_from_others() {
        let good: RoleArn = "arn:aws-us-gov:iam::111111111111:role/teams/ops+x".parse().expect("a role");
        assert_eq!(good.account().map(|id| id.to_string()).as_deref(), Some("111111111111"));
        for bad in [
            "",
            "arn:aws:iam::111111111111:user/ada",
            "arn:aws:iam::11:role/x",
            "arn:aws:iam::111111111111:role/",
            "arn:aws:iam::111111111111:role/x y",
            "arn:aws:sts::111111111111:assumed-role/x/y",
            "arn:evil:iam::111111111111:role/x",
        ] {
            assert!(bad.parse::<RoleArn>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hidden_credentials_hold_no_secret_and_survive_the_wire() {
        let keys = Credentials::Keys {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".parse().expect("an id"),
            secret_access_key: "hush".to_owned(),
        };
        let json = serde_json::to_string(&keys.hidden()).expect("JSON");
        assert!(!json.contains("hush") && json.contains("\"kind\":\"keys\""), "{json}");
        assert_eq!(serde_json::from_str::<Credentials<Hidden>>(&json).ok(), Some(keys.hidden()));
        assert_eq!(keys.with_secret::<u8>(None), None, "a key without its secret is none");
    }
}
