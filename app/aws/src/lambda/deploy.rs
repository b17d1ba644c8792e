//! Creating a function, or bringing it new code, and waiting until Lambda has taken it.

use std::time::Duration;

use aws_sdk_lambda::{
    config::Builder,
    primitives::Blob,
    types::{Architecture, FunctionCode, Runtime},
};
use aws_smithy_types::retry::RetryConfig;
use nephoscope_model::{
    Error, ErrorCode, Place, Result,
    lambda::{Code, DeployRequest, FunctionDetails, FunctionName, VersionId},
};
use tokio::time::sleep;

use super::read_configuration;
use crate::{
    Cloud,
    calls::{CREATE_FUNCTION, UPDATE_FUNCTION_CODE},
    site::Site,
};

/// How long 50 MB may take on their way to AWS.
const UPLOAD: Duration = Duration::from_secs(120);
/// How often Lambda is looked at, once a second; it takes seconds, and up to a minute and a half for a function in a VPC.
const LOOKS: u32 = 90;

impl Cloud {
    /// Creates a function of a request that [`DeployRequest::check_new`] found whole, and gives the SHA-256 of its code in Base64. It is not
    /// ready when this returns.
    ///
    /// # Errors
    /// `conflict` when there is one of this name, `aws_rejected` for a role, runtime or archive that Lambda does not take, and those of any call.
    pub async fn create_function(&self, place: &Place, wanted: &DeployRequest) -> Result<Option<String>> {
        let site = self.site(place)?;
        let send = || {
            let request = site
                .lambda()
                .create_function()
                .function_name(wanted.name.as_str())
                .code(function_code(&wanted.code))
                .set_runtime(wanted.runtime.as_deref().map(Runtime::from))
                .set_handler(wanted.handler.clone())
                .set_role(wanted.role.clone())
                .set_description(wanted.description.clone())
                .set_memory_size(wanted.memory_mb)
                .set_timeout(wanted.timeout_secs)
                .set_architectures(wanted.architecture.as_deref().map(|it| vec![Architecture::from(it)]));
            request.customize().config_override(upload_config(&site)).send()
        };
        Ok(site.call_once(CREATE_FUNCTION.held_for_long(), send).await?.code_sha256)
    }

    /// Brings an existing function new code, and gives its SHA-256 in Base64. It is not ready when this returns.
    ///
    /// # Errors
    /// `not_found`, `conflict` while another change is under way, `aws_rejected` for an archive that Lambda does not take, and those of any call.
    pub async fn update_function_code(
        &self,
        place: &Place,
        wanted: &DeployRequest,
    ) -> Result<Option<String>> {
        let site = self.site(place)?;
        let send = || {
            let request = site.lambda().update_function_code().function_name(wanted.name.as_str());
            let request = match wanted.code.clone() {
                Code::Zip(bytes) => request.zip_file(Blob::new(bytes)),
                Code::S3(at) => request.s3_bucket(at.bucket).s3_key(at.key).set_s3_object_version(at.version),
            };
            let architectures = wanted.architecture.as_deref().map(|it| vec![Architecture::from(it)]);
            request.set_architectures(architectures).customize().config_override(upload_config(&site)).send()
        };
        Ok(site.call_once(UPDATE_FUNCTION_CODE.held_for_long(), send).await?.code_sha256)
    }

    /// Waits until a function can be invoked and its last change is complete, or for a minute and a half. The second value says which.
    ///
    /// # Errors
    /// `aws_rejected` when Lambda gave the change up, in its own words, and those of any call.
    pub async fn settle_function(
        &self,
        place: &Place,
        name: &FunctionName,
    ) -> Result<(FunctionDetails, bool)> {
        settle(&*self.site(place)?, name, None).await
    }
}

/// Waits until a function, or one of its versions, can be invoked and its last change is complete, or for a minute and a half. The
/// second value says which.
pub(super) async fn settle(
    site: &Site,
    name: &FunctionName,
    version: Option<&VersionId>,
) -> Result<(FunctionDetails, bool)> {
    let mut looks = 1;
    loop {
        let now = read_configuration(site, name, version).await?;
        if let Some(reason) = failure(&now) {
            let words = match version {
                None => format!("Lambda could not take the new code of {name}: {reason}"),
                Some(version) => format!("Lambda could not prepare version {version} of {name}: {reason}"),
            };
            return Err(
                Error::new(ErrorCode::AwsRejected, words).with_hint("Mend what it says, and deploy again.")
            );
        }
        // Emulators, and functions from before there were states, name none.
        let is_active = matches!(now.function.state.as_deref(), None | Some("Active" | "Inactive"));
        let is_updated = matches!(now.last_update.as_deref(), None | Some("Successful"));
        if is_active && is_updated {
            return Ok((now, true));
        }
        if looks >= LOOKS {
            return Ok((now, false));
        }
        looks += 1;
        sleep(site.pause()).await;
    }
}

fn upload_config(site: &Site) -> Builder {
    let timeouts = site
        .timeouts()
        .read_timeout(UPLOAD)
        .operation_attempt_timeout(UPLOAD)
        .operation_timeout(UPLOAD)
        .build();
    // The same function twice, or another change while one is under way, is a conflict: an attempt whose answer was lost must not look like
    // somebody else's.
    Builder::new().timeout_config(timeouts).retry_config(RetryConfig::disabled())
}

fn function_code(code: &Code) -> FunctionCode {
    match code.clone() {
        Code::Zip(bytes) => FunctionCode::builder().zip_file(Blob::new(bytes)).build(),
        Code::S3(at) => FunctionCode::builder()
            .s3_bucket(at.bucket)
            .s3_key(at.key)
            .set_s3_object_version(at.version)
            .build(),
    }
}

/// Why Lambda gave up, if it did.
fn failure(now: &FunctionDetails) -> Option<String> {
    let words = |reason: &Option<String>| {
        let reason = reason.as_deref().unwrap_or("it gave no reason.");
        nephoscope_model::error::shorten(reason, 300)
    };
    if now.last_update.as_deref() == Some("Failed") {
        return Some(words(&now.last_update_reason));
    }
    (now.function.state.as_deref() == Some("Failed")).then(|| words(&now.state_reason))
}
