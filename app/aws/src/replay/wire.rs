//! Answers in AWS's own bytes, made from nephoscope's words: the XML of EC2 and STS, the JSON of Logs, the CBOR of CloudWatch.

use nephoscope_model::{
    Timestamp,
    ec2::{Instance, StateChange},
    logs::{LogGroup, LogRow, LogStream},
    metrics::{Metric, Point, Statistic},
};
use serde_json::{Value, json};

use super::{ReplayResponse, cbor::Cbor};

/// Every played answer has this request id.
pub const REQUEST_ID: &str = "11111111-2222-3333-4444-555555555555";

/// An answer in XML, as EC2 and STS give it.
#[must_use]
pub fn xml(status: u16, body: impl Into<Vec<u8>>) -> ReplayResponse {
    response(status, "text/xml;charset=UTF-8", body)
}

/// An answer in JSON, as Logs gives it.
#[must_use]
pub fn json(status: u16, body: &Value) -> ReplayResponse {
    response(status, "application/x-amz-json-1.1", body.to_string())
}

/// An answer in CBOR, as CloudWatch gives it.
#[must_use]
pub fn cbor(status: u16, body: &Cbor) -> ReplayResponse {
    let mut response = response(status, "application/cbor", body.encode());
    response.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    response
}

fn response(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> ReplayResponse {
    let headers = [("content-type", content_type), ("x-amzn-requestid", REQUEST_ID)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ReplayResponse { status, headers: headers.to_vec(), body: body.into() }
}

/// An error of EC2.
#[must_use]
pub fn ec2_error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let (code, message) = (escape(code), escape(message));
    xml(
        status,
        format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>{REQUEST_ID}</RequestID></Response>"
        ),
    )
}

/// An error of STS.
#[must_use]
pub fn sts_error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let (code, message) = (escape(code), escape(message));
    xml(
        status,
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        ),
    )
}

/// An error of Logs.
#[must_use]
pub fn logs_error(status: u16, code: &str, message: &str) -> ReplayResponse {
    json(status, &json!({ "__type": code, "message": message }))
}

/// An error of CloudWatch.
#[must_use]
pub fn cloudwatch_error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let shape = Cbor::text(format!("com.amazonaws.cloudwatch#{code}"));
    cbor(status, &Cbor::Map(vec![("__type", shape), ("message", Cbor::text(message))]))
}

/// A page of `DescribeInstances`.
#[must_use]
pub fn instances(instances: &[Instance], next_token: Option<&str>) -> ReplayResponse {
    let items: String = instances
        .iter()
        .map(|it| format!("<item><instancesSet><item>{}</item></instancesSet></item>", instance(it)))
        .collect();
    let token = element("nextToken", next_token);
    xml(
        200,
        format!(
            "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
             <requestId>{REQUEST_ID}</requestId><reservationSet>{items}</reservationSet>{token}\
             </DescribeInstancesResponse>"
        ),
    )
}

fn instance(it: &Instance) -> String {
    let tags: String = it
        .tags
        .iter()
        .map(|tag| {
            let (key, value) = (escape(&tag.key), escape(&tag.value));
            format!("<item><key>{key}</key><value>{value}</value></item>")
        })
        .collect();
    let groups: String = it
        .security_groups
        .iter()
        .map(|name| format!("<item><groupName>{}</groupName></item>", escape(name)))
        .collect();
    [
        element("instanceId", Some(it.id.as_str())),
        format!("<instanceState><name>{}</name></instanceState>", it.state.as_str()),
        element("reason", it.state_reason.as_deref()),
        element("instanceType", Some(&it.instance_type)),
        format!(
            "<placement>{}{}</placement>",
            element("availabilityZone", Some(&it.zone)),
            element("tenancy", it.tenancy.as_deref().or(Some("default")))
        ),
        element("privateIpAddress", it.private_ip.as_deref()),
        element("ipAddress", it.public_ip.as_deref()),
        element("launchTime", it.launched_at.map(|at| at.to_string()).as_deref()),
        element("architecture", it.architecture.as_deref()),
        element("platformDetails", it.platform.as_deref()),
        element("imageId", it.image_id.as_deref()),
        element("vpcId", it.vpc_id.as_deref()),
        element("subnetId", it.subnet_id.as_deref()),
        element("keyName", it.key_name.as_deref()),
        format!("<iamInstanceProfile>{}</iamInstanceProfile>", element("arn", it.iam_profile.as_deref())),
        format!("<hibernationOptions><configured>{}</configured></hibernationOptions>", it.hibernation),
        format!("<groupSet>{groups}</groupSet><tagSet>{tags}</tagSet>"),
    ]
    .concat()
}

/// The answer to `StartInstances`, `StopInstances` or `TerminateInstances`, by the operation's name.
#[must_use]
pub fn state_change(operation: &str, change: &StateChange) -> ReplayResponse {
    let (id, previous, current) = (&change.id, change.previous.as_str(), change.current.as_str());
    xml(
        200,
        format!(
            "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><instancesSet><item>\
             <instanceId>{id}</instanceId><currentState><name>{current}</name></currentState>\
             <previousState><name>{previous}</name></previousState></item></instancesSet></{operation}Response>"
        ),
    )
}

/// The answer to `RebootInstances`.
#[must_use]
pub fn rebooted() -> ReplayResponse {
    done("RebootInstances")
}

