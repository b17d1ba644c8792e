//! The document for people to read: each request with an example for `curl`.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::{Map, Value, json};

/// The order in which people write them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const PROBLEM: &str = "problem";

/// The document in Markdown, as it stands in docs/API.md.
pub(super) fn render(document: &Value) -> String {
    let mut text = String::from(
        "# REST API\n\n\
         Written by `nephoscope api --markdown` from the OpenAPI document, which is at `/api/openapi.json` and can be browsed at `/api-docs`. \
         Live data comes over a WebSocket: [LIVE.md](LIVE.md).\n\n\
         The examples take the address of the server and a token from the environment. A token for programs is made at `/settings/me`; one \
         that is good for five minutes comes with logging in:\n\n\
         ```sh\n\
         export NEPHOSCOPE=http://127.0.0.1:8400\n\
         export TOKEN=$(curl -s \"$NEPHOSCOPE/api/authenticate\" -H 'Content-Type: application/json' \\\n\
         \x20 -d '{\"username\": \"viewer\", \"password\": \"nephoscope-viewer\"}' | jq -r .token)\n\
         ```\n\n\
         Every error is a problem document (`application/problem+json`, RFC 9457) with a stable `code`; any request can be answered with \
         400, 429, 500, 503 and 504, what is about AWS also with 502. Lists take `account` and `region`, each with one value or several \
         between commas, and name the places that failed beside what they found. Lists over accounts and regions come whole, or in pages to \
         those who give `limit`: as long as there is `next` in an answer, it is the `after` of the request for the page behind.\n",
    );
    let tags = document["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    for tag in tags {
        let name = tag["name"].as_str().unwrap_or_default();
        let operations = operations_of(document, name);
        if operations.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {name}\n\n{}.\n", tag["description"].as_str().unwrap_or_default());
        for (path, method, operation) in operations {
            describe(&mut text, document, path, method, operation);
        }
    }
    text
}

fn operations_of<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, &'static str, &'a Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.into_iter().map(move |method| (path.as_str(), method, &item[method]))
        })
        .filter(|(_, _, operation)| {
            operation["tags"].as_array().is_some_and(|tags| tags.contains(&json!(tag)))
        })
        .collect()
}

fn describe(text: &mut String, document: &Value, path: &str, method: &str, operation: &Value) {
    let words = [&operation["summary"], &operation["description"]];
    let words: Vec<&str> =
        words.into_iter().filter_map(Value::as_str).filter(|words| !words.is_empty()).collect();
    let _ = write!(text, "\n### {} {path}\n\n{}\n", method.to_uppercase(), words.join("\n\n"));
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        text.push('\n');
    }
    for parameter in parameters {
        let required = if parameter["required"] == true { ", required" } else { "" };
        let said = parameter["description"].as_str().unwrap_or_default().replace('\n', " ");
        let colon = if said.is_empty() { "" } else { ": " };
        let (name, place) = (&parameter["name"], &parameter["in"]);
        let _ = writeln!(text, "- `{}` ({}{required}){colon}{said}", plain(name), plain(place));
    }
    let _ = write!(text, "\n```sh\n{}\n```\n\n", curl(document, path, method, operation));
    let _ = writeln!(text, "{}", answers(operation));
}

/// The answers in one line: statuses, and what comes with those that are good.
fn answers(operation: &Value) -> String {
    let responses: BTreeMap<_, _> = operation["responses"].as_object().into_iter().flatten().collect();
    let mut said = Vec::new();
    for (status, response) in responses {
        let is_of_any = |(known, why): &(&str, &str)| known == status && response["description"] == *why;
        if super::ANY_REQUEST.iter().any(is_of_any) {
            continue;
        }
        let content = response["content"].as_object().and_then(|content| content.iter().next());
        let schema = content.and_then(|(_, media)| media["schema"]["$ref"].as_str());
        let name = schema
            .and_then(|name| name.rsplit('/').next())
            .filter(|name| !name.eq_ignore_ascii_case(PROBLEM));
        let of = name.map(|name| format!(" (`{name}`)")).unwrap_or_default();
        said.push(format!("**{status}** {}{of}", plain(&response["description"])));
    }
    format!("Answers: {}.", said.join(" · "))
}

fn curl(document: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = plain(&parameter["name"]);
        let example = match &parameter["example"] {
            Value::Null => match &parameter["schema"]["example"] {
                Value::Null => example_of(document, &parameter["schema"], &name),
                example => example.clone(),
            },
            example => example.clone(),
        };
        let value = percent_encoding::utf8_percent_encode(&plain(&example), QUERY).to_string();
        match parameter["in"].as_str() {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &value),
            Some("query") if parameter["required"] == true => query.push(format!("{name}={value}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let verb = match method {
        "get" => String::new(),
        method => format!("-X {} ", method.to_uppercase()),
    };
    let mut command = format!("curl {verb}\"$NEPHOSCOPE{path}\"");
    let is_public =
        operation["security"].as_array().is_some_and(|all| all.iter().all(|one| *one == json!({})));
    if !is_public {
        command.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    let body = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());
    match body {
        Some((kind, media)) if kind == "application/json" => {
            let example = match &media["example"] {
                Value::Null => example_of(document, &media["schema"], "value"),
                example => example.clone(),
            };
            let example = serde_json::to_string(&example).unwrap_or_default().replace('\'', "'\\''");
            let _ = write!(command, " \\\n  -H 'Content-Type: application/json' \\\n  -d '{example}'");
        }
        Some((kind, _)) => {
            let _ = write!(command, " \\\n  -H 'Content-Type: {kind}' \\\n  --data-binary @file");
        }
        None => {}
    }
    command
}

/// What need not be escaped in a part of an address.
const QUERY: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b':');

/// A value that fits a schema: its example, its default, or the plainest one; of an object, what is required.
fn example_of(document: &Value, schema: &Value, name: &str) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example_of(
            document,
            &document["components"]["schemas"][reference.rsplit('/').next().unwrap_or_default()],
            name,
        );
    }
    for known in ["example", "default"] {
        if !schema[known].is_null() {
            return schema[known].clone();
        }
    }
    if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    for any in ["oneOf", "anyOf"] {
        if let Some(one) = schema[any].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null"))
        {
            return example_of(document, one, name);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(part) = example_of(document, part, name) {
                whole.extend(part);
            }
        }
        return Value::Object(whole);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
            let fields = required.iter().filter_map(Value::as_str);
            let examples = fields
                .map(|field| (field.to_owned(), example_of(document, &schema["properties"][field], field)));
            Value::Object(examples.collect())
        }
        Some("array") => json!([example_of(document, &schema["items"], name)]),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        _ => json!(name),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_of_the_api_is_what_the_document_says() {
        let page = include_str!("../../../docs/API.md");
        let written = super::super::markdown();
        assert!(page == written, "docs/API.md is out of date: nephoscope api --markdown > docs/API.md");
        for path in ["### POST /api/s3/create", "### DELETE /api/ec2/terminate/{id}", "curl -X POST"] {
            assert!(written.contains(path), "{path}");
        }
    }
}
