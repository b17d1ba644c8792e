//! What somebody enters to add or change an account.

use serde::Deserialize;

use super::{AccessKeyId, Credentials, CredentialsKind, RoleArn, none};
use crate::{Account, AccountId, Error, Region, Result, scope::AccountColor};

/// What somebody enters to add or change an account: flat, so that a form and a JSON body look the same.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccountInput<S> {
    /// The 12-digit id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "444444444444"))]
    pub id: AccountId,
    /// What the team calls it; the id when empty.
    #[serde(default)]
    pub name: String,
    /// How it is marked; production is red.
    #[serde(default)]
    pub color: AccountColor,
    /// The regions to look at, at least one.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub regions: Vec<Region>,
    /// Where its credentials come from.
    #[serde(default)]
    pub credentials: CredentialsKind,
    /// With `keys`: the key's id.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub access_key_id: Option<AccessKeyId>,
    /// With `keys`: the key's secret.
    #[serde(default = "none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password))]
    pub secret_access_key: Option<S>,
    /// With `role` and `webIdentity`: the role.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub role_arn: Option<RoleArn>,
    /// With `role`: what its trust policy demands.
    #[serde(default = "none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password))]
    pub external_id: Option<S>,
    /// With `role`: the account whose credentials assume it; the server's own when left out.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub from: Option<AccountId>,
    /// With `webIdentity`: the file on the server that holds the token.
    #[serde(default)]
    pub token_file: Option<String>,
    /// When changing an account: keep the secret that is there, since it is never shown.
    #[serde(default)]
    pub keep_secret: bool,
    /// Do not ask AWS first whom the credentials belong to.
    #[serde(default)]
    pub unchecked: bool,
}

/// The longest name of an account, in characters.
const MAX_NAME: usize = 64;

impl<S> AccountInput<S> {
    /// The account, the source of its credentials, and the secret if one was entered.
    ///
    /// # Errors
    /// `invalid_input` for what is missing or makes no sense.
    pub fn into_parts(self) -> Result<(Account, Credentials<()>, Option<S>)> {
        let mut secret = None;
        let credentials = match self.credentials {
            CredentialsKind::Default => Credentials::Default,
            CredentialsKind::Keys => {
                secret = self.secret_access_key;
                let missing = || Error::invalid("The access key id is missing.");
                Credentials::Keys {
                    access_key_id: self.access_key_id.ok_or_else(missing)?,
                    secret_access_key: (),
                }
            }
            CredentialsKind::Role => {
                secret = self.external_id;
                Credentials::Role {
                    role_arn: self.role_arn.ok_or_else(|| Error::invalid("The role's ARN is missing."))?,
                    external_id: secret.as_ref().map(|_| ()),
                    from: self.from,
                }
            }
            CredentialsKind::WebIdentity => Credentials::WebIdentity {
                role_arn: self.role_arn.ok_or_else(|| Error::invalid("The role's ARN is missing."))?,
                token_file: self
                    .token_file
                    .filter(|path| path.starts_with('/') && path.len() <= 1_024 && !path.contains('\0'))
                    .ok_or_else(|| {
                        Error::invalid(
                            "The path of the token's file is missing, or does not begin with a slash.",
                        )
                    })?,
            },
        };
        if let Credentials::Role { from: Some(from), .. } = &credentials
            && *from == self.id
        {
            return Err(Error::invalid("An account cannot be entered from itself.").with_hint(
                "Name another account to assume the role from, or none for the server's own credentials.",
            ));
        }
        let mut regions = Vec::new();
        for region in self.regions {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        if regions.is_empty() || regions.len() > 64 {
            return Err(Error::invalid("At least one region is needed, and at most 64."));
        }
        let name = self.name.trim().to_owned();
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "The name may have {MAX_NAME} characters, all of them visible."
            )));
        }
        let name = if name.is_empty() { self.id.to_string() } else { name };
        Ok((Account { id: self.id, name, color: self.color, regions }, credentials, secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(kind: &str) -> AccountInput<String> {
        serde_json::from_value(serde_json::json!({
            "id": "444444444444", "regions": ["eu-west-1", "eu-west-1"], "credentials": kind,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE", "secretAccessKey": "hush",
            "roleArn": "arn:aws:iam::444444444444:role/x", "tokenFile": "/run/token",
        }))
        .expect("an input")
    }

    #[test]
    fn an_input_becomes_what_its_kind_says() {
        for kind in CredentialsKind::ALL {
            let (account, credentials, secret) = input(kind.as_str()).into_parts().expect("good");
            assert_eq!((account.name.as_str(), account.regions.len()), ("444444444444", 1));
            assert_eq!(credentials.kind(), kind);
            assert_eq!(secret.is_some(), kind == CredentialsKind::Keys);
        }
    }

    #[test]
    fn what_is_missing_or_senseless_is_refused() {
        let cases: [fn(&mut AccountInput<String>); 6] = [
            |it| it.regions.clear(),
            |it| it.name = "a\u{7}".to_owned(),
            |it| it.name = "x".repeat(65),
            |it| it.role_arn = None,
            |it| it.from = Some(it.id.clone()),
            |it| {
                it.credentials = CredentialsKind::WebIdentity;
                it.token_file = Some("relative".to_owned());
            },
        ];
        for spoil in cases {
            let mut input = input("role");
            spoil(&mut input);
            assert!(input.into_parts().is_err());
        }
    }
}
