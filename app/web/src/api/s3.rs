//! S3 buckets and objects.

use leptos::prelude::*;
#[cfg(feature = "ssr")]
use nephoscope_model::Operation;
use nephoscope_model::{
    Error, Listing, Scope,
    bulk::Deletion,
    s3::{
        Bucket, BucketDetails, BucketName, BucketTarget, DeleteResult, Emptying, FoundObjects, KeyVersions,
        ObjectDetails, ObjectLink, ObjectPage, ObjectTarget, PrefixCount, Preview, VersionPage,
    },
};
use serde::{Deserialize, Serialize};

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

/// Deletes buckets that are empty, each for itself: what became of each, in the order in which they were named. Their number must be typed, or the name of a single one.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `invalid_input` for none or too many. What fails for one stands in its result.
#[server(endpoint = "s3/delete_many", input = Json, output = Json)]
pub async fn delete_buckets(targets: Vec<BucketTarget>, confirmation: String) -> ApiResult<Vec<Deletion>> {
    let (ops, caller) = super::door()?;
    ops.delete_buckets(&caller, targets, Some(&confirmation)).await.map_err(super::fail)
}

/// A bucket, and a page of what is one level below a prefix, asked anew if it is to be fresh.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/objects", input = Json, output = Json)]
pub async fn list_objects(
    scope: Scope,
    name: BucketName,
    prefix: String,
    after: Option<String>,
    fresh: bool,
) -> ApiResult<(Bucket, ObjectPage)> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::ListObjects, &scope, &name).await?;
    let limit = nephoscope_ops::PAGE_OBJECTS;
    let page = ops.list_objects(&caller, &bucket, &prefix, after.as_deref(), limit, fresh).await;
    Ok((bucket, page.map_err(super::fail)?))
}

/// A bucket, and a page of the versions one level below a prefix.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/versions", input = Json, output = Json)]
pub async fn list_versions(
    scope: Scope,
    name: BucketName,
    prefix: String,
    after: Option<String>,
) -> ApiResult<(Bucket, VersionPage)> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::ListObjectVersions, &scope, &name).await?;
    let limit = nephoscope_ops::PAGE_OBJECTS;
    let page = ops.list_versions_below(&caller, &bucket, &prefix, after.as_deref(), limit).await;
    Ok((bucket, page.map_err(super::fail)?))
}

/// A bucket, and the objects below a prefix that [the words](nephoscope_model::s3::ObjectFilter) let pass.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/search", input = Json, output = Json)]
pub async fn search_objects(
    scope: Scope,
    name: BucketName,
    prefix: String,
    sought: String,
    after: Option<String>,
) -> ApiResult<(Bucket, FoundObjects)> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::SearchObjects, &scope, &name).await?;
    let found = ops.search_objects(&caller, &bucket, &prefix, &sought, after.as_deref()).await;
    Ok((bucket, found.map_err(super::fail)?))
}

/// What the page of an object shows. What could not be read says why, and hides nothing else: an object that was deleted may have versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectView {
    /// The bucket.
    pub bucket: Bucket,
    /// The key.
    pub key: String,
    /// The version that is looked at; the latest when there is none.
    pub version: Option<String>,
    /// What is known of it.
    pub details: Result<ObjectDetails, Error>,
    /// What can be seen of its content.
    pub preview: Result<Preview, Error>,
    /// Its versions.
    pub versions: Result<KeyVersions, Error>,
}

/// All about an object.
///
/// # Errors
/// `not_found` when no account of the scope has the bucket, or the bucket has neither the object nor a version of it.
#[server(endpoint = "s3/object", input = Json, output = Json)]
pub async fn get_object(
    scope: Scope,
    name: BucketName,
    key: String,
    version: Option<String>,
) -> ApiResult<ObjectView> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::GetObject, &scope, &name).await?;
    let details = ops.get_object(&caller, &bucket, &key, version.as_deref()).await;
    let versions = ops.list_object_versions(&caller, &bucket, &key).await;
    let preview = match &details {
        Ok(_) => ops.preview_object(&caller, &bucket, &key, version.as_deref()).await,
        Err(error) if versions.as_ref().is_ok_and(|known| known.versions.is_empty()) => {
            return Err(super::fail(error.clone()));
        }
        Err(error) => Err(error.clone()),
    };
    Ok(ObjectView { bucket, key, version, details, preview, versions })
}

