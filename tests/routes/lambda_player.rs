//! A Lambda in memory: enough of it to list, look at, invoke and deploy functions.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, cbor::Cbor, wire};
use nephoscope_model::{Timestamp, logs::LogRow};
use serde_json::{Value, json};

use crate::world::{ACCOUNT, REGION};

/// A value of the environment that nobody must see who did not ask for it.
pub(crate) const HUSH: &str = "hush-environment";

/// One function.
#[derive(Default)]
struct Known {
    /// How often it got code.
    code: u32,
    /// How many versions were published.
    versions: u32,
    /// The aliases, as Lambda tells them.
    aliases: BTreeMap<String, Value>,
    /// How often an alias was changed.
    changes: u32,
    reserved: Option<i64>,
}

/// Functions by name. Who asks for the aliases of `order-processor` is denied until it has one.
pub(crate) struct Memory(Mutex<BTreeMap<String, Known>>);

impl Default for Memory {
    fn default() -> Self {
        let known = Known { code: 1, ..Known::default() };
        Self(Mutex::new(BTreeMap::from([("order-processor".to_owned(), known)])))
    }
}

impl Memory {
    /// The answer; nothing when it is for another service.
    pub(crate) fn play(&self, request: &ReplayRequest) -> Option<ReplayResponse> {
        match request.operation() {
            "GetMetricData" => return Some(figures(request)),
            "FilterLogEvents" if request.text().contains("/aws/lambda/") => return Some(lines(request)),
            _ => {}
        }
        let (_, path) = request.uri.split_once(&format!("://lambda.{REGION}.amazonaws.com/"))?;
        let path = path.split_once('/')?.1.split('?').next()?.trim_end_matches('/');
        let mut functions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let segments: Vec<&str> = path.split('/').collect();
        Some(match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["functions"]) => {
                let all: Vec<Value> =
                    functions.iter().map(|(name, now)| configuration(name, now.code)).collect();
                wire::json(200, &json!({ "Functions": all }))
            }
            ("GET", ["event-source-mappings"]) => wire::json(200, &json!({ "EventSourceMappings": [] })),
            ("GET", ["account-settings"]) => {
                let limit = json!({ "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 900 });
                wire::json(200, &json!({ "AccountLimit": limit, "AccountUsage": {} }))
            }
            ("POST", ["functions"]) => {
                let name = request.json()["FunctionName"].as_str().unwrap_or_default().to_owned();
                functions.insert(name.clone(), Known { code: 1, ..Known::default() });
                wire::json(201, &configuration(&name, 1))
            }
            ("DELETE", ["functions", name]) => match functions.remove(*name) {
                None => error(404, "ResourceNotFoundException", "Function not found"),
                Some(_) => gone(),
            },
            (method, ["functions", name, rest @ ..]) => match functions.get_mut(*name) {
                None => error(404, "ResourceNotFoundException", "Function not found"),
                Some(now) => of_one(method, rest, name, now, request),
            },
            (method, other) => panic!("{method} {other:?} is not played"),
        })
    }
}

/// Done, without a word.
fn gone() -> ReplayResponse {
    ReplayResponse { status: 204, headers: Vec::new(), body: Vec::new() }
}

fn of_one(
    method: &str,
    what: &[&str],
    name: &str,
    now: &mut Known,
    request: &ReplayRequest,
) -> ReplayResponse {
    match (method, what) {
        ("GET", ["configuration"]) => wire::json(200, &configuration(name, now.code)),
        ("GET", ["policy"]) => error(404, "ResourceNotFoundException", "No policy is associated"),
        ("GET", ["urls"]) => wire::json(200, &json!({ "FunctionUrlConfigs": [] })),
        ("GET", ["provisioned-concurrency"]) => {
            wire::json(200, &json!({ "ProvisionedConcurrencyConfigs": [] }))
        }
        ("GET", ["concurrency"]) => wire::json(200, &json!({ "ReservedConcurrentExecutions": now.reserved })),
        ("PUT", ["concurrency"]) => {
            now.reserved = request.json()["ReservedConcurrentExecutions"].as_i64();
            wire::json(200, &json!({ "ReservedConcurrentExecutions": now.reserved }))
        }
        ("DELETE", ["concurrency"]) => {
            now.reserved = None;
            gone()
        }
        ("GET", ["aliases"]) if now.aliases.is_empty() => {
            error(403, "AccessDeniedException", "is not authorized to perform: lambda:ListAliases on x")
        }
        ("GET", ["aliases"]) => {
            wire::json(200, &json!({ "Aliases": now.aliases.values().collect::<Vec<_>>() }))
        }
        ("POST", ["aliases"]) => {
            let alias = request.json()["Name"].as_str().unwrap_or_default().to_owned();
            set_alias(now, &alias, &request.json())
        }
        (_, ["aliases", alias]) if !now.aliases.contains_key(*alias) => {
            error(404, "ResourceNotFoundException", "Alias not found")
        }
        ("GET", ["aliases", alias]) => wire::json(200, &now.aliases[*alias]),
        ("PUT", ["aliases", alias]) => {
            let wanted = request.json();
            if wanted["RevisionId"] != now.aliases[*alias]["RevisionId"] {
                return error(412, "PreconditionFailedException", "The RevisionId does not match");
            }
            set_alias(now, alias, &wanted)
        }
        ("DELETE", ["aliases", alias]) => {
            now.aliases.remove(*alias);
            gone()
        }
        ("GET", ["versions"]) => {
            let published = (1..=now.versions).map(|number| {
                let mut version = configuration(name, now.code);
                version["Version"] = json!(number.to_string());
                version
            });
            let all: Vec<Value> = std::iter::once(configuration(name, now.code)).chain(published).collect();
            wire::json(200, &json!({ "Versions": all }))
        }
        ("PUT", ["code"]) => {
            now.code += 1;
            wire::json(200, &configuration(name, now.code))
        }
        ("POST", ["versions"]) => {
            now.versions += 1;
            wire::json(201, &json!({ "FunctionName": name, "Version": now.versions.to_string() }))
        }
        ("POST", ["invocations"]) => invoke(request),
        (method, other) => panic!("{method} {other:?} is not played"),
    }
}

