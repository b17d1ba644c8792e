//! Least-privilege policies of IAM, made from the table of calls.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{
    account::RoleArn,
    identity::{Permission, Role},
};
use serde::Serialize;

use crate::calls::{ALL, ASSUME_ROLE, With};

/// The statement of what everybody may.
const READS: &str = "NephoscopeReads";
/// The statement of what changes something.
const OPERATES: &str = "NephoscopeOperates";

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
    /// One, or a list.
    resource: serde_json::Value,
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
            (Permission::Read, READS),
            (Permission::Operate, OPERATES),
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
            // A new function is told the role that it runs as, and an instance by its launch template.
            let services = ["ec2.amazonaws.com", "lambda.amazonaws.com"];
            let condition = serde_json::json!({ "StringEquals": { "iam:PassedToService": services } });
            let passes = Statement::allow("NephoscopePassesRoles", vec!["iam:PassRole".to_owned()]);
            statements.push(Statement { condition: Some(condition), ..passes });
        }
        Self::new(statements)
    }
}

impl Statement {
    fn allow(sid: &'static str, action: Vec<String>) -> Self {
        Self { sid, effect: "Allow", action, resource: "*".into(), condition: None }
    }
}

/// The actions that a permission adds, sorted.
fn actions(permission: Permission) -> Vec<String> {
    let of_it = ALL.iter().filter(|call| call.with() == With::Account(permission));
    of_it.map(ToString::to_string).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The name of a statement and its resources.
type Narrowed = (&'static str, &'static [&'static str]);

/// The statement and the resources for an action that changes something: whoever may stop instances may stop nothing else.
fn narrowed(action: &str) -> Narrowed {
    match action.split_once(':') {
        Some(("ec2", "CreateTags" | "DeleteTags")) => (
            "NephoscopeTags",
            &[
                "arn:aws:ec2:*:*:elastic-ip/*",
                "arn:aws:ec2:*:*:instance/*",
                "arn:aws:ec2:*:*:security-group/*",
                // Snapshots have no account in their ARNs; an asterisk stands for that, too.
                "arn:aws:ec2:*:*:snapshot/*",
                "arn:aws:ec2:*:*:volume/*",
            ],
        ),
        // Launching names images, networks, disks and more beside the instance.
        Some(("ec2", "RunInstances")) => ("NephoscopeLaunches", &["*"]),
        Some(("ec2", _)) => ("NephoscopeOperatesInstances", &["arn:aws:ec2:*:*:instance/*"]),
        Some(("lambda", _)) => ("NephoscopeOperatesFunctions", &["arn:aws:lambda:*:*:function:*"]),
        Some(("s3", _)) => ("NephoscopeOperatesBuckets", &["arn:aws:s3:::*"]),
        _ => (OPERATES, &["*"]),
    }
}

/// One statement for each kind of resource that it changes something of, by service.
fn by_resource(statement: Statement) -> Vec<Statement> {
    if statement.sid != OPERATES {
        return vec![statement];
    }
    let mut kinds: BTreeMap<(String, Narrowed), Vec<String>> = BTreeMap::new();
    for action in statement.action {
        let service = action.split(':').next().unwrap_or_default().to_owned();
        kinds.entry((service, narrowed(&action))).or_default().push(action);
    }
    let narrow = |((_, (sid, resources)), actions): ((String, Narrowed), Vec<String>)| {
        let resource = match resources {
            [one] => (*one).into(),
            many => many.into(),
        };
        Statement { resource, ..Statement::allow(sid, actions) }
    };
    kinds.into_iter().map(narrow).collect()
}

/// The policy that an account's role or user needs, so that people of this role can do through nephoscope what they may: JSON, indented
/// by two spaces. A viewer's only reads; an administrator's discovers accounts and regions, too.
#[must_use]
pub fn account_policy(role: Role) -> String {
    let mut policy = Policy::of_role(role);
    policy.statement = policy.statement.into_iter().flat_map(by_resource).collect();
    let Ok(mut text) = serde_json::to_string_pretty(&policy) else { return String::new() };
    text.push('\n');
    text
}

/// What narrows an assumed role to what a person's role may do. AWS takes up to 2,048 characters, so actions that read are named by their
/// verbs: what the role itself does not allow, a session policy does not add.
pub(crate) fn session_policy(role: Role) -> String {
    let mut policy = Policy::of_role(role);
    for statement in policy.statement.iter_mut().filter(|statement| statement.sid == READS) {
        let verbs: BTreeSet<String> = statement.action.iter().map(|action| by_verb(action)).collect();
        statement.action = verbs.into_iter().collect();
    }
    serde_json::to_string(&policy).unwrap_or_default()
}

/// `ec2:Describe*` for `ec2:DescribeInstances`.
fn by_verb(action: &str) -> String {
    let (service, operation) = action.split_once(':').unwrap_or(("", action));
    let verb = operation.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase());
    verb.map_or_else(|| action.to_owned(), |(end, _)| format!("{service}:{}*", &operation[..end]))
}

/// What narrows an assumed role to assuming the next one.
pub(crate) fn entering_policy(role: &RoleArn) -> String {
    let enter = Statement::allow("NephoscopeEnters", vec![ASSUME_ROLE.to_string()]);
    let enter = Statement { resource: role.to_string().into(), ..enter };
    serde_json::to_string(&Policy::new(vec![enter])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_what_the_ones_below_may_and_more() {
        let [viewer, operator, admin] = Role::ALL.map(session_policy);
        assert!(viewer.contains("logs:Filter*") && !viewer.contains("ec2:StopInstances"), "{viewer}");
        assert!(!viewer.contains("kms:"), "{viewer}");
        assert!(operator.contains("ec2:StopInstances") && operator.contains("logs:Filter*"));
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
