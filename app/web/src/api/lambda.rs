//! Lambda functions.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use nephoscope_model::Operation;
use nephoscope_model::{
    Listing, Place, Scope,
    bulk::Deletion,
    lambda::{
        AliasChange, AliasName, AliasWish, Function, FunctionDetails, FunctionMeasures, FunctionName,
        FunctionTarget, Invocation, InvocationLog, InvokeMode, Published, Qualifier, RequestId,
        RollbackExpectation, RolledBack, TestEvent, TestEventName, Variable,
    },
    logs::LogRow,
};

use super::{ApiResult, Json};

/// All functions of a scope. With `fresh`, asks AWS now instead of taking what is known.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "lambda/list", input = Json, output = Json)]
pub async fn list_functions(scope: Scope, fresh: bool) -> ApiResult<Listing<Function>> {
    let (ops, caller) = super::door()?;
    ops.list_functions(&caller, &scope, fresh).await.map_err(super::fail)
}

/// One function, without the values of its environment. Where no place is said, it is looked for in the scope, as REST does.
///
/// # Errors
/// `not_found` when AWS knows no such function there, `invalid_input` when several places of the scope have one, and why a place could
/// not be asked that may have it.
#[server(endpoint = "lambda/get", input = Json, output = Json)]
pub async fn get_function(
    place: Option<Place>,
    scope: Scope,
    name: FunctionName,
) -> ApiResult<FunctionDetails> {
    let (ops, caller) = super::door()?;
    let place = match place {
        Some(place) => place,
        None => {
            let located = ops.locate_function(&caller, Operation::GetFunction, &scope, &name).await;
            located.map_err(super::fail)?
        }
    };
    ops.get_function(&caller, &place, &name).await.map_err(super::fail)
}

/// The values of a function's environment.
///
/// # Errors
/// `forbidden` for viewers, and whatever AWS says.
#[server(endpoint = "lambda/environment", input = Json, output = Json)]
pub async fn read_environment(place: Place, name: FunctionName) -> ApiResult<Vec<Variable>> {
    let (ops, caller) = super::door()?;
    ops.read_environment(&caller, &place, &name).await.map_err(super::fail)
}

/// Invokes a function with a payload that is JSON.
///
/// # Errors
/// `forbidden` for viewers, `payload_too_large`, `timeout` when it takes longer than is waited for, and whatever AWS says. That the
/// function fails is a result.
#[server(endpoint = "lambda/invoke", input = Json, output = Json)]
pub async fn invoke_function(
    place: Place,
    name: FunctionName,
    qualifier: Option<Qualifier>,
    mode: InvokeMode,
    payload: String,
) -> ApiResult<Invocation> {
    let (ops, caller) = super::door()?;
    ops.invoke_function(&caller, &place, &name, qualifier, mode, payload).await.map_err(super::fail)
}

/// What functions did in the last day.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "lambda/metrics", input = Json, output = Json)]
pub async fn function_metrics(scope: Scope) -> ApiResult<Listing<FunctionMeasures>> {
    let (ops, caller) = super::door()?;
    ops.function_metrics(&caller, &scope).await.map_err(super::fail)
}

/// Deletes a function; its name must be typed.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, and whatever AWS says.
#[server(endpoint = "lambda/delete", input = Json, output = Json)]
pub async fn delete_function(
    place: Place,
    name: FunctionName,
    confirmation: Option<String>,
) -> ApiResult<()> {
    let (ops, caller) = super::door()?;
    ops.delete_function(&caller, &place, &name, confirmation.as_deref()).await.map_err(super::fail)
}

/// Deletes functions, each for itself: what became of each, in the order in which they were named. Their number must be typed, or the
/// name of a single one.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `invalid_input` for none or too many. What fails for one stands in its result.
#[server(endpoint = "lambda/delete_many", input = Json, output = Json)]
pub async fn delete_functions(
    targets: Vec<FunctionTarget>,
    confirmation: String,
) -> ApiResult<Vec<Deletion>> {
    let (ops, caller) = super::door()?;
    ops.delete_functions(&caller, targets, Some(&confirmation)).await.map_err(super::fail)
}

/// Reserves invocations at once for a function, or shares them again.
///
/// # Errors
/// `forbidden` for viewers, and whatever AWS says.
#[server(endpoint = "lambda/concurrency", input = Json, output = Json)]
pub async fn set_concurrency(
    place: Place,
    name: FunctionName,
    reserved: Option<i32>,
) -> ApiResult<Option<i32>> {
    let (ops, caller) = super::door()?;
    ops.set_concurrency(&caller, &place, &name, reserved).await.map_err(super::fail)
}