/// How much lies below a prefix.
///
/// # Errors
/// As the operation.
#[server(endpoint = "s3/count", input = Json, output = Json)]
pub async fn count_objects(bucket: Bucket, prefix: String) -> ApiResult<PrefixCount> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::ListObjects, &scope_of(&bucket), &bucket.name).await?;
    ops.count_objects(&caller, &bucket, &prefix).await.map_err(super::fail)
}

/// Deletes objects, versions, and all below prefixes; the bucket's name must be typed. What became of each.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `invalid_input` for too many. What fails for one stands in its result.
#[server(endpoint = "s3/delete_objects", input = Json, output = Json)]
pub async fn delete_objects(
    bucket: Bucket,
    targets: Vec<ObjectTarget>,
    prefixes: Vec<String>,
    confirmation: String,
) -> ApiResult<Vec<DeleteResult>> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::DeleteObjects, &scope_of(&bucket), &bucket.name).await?;
    ops.delete_objects(&caller, &bucket, targets, prefixes, Some(&confirmation)).await.map_err(super::fail)
}

/// Makes a link with which anybody can read an object for so many seconds.
///
/// # Errors
/// `forbidden` for viewers, `not_found`, and whatever AWS says.
#[server(endpoint = "s3/presign", input = Json, output = Json)]
pub async fn presign_object(
    bucket: Bucket,
    key: String,
    version: Option<String>,
    seconds: u32,
) -> ApiResult<ObjectLink> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::PresignObject, &scope_of(&bucket), &bucket.name).await?;
    ops.presign_object(&caller, &bucket, &key, version.as_deref(), seconds).await.map_err(super::fail)
}

/// How a bucket is configured, asked anew if it is to be fresh, and how far its emptying is, if it is being emptied or was a while ago.
///
/// # Errors
/// `not_found` when no account of the scope has it.
#[server(endpoint = "s3/properties", input = Json, output = Json)]
pub async fn get_properties(
    scope: Scope,
    name: BucketName,
    fresh: bool,
) -> ApiResult<(BucketDetails, Option<Emptying>)> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::GetBucket, &scope, &name).await?;
    let emptying = ops.latest_emptying(&caller, &bucket);
    Ok((ops.get_bucket(&caller, &bucket, fresh).await.map_err(super::fail)?, emptying))
}

/// Begins to delete everything in a bucket, whose name must be typed.
///
/// # Errors
/// `forbidden` for viewers, `confirmation_required`, `conflict` when it is being emptied already.
#[server(endpoint = "s3/empty", input = Json, output = Json)]
pub async fn empty_bucket(
    bucket: Bucket,
    prefix: String,
    delete_bucket: bool,
    confirmation: String,
) -> ApiResult<Emptying> {
    let (ops, caller) = super::door()?;
    let bucket = locate(&ops, &caller, Operation::EmptyBucket, &scope_of(&bucket), &bucket.name).await?;
    let begun = ops.empty_bucket(&caller, &bucket, &prefix, delete_bucket, Some(&confirmation)).await;
    begun.map_err(super::fail)
}

/// How far the emptying of a bucket is.
///
/// # Errors
/// `not_found` when nobody knows of it any more.
#[server(endpoint = "s3/emptying", input = Json, output = Json)]
pub async fn get_emptying(name: BucketName, id: String) -> ApiResult<Emptying> {
    let (ops, caller) = super::door()?;
    ops.get_emptying(&caller, &name, &id).await.map_err(super::fail)
}

/// Stops the emptying of a bucket.
///
/// # Errors
/// `forbidden` for viewers, `conflict` when it is over.
#[server(endpoint = "s3/cancel_emptying", input = Json, output = Json)]
pub async fn cancel_emptying(name: BucketName, id: String) -> ApiResult<()> {
    let (ops, caller) = super::door()?;
    ops.cancel_emptying(&caller, &name, &id).await.map_err(super::fail)
}

/// The scope that is the place of one bucket: what a browser says of a bucket is looked up again.
#[cfg(feature = "ssr")]
fn scope_of(bucket: &Bucket) -> Scope {
    Scope { accounts: vec![bucket.account.clone()], regions: vec![bucket.region.clone()] }
}

#[cfg(feature = "ssr")]
async fn locate(
    ops: &nephoscope_ops::Ops,
    caller: &nephoscope_ops::Caller,
    operation: Operation,
    scope: &Scope,
    name: &BucketName,
) -> ApiResult<Bucket> {
    ops.locate_bucket(caller, operation, scope, name).await.map_err(super::fail)
}
