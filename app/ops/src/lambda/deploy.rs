//! Bringing code to a function, new or not.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Operation, Place, Result,
    lambda::{Code, DeployMode, DeployRequest, Deployed, FunctionDetails},
};

use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// Why no version is published of code that takes longer than is waited for.
const NOT_READY: &str =
    "Lambda was still taking the new code after a minute and a half. Publish a version when it has.";

/// An archive that came as a text.
///
/// # Errors
/// `invalid_input` for what is not base64.
pub fn archive_from_base64(text: &str) -> Result<Code> {
    let bytes = BASE64.decode(text.trim_ascii());
    bytes.map(Code::Zip).map_err(|_| Error::invalid("The archive is not valid base64."))
}

impl Ops {
    /// Creates a function or brings an existing one new code, waits until Lambda has taken it, and publishes a version if asked to.
    ///
    /// # Errors
    /// `forbidden`; `invalid_input` for a request that is not whole, `payload_too_large`; `conflict` when the function exists and must
    /// not, or is otherwise than the request says, `not_found` when it must exist; and those of AWS.
    pub async fn deploy_function(
        &self,
        caller: &Caller,
        place: &Place,
        wanted: DeployRequest,
    ) -> Result<Deployed> {
        let (ops, caller, place) = (self.clone(), caller.clone(), place.clone());
        self.to_the_end(async move { ops.deploy_function_now(&caller, &place, &wanted).await }).await
    }

    async fn deploy_function_now(
        &self,
        caller: &Caller,
        place: &Place,
        wanted: &DeployRequest,
    ) -> Result<Deployed> {
        let task = Task::new(Operation::DeployFunction).at(place).on(wanted.name.as_str());
        let task = task.detail(wanted.code.describe());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            wanted.code.check()?;
            let cloud = self.cloud_for(caller);
            let before = find(&cloud, place, wanted).await?;
            match &before {
                Some(now) => wanted.check_existing(now)?,
                None => wanted.check_new()?,
            }
            let deployed = self.deploy_in_aws(&grant, &cloud, place, wanted, before).await?;
            let words = describe(&deployed);
            let published = deployed.version.clone().unwrap_or_default();
            let (sha_before, sha_after) =
                (deployed.code_sha256_before.clone().unwrap_or_default(), deployed.code_sha256.clone());
            let done = Done::with(deployed, words);
            Ok(done.changed(
                [("codeSha256", sha_before.as_str())],
                [("codeSha256", sha_after.as_str()), ("version", published.as_str())],
            ))
        })
        .await
    }

    /// The deployment itself: only somebody who was granted it gets here.
    async fn deploy_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        wanted: &DeployRequest,
        before: Option<FunctionDetails>,
    ) -> Result<Deployed> {
        grant.check_covers(place)?;
        let changed = if before.is_some() {
            cloud.update_function_code(place, wanted).await
        } else {
            cloud.create_function(place, wanted).await
        };
        // Even a call that failed may have changed something.
        self.caches().functions.forget(place).await;
        let code = changed?;
        let (now, ready) = cloud.settle_function(place, &wanted.name).await?;
        let (version, unpublished) = match (wanted.publish, ready) {
            // What somebody else deploys meanwhile is not what was to be published.
            (true, true) => match cloud.publish_version(place, &wanted.name, None, code.as_deref()).await {
                Ok(published) => (Some(published.version), None),
                Err(error) => (None, Some(error.message)),
            },
            (true, false) => (None, Some(NOT_READY.to_owned())),
            (false, _) => (None, None),
        };
        self.caches().functions.forget(place).await;
        Ok(Deployed {
            name: wanted.name.clone(),
            place: place.clone(),
            created: before.is_none(),
            code_sha256_before: before.map(|before| before.code_sha256),
            code_sha256: now.code_sha256,
            ready,
            version,
            unpublished,
        })
    }
}

/// The function as it is, if it is there and may be.
async fn find(cloud: &Cloud, place: &Place, wanted: &DeployRequest) -> Result<Option<FunctionDetails>> {
    let name = &wanted.name;
    match (cloud.find_function(place, name).await, wanted.mode) {
        (Ok(_), DeployMode::Create) => {
            Err(Error::new(ErrorCode::Conflict, format!("There is a function {name} in {place} already."))
                .with_hint("Choose another name, or deploy to that function."))
        }
        (Ok(now), DeployMode::Either | DeployMode::Update) => Ok(Some(now)),
        (Err(error), DeployMode::Either | DeployMode::Create) if error.code == ErrorCode::NotFound => {
            Ok(None)
        }
        (Err(error), _) => Err(error),
    }
}

fn describe(deployed: &Deployed) -> String {
    let done = if deployed.created { "created" } else { "new code" };
    let state = if deployed.ready { "ready" } else { "Lambda is still at it" };
    match (&deployed.version, &deployed.unpublished) {
        (Some(version), _) => format!("{done}, {state}, version {version}"),
        (None, Some(reason)) => format!("{done}, {state}, not published: {reason}"),
        (None, None) => format!("{done}, {state}"),
    }
}
