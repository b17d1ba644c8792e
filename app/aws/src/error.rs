//! From AWS's errors to ours: what happened, to what, and what to do next, with AWS's own code kept.
//!
//! The codes are EC2's ([list](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html)) and those
//! [common to all services](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html).

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId as _;
use nephoscope_model::{
    Error, ErrorCode,
    error::{AwsOrigin, shorten},
};

use crate::{
    calls::{ASSUME_ROLE, ASSUME_ROLE_WITH_WEB_IDENTITY, Call},
    site::Site,
};

mod refusal;
mod words;

use refusal::Refusal;
use words::{clean, denied_action};

/// Whether a dry run says that the real thing would have been done.
pub(crate) fn is_dry_run_success(error: &impl ProvideErrorMetadata) -> bool {
    error.code() == Some("DryRunOperation")
}

/// Makes an error of the SDK one of ours.
pub(crate) fn explain<E>(site: &Site, call: Call, error: &SdkError<E, HttpResponse>) -> Error
where
    E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
{
    let incident = Incident::new(site, call, error);
    let Some(cause) = find::<CredentialsError>(error) else { return incident.explain(error) };
    if let Some(ours) = find::<Error>(cause) {
        return ours.clone();
    }
    // Where roles are chained, the one that was not given is the innermost.
    if let Some(error) = find_last::<SdkError<AssumeRoleError, HttpResponse>>(cause) {
        return Incident::new(site, ASSUME_ROLE, error).role_not_assumed(error);
    }
    if let Some(error) = find_last::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>(cause) {
        return Incident::new(site, ASSUME_ROLE_WITH_WEB_IDENTITY, error).role_not_assumed(error);
    }
    incident.no_credentials(cause)
}

/// The same for one thing of several that a call was about, of which AWS tells the code and the message only.
pub(crate) fn explain_item(site: &Site, call: Call, code: &str, message: &str) -> Error {
    let origin = AwsOrigin {
        account: Some(site.place.account.clone()),
        region: Some(site.place.region.clone()),
        action: Some(call.to_string()),
        code: Some(shorten(code, 80)),
        request_id: None,
    };
    let status = if matches!(code, "InternalError" | "ServiceUnavailable") { 500 } else { 400 };
    Incident { site, origin }.refused(&Refusal { code, message, status })
}

/// An error while it is being explained.
struct Incident<'a> {
    site: &'a Site,
    origin: AwsOrigin,
}

impl<'a> Incident<'a> {
    fn new<E: ProvideErrorMetadata>(site: &'a Site, call: Call, error: &SdkError<E, HttpResponse>) -> Self {
        let origin = AwsOrigin {
            account: Some(site.place.account.clone()),
            region: Some(site.place.region.clone()),
            action: Some(call.to_string()),
            code: error.code().map(|code| shorten(code, 80)),
            request_id: error.request_id().map(|id| shorten(id, 80)),
        };
        Self { site, origin }
    }