fn set_alias(now: &mut Known, name: &str, wanted: &Value) -> ReplayResponse {
    now.changes += 1;
    let before = now.aliases.get(name).map_or(Value::Null, |alias| alias["Description"].clone());
    let description = if wanted["Description"].is_null() { before } else { wanted["Description"].clone() };
    let alias = json!({
        "Name": name, "FunctionVersion": wanted["FunctionVersion"], "Description": description,
        "RoutingConfig": wanted["RoutingConfig"], "RevisionId": format!("revision-{}", now.changes),
    });
    now.aliases.insert(name.to_owned(), alias.clone());
    wire::json(200, &alias)
}

/// 40 invocations in the last day, 2 errors, and a p95 of 90 ms.
fn figures(request: &ReplayRequest) -> ReplayResponse {
    let asks = |word: &str| request.body.windows(word.len()).any(|window| window == word.as_bytes());
    let values = if asks("Invocations") { vec![("m0", 40.0)] } else { vec![("m0", 2.0), ("m1", 90.0)] };
    let results = Cbor::list(&values, |(id, value)| {
        Cbor::Map(vec![("Id", Cbor::text(*id)), ("Values", Cbor::List(vec![Cbor::Number(*value)]))])
    });
    wire::cbor(200, &Cbor::Map(vec![("MetricDataResults", results)]))
}

/// What one invocation wrote, and an error of another one.
fn lines(request: &ReplayRequest) -> ReplayResponse {
    let asked = request.json();
    let pattern = asked["filterPattern"].as_str().unwrap_or_default();
    let id = wire::REQUEST_ID;
    let written = [
        ("a", format!("START RequestId: {id} Version: 1")),
        ("b", "[ERROR] card refused <img src=x>".to_owned()),
        ("a", "order charged".to_owned()),
        ("a", format!("REPORT RequestId: {id}\tDuration: 1 ms")),
    ];
    let now = Timestamp::now();
    let rows: Vec<LogRow> = (0..)
        .zip(written)
        .map(|(number, (stream, message))| LogRow {
            id: number.to_string(),
            timestamp: now.plus_millis(number - 1_000),
            log_stream_name: stream.to_owned(),
            message,
        })
        .filter(|row| match pattern.strip_prefix('"') {
            Some(phrase) => row.message.contains(phrase.trim_end_matches('"')),
            None if pattern.starts_with('?') => row.message.contains("ERROR"),
            None => asked["logStreamNames"][0] == row.log_stream_name,
        })
        .collect();
    wire::log_events(&rows, None)
}

/// Fails for a card that is refused, and answers with what it was given otherwise.
fn invoke(request: &ReplayRequest) -> ReplayResponse {
    let is_queued = request.header("x-amz-invocation-type") == Some("Event");
    let (status, failed, payload) = if is_queued {
        (202, false, String::new())
    } else if request.json()["card"] == "refused" {
        (200, true, json!({ "errorMessage": "refused", "errorType": "RuntimeError" }).to_string())
    } else {
        // Written as it came: a number that is read here would be another one.
        (200, false, format!(r#"{{"given":{}}}"#, request.text()))
    };
    let mut headers = vec![("x-amzn-requestid".to_owned(), wire::REQUEST_ID.to_owned())];
    if failed {
        headers.push(("x-amz-function-error".to_owned(), "Unhandled".to_owned()));
    }
    ReplayResponse { status, headers, body: payload.into_bytes() }
}

/// A function whose name begins with `slow` never takes its code.
fn configuration(name: &str, code: u32) -> Value {
    let update = if name.starts_with("slow") { "InProgress" } else { "Successful" };
    json!({
        "FunctionName": name, "FunctionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        "Runtime": "python3.12", "Handler": "main.handler", "CodeSize": 1, "Timeout": 10, "MemorySize": 256,
        "Description": "</title><img src=x onerror=alert(1)>", "Version": "$LATEST",
        "Role": format!("arn:aws:iam::{ACCOUNT}:role/r"), "CodeSha256": format!("code-{code}"),
        "State": "Active", "LastUpdateStatus": update, "LastModified": "2026-11-20T11:34:08.250+0000",
        "Environment": { "Variables": { "TOKEN": HUSH } },
    })
}

fn error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let mut response = wire::json(status, &json!({ "Type": "User", "Message": message }));
    response.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    response
}
