//! How a bucket is configured. S3 has a call for each part, and answers with an error where nothing was ever set.

use aws_sdk_s3::types as sdk;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use futures::{future::BoxFuture, join};
use nephoscope_model::{
    Error, ErrorCode, Result, Timestamp,
    s3::{Bucket, BucketDetails, PublicAccessBlock, Untold, exposure},
};

use super::lifecycle::{read_rule, read_tag};
use crate::{
    Cloud,
    calls::{
        Call, GET_BUCKET_ACL, GET_BUCKET_ENCRYPTION, GET_BUCKET_LIFECYCLE, GET_BUCKET_POLICY,
        GET_BUCKET_POLICY_STATUS, GET_BUCKET_TAGGING, GET_BUCKET_VERSIONING, GET_PUBLIC_ACCESS_BLOCK,
    },
    site::Site,
};

/// What S3 says of a part that was never set.
const NEVER_SET: [&str; 5] = [
    "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "ServerSideEncryptionConfigurationNotFoundError",
];

/// The parts of a bucket's configuration, asked for one by one.
struct Parts<'a>(&'a Site);

impl<'a> Parts<'a> {
    /// The question for a part, on the heap: the SDK's requests are large, and eight of them at once are more than a thread's stack holds.
    fn call<T, E>(
        &self,
        call: Call,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> BoxFuture<'a, Result<Option<T>>>
    where
        T: RequestId + Send + 'a,
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        Box::pin(ask(self.0, call, request))
    }
}

/// Asks for a part: nothing when it was never set.
async fn ask<T, E>(
    site: &Site,
    call: Call,
    request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<Option<T>>
where
    T: RequestId,
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match site.call(call, request).await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if super::code_of(&error).is_some_and(|code| NEVER_SET.contains(&code)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Cloud {
    /// How a bucket is configured. A part that AWS does not tell is named and hides no other.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, or its place is not configured.
    pub async fn get_bucket(&self, bucket: &Bucket) -> Result<BucketDetails> {
        let site = self.site(&bucket.place())?;
        let (parts, s3, name) = (Parts(&site), site.s3(), bucket.name.as_str());
        let (versioning, encryption, block, status, acl, policy, tags, lifecycle) = join!(
            parts.call(GET_BUCKET_VERSIONING, s3.get_bucket_versioning().bucket(name).send()),
            parts.call(GET_BUCKET_ENCRYPTION, s3.get_bucket_encryption().bucket(name).send()),
            parts.call(GET_PUBLIC_ACCESS_BLOCK, s3.get_public_access_block().bucket(name).send()),
            parts.call(GET_BUCKET_POLICY_STATUS, s3.get_bucket_policy_status().bucket(name).send()),
            parts.call(GET_BUCKET_ACL, s3.get_bucket_acl().bucket(name).send()),
            parts.call(GET_BUCKET_POLICY, s3.get_bucket_policy().bucket(name).send()),
            parts.call(GET_BUCKET_TAGGING, s3.get_bucket_tagging().bucket(name).send()),
            parts.call(GET_BUCKET_LIFECYCLE, s3.get_bucket_lifecycle_configuration().bucket(name).send()),
        );
        // A bucket that is gone has no part at all.
        if let Err(error) = &versioning
            && error.code == ErrorCode::NotFound
        {
            return Err(error.clone());
        }
        let mut untold = Vec::new();
        let block = told(&mut untold, "publicAccess", block).map(|block| {
            block.and_then(|answer| answer.public_access_block_configuration).as_ref().map(read_block)
        });
        let is_public = told(&mut untold, "policyStatus", status)
            .map(|status| status.and_then(|answer| answer.policy_status?.is_public).unwrap_or(false));
        let is_granted = told(&mut untold, "acl", acl)
            .map(|acl| acl.and_then(|answer| answer.grants).unwrap_or_default().iter().any(is_to_strangers));
        Ok(BucketDetails {
            exposure: exposure(block, is_public, is_granted),
            versioning: told(&mut untold, "versioning", versioning)
                .flatten()
                .and_then(|answer| Some(answer.status?.as_str().to_owned())),
            encryption: told(&mut untold, "encryption", encryption)
                .flatten()
                .and_then(|answer| read_encryption(answer.server_side_encryption_configuration?)),
            public_access_block: block.flatten(),
            policy: told(&mut untold, "policy", policy).flatten().and_then(|answer| answer.policy),
            tags: told(&mut untold, "tags", tags)
                .flatten()
                .map(|answer| answer.tag_set)
                .unwrap_or_default()
                .into_iter()
                .map(read_tag)
                .collect(),
            lifecycle: told(&mut untold, "lifecycle", lifecycle)
                .flatten()
                .and_then(|answer| answer.rules)
                .unwrap_or_default()
                .iter()
                .map(read_rule)
                .collect(),
            bucket: bucket.clone(),
            untold,
            fetched_at: Timestamp::now(),
        })
    }
}

/// What was told; what was not is added to the list.
fn told<T>(untold: &mut Vec<Untold>, part: &str, answer: Result<T, Error>) -> Option<T> {
    answer.map_err(|error| untold.push(Untold { part: part.to_owned(), error })).ok()
}

/// Whether a grant of an access control list is to
/// [everybody, or to everybody who has an AWS account](https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html).
fn is_to_strangers(grant: &sdk::Grant) -> bool {
    let group = grant.grantee().and_then(sdk::Grantee::uri).and_then(|uri| uri.rsplit('/').next());
    matches!(group, Some("AllUsers" | "AuthenticatedUsers"))
}

fn read_block(block: &sdk::PublicAccessBlockConfiguration) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_acls: block.block_public_acls().unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls().unwrap_or(false),
        block_public_policy: block.block_public_policy().unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets().unwrap_or(false),
    }
}

fn read_encryption(configuration: sdk::ServerSideEncryptionConfiguration) -> Option<String> {
    let rule = configuration.rules.into_iter().next()?.apply_server_side_encryption_by_default?;
    let algorithm = rule.sse_algorithm.as_str();
    Some(rule.kms_master_key_id.map_or_else(|| algorithm.to_owned(), |key| format!("{algorithm}, {key}")))
}