    fn explain<E>(self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                match error.code() {
                    // A proxy's page, a login page, or an AWS that cannot even say what is wrong.
                    None if status != 429 => {
                        self.unreachable(&format!("what answered, with HTTP status {status}, was not AWS"))
                    }
                    code => self.refused(&Refusal {
                        code: code.unwrap_or_default(),
                        message: error.message().unwrap_or_default(),
                        status,
                    }),
                }
            }
            SdkError::TimeoutError(_) => self.unreachable("it did not answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                self.unreachable("it did not answer in time")
            }
            SdkError::ResponseError(_) => self.unreachable("its answer was cut off or not understood"),
            _ => self.unreachable(&clean(&root_cause(error).to_string())),
        }
    }

    /// AWS answered, and the answer was no.
    fn refused(self, refusal: &Refusal<'_>) -> Error {
        if refusal.is_not_startable() || refusal.is_not_ready() {
            self.not_run(refusal)
        } else if refusal.is_throttled() {
            self.throttled()
        } else if refusal.is_denied() {
            self.denied(refusal.message)
        } else if refusal.is_expired() {
            self.not_accepted("They have expired: renew the server's session or key.")
        } else if refusal.is_badly_signed() {
            self.not_accepted("Check the secret access key, and that the server's clock is right.")
        } else if refusal.is_unknown_key() {
            let hint = format!(
                "Either the access key is wrong, deactivated or deleted, or the account has not enabled region \
                 {}: check the key, then the account's regions.",
                self.site.place.region
            );
            self.not_accepted(&hint)
        } else {
            self.failed(refusal)
        }
    }

    fn throttled(self) -> Error {
        let message =
            format!("AWS is throttling {} in {}; trying again did not help.", self.action(), self.place());
        self.error(
            ErrorCode::AwsThrottled,
            message,
            "Wait a minute. If it stays, something else in the account may be using up its API limits.",
        )
    }

    /// A function of Lambda was not begun. Whose fault it is, and where it is mended, only AWS's words tell.
    fn not_run(self, refusal: &Refusal<'_>) -> Error {
        let (sentence, hint) = if refusal.is_not_ready() {
            ("Lambda cannot run the function yet", "It did not run. Wait a minute, then invoke it again.")
        } else {
            (
                "Lambda could not run the function as it is set up",
                "It did not run. Mend in AWS what the message names, then invoke it again.",
            )
        };
        self.error(ErrorCode::Conflict, with_words(sentence, &clean(refusal.message)), hint)
    }

    /// The permission that is missing need not be the operation's own: starting an instance may need `kms:CreateGrant`.
    fn denied(mut self, message: &str) -> Error {
        let action = denied_action(message).map_or_else(|| self.action(), ToOwned::to_owned);
        self.origin.action = Some(action.clone());
        let account = &self.site.place.account;
        let hint = if message.contains("explicit deny") {
            format!(
                "A policy denies {action} explicitly, so allowing it elsewhere does not help: look for the deny in \
                 the policies, permission boundaries and service control policies of account {account}."
            )
        } else {
            format!("Allow {action} to the role or user that nephoscope uses in account {account}.")
        };
        let message = with_words(&format!("AWS denied {action} in {}", self.place()), &clean(message));
        self.error(ErrorCode::AwsDenied, message, hint)
    }

    /// AWS's words are left out: about signatures they contain the signed headers, session token included.
    fn not_accepted(self, hint: &str) -> Error {
        let message = format!("AWS did not accept the credentials for {}.", self.place());
        self.error(ErrorCode::AwsCredentials, message, hint)
    }

    /// The credentials are good and the permission is there.
    fn failed(self, refusal: &Refusal<'_>) -> Error {
        let said = clean(refusal.message);
        let (action, place) = (self.action(), self.place());
        if refusal.is_protected() {
            self.error(
                ErrorCode::Conflict,
                with_words("AWS does not permit this", &said),
                "Termination or stop protection is on: turn it off in the instance's attributes first.",
            )
        } else if refusal.is_wrong_state() {
            self.error(
                ErrorCode::Conflict,
                with_words("The instance's state does not allow this", &said),
                "Wait until its state has changed, then try again.",
            )
        } else if refusal.is_locked() {
            self.error(
                ErrorCode::Conflict,
                with_words("The object lock keeps this version", &said),
                "Wait until its retention ends, or lift its legal hold first.",
            )
        } else if refusal.is_archived() {
            self.error(
                ErrorCode::Conflict,
                with_words("The object is archived and must be restored first", &said),
                "Restore it for some days with the AWS Console or `aws s3api restore-object`, which may take hours.",
            )
        } else if refusal.is_conflict() {
            let sentence = match refusal.code {
                // AWS's words speak of a condition that we made, not the person.
                "PreconditionFailed" if action == "s3:PutObject" => {
                    "There is an object of that name already.".to_owned()
                }
                _ => with_words(&format!("AWS does not do {action} as things are"), &said),
            };
            self.error(ErrorCode::Conflict, sentence, conflict_hint(refusal.code))
        } else if refusal.is_not_found() {
            self.error(
                ErrorCode::NotFound,
                with_words(&format!("There is no such thing in {place}"), &said),
                "Check the name, the account and the region; it may have been deleted.",
            )
        } else if refusal.is_fault_of_aws() {
            self.error(
                ErrorCode::AwsUnavailable,
                with_words(&format!("AWS failed at {action} in {place}"), &said),
                "Try again in a minute; AWS's Health Dashboard tells of larger trouble.",
            )
        } else {
            self.without_hint(
                ErrorCode::AwsRejected,
                with_words(&format!("AWS rejected {action} in {place}"), &said),
            )
        }
    }

    /// STS did not give the account's role. That is a matter of credentials, unless STS was busy or could not be asked.
    fn role_not_assumed<E>(self, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let reason = self.explain(error);
        match reason.code {
            ErrorCode::AwsThrottled | ErrorCode::AwsUnavailable | ErrorCode::AwsCredentials => reason,
            _ => Error { code: ErrorCode::AwsCredentials, ..reason }.with_hint(
                "Check the role's ARN, that its trust policy names the server's own identity, the external id, and \
                 that the server's own credentials may sts:AssumeRole.",
            ),
        }
    }

    /// No request was sent, because there was nothing to sign it with.
    fn no_credentials(self, cause: &CredentialsError) -> Error {
        let account = self.account();
        let (message, hint) = match cause {
            CredentialsError::CredentialsNotLoaded(_) => (
                format!("No AWS credentials were found for {account}."),
                "Give the server AWS credentials (environment, profile, instance or task role), or configure a \
                 key or a role for the account.",
            ),
            CredentialsError::ProviderTimedOut(_) => (
                format!("The source of the AWS credentials for {account} did not answer in time."),
                "Check the network between the server and its source of credentials.",
            ),
            _ => (
                format!("The AWS credentials for {account} could not be loaded."),
                "Check the account's configuration and the server's AWS profile; a session may have to be renewed.",
            ),
        };
        self.error(ErrorCode::AwsCredentials, message, hint)
    }

    /// There was no answer of AWS.
    fn unreachable(self, why: &str) -> Error {
        let message = format!("AWS could not be reached for {} in {}: {why}.", self.action(), self.place());
        self.error(
            ErrorCode::AwsUnavailable,
            message,
            "Try again. If it stays, check the server's network, its proxy, and the configured endpoint.",
        )
    }

    fn error(self, code: ErrorCode, message: String, hint: impl Into<String>) -> Error {
        self.without_hint(code, message).with_hint(hint)
    }

    fn without_hint(self, code: ErrorCode, message: String) -> Error {
        Error::new(code, message).with_aws(self.origin)
    }

    /// `production (111111111111)`.
    fn account(&self) -> String {
        let id = &self.site.place.account;
        let name = &self.site.account_name;
        if name.is_empty() || name == id.as_str() {
            format!("account {id}")
        } else {
            format!("{name} ({id})")
        }
    }

    /// `production (111111111111), eu-west-1`.
    fn place(&self) -> String {
        format!("{}, {}", self.account(), self.site.place.region)
    }

    fn action(&self) -> String {
        self.origin.action.clone().unwrap_or_default()
    }
}

/// What to do about something that is in the way.
fn conflict_hint(code: &str) -> &'static str {
    match code {
        "BucketAlreadyExists" => "Bucket names are one space for all customers of AWS: choose another name.",
        "ResourceConflictException" => {
            "Either there is something of that name already, or another change of it is under way: wait for that."
        }
        "BucketNotEmpty" => {
            "Delete what is in it first, earlier versions of objects and unfinished uploads included."
        }
        "PreconditionFailed" | "ConditionalRequestConflict" => {
            "There is something of that name: choose another, or say that it may be overwritten."
        }
        _ => "Look at what is there now, then try again.",
    }
}

/// A sentence, and AWS's words after it.
fn with_words(sentence: &str, said: &str) -> String {
    if said.is_empty() { format!("{sentence}.") } else { format!("{sentence}: {said}") }
}

/// The error of this type that stands behind another one.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// The innermost error of this type behind another one.
fn find_last<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).filter_map(|error| error.downcast_ref()).last()
}

fn root_cause<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    causes(error).last().unwrap_or(error)
}

/// The error itself, what caused it, what caused that, …
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}
