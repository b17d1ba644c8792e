//! Least-privilege policies of IAM, made from the table of calls.

use std::collections::BTreeSet;

use nephoscope_model::{
    account::RoleArn,
    identity::{Permission, Role},
};
use serde::Serialize;

use crate::calls::{ALL, ASSUME_ROLE, With};

/// A policy document; the fields are in the order in which people write them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    action: Vec<String>,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<serde_json::Value>,
}

impl Policy {
    fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    fn of_role(role: Role) -> Self {
        let mut statements = Vec::new();
        for (permission, sid) in [
            (Permission::Read, "NephoscopeReads"),
            (Permission::Operate, "NephoscopeOperates"),
            (Permission::Administer, "NephoscopeDiscovers"),
        ] {
            if role.may(permission) {
                statements.push(Statement::allow(sid, actions(permission)));
            }
        }
        if role.may(Permission::Operate) {
            // EC2 asks KMS in the caller's name for what an encrypted disk needs, for itself only.
            let condition = serde_json::json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } });
            let grants = Statement::allow("NephoscopeStartsEncrypted", vec!["kms:CreateGrant".to_owned()]);
            statements.push(Statement { condition: Some(condition), ..grants });
        }
        Self::new(statements)
    }
}

impl Statement {
    fn allow(sid: &'static str, action: Vec<String>) -> Self {
        Self { sid, effect: "Allow", action, resource: "*".to_owned(), condition: None }
    }
}

/// The actions that a permission adds, sorted.
fn actions(permission: Permission) -> Vec<String> {
    let of_it = ALL.iter().filter(|call| call.with() == With::Account(permission));
    of_it.map(ToString::to_string).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What instances are called in policies: whoever may start and stop them may do so to nothing else.
const INSTANCES: &str = "arn:aws:ec2:*:*:instance/*";

/// The policy that an account's role or user needs, so that people of this role can do through nephoscope what they may: JSON, indented
/// by two spaces. A viewer's only reads; an administrator's discovers accounts and regions, too.
#[must_use]
pub fn account_policy(role: Role) -> String {
    let mut policy = Policy::of_role(role);
    for statement in &mut policy.statement {
        if statement.action.iter().all(|action| {
            action.starts_with("ec2:") && action.ends_with("Instances") && !action.contains("Describe")
        }) {
            INSTANCES.clone_into(&mut statement.resource);
        }
    }
    let Ok(mut text) = serde_json::to_string_pretty(&policy) else { return String::new() };
    text.push('\n');
    text
}

/// What narrows an assumed role to what a person's role may do. AWS takes up to 2,048 characters.
pub(crate) fn session_policy(role: Role) -> String {
    serde_json::to_string(&Policy::of_role(role)).unwrap_or_default()
}

/// What narrows an assumed role to assuming the next one.
pub(crate) fn entering_policy(role: &RoleArn) -> String {
    let enter = Statement::allow("NephoscopeEnters", vec![ASSUME_ROLE.to_string()]);
    let enter = Statement { resource: role.to_string(), ..enter };
    serde_json::to_string(&Policy::new(vec![enter])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_what_the_ones_below_may_and_more() {
        let [viewer, operator, admin] = Role::ALL.map(session_policy);
        assert!(viewer.contains("logs:FilterLogEvents") && !viewer.contains("ec2:StopInstances"), "{viewer}");
        assert!(!viewer.contains("kms:"), "{viewer}");
        assert!(operator.contains("ec2:StopInstances") && operator.contains("logs:FilterLogEvents"));
        assert!(admin.contains("organizations:ListAccounts") && !operator.contains("organizations:"));
        for policy in [&viewer, &operator, &admin] {
            assert!(policy.len() <= 2_048, "{}: AWS refuses it", policy.len());
            assert!(!policy.contains("sts:"), "nothing to enter further with: {policy}");
        }
    }

    #[test]
    fn the_readme_prints_what_the_command_prints() {
        let readme = include_str!("../../../README.md");
        let policy = account_policy(Role::Operator);
        assert!(readme.contains(&format!("```json\n{policy}```")), "nephoscope policy prints:\n{policy}");
    }

    #[test]
    fn entering_is_for_one_role() {
        let role = "arn:aws:iam::111111111111:role/viewer".parse().expect("a role");
        let policy: serde_json::Value = serde_json::from_str(&entering_policy(&role)).expect("JSON");
        assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:iam::111111111111:role/viewer");
        assert_eq!(policy["Statement"][0]["Action"], serde_json::json!(["sts:AssumeRole"]));
    }
}