/// Publishes a version.
///
/// # Errors
/// `forbidden` for viewers, `conflict` while it is being changed, and whatever AWS says.
#[server(endpoint = "lambda/publish", input = Json, output = Json)]
pub async fn publish_version(
    place: Place,
    name: FunctionName,
    description: Option<String>,
) -> ApiResult<Published> {
    let (ops, caller) = super::door()?;
    ops.publish_version(&caller, &place, &name, description).await.map_err(super::fail)
}

/// Creates an alias, or moves it.
///
/// # Errors
/// `forbidden` for viewers, `invalid_input`, `conflict` when somebody else changed it at the same time, and whatever AWS says.
#[server(endpoint = "lambda/set_alias", input = Json, output = Json)]
pub async fn set_alias(
    place: Place,
    name: FunctionName,
    alias: AliasName,
    wanted: AliasWish,
) -> ApiResult<AliasChange> {
    let (ops, caller) = super::door()?;
    ops.set_alias(&caller, &place, &name, &alias, wanted).await.map_err(super::fail)
}

/// Takes the part of a newer version away from an alias, or moves it to the version before the one it stands for, if it is as `expected`.
///
/// # Errors
/// `forbidden` for viewers, `conflict`, and whatever AWS says.
#[server(endpoint = "lambda/rollback", input = Json, output = Json)]
pub async fn roll_back_alias(
    place: Place,
    name: FunctionName,
    alias: AliasName,
    expected: RollbackExpectation,
) -> ApiResult<RolledBack> {
    let (ops, caller) = super::door()?;
    ops.roll_back_alias(&caller, &place, &name, &alias, expected).await.map_err(super::fail)
}

/// Deletes an alias; its name must be typed.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, and whatever AWS says.
#[server(endpoint = "lambda/delete_alias", input = Json, output = Json)]
pub async fn delete_alias(
    place: Place,
    name: FunctionName,
    alias: AliasName,
    confirmation: Option<String>,
) -> ApiResult<()> {
    let (ops, caller) = super::door()?;
    ops.delete_alias(&caller, &place, &name, &alias, confirmation.as_deref()).await.map_err(super::fail)
}

/// The newest lines of a function's log that tell of an error.
///
/// # Errors
/// `not_found` when AWS knows no such function there.
#[server(endpoint = "lambda/errors", input = Json, output = Json)]
pub async fn function_errors(place: Place, name: FunctionName, hours: u32) -> ApiResult<Vec<LogRow>> {
    let (ops, caller) = super::door()?;
    ops.function_errors(&caller, &place, &name, hours).await.map_err(super::fail)
}

/// What one invocation of the last hour wrote to the log.
///
/// # Errors
/// `not_found` when AWS knows no such function there.
#[server(endpoint = "lambda/log", input = Json, output = Json)]
pub async fn read_invocation_log(
    place: Place,
    name: FunctionName,
    request: RequestId,
) -> ApiResult<InvocationLog> {
    let (ops, caller) = super::door()?;
    ops.invocation_log(&caller, &place, &name, &request, 1).await.map_err(super::fail)
}

/// The test events that are kept for a function.
///
/// # Errors
/// As the operation.
#[server(endpoint = "lambda/events", input = Json, output = Json)]
pub async fn list_test_events(place: Place, name: FunctionName) -> ApiResult<Vec<TestEvent>> {
    let (ops, caller) = super::door()?;
    ops.list_test_events(&caller, &place, &name).await.map_err(super::fail)
}

/// Keeps a payload for a function.
///
/// # Errors
/// `forbidden` for viewers, `payload_too_large`, `invalid_input`, and `conflict` when there are too many.
#[server(endpoint = "lambda/save_event", input = Json, output = Json)]
pub async fn save_test_event(
    place: Place,
    name: FunctionName,
    event: TestEventName,
    payload: String,
) -> ApiResult<TestEvent> {
    let (ops, caller) = super::door()?;
    ops.save_test_event(&caller, &place, &name, &event, payload).await.map_err(super::fail)
}

/// Forgets a test event.
///
/// # Errors
/// `forbidden` for viewers, and `not_found`.
#[server(endpoint = "lambda/remove_event", input = Json, output = Json)]
pub async fn remove_test_event(place: Place, name: FunctionName, event: TestEventName) -> ApiResult<()> {
    let (ops, caller) = super::door()?;
    ops.remove_test_event(&caller, &place, &name, &event).await.map_err(super::fail)
}
