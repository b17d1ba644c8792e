//! Ways to log in beside a password.

use serde::{Deserialize, Serialize};

use crate::validated_string;

/// The id of an identity provider, as it stands in addresses and in the audit: 1 to 32 of `a-z 0-9 -`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(String);
validated_string!(
    ProviderId,
    "the id of an identity provider (1 to 32 of a-z, 0-9 and '-', starting with a letter)",
    |text| {
        (1..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
);

/// An identity provider, as the log-in page offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginProvider {
    /// Its id.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_into_addresses() {
        for good in ["google", "a", "keycloak-2"] {
            assert!(good.parse::<ProviderId>().is_ok(), "{good}");
        }
        for bad in ["", "Google", "2fa", "a/b", "a b", "-a", &"a".repeat(33)] {
            assert!(bad.parse::<ProviderId>().is_err(), "{bad}");
        }
    }
}
