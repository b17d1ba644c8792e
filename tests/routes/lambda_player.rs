//! A Lambda in memory: enough of it to list, look at, invoke and deploy functions.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};
use serde_json::{Value, json};

use crate::world::{ACCOUNT, REGION};

/// A value of the environment that nobody must see who did not ask for it.
pub(crate) const HUSH: &str = "hush-environment";

/// Functions by name, each with the number of times it got code, and the versions published of it.
pub(crate) struct Memory(Mutex<BTreeMap<String, (u32, u32)>>);

impl Default for Memory {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::from([("order-processor".to_owned(), (1, 0))])))
    }
}

impl Memory {
    /// The answer; nothing when it is for another service.
    pub(crate) fn play(&self, request: &ReplayRequest) -> Option<ReplayResponse> {
        let (_, path) = request.uri.split_once(&format!("://lambda.{REGION}.amazonaws.com/"))?;
        let path = path.split_once('/')?.1.split('?').next()?.trim_end_matches('/');
        let mut functions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let segments: Vec<&str> = path.split('/').collect();
        Some(match (request.method.as_str(), segments.as_slice()) {
            ("GET", ["functions"]) => {
                let all: Vec<Value> =
                    functions.iter().map(|(name, now)| configuration(name, now.0)).collect();
                wire::json(200, &json!({ "Functions": all }))
            }
            ("GET", ["event-source-mappings"]) => wire::json(200, &json!({ "EventSourceMappings": [] })),
            ("POST", ["functions"]) => {
                let name = request.json()["FunctionName"].as_str().unwrap_or_default().to_owned();
                functions.insert(name.clone(), (1, 0));
                wire::json(201, &configuration(&name, 1))
            }
            (method, ["functions", name, what]) => match functions.get_mut(*name) {
                None => error(404, "ResourceNotFoundException", "Function not found"),
                Some(now) => of_one(method, what, name, now, request),
            },
            (method, other) => panic!("{method} {other:?} is not played"),
        })
    }
}

fn of_one(
    method: &str,
    what: &str,
    name: &str,
    now: &mut (u32, u32),
    request: &ReplayRequest,
) -> ReplayResponse {
    match (method, what) {
        ("GET", "configuration") => wire::json(200, &configuration(name, now.0)),
        ("GET", "concurrency") => wire::json(200, &json!({})),
        ("GET", "aliases") => {
            error(403, "AccessDeniedException", "is not authorized to perform: lambda:ListAliases on x")
        }
        ("GET", "versions") => wire::json(200, &json!({ "Versions": [configuration(name, now.0)] })),
        ("PUT", "code") => {
            now.0 += 1;
            wire::json(200, &configuration(name, now.0))
        }
        ("POST", "versions") => {
            now.1 += 1;
            wire::json(201, &json!({ "FunctionName": name, "Version": now.1.to_string() }))
        }
        ("POST", "invocations") => invoke(request),
        (method, other) => panic!("{method} {other} is not played"),
    }
}

/// Fails for a card that is refused, and answers with what it was given otherwise.
fn invoke(request: &ReplayRequest) -> ReplayResponse {
    let is_queued = request.header("x-amz-invocation-type") == Some("Event");
    let (status, failed, payload) = if is_queued {
        (202, false, String::new())
    } else if request.json()["card"] == "refused" {
        (200, true, json!({ "errorMessage": "refused", "errorType": "RuntimeError" }).to_string())
    } else {
        (200, false, json!({ "given": request.json() }).to_string())
    };
    let mut headers = vec![("x-amzn-requestid".to_owned(), wire::REQUEST_ID.to_owned())];
    if failed {
        headers.push(("x-amz-function-error".to_owned(), "Unhandled".to_owned()));
    }
    ReplayResponse { status, headers, body: payload.into_bytes() }
}

fn configuration(name: &str, code: u32) -> Value {
    json!({
        "FunctionName": name, "FunctionArn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"),
        "Runtime": "python3.12", "Handler": "main.handler", "CodeSize": 1, "Timeout": 10, "MemorySize": 256,
        "Description": "</title><img src=x onerror=alert(1)>", "Version": "$LATEST",
        "Role": format!("arn:aws:iam::{ACCOUNT}:role/r"), "CodeSha256": format!("code-{code}"),
        "State": "Active", "LastUpdateStatus": "Successful", "LastModified": "2026-11-20T11:34:08.250+0000",
        "Environment": { "Variables": { "TOKEN": HUSH } },
    })
}

fn error(status: u16, code: &str, message: &str) -> ReplayResponse {
    let mut response = wire::json(status, &json!({ "Type": "User", "Message": message }));
    response.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
    response
}
