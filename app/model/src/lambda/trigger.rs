//! What invokes a function by itself.

use serde::{Deserialize, Serialize};

/// Of how many aliases triggers are looked for, by name: each takes two more calls to AWS.
pub const MOST_ALIASES_WITH_TRIGGERS: usize = 10;

/// How something invokes a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TriggerKind {
    /// Lambda reads a queue or stream for it.
    #[default]
    Source,
    /// Its policy lets somebody invoke it: a rule of EventBridge, a bucket, an API, …
    Permission,
    /// It has an address of its own.
    Url,
}

/// Something that invokes a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// AWS's id of the event source mapping, the id of the policy's statement, or the address.
    pub id: String,
    /// The alias or version that it invokes; nothing when it invokes the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    /// How it does so.
    #[serde(default)]
    pub kind: TriggerKind,
    /// The ARN of the queue or stream, or the topics of a cluster that is not AWS's; the ARN that the policy names, or else the principal;
    /// the address.
    pub source: String,
    /// Of a queue or stream `Enabled`, `Disabled`, `Creating`, …; of a statement who may, such as `events.amazonaws.com`; of an address who
    /// may call it: `AWS_IAM`, or `NONE` for everybody.
    pub state: String,
    /// Records in one invocation at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<i32>,
    /// How the last reading went, in AWS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
    /// Of a statement: the keys of its conditions besides the source's ARN, such as `aws:PrincipalOrgID`. Whoever it names may invoke the
    /// function under these only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
}

impl Trigger {
    /// What the source of a mapping is, by its ARN: a name for people.
    #[must_use]
    pub fn source_kind(&self) -> &'static str {
        // Of a cluster that is not AWS's, the topics are told and no ARN.
        match self.source.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(1)) {
            Some("sqs") => "SQS queue",
            Some("kinesis") => "Kinesis stream",
            Some("dynamodb") => "DynamoDB stream",
            Some("kafka") | None => "Kafka topics",
            Some("mq") => "MQ broker",
            Some("rds") => "DocumentDB cluster",
            Some(_) => "Event source",
        }
    }

    /// Whether anybody at all may invoke the function by it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self.kind {
            TriggerKind::Source => false,
            TriggerKind::Permission => {
                self.state == EVERYBODY && self.source == EVERYBODY && self.conditions.is_empty()
            }
            TriggerKind::Url => self.state == "NONE",
        }
    }
}

/// How a policy names everybody.
pub const EVERYBODY: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(kind: TriggerKind, source: &str, state: &str, conditions: &[&str]) -> Trigger {
        Trigger {
            id: "i".to_owned(),
            qualifier: None,
            kind,
            source: source.to_owned(),
            state: state.to_owned(),
            batch_size: None,
            last_result: None,
            conditions: conditions.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn a_source_is_called_by_its_service() {
        for (source, kind) in [
            ("arn:aws:sqs:eu-west-1:111111111111:orders", "SQS queue"),
            ("arn:aws:kinesis:eu-west-1:111111111111:stream/clicks", "Kinesis stream"),
            ("arn:aws-cn:dynamodb:cn-north-1:111111111111:table/t/stream/2026", "DynamoDB stream"),
            ("arn:aws:kafka:eu-west-1:111111111111:cluster/c/1", "Kafka topics"),
            ("arn:aws:mq:eu-west-1:111111111111:broker:b:1", "MQ broker"),
            ("arn:aws:rds:eu-west-1:111111111111:cluster:docs", "DocumentDB cluster"),
            ("arn:aws:new:eu-west-1:111111111111:thing", "Event source"),
            ("orders, returns", "Kafka topics"),
        ] {
            assert_eq!(trigger(TriggerKind::Source, source, "Enabled", &[]).source_kind(), kind, "{source}");
        }
    }

    #[test]
    fn only_what_has_no_condition_is_open_to_everybody() {
        use TriggerKind::{Permission, Source, Url};
        assert!(trigger(Permission, "*", "*", &[]).is_open());
        assert!(!trigger(Permission, "*", "*", &["aws:PrincipalOrgID"]).is_open());
        assert!(!trigger(Permission, "arn:aws:s3:::pictures", "*", &[]).is_open());
        assert!(!trigger(Permission, "111111111111", "111111111111", &[]).is_open());
        assert!(trigger(Url, "https://a/", "NONE", &[]).is_open());
        assert!(!trigger(Url, "https://a/", "AWS_IAM", &[]).is_open());
        assert!(!trigger(Source, "*", "*", &[]).is_open());
    }
}
