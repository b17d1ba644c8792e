//! What an identity provider says of somebody.

use std::collections::BTreeMap;

use nephoscope_model::identity::Role;
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The claims that the standard does not name: groups, among others.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

impl OtherClaims {
    /// The groups under `claim`: its name, or the JSON pointer of something deeper, such as Keycloak's `/realm_access/roles`. None when the
    /// provider says nothing of them. One group may stand there as a text.
    pub(super) fn groups(&self, claim: &str) -> Option<Vec<String>> {
        let found = match claim.strip_prefix('/') {
            Some(rest) => {
                let (first, deeper) = rest.split_once('/').unwrap_or((rest, ""));
                let first = self.0.get(&first.replace("~1", "/").replace("~0", "~"))?;
                if deeper.is_empty() { Some(first) } else { first.pointer(&format!("/{deeper}")) }
            }
            None => self.0.get(claim),
        };
        match found? {
            Value::String(group) => Some(vec![group.clone()]),
            Value::Array(groups) => {
                Some(groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect())
            }
            _ => None,
        }
    }
}

/// The greatest role that one of the groups leads to.
pub(super) fn role_of_groups(roles: &BTreeMap<String, Role>, groups: &[String]) -> Option<Role> {
    groups.iter().filter_map(|group| roles.get(group)).copied().max()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_found_where_providers_put_them() {
        let claims: OtherClaims = serde_json::from_value(json!({
            "cognito:groups": ["a", "b"], "group": "one", "realm_access": {"roles": ["r", 7]},
            "https://example.com/groups": ["namespaced"], "number": 1,
        }))
        .expect("claims");
        let groups = |claim: &str| claims.groups(claim);
        assert_eq!(groups("cognito:groups"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(groups("group"), Some(vec!["one".to_owned()]));
        assert_eq!(groups("/realm_access/roles"), Some(vec!["r".to_owned()]));
        assert_eq!(groups("https://example.com/groups"), Some(vec!["namespaced".to_owned()]));
        for nothing in ["groups", "number", "/realm_access/x", "/realm_access", "/", ""] {
            assert_eq!(groups(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_greatest_role_counts_and_other_groups_lead_nowhere() {
        let roles = BTreeMap::from([
            ("ops".to_owned(), Role::Operator),
            ("all".to_owned(), Role::Viewer),
            ("root".to_owned(), Role::Admin),
        ]);
        let role = |groups: &[&str]| {
            role_of_groups(&roles, &groups.iter().map(|&group| group.to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(role(&["all", "ops"]), Some(Role::Operator));
        assert_eq!(role(&["ROOT", "x"]), None);
        assert_eq!(role(&[]), None);
    }
}
