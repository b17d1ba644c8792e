//! What invokes a function: queues and streams that Lambda reads for it, services that its policy lets invoke it, and addresses.

use std::collections::BTreeSet;

use futures::{StreamExt as _, stream};
use nephoscope_model::{
    ErrorCode, Result,
    lambda::{Alias, FunctionName, MOST_ALIASES_WITH_TRIGGERS, Part, Trigger, TriggerKind},
};
use serde_json::Value;

use super::{PAGE, read};
use crate::{
    calls::{GET_POLICY, LIST_EVENT_SOURCE_MAPPINGS, LIST_FUNCTION_URL_CONFIGS},
    paging::Pages,
    site::Site,
};

/// How many aliases are asked about at the same time: Lambda takes fifteen such calls in a second.
const ALIASES_AT_ONCE: usize = 3;

/// Some of a function's triggers, or why they could not be read.
type Found = Result<Vec<Trigger>>;

/// What invokes a function itself, and all addresses: those of its aliases are told with its own.
pub(super) async fn of_function(site: &Site, name: &FunctionName) -> Vec<Found> {
    let (sources, permissions, urls) = tokio::join!(
        list_sources(site, name, None),
        list_permissions(site, name, None),
        list_urls(site, name)
    );
    vec![sources, permissions, urls]
}

/// What invokes a function by its aliases, as far as they are asked about.
pub(super) async fn of_aliases(site: &Site, name: &FunctionName, aliases: &[Alias]) -> Vec<Found> {
    let asked: Vec<String> =
        aliases.iter().take(MOST_ALIASES_WITH_TRIGGERS).map(|alias| alias.name.clone()).collect();
    let ask = |alias: String| async move {
        tokio::join!(list_sources(site, name, Some(&alias)), list_permissions(site, name, Some(&alias)))
    };
    let found: Vec<(Found, Found)> = stream::iter(asked).map(ask).buffered(ALIASES_AT_ONCE).collect().await;
    found.into_iter().flat_map(|(sources, permissions)| [sources, permissions]).collect()
}

/// All of them, by kind and source. What cannot be read keeps nothing else from being told.
pub(super) fn merge(found: impl Iterator<Item = Found>) -> Part<Trigger> {
    let mut all = Part::default();
    for part in found {
        match part {
            Ok(triggers) => all.items.extend(triggers),
            Err(error) => all.error = all.error.or(Some(error)),
        }
    }
    all.items.sort_by(|a, b| key(a).cmp(&key(b)));
    all.items.dedup_by(|a, b| key(a) == key(b));
    all
}

/// By what triggers are sorted, and told apart: a policy tells the statements of aliases again, or does not.
fn key(it: &Trigger) -> (TriggerKind, &str, Option<&str>, &str) {
    (it.kind, &it.source, it.qualifier.as_deref(), &it.id)
}

async fn list_sources(site: &Site, name: &FunctionName, alias: Option<&str>) -> Found {
    let which = alias.map_or_else(|| name.to_string(), |alias| format!("{name}:{alias}"));
    let mut triggers = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_event_source_mappings().function_name(&which);
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_EVENT_SOURCE_MAPPINGS, request.send()).await?;
        triggers.extend(page.event_source_mappings.unwrap_or_default().into_iter().filter_map(read::trigger));
        if !pages.turn(page.next_marker) {
            return Ok(triggers);
        }
    }
}

async fn list_permissions(site: &Site, name: &FunctionName, alias: Option<&str>) -> Found {
    let request = site.lambda().get_policy().function_name(name.as_str());
    let request = request.set_qualifier(alias.map(str::to_owned));
    match site.call(GET_POLICY, request.send()).await {
        // The function or the alias is there, and has no policy.
        Err(error) if error.code == ErrorCode::NotFound => Ok(Vec::new()),
        answer => Ok(read_policy(&answer?.policy.unwrap_or_default())),
    }
}

