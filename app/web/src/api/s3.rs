//! S3 buckets and objects.

use leptos::prelude::*;
use nephoscope_model::{
    Listing, Scope,
    s3::{Bucket, BucketDetails, BucketName, ObjectPage},
};

use super::{ApiResult, Json};

/// All buckets of a scope. With `fresh`, asks AWS now instead of taking what is known.
///
/// # Errors
/// As the operation; accounts that fail are named in the listing instead.
#[server(endpoint = "s3/list", input = Json, output = Json)]
pub async fn list_buckets(scope: Scope, fresh: bool) -> ApiResult<Listing<Bucket>> {
    let (ops, caller) = super::door()?;
    ops.list_buckets(&caller, &scope, fresh).await.map_err(super::fail)
}

/// How a bucket is configured.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/bucket", input = Json, output = Json)]
pub async fn get_bucket(scope: Scope, name: BucketName) -> ApiResult<BucketDetails> {
    let (ops, caller) = super::door()?;
    let operation = nephoscope_model::Operation::GetBucket;
    let bucket = ops.locate_bucket(&caller, operation, &scope, &name).await.map_err(super::fail)?;
    ops.get_bucket(&caller, &bucket).await.map_err(super::fail)
}

/// A bucket, and a page of what is one level below a prefix.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/objects", input = Json, output = Json)]
pub async fn list_objects(
    scope: Scope,
    name: BucketName,
    prefix: String,
    after: Option<String>,
) -> ApiResult<(Bucket, ObjectPage)> {
    let (ops, caller) = super::door()?;
    let operation = nephoscope_model::Operation::ListObjects;
    let bucket = ops.locate_bucket(&caller, operation, &scope, &name).await.map_err(super::fail)?;
    let limit = nephoscope_ops::PAGE_OBJECTS;
    let page = ops.list_objects(&caller, &bucket, &prefix, after.as_deref(), limit, false).await;
    Ok((bucket, page.map_err(super::fail)?))
}
