//! Links with which anybody can read an object for a while.
//!
//! Such a link is a request that was signed in advance. AWS takes it until it ends, but never longer than the credentials that signed it:
//! with those of a role it ends when their session does
//! ([user guide](https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html#PresignedUrl-Expiration)).

use std::{fmt, time::Duration};

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sdk_s3::{
    config::{IdentityCache, ResponseChecksumValidation},
    operation::get_object::GetObjectError,
    presigning::PresigningConfig,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use nephoscope_model::{Error, ErrorCode, Place, Result, Timestamp, s3::BucketName};
use secrecy::SecretString;

use crate::{
    Cloud,
    calls::{GET_OBJECT, GET_OBJECT_VERSION},
    error,
};

/// A link that was signed.
pub struct SignedLink {
    /// The address: whoever has it may read.
    pub url: SecretString,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it ends before it was to, with the credentials.
    pub ends_with_credentials: bool,
}

impl fmt::Debug for SignedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Cloud {
    /// Signs a link to an object or one of its versions. Nothing is asked of S3, so it is not known whether the object is there; but a role
    /// is assumed anew, so that the link lives as long as its session can.
    ///
    /// # Errors
    /// `aws_credentials` when there is nothing to sign with, or what there is ends within a minute.
    pub async fn sign_link(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: Option<&str>,
        lifetime: Duration,
    ) -> Result<SignedLink> {
        let site = self.site(place)?;
        let call = if version.is_some() { GET_OBJECT_VERSION } else { GET_OBJECT };
        let explain = |error: SdkError<GetObjectError, HttpResponse>| error::explain(&site, call, &error);
        let provider = site.sdk().credentials_provider().ok_or_else(Error::internal)?;
        let credentials = provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| explain(SdkError::construction_failure(error)))?;
        let now = std::time::SystemTime::now();
        let left = credentials.expiry().map(|end| end.duration_since(now).unwrap_or_default());
        let ends_with_credentials = left.is_some_and(|left| left < lifetime);
        let lifetime = left.map_or(lifetime, |left| left.min(lifetime));
        let lifetime = Duration::from_secs(lifetime.as_secs());
        if lifetime < Duration::from_secs(60) {
            return Err(Error::new(
                ErrorCode::AwsCredentials,
                "The credentials that would sign the link end within a minute, and the link with them.",
            )
            .with_hint("Try again in a minute, when they are renewed."));
        }
        let config = aws_sdk_s3::config::Builder::from(site.sdk())
            .credentials_provider(credentials)
            .identity_cache(IdentityCache::no_cache())
            // A browser sends no header of its own, so none may be signed.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .force_path_style(site.sdk().endpoint_url().is_some())
            .build();
        let signing = PresigningConfig::builder().start_time(now).expires_in(lifetime).build();
        let signing = signing.map_err(|_| Error::internal())?;
        let request = aws_sdk_s3::Client::from_conf(config)
            .get_object()
            .bucket(bucket.as_str())
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .presigned(signing)
            .await
            .map_err(explain)?;
        let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        Ok(SignedLink {
            url: request.uri().to_owned().into(),
            expires_at: Timestamp::now().plus_millis(lifetime),
            ends_with_credentials,
        })
    }
}