async fn list_urls(site: &Site, name: &FunctionName) -> Found {
    let mut triggers = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_function_url_configs().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_FUNCTION_URL_CONFIGS, request.send()).await?;
        triggers.extend(page.function_url_configs.into_iter().map(|it| Trigger {
            id: it.function_url.clone(),
            qualifier: read::qualifier(&it.function_arn),
            kind: TriggerKind::Url,
            source: it.function_url,
            // `NONE` is everybody.
            state: it.auth_type.as_str().to_owned(),
            batch_size: None,
            last_result: None,
            conditions: Vec::new(),
        }));
        if !pages.turn(page.next_marker) {
            return Ok(triggers);
        }
    }
}

/// Whom a policy lets invoke a function, or the alias that a statement is about: of each statement the ARN that it names as the source, or
/// else the principal.
fn read_policy(policy: &str) -> Vec<Trigger> {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let allows = |statement: &&Value| {
        let invokes = |action: &str| {
            let action = action.to_ascii_lowercase();
            matches!(action.as_str(), "*" | "lambda:*" | "lambda:invokefunction" | "lambda:invoke*")
        };
        statement["Effect"] == "Allow" && texts(&statement["Action"]).iter().any(|action| invokes(action))
    };
    let statements = policy["Statement"].as_array().into_iter().flatten().filter(allows);
    let read = |(number, statement): (usize, &Value)| Trigger {
        id: statement["Sid"].as_str().map_or_else(|| number.to_string(), str::to_owned),
        qualifier: statement["Resource"].as_str().and_then(read::qualifier),
        kind: TriggerKind::Permission,
        source: source_of(statement).unwrap_or_else(|| principal_of(statement)),
        state: principal_of(statement),
        batch_size: None,
        last_result: None,
        conditions: other_conditions_of(statement),
    };
    statements.enumerate().map(read).collect()
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn principal_of(statement: &Value) -> String {
    match &statement["Principal"] {
        Value::Object(kinds) => kinds.values().flat_map(texts).collect::<Vec<_>>().join(", "),
        everybody => texts(everybody).join(", "),
    }
}

/// What a statement's conditions test: keys, and the values that they are compared with.
fn conditions_of(statement: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let operators = statement["Condition"].as_object().into_iter().flat_map(|it| it.values());
    operators.filter_map(Value::as_object).flatten()
}

fn is_source(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:SourceArn")
}

fn source_of(statement: &Value) -> Option<String> {
    let (_, source) = conditions_of(statement).find(|(key, _)| is_source(key))?;
    Some(texts(source).join(", "))
}

fn other_conditions_of(statement: &Value) -> Vec<String> {
    let others = conditions_of(statement).map(|(key, _)| key).filter(|key| !is_source(key));
    others.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_who_may_invoke_and_for_what() {
        let policy = r#"{ "Statement": [
            { "Sid": "rule", "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "lambda:InvokeFunction",
              "Condition": { "ArnLike": { "AWS:SourceArn": "arn:aws:events:eu-west-1:111111111111:rule/nightly" } } },
            { "Sid": "all", "Effect": "Allow", "Principal": "*", "Action": ["lambda:GetFunction", "lambda:InvokeFunction"] },
            { "Sid": "org", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "lambda:InvokeFunction",
              "Resource": "arn:aws:lambda:eu-west-1:111111111111:function:f:live",
              "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-1" }, "Bool": { "aws:SecureTransport": "true" } } },
            { "Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction" },
            { "Sid": "read", "Effect": "Allow", "Principal": { "AWS": "111111111111" }, "Action": "lambda:GetFunction" }
        ] }"#;
        let told = read_policy(policy);
        let rule = "arn:aws:events:eu-west-1:111111111111:rule/nightly";
        let words: Vec<_> =
            told.iter().map(|it| [&it.id, &it.source, &it.state].map(String::as_str)).collect();
        assert_eq!(words, [["rule", rule, "events.amazonaws.com"], ["all", "*", "*"], ["org", "*", "*"]]);
        let open: Vec<bool> = told.iter().map(Trigger::is_open).collect();
        assert_eq!(open, [false, true, false]);
        let org = &told[2];
        assert_eq!(org.conditions, ["aws:PrincipalOrgID", "aws:SecureTransport"]);
        assert_eq!((org.qualifier.as_deref(), told[0].qualifier.as_deref()), (Some("live"), None));
        assert!(told[0].conditions.is_empty(), "the source is told as the source");
        assert!(read_policy("").is_empty() && read_policy("<html>").is_empty());
    }
}
