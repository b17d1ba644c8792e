//! What invokes a function: queues and streams that Lambda reads for it, services that its policy lets invoke it, and addresses.

use nephoscope_model::{
    ErrorCode, Result,
    lambda::{FunctionName, Part, Trigger, TriggerKind},
};
use serde_json::Value;

use super::{PAGE, read};
use crate::{
    calls::{GET_POLICY, LIST_EVENT_SOURCE_MAPPINGS, LIST_FUNCTION_URL_CONFIGS},
    paging::Pages,
    site::Site,
};

/// All of them, by kind and source. What cannot be read keeps nothing else from being told.
pub(super) async fn list(site: &Site, name: &FunctionName) -> Part<Trigger> {
    let (sources, permissions, urls) =
        tokio::join!(list_sources(site, name), list_permissions(site, name), list_urls(site, name));
    let mut all = Part { items: Vec::new(), error: None };
    for part in [sources, permissions, urls] {
        match part {
            Ok(triggers) => all.items.extend(triggers),
            Err(error) => all.error = all.error.or(Some(error)),
        }
    }
    all.items.sort_by(|a, b| (a.kind, &a.source, &a.id).cmp(&(b.kind, &b.source, &b.id)));
    all.items.dedup_by(|a, b| (a.kind, &a.id) == (b.kind, &b.id));
    all
}

async fn list_sources(site: &Site, name: &FunctionName) -> Result<Vec<Trigger>> {
    let mut triggers = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_event_source_mappings().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_EVENT_SOURCE_MAPPINGS, request.send()).await?;
        triggers.extend(page.event_source_mappings.unwrap_or_default().into_iter().filter_map(read::trigger));
        if !pages.turn(page.next_marker) {
            return Ok(triggers);
        }
    }
}

async fn list_permissions(site: &Site, name: &FunctionName) -> Result<Vec<Trigger>> {
    let request = site.lambda().get_policy().function_name(name.as_str());
    match site.call(GET_POLICY, request.send()).await {
        // The function is there, and has no policy.
        Err(error) if error.code == ErrorCode::NotFound => Ok(Vec::new()),
        answer => Ok(read_policy(&answer?.policy.unwrap_or_default())),
    }
}

async fn list_urls(site: &Site, name: &FunctionName) -> Result<Vec<Trigger>> {
    let mut triggers = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.lambda().list_function_url_configs().function_name(name.as_str());
        let request = request.max_items(PAGE).set_marker(pages.token());
        let page = site.call(LIST_FUNCTION_URL_CONFIGS, request.send()).await?;
        triggers.extend(page.function_url_configs.into_iter().map(|it| Trigger {
            id: it.function_url.clone(),
            kind: TriggerKind::Url,
            source: it.function_url,
            // `NONE` is everybody.
            state: it.auth_type.as_str().to_owned(),
            batch_size: None,
            last_result: None,
        }));
        if !pages.turn(page.next_marker) {
            return Ok(triggers);
        }
    }
}

/// Whom a function's policy lets invoke it: of each statement the ARN that it names as the source, or else the principal.
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
        kind: TriggerKind::Permission,
        source: source_of(statement).unwrap_or_else(|| principal_of(statement)),
        state: principal_of(statement),
        batch_size: None,
        last_result: None,
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

fn source_of(statement: &Value) -> Option<String> {
    let tests = statement["Condition"].as_object()?.values().filter_map(Value::as_object).flatten();
    let mut sources = tests.filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"));
    Some(texts(sources.next()?.1).join(", "))
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
            { "Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction" },
            { "Sid": "read", "Effect": "Allow", "Principal": { "AWS": "111111111111" }, "Action": "lambda:GetFunction" }
        ] }"#;
        let told: Vec<_> = read_policy(policy).into_iter().map(|it| (it.id, it.source, it.state)).collect();
        let rule = "arn:aws:events:eu-west-1:111111111111:rule/nightly";
        let text = str::to_owned;
        assert_eq!(
            told,
            [(text("rule"), text(rule), text("events.amazonaws.com")), (text("all"), text("*"), text("*")),]
        );
        assert!(read_policy("").is_empty() && read_policy("<html>").is_empty());
    }
}
