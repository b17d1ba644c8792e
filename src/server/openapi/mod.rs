//! The OpenAPI document, generated from the handlers.

mod markdown;

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::{idempotency, rest};

#[derive(OpenApi)]
#[openapi(
    info(title = "nephoscope", description = "A self-hosted console for AWS. Errors are RFC 9457 problem documents with a stable `code`.\n\nLive data comes over the WebSocket `/api/live`: see docs/LIVE.md."),
    security(("jwt" = [])),
    modifiers(&Jwt),
    tags(
        (name = "session", description = "Logging in, going on and logging out"),
        (name = "me", description = "One's own sessions, password and tokens for programs"),
        (name = "people", description = "Who may log in, and what they may do"),
        (name = "accounts", description = "The AWS accounts that are looked at"),
        (name = "ec2", description = "EC2 instances"),
        (name = "s3", description = "S3 buckets and objects"),
        (name = "lambda", description = "Lambda functions"),
        (name = "metrics", description = "CloudWatch metrics of instances"),
        (name = "logs", description = "CloudWatch Logs"),
        (name = "audit", description = "What was done"),
    )
)]
struct Document;

struct Jwt;

impl Modify for Jwt {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        document.components.get_or_insert_default().add_security_scheme("jwt", SecurityScheme::Http(scheme));
    }
}

/// What any request may be answered with, beside what its handler says.
const ANY_REQUEST: [(&str, &str); 5] = [
    ("400", "Something in the request is not understood"),
    ("429", "Too many requests; `Retry-After` says when to ask again"),
    ("500", "A fault of the server; the request id finds it in the log"),
    ("503", "The store or AWS does not answer now"),
    ("504", "It took longer than the server waits"),
];
/// What is about AWS, by tag.
const OF_AWS: [&str; 6] = ["accounts", "ec2", "s3", "lambda", "metrics", "logs"];

/// The document as JSON, with what holds for many requests said of each.
pub(super) fn document() -> Value {
    let mut document = Document::openapi();
    document.merge(rest::routes().into_openapi());
    let mut document = serde_json::to_value(document).unwrap_or_default();
    let Some(paths) = document["paths"].as_object_mut() else { return document };
    for (path, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            complete(path, method, operation);
        }
    }
    document
}

/// The same as a page for people.
pub(super) fn markdown() -> String {
    markdown::render(&document())
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    // Handlers of different nouns have the same names; generated clients need one each.
    let parts = path.trim_start_matches("/api/").split('/').map(|part| part.trim_matches(['{', '}']));
    let id = [method].into_iter().chain(parts).collect::<Vec<_>>().join("_").replace(['-', '.'], "_");
    operation["operationId"] = json!(id);
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        let (name, place) = (parameter["name"].as_str().unwrap_or_default(), parameter["in"].as_str());
        let pattern = match (name, place) {
            ("account", Some("query")) => r"^([0-9]{12}(,[0-9]{12})*)?$",
            ("account", Some("path")) => r"^[0-9]{12}$",
            ("region", Some("query")) => r"^([a-z0-9]+(-[a-z0-9]+){2,}(,[a-z0-9]+(-[a-z0-9]+){2,})*)?$",
            ("instanceId" | "id", Some("path")) if path.starts_with("/api/ec2/") => {
                r"^[a-z]+-([0-9a-f]{8}|[0-9a-f]{17})$"
            }
            ("id", Some("path")) if path.starts_with("/api/accounts/") => r"^[0-9]{12}$",
            ("name", Some("path")) if path.starts_with("/api/users/") => r"^[a-z0-9][a-z0-9._@+-]{0,63}$",
            ("name", Some("path")) if path.starts_with("/api/s3/") => r"^[A-Za-z0-9._-]{3,255}$",
            ("name", Some("path")) if path.starts_with("/api/lambda/") => r"^[A-Za-z0-9_-]{1,64}$",
            _ => continue,
        };
        parameter["schema"]["pattern"] = json!(pattern);
    }
    let creates = method == "post" && idempotency::CREATES.contains(&path);
    if creates && let Some(parameters) = operation.as_object_mut() {
        let parameters = parameters.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "1 to 200 visible ASCII characters, such as a random UUID. The request is done once: sent again with the \
                                same key within a day, it gets the first answer, with the header `Idempotency-Replayed: true`.",
                "schema": { "type": "string", "pattern": "^[!-~]{1,200}$" },
            }));
        }
    }
    let of_aws = operation["tags"]
        .as_array()
        .is_some_and(|tags| tags.iter().any(|tag| tag.as_str().is_some_and(|tag| OF_AWS.contains(&tag))));
    let takes_a_body = operation.get("requestBody").is_some();
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (_, response) in responses.iter_mut() {
        let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { continue };
        let is_problem = content
            .get("application/json")
            .is_some_and(|json| json["schema"]["$ref"] == "#/components/schemas/Problem");
        if is_problem && let Some(problem) = content.remove("application/json") {
            content.insert(PROBLEM.to_owned(), problem);
        }
    }
    let others = [
        (of_aws, "502", "AWS denied it, or did not take the credentials"),
        (takes_a_body, "413", "The body is too large"),
        (creates, "409", "A request with this `Idempotency-Key` is being done now"),
    ];
    let others = others.into_iter().filter(|(applies, ..)| *applies).map(|(_, status, why)| (status, why));
    for (status, why) in ANY_REQUEST.into_iter().chain(others) {
        responses.entry(status).or_insert_with(|| {
            json!({
                "description": why,
                "content": { PROBLEM: { "schema": { "$ref": "#/components/schemas/Problem" } } },
            })
        });
    }
}

const PROBLEM: &str = "application/problem+json";
