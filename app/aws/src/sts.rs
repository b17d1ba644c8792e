//! STS: who nephoscope is, to AWS.

use nephoscope_model::{AccountId, Error, ErrorCode, Result};

use crate::{Cloud, site::Call};

const GET_CALLER_IDENTITY: Call = Call::new("sts", "GetCallerIdentity");

/// Whom AWS takes us for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account that the credentials really belong to; the configuration may have it wrong.
    pub account: AccountId,
    /// Such as `arn:aws:sts::111111111111:assumed-role/viewer/nephoscope`.
    pub arn: String,
    /// AWS's unique id of the user or role session.
    pub user_id: String,
}

impl Cloud {
    /// Asks AWS who the credentials of an account belong to. It needs no permission, so it tells good credentials from bad ones.
    /// [API](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)
    ///
    /// # Errors
    /// `not_found` for an account that is not configured, `aws_credentials` for bad credentials, and the errors of any call.
    pub async fn caller_identity(&self, account: &AccountId) -> Result<CallerIdentity> {
        let site = self.first_site(account)?;
        let identity = site.call(GET_CALLER_IDENTITY, site.sts().get_caller_identity().send()).await?;
        Ok(CallerIdentity {
            account: identity.account().unwrap_or_default().parse().map_err(|_| {
                Error::new(
                    ErrorCode::AwsUnavailable,
                    "AWS did not say which account the credentials belong to.",
                )
            })?,
            arn: identity.arn.unwrap_or_default(),
            user_id: identity.user_id.unwrap_or_default(),
        })
    }
}
