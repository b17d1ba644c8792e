//! What a look at an account, or around it, found.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Error, Region, identity::Permission};

/// Whom AWS takes us for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallerIdentity {
    /// The account that the credentials really belong to; the configuration may have it wrong.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: AccountId,
    /// Such as `arn:aws:sts::111111111111:assumed-role/viewer/ada`.
    pub arn: String,
    /// AWS's unique id of the user or role session.
    pub user_id: String,
}

/// What a test of one permission found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum CheckOutcome {
    /// AWS would do it.
    Allowed,
    /// The policy lacks it.
    Denied,
    /// It cannot be known without doing it, or without something to try it on.
    NotCheckable,
}

/// One action of AWS, and whether the credentials may do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActionCheck {
    /// As IAM spells it: `ec2:StopInstances`.
    pub action: String,
    /// For whom it is needed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "operate"))]
    pub needed_to: Permission,
    /// What was found.
    pub outcome: CheckOutcome,
    /// Why it is denied or cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a test of an account's connection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// Whom AWS takes us for: somebody of the right account, or there is an error instead of a report.
    pub identity: CallerIdentity,
    /// Each action that nephoscope uses.
    pub checks: Vec<ActionCheck>,
}

impl ConnectionReport {
    /// The actions that the policy lacks.
    pub fn denied(&self) -> impl Iterator<Item = &ActionCheck> {
        self.checks.iter().filter(|check| check.outcome == CheckOutcome::Denied)
    }
}

/// An account of the organization, offered for adding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrganizationAccount {
    /// The 12-digit id.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: AccountId,
    /// What the organization calls it.
    pub name: String,
    /// AWS's word for its state: `ACTIVE`, `SUSPENDED`, …
    pub state: String,
    /// Whether it is configured here already.
    pub known: bool,
}

/// What there is to add, as seen from an account that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// The account that was asked.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: AccountId,
    /// The accounts of its organization, by name.
    pub accounts: Vec<OrganizationAccount>,
    /// Why its organization could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts_error: Option<Error>,
    /// The regions that are enabled in it, by code.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub regions: Vec<Region>,
    /// Why its regions could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions_error: Option<Error>,
}
