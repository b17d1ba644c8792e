//! Deploying a function: its archive comes within JSON, in a form, or lies in S3.

use axum::{
    Json,
    extract::{FromRequest, Multipart, Request, State, multipart::MultipartError},
    http::{StatusCode, header},
};
use nephoscope_model::{
    Error, ErrorCode, Operation,
    lambda::{Code, DeployMode, DeployRequest, Deployed, FunctionName, S3Code},
};
use nephoscope_ops::archive_from_base64;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::{Body, Params, ScopeParams};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    rest::too_large,
    security::allowance::Allowance,
    state::App,
};

/// How many deployments are read and sent at once: each is held in memory, several times over on its way.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A deployment. What is left out of an existing function stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::server) struct DeployBody {
    /// The function.
    #[schema(value_type = String, example = "order-processor")]
    name: FunctionName,
    /// `either` (when left out), `create` for a function that must not exist, `update` for one that must.
    #[serde(default)]
    mode: DeployMode,
    /// Such as `python3.12`; a new function needs it.
    #[schema(example = "python3.12")]
    runtime: Option<String>,
    /// What is called in the code; a new function needs it.
    #[schema(example = "main.handler")]
    handler: Option<String>,
    /// The ARN of the role it runs as; a new function needs it.
    #[schema(example = "arn:aws:iam::111111111111:role/lambda")]
    role: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Memory, in MB.
    memory_mb: Option<i32>,
    /// How long an invocation may take, in seconds.
    timeout_secs: Option<i32>,
    /// `x86_64` or `arm64`.
    architecture: Option<String>,
    /// Whether to publish a version of it.
    #[serde(default)]
    publish: bool,
    /// A zip archive in base64, up to 50 MB before that; or else `s3`.
    #[schema(format = Byte)]
    zip_base64: Option<String>,
    /// A zip archive in S3.
    s3: Option<S3Code>,
}

/// The same as a form, with the archive as a file. Empty fields are as if left out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes the form; the fields are read one by one")]
pub(in crate::server) struct DeployForm {
    /// The function.
    name: String,
    /// `either` (when left out), `create` or `update`.
    mode: Option<String>,
    /// Such as `python3.12`; a new function needs it.
    runtime: Option<String>,
    /// What is called in the code; a new function needs it.
    handler: Option<String>,
    /// The ARN of the role it runs as; a new function needs it.
    role: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Memory, in MB.
    memory_mb: Option<i32>,
    /// How long an invocation may take, in seconds.
    timeout_secs: Option<i32>,
    /// `x86_64` or `arm64`.
    architecture: Option<String>,
    /// Whether to publish a version of it: `true`.
    publish: Option<bool>,
    /// The zip archive, up to 50 MB; or else a place in S3.
    #[schema(value_type = Option<String>, format = Binary)]
    zip: Option<Vec<u8>>,
    /// The bucket of an archive in S3.
    s3_bucket: Option<String>,
    /// Its key.
    s3_key: Option<String>,
    /// Its version; the newest when left out.
    s3_version: Option<String>,
}

