//! Lambda functions.

use axum::{
    Json,
    extract::{Path, State},
};
use nephoscope_model::{
    Error, Operation, Place,
    lambda::{Function, FunctionDetails, FunctionName, Invocation, InvokeMode, Qualifier, Report, Variable},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{
    Body, Params, ScopeParams,
    paging::{ListingPage, PageParams, Paging},
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

pub(in crate::server) mod change;
pub(in crate::server) mod deploy;
pub(in crate::server) mod events;
pub(in crate::server) mod log;
pub(in crate::server) mod versions;

type Answer<T> = Result<Json<T>, ApiError>;

/// How fresh the list must be.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Freshness {
    /// Ask AWS now instead of taking what was known a moment ago.
    fresh: bool,
}

/// All Lambda functions of the accounts and regions. AWS tells no state in lists.
#[utoipa::path(
    get, path = "/api/lambda/functions", tag = "lambda", params(ScopeParams, Freshness, PageParams),
    responses(
        (status = 200, description = "The functions, and the fate of each account and region asked", body = ListingPage<Function>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn functions(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(Freshness { fresh }): Params<Freshness>,
    paging: Paging,
) -> Answer<ListingPage<Function>> {
    Ok(Json(paging.of(app.ops().list_functions(&caller, &scope.scope()?, fresh).await?)))
}

/// Finds where a function is; account and region in the query narrow where to look.
async fn locate(
    app: &App,
    caller: &Authenticated,
    operation: Operation,
    name: &str,
    scope: &ScopeParams,
) -> Result<(Place, FunctionName), Error> {
    let name: FunctionName = name.parse()?;
    let place = app.ops().locate_function(&caller.0, operation, &scope.scope()?, &name).await?;
    Ok((place, name))
}

/// One function with its versions, aliases and triggers. Environment variables are told by name only.
#[utoipa::path(
    get, path = "/api/lambda/functions/{name}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    responses(
        (status = 200, description = "The function", body = FunctionDetails),
        (status = 400, description = "Not a function's name, or several accounts or regions have one", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn function(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<FunctionDetails> {
    let (place, name) = locate(&app, &caller, Operation::GetFunction, &name, &scope).await?;
    Ok(Json(app.ops().get_function(&caller.0, &place, &name).await?))
}

/// The environment variables of a function with their values, which may be secrets. Reading them is on record.
#[utoipa::path(
    get, path = "/api/lambda/functions/{name}/environment", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    responses(
        (status = 200, description = "The variables, by name", body = Vec<Variable>),
        (status = 400, description = "Not a function's name, or several accounts or regions have one", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn environment(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
) -> Answer<Vec<Variable>> {
    let (place, name) = locate(&app, &caller, Operation::ReadEnvironment, &name, &scope).await?;
    Ok(Json(app.ops().read_environment(&caller.0, &place, &name).await?))
}

/// How a function is invoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct InvokeBody {
    /// Any JSON: up to 6 MB when the answer is waited for, 1 MB otherwise. An empty object when left out. It goes to the function as it is
    /// written, to the last digit of its numbers.
    #[serde(default = "nothing")]
    #[schema(value_type = Value)]
    payload: Box<RawValue>,
    /// `sync` (when left out) waits for the answer, `async` has Lambda queue it.
    #[serde(default)]
    mode: InvokeMode,
    /// A version or an alias; `$LATEST` when left out.
    qualifier: Option<String>,
}

fn nothing() -> Box<RawValue> {
    raw(&serde_json::Map::new())
}

/// A value as JSON. Writing one fails only for keys that are no texts, and there are none here.
fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// What came of an invocation. That the function failed, or took longer than it may, is told in `functionError`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct InvocationAnswer {
    /// 200 for an answer, 202 for one that was queued.
    status: i32,
    /// `Unhandled` or `Handled` when the function failed; the payload says how.
    #[serde(skip_serializing_if = "Option::is_none")]
    function_error: Option<String>,
    /// The version that ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// What the function answered: any JSON, as the function wrote it. What is not JSON comes as a text.
    #[schema(value_type = Value)]
    payload: Box<RawValue>,
    /// The last 4 KB of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    log_tail: Option<String>,
    /// What Lambda measured, when its log tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    /// AWS's id of the invocation, by which its log lines are found.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl From<Invocation> for InvocationAnswer {
    fn from(it: Invocation) -> Self {
        let payload = it.payload.filter(|text| !text.is_empty());
        let payload = payload.map(|text| serde_json::from_str(&text).unwrap_or_else(|_| raw(&text)));
        Self {
            status: it.status,
            function_error: it.function_error,
            version: it.version,
            payload: payload.unwrap_or_else(|| RawValue::NULL.to_owned()),
            log_tail: it.log_tail,
            report: it.report,
            request_id: it.request_id,
        }
    }
}

/// Invoke a function, exactly once: nothing is tried again. The answer is waited for as long as 50 seconds; a function that takes longer
/// goes on, and the answer is 504. Invoke such a one with `"mode": "async"`.
#[utoipa::path(
    post, path = "/api/lambda/invoke/{name}", tag = "lambda",
    params(("name" = String, Path, example = "order-processor"), ScopeParams),
    request_body = InvokeBody,
    responses(
        (status = 200, description = "What came of it, also when the function failed", body = InvocationAnswer),
        (status = 400, description = "Bad parameters, or several accounts or regions have a function of that name", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such function, version or alias", body = Problem),
        (status = 409, description = "It did not run: its key, network or package is not in order, and AWS says what", body = Problem),
        (status = 413, description = "The payload is larger than Lambda takes", body = Problem),
        (status = 429, description = "Too many invocations are under way in the account", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
        (status = 503, description = "As many invocations run as may, or AWS cannot be reached", body = Problem),
        (status = 504, description = "The function takes longer than is waited for, and goes on", body = Problem),
    )
)]
pub(in crate::server) async fn invoke(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Body(body): Body<InvokeBody>,
) -> Answer<InvocationAnswer> {
    // Who may not is told so before anything is looked up.
    app.ops().check_may(&caller.0, Operation::InvokeFunction, &name).await?;
    let qualifier: Option<Qualifier> = body.qualifier.as_deref().map(str::parse).transpose()?;
    let (place, name) = locate(&app, &caller, Operation::InvokeFunction, &name, &scope).await?;
    let payload = body.payload.get().to_owned();
    let done = app.ops().invoke_function(&caller.0, &place, &name, qualifier, body.mode, payload).await?;
    Ok(Json(done.into()))
}
