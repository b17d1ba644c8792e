//! The OpenAPI document, generated from the handlers.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use super::rest;

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

/// The document as JSON.
pub(super) fn document() -> serde_json::Value {
    let mut document = Document::openapi();
    document.merge(rest::routes().into_openapi());
    serde_json::to_value(document).unwrap_or_default()
}
