//! How often AWS was called, for whom, and what that cost.

use serde::{Deserialize, Serialize};

use crate::{AccountId, ErrorCode};

/// Calls of one kind on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsageRow {
    /// The day in UTC, such as `2026-11-20`.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-20"))]
    pub day: String,
    /// For whom: a log-in name, or `system` for what is watched for everybody and for jobs.
    pub user: String,
    /// In which account.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub account: AccountId,
    /// As IAM spells it, such as `ec2`.
    pub service: String,
    /// Such as `DescribeInstances`.
    pub operation: String,
    /// How they failed; nothing for those that went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
    /// How many: each page of a list is one, and so is a call that was tried several times.
    pub calls: i64,
    /// What AWS charges for them, in millionths of a US dollar, by its list price.
    pub cost_micros: i64,
}

/// The calls of some days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsageReport {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// How many calls in all.
    pub calls: i64,
    /// What they cost in all, in millionths of a US dollar.
    pub cost_micros: i64,
    /// By day (newest first), user, account, service, operation and outcome.
    pub rows: Vec<UsageRow>,
    /// Whether there were more rows than a report holds; the sums are of these rows only.
    pub is_cut: bool,
}

/// Millionths of a dollar as a price, such as `$0.01`; with five decimals where cents are not enough.
#[must_use]
pub fn dollars(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let (whole, rest) = (micros / 1_000_000, micros % 1_000_000);
    if rest % 10_000 == 0 {
        format!("{sign}${whole}.{:02}", rest / 10_000)
    } else {
        format!("{sign}${whole}.{:05}", rest / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_to_the_price_of_one_metric() {
        assert_eq!(dollars(0), "$0.00");
        assert_eq!(dollars(10_000), "$0.01");
        assert_eq!(dollars(10), "$0.00001");
        assert_eq!(dollars(12_340_010), "$12.34001");
        assert_eq!(dollars(-1_500_000), "-$1.50");
    }
}
