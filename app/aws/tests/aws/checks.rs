//! Testing a connection: what is allowed, what is denied, what cannot be known, and that nothing is done.

use nephoscope_aws::{
    Actor,
    replay::{Answer, Replay, cbor::Cbor, wire},
};
use nephoscope_model::{
    account::{ActionCheck, CheckOutcome},
    ec2::{Instance, InstanceState},
    identity::{AccountRoles, Role},
};
use serde_json::json;

use crate::{estate, place};

fn instance() -> Instance {
    Instance {
        id: "i-0000000000000000a".parse().unwrap(),
        account: place().account,
        region: place().region,
        name: String::new(),
        state: InstanceState::Running,
        state_reason: None,
        instance_type: String::new(),
        zone: String::new(),
        private_ip: None,
        public_ip: None,
        launched_at: None,
        architecture: None,
        platform: None,
        image_id: None,
        vpc_id: None,
        subnet_id: None,
        key_name: None,
        iam_profile: None,
        security_groups: vec![],
        hibernation: false,
        tenancy: None,
        on_demand: true,
        tags: vec![],
    }
}

/// AWS: honours dry runs or not, and denies what is named.
fn aws(honours: bool, denied: &'static [&'static str]) -> Replay {
    Replay::new(move |request| -> Answer {
        let operation = request.operation().to_owned();
        let dry = request.form("DryRun").as_deref() == Some("true");
        let said = format!("not authorized to perform: x:{operation} on resource: *");
        let is_denied = denied.contains(&operation.as_str());
        match (request.service(), operation.as_str()) {
            ("ec2", _) if is_denied => wire::ec2_error(403, "UnauthorizedOperation", &said),
            ("ec2", _) if dry && honours => wire::ec2_error(412, "DryRunOperation", "would have succeeded"),
            ("ec2", "DescribeInstances") => wire::instances(&[instance()], None),
            (
                "ec2",
                "DescribeRegions"
                | "DescribeInstanceTypes"
                | "DescribeInstanceStatus"
                | "DescribeVolumes"
                | "DescribeSnapshots"
                | "DescribeAddresses"
                | "DescribeSecurityGroups",
            ) => wire::xml(200, format!("<{operation}Response/>")),
            ("ec2", other) => panic!("{other} was really sent"),
            ("monitoring", _) if is_denied => wire::cloudwatch_error(403, "AccessDenied", &said),
            ("monitoring", _) => wire::cbor(200, &Cbor::Map(vec![])),
            ("logs", _) if is_denied => wire::logs_error(400, "AccessDeniedException", &said),
            ("logs", "DescribeLogGroups") => wire::log_groups(&[], None),
            ("logs", _) => wire::logs_error(400, "ResourceNotFoundException", "no such group"),
            ("organizations", _) => {
                wire::json(400, &json!({ "__type": "AWSOrganizationsNotInUseException", "message": "none" }))
            }
            ("pricing", _) => wire::json(200, &json!({})),
            ("lambda", _) => wire::logs_error(404, "ResourceNotFoundException", "no such function"),
            (service, other) => panic!("{service} {other} is not played"),
        }
        .into()
    })
}

async fn check(replay: &Replay) -> Vec<ActionCheck> {
    let cloud = replay.cloud(estate()).await;
    let admin = cloud.on_behalf_of(Actor::person("ada", Role::Admin, &AccountRoles::new()));
    admin.check_actions(&place().account).await.unwrap()
}

fn outcome(checks: &[ActionCheck], action: &str) -> CheckOutcome {
    checks
        .iter()
        .find(|check| check.action == action)
        .unwrap_or_else(|| panic!("{action} is missing"))
        .outcome
}

#[tokio::test]
async fn each_action_is_tried_and_what_is_denied_says_why() {
    let checks = check(&aws(true, &["TerminateInstances", "GetMetricData", "FilterLogEvents"])).await;
    for action in [
        "ec2:DescribeInstances",
        "ec2:StopInstances",
        "ec2:ModifyInstanceAttribute",
        "ec2:DescribeInstanceTypes",
        "ec2:GetConsoleScreenshot",
        "logs:DescribeLogStreams",
        "lambda:InvokeFunction",
        "cloudwatch:ListMetrics",
    ] {
        assert_eq!(outcome(&checks, action), CheckOutcome::Allowed, "{action}");
    }
    for action in ["ec2:TerminateInstances", "cloudwatch:GetMetricData", "logs:FilterLogEvents"] {
        assert_eq!(outcome(&checks, action), CheckOutcome::Denied, "{action}");
    }
    assert_eq!(outcome(&checks, "organizations:ListAccounts"), CheckOutcome::NotCheckable);
    let reasons =
        checks.iter().filter(|it| it.outcome != CheckOutcome::Allowed).map(|it| it.reason.as_deref());
    assert!(reasons.flatten().all(|reason| !reason.is_empty()));
    assert!(
        checks.iter().all(|check| !check.action.starts_with("sts:") && !check.action.starts_with("kms:"))
    );
}

#[tokio::test]
async fn nothing_is_changed_by_who_does_not_honour_a_dry_run() {
    let replay = aws(false, &[]);
    let checks = check(&replay).await;
    assert_eq!(outcome(&checks, "ec2:StopInstances"), CheckOutcome::NotCheckable);
    assert!(!replay.operations().iter().any(|name| name.ends_with("eInstances") && name != "DescribeInstances" || name.starts_with("St")));
}
