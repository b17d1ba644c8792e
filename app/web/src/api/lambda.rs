//! Lambda functions.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Place, Scope,
    lambda::{Function, FunctionDetails, FunctionName, Invocation, InvokeMode, Qualifier, Variable},
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

/// One function, without the values of its environment.
///
/// # Errors
/// `not_found` when AWS knows no such function there.
#[server(endpoint = "lambda/get", input = Json, output = Json)]
pub async fn get_function(place: Place, name: FunctionName) -> ApiResult<FunctionDetails> {
    let (ops, caller) = super::door()?;
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
