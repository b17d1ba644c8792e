//! S3: buckets here, and what is in them in the modules below.

pub(in crate::server) mod change;
pub(in crate::server) mod configure;
pub(in crate::server) mod empty;
pub(in crate::server) mod objects;
pub(in crate::server) mod read;
pub(in crate::server) mod upload;
pub(in crate::server) mod uploads;
pub(in crate::server) mod versions;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use nephoscope_model::{
    Error, Operation,
    s3::{Bucket, BucketDetails, BucketName, NewBucket},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Body, Params, ScopeParams,
    deletions::{DeleteNamesRequest, DeletionsAnswer, ManyConfirmation},
    ec2::Freshness,
    paging::{ListingPage, PageParams, Paging},
};
use crate::server::{
    access::Authenticated,
    problem::{ApiError, Problem},
    state::App,
};

type Answer<T> = Result<Json<T>, ApiError>;

async fn locate(
    app: &App,
    caller: &Authenticated,
    operation: Operation,
    scope: &ScopeParams,
    name: &str,
) -> Result<Bucket, Error> {
    let name: BucketName = name.parse()?;
    app.ops().locate_bucket(&caller.0, operation, &scope.scope()?, &name).await
}

/// All buckets of the accounts and regions.
#[utoipa::path(
    get, path = "/api/s3/buckets", tag = "s3", params(ScopeParams, Freshness, PageParams),
    responses(
        (status = 200, description = "The buckets, and the fate of each account and region asked", body = ListingPage<Bucket>),
        (status = 400, description = "Bad parameters", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
    )
)]
pub(in crate::server) async fn buckets(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(fresh): Params<Freshness>,
    paging: Paging,
) -> Answer<ListingPage<Bucket>> {
    Ok(Json(paging.of(app.ops().list_buckets(&caller, &scope.scope()?, fresh.fresh).await?)))
}

/// How a bucket is configured, and whether strangers can get at it.
#[utoipa::path(
    get, path = "/api/s3/{name}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, Freshness),
    responses(
        (status = 200, description = "Its configuration; parts that AWS did not tell are named", body = BucketDetails),
        (status = 400, description = "Not the name of a bucket", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
    )
)]
pub(in crate::server) async fn bucket(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(fresh): Params<Freshness>,
) -> Answer<BucketDetails> {
    let bucket = locate(&app, &caller, Operation::GetBucket, &scope, &name).await?;
    Ok(Json(app.ops().get_bucket(&caller.0, &bucket, fresh.fresh).await?))
}

/// A bucket to make, and where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::server) struct CreateRequest {
    /// The account; may be left out when there is one only.
    #[schema(example = "111111111111")]
    account: Option<String>,
    /// The region; may be left out when there is one only.
    #[schema(example = "eu-west-1")]
    region: Option<String>,
    #[serde(flatten)]
    bucket: NewBucket,
}

/// Make a bucket. Nobody but the account gets at it unless `blockPublicAccess` is false.
#[utoipa::path(
    post, path = "/api/s3/create", tag = "s3", request_body = CreateRequest,
    responses(
        (status = 200, description = "The bucket", body = Bucket),
        (status = 400, description = "A name that AWS does not take, or not clear where", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 409, description = "The name is taken", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Body(request): Body<CreateRequest>,
) -> Answer<Bucket> {
    app.ops().check_may(&caller, Operation::CreateBucket, request.bucket.name.as_str()).await?;
    let scope = ScopeParams { account: request.account, region: request.region };
    let place = app.ops().resolve_place(&scope.scope()?)?;
    Ok(Json(app.ops().create_bucket(&caller, &place, &request.bucket).await?))
}

/// The confirmation of a deletion.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct Confirmation {
    /// Of a bucket and of many objects in it the bucket's name; of an object the last part of its key.
    confirm: Option<String>,
}

/// Delete a bucket, which must be empty.
#[utoipa::path(
    delete, path = "/api/s3/{name}", tag = "s3",
    params(("name" = String, Path, example = "my-logs"), ScopeParams, Confirmation),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "Not the name of a bucket", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it", body = Problem),
        (status = 404, description = "No such bucket", body = Problem),
        (status = 409, description = "It is not empty", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
        (status = 502, description = "AWS denied it", body = Problem),
    )
)]
pub(in crate::server) async fn delete(
    State(app): State<App>,
    caller: Authenticated,
    Path(name): Path<String>,
    Params(scope): Params<ScopeParams>,
    Params(Confirmation { confirm }): Params<Confirmation>,
) -> Result<StatusCode, ApiError> {
    let bucket = locate(&app, &caller, Operation::DeleteBucket, &scope, &name).await?;
    app.ops().delete_bucket(&caller.0, &bucket, confirm.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete up to 100 buckets, each of which must be empty. What fails for one keeps no other from being deleted: look at each result.
#[utoipa::path(
    post, path = "/api/s3/buckets/delete", tag = "s3", params(ManyConfirmation, ScopeParams), request_body = DeleteNamesRequest,
    responses(
        (status = 200, description = "What became of each", body = DeletionsAnswer),
        (status = 400, description = "None or too many are named, or not by names, and nothing was deleted", body = Problem),
        (status = 401, description = "Not logged in", body = Problem),
        (status = 403, description = "Your role does not allow it anywhere", body = Problem),
        (status = 404, description = "No such account or region here", body = Problem),
        (status = 413, description = "The body is too large", body = Problem),
        (status = 428, description = "The confirmation is missing or wrong", body = Problem),
    )
)]
pub(in crate::server) async fn delete_many(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    Params(scope): Params<ScopeParams>,
    Params(ManyConfirmation { confirm }): Params<ManyConfirmation>,
    Body(request): Body<DeleteNamesRequest>,
) -> Answer<DeletionsAnswer> {
    let (scope, names) = (scope.scope()?, request.parse()?);
    Ok(Json(app.ops().find_and_delete_buckets(&caller, &scope, names, confirm.as_deref()).await?.into()))
}
