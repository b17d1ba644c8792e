//! What instances cost by AWS's price list.

use axum::{Json, extract::State};
use nephoscope_model::ec2::ListPrice;

use super::Answer;
use crate::server::{
    access::Authenticated,
    problem::Problem,
    rest::{
        Params, ScopeParams,
        paging::{ListingPage, PageParams, Paging},
    },
    state::App,
};

/// The on-demand list price of every kind of instance that the accounts and regions have: each region, type and platform once.
#[utoipa::path(
    get, path = "/api/ec2/prices", tag = "ec2", params(ScopeParams, PageParams),
    responses(
        (status = 200, description = "The prices, and the fate of each account and region asked", body = ListingPage<ListPrice>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    paging: Paging,
) -> Answer<ListingPage<ListPrice>> {
    Ok(Json(paging.of(app.ops().list_prices(&caller, &scope.scope()?).await?)))
}