/// The answer of EC2 to an operation that says only that it was done: `CreateTags`, `DeleteTags`, …
#[must_use]
pub fn done(operation: &str) -> ReplayResponse {
    xml(
        200,
        format!(
            "<{operation}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><return>true</return>\
             </{operation}Response>"
        ),
    )
}

/// The answer to `GetCallerIdentity`.
#[must_use]
pub fn caller_identity(account: &str, arn: &str, user_id: &str) -> ReplayResponse {
    xml(
        200,
        format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>",
            escape(arn),
            escape(user_id),
            escape(account)
        ),
    )
}

/// The answer to `AssumeRole`: a session with this access key id that ends at the RFC 3339 time `expires`.
#[must_use]
pub fn assumed_role(access_key_id: &str, expires: &str) -> ReplayResponse {
    xml(
        200,
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
             <AssumedRoleUser><AssumedRoleId>AROATEST:nephoscope</AssumedRoleId>\
             <Arn>arn:aws:sts::111111111111:assumed-role/viewer/nephoscope</Arn></AssumedRoleUser><Credentials>\
             <AccessKeyId>{access_key_id}</AccessKeyId><SecretAccessKey>not a secret</SecretAccessKey>\
             <SessionToken>not a token</SessionToken><Expiration>{expires}</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        ),
    )
}

/// The answer to `AssumeRoleWithWebIdentity`: a session with this access key id that ends at the RFC 3339 time `expires`.
#[must_use]
pub fn role_by_web_identity(access_key_id: &str, expires: &str) -> ReplayResponse {
    let mut response = assumed_role(access_key_id, expires);
    let text =
        String::from_utf8_lossy(&response.body).replace("AssumeRoleRes", "AssumeRoleWithWebIdentityRes");
    response.body = text.into_bytes();
    response
}

/// A page of `ListMetrics`.
#[must_use]
pub fn metrics(metrics: &[Metric], next_token: Option<&str>) -> ReplayResponse {
    let metrics = Cbor::list(metrics, |metric| {
        let dimensions = Cbor::list(&metric.dimensions, |it| {
            Cbor::Map(vec![("Name", Cbor::text(&it.name)), ("Value", Cbor::text(&it.value))])
        });
        Cbor::Map(vec![
            ("Namespace", Cbor::text(&metric.namespace)),
            ("MetricName", Cbor::text(&metric.name)),
            ("Dimensions", dimensions),
        ])
    });
    cbor(200, &page(vec![("Metrics", metrics)], next_token))
}

/// The answer to `GetMetricStatistics`, in the order given.
#[must_use]
pub fn statistics(statistic: Statistic, unit: &str, points: &[Point]) -> ReplayResponse {
    let points = Cbor::list(points, |point| {
        Cbor::Map(vec![
            ("Timestamp", Cbor::Time(point.at.as_millis())),
            (statistic.as_str(), Cbor::Number(point.value)),
            ("Unit", Cbor::text(unit)),
        ])
    });
    cbor(200, &Cbor::Map(vec![("Datapoints", points)]))
}

/// A page of `GetMetricData` with one result, in the order given.
#[must_use]
pub fn metric_data(points: &[Point], next_token: Option<&str>) -> ReplayResponse {
    let result = Cbor::Map(vec![
        ("Id", Cbor::text("m")),
        ("Timestamps", Cbor::list(points, |point| Cbor::Time(point.at.as_millis()))),
        ("Values", Cbor::list(points, |point| Cbor::Number(point.value))),
    ]);
    cbor(200, &page(vec![("MetricDataResults", Cbor::List(vec![result]))], next_token))
}

fn page(mut fields: Vec<(&'static str, Cbor)>, next_token: Option<&str>) -> Cbor {
    fields.extend(next_token.map(|token| ("NextToken", Cbor::text(token))));
    Cbor::Map(fields)
}

/// A page of `DescribeLogGroups`.
#[must_use]
pub fn log_groups(groups: &[LogGroup], next_token: Option<&str>) -> ReplayResponse {
    let groups: Vec<Value> = groups
        .iter()
        .map(|it| {
            json!({
                "logGroupName": it.name, "storedBytes": it.stored_bytes, "retentionInDays": it.retention_days,
            })
        })
        .collect();
    json(200, &json!({ "logGroups": groups, "nextToken": next_token }))
}

/// A page of `DescribeLogStreams`.
#[must_use]
pub fn log_streams(streams: &[LogStream], next_token: Option<&str>) -> ReplayResponse {
    let streams: Vec<Value> = streams
        .iter()
        .map(|it| {
            json!({
                "logStreamName": it.name, "lastEventTimestamp": it.last_event_at.map(Timestamp::as_millis),
            })
        })
        .collect();
    json(200, &json!({ "logStreams": streams, "nextToken": next_token }))
}

/// A page of `FilterLogEvents`, in the order given. Each event was taken in one second after its own time.
#[must_use]
pub fn log_events(rows: &[LogRow], next_token: Option<&str>) -> ReplayResponse {
    let events: Vec<Value> = rows
        .iter()
        .map(|row| {
            let millis = row.timestamp.as_millis();
            json!({
                "eventId": row.id, "timestamp": millis, "ingestionTime": millis + 1000,
                "logStreamName": row.log_stream_name, "message": row.message,
            })
        })
        .collect();
    json(200, &json!({ "events": events, "nextToken": next_token }))
}

/// `<name>text</name>`, or nothing.
fn element(name: &str, text: Option<&str>) -> String {
    text.map(|text| format!("<{name}>{}</{name}>", escape(text))).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