/// Create a function, or bring an existing one new code, and wait (up to a minute and a half) until Lambda has taken it. Archives of more
/// than 50 MB go by way of S3.
#[utoipa::path(
    post, path = "/api/lambda/deploy", tag = "lambda", params(ScopeParams),
    request_body(content((DeployBody = "application/json"), (DeployForm = "multipart/form-data"))),
    responses(
        (status = 200, description = "The function has new code", body = Deployed),
        (status = 201, description = "The function was created", body = Deployed),
        (status = 400, description = "Bad parameters, no archive, or something that Lambda does not take", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such account or region here, or no such function to update", body = Problem),
        (status = 409, description = "The function exists and must not, is otherwise than it says, or is being changed", body = Problem),
        (status = 413, description = "The archive is larger than Lambda takes directly", body = Problem),
        (status = 429, description = "Other deployments are under way", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "AWS is throttling or cannot be reached", body = Problem),
    )
)]
pub(in crate::server) async fn deploy(
    State(app): State<App>,
    caller: Authenticated,
    Params(scope): Params<ScopeParams>,
    request: Request,
) -> Result<(StatusCode, Json<Deployed>), ApiError> {
    // Nobody's archive is read who may not deploy it.
    app.ops().check_may(&caller.0, Operation::DeployFunction, "").await?;
    let Ok(_turn) = AT_ONCE.try_acquire() else {
        return Err(Error::new(ErrorCode::RateLimited, "Other deployments are under way.")
            .with_hint("Try again when they are done.")
            .with_retry_after(10)
            .into());
    };
    let wanted = read(request).await?;
    let scope = scope.scope()?;
    let ops = app.ops();
    let place = match ops.resolve_place(&scope) {
        Ok(place) => place,
        Err(error) if wanted.mode == DeployMode::Create => return Err(error.into()),
        Err(error) => {
            let operation = Operation::DeployFunction;
            match ops.locate_function(&caller.0, operation, &scope, &wanted.name).await {
                Ok(place) => place,
                // A new one could be meant for any of the places.
                Err(none) if none.code == ErrorCode::NotFound && wanted.mode == DeployMode::Either => {
                    return Err(error.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let deployed = ops.deploy_function(&caller.0, &place, wanted).await?;
    let status = if deployed.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(deployed)))
}

async fn read(request: Request) -> Result<DeployRequest, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/form-data")) {
        let limit = Allowance::of(request.uri().path()).body;
        let form = Multipart::from_request(request, &())
            .await
            .map_err(|_| Error::invalid("The form is not understood."))?;
        return Ok(read_form(form, limit).await?);
    }
    let Body(body) = Body::<DeployBody>::from_request(request, &()).await?;
    let code = match (body.zip_base64, body.s3) {
        (Some(text), None) => archive_from_base64(&text)?,
        (None, Some(at)) => Code::S3(at),
        _ => return Err(one_of_both().into()),
    };
    Ok(DeployRequest {
        name: body.name,
        mode: body.mode,
        code,
        runtime: body.runtime,
        handler: body.handler,
        role: body.role,
        description: body.description,
        memory_mb: body.memory_mb,
        timeout_secs: body.timeout_secs,
        architecture: body.architecture,
        publish: body.publish,
    })
}

fn one_of_both() -> Error {
    Error::invalid("A deployment needs either an archive or a place in S3.").with_hint(
        "Send zipBase64 (in a form: the file zip) or s3 with bucket and key (in a form: s3Bucket and s3Key).",
    )
}

/// The text fields of a form, and its file.
async fn read_form(mut form: Multipart, limit: usize) -> Result<DeployRequest, Error> {
    let mut fields = std::collections::HashMap::new();
    let mut zip = None;
    let broken = |error: MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large(limit)
        } else {
            Error::invalid("The form could not be read to its end.")
        }
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "zip" {
            let bytes = field.bytes().await.map_err(broken)?;
            // A file field in which nothing was chosen is sent without content.
            zip = (!bytes.is_empty()).then(|| bytes.to_vec());
            continue;
        }
        let text = field.text().await.map_err(broken)?.trim().to_owned();
        if !text.is_empty() {
            fields.insert(name, text);
        }
    }
    let mut take = |name: &str| fields.remove(name);
    let code = match (zip, take("s3Bucket"), take("s3Key"), take("s3Version")) {
        (Some(bytes), None, None, None) => Code::Zip(bytes),
        (None, Some(bucket), Some(key), version) => Code::S3(S3Code { bucket, key, version }),
        _ => return Err(one_of_both()),
    };
    let number = |name: &str, text: Option<String>| {
        let parsed = text.map(|text| text.parse::<i32>()).transpose();
        parsed.map_err(|_| Error::invalid(format!("{name} must be a whole number.")))
    };
    let mode = match take("mode").as_deref() {
        None | Some("either") => DeployMode::Either,
        Some("create") => DeployMode::Create,
        Some("update") => DeployMode::Update,
        Some(_) => return Err(Error::invalid("mode must be either, create or update.")),
    };
    Ok(DeployRequest {
        name: take("name").unwrap_or_default().parse()?,
        mode,
        code,
        runtime: take("runtime"),
        handler: take("handler"),
        role: take("role"),
        description: take("description"),
        memory_mb: number("memoryMb", take("memoryMb"))?,
        timeout_secs: number("timeoutSecs", take("timeoutSecs"))?,
        architecture: take("architecture"),
        publish: matches!(take("publish").as_deref(), Some("true" | "1" | "on")),
    })
}
