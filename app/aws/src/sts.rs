//! STS: who nephoscope is, to AWS.

use nephoscope_model::{AccountId, Error, ErrorCode, Result, account::CallerIdentity};

use crate::{Cloud, calls::GET_CALLER_IDENTITY};

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

    /// As [`Self::caller_identity`], and makes sure that they belong to this very account.
    ///
    /// # Errors
    /// `conflict` when they belong to another account, and those of [`Self::caller_identity`].
    pub async fn check_identity(&self, account: &AccountId) -> Result<CallerIdentity> {
        let identity = self.caller_identity(account).await?;
        if identity.account == *account {
            return Ok(identity);
        }
        let found = &identity.account;
        Err(Error::new(
            ErrorCode::Conflict,
            format!("The credentials for account {account} belong to account {found} ({}).", identity.arn),
        )
        .with_hint(format!("Correct the account id to {found}, or give credentials of {account}.")))
    }
}
