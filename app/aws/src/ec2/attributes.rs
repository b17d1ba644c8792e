//! Attributes of an instance that can be changed: termination protection, and its type.
//! [DescribeInstanceAttribute](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html),
//! [ModifyInstanceAttribute](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html)

use aws_sdk_ec2::types as sdk;
use nephoscope_model::{
    Place, Result,
    ec2::{InstanceId, InstanceTypeName, Protection},
};

use super::spared;
use crate::{
    Cloud,
    calls::{DESCRIBE_INSTANCE_ATTRIBUTE, MODIFY_INSTANCE_ATTRIBUTE},
    site::Site,
};

/// The attribute that termination protection is.
pub(super) const TERMINATION: sdk::InstanceAttributeName = sdk::InstanceAttributeName::DisableApiTermination;

impl Cloud {
    /// What an instance is protected against.
    ///
    /// # Errors
    /// `not_found`, `aws_denied`, and those of any call.
    pub async fn get_protection(&self, place: &Place, id: &InstanceId) -> Result<Protection> {
        let site = self.site(place)?;
        let request =
            site.ec2().describe_instance_attribute().instance_id(id.as_str()).attribute(TERMINATION);
        let answer = site.call(DESCRIBE_INSTANCE_ATTRIBUTE, request.send()).await?;
        let value = answer.disable_api_termination.and_then(|attribute| attribute.value);
        Ok(Protection { termination: value.unwrap_or_default() })
    }

    /// Protects an instance so, and not otherwise.
    ///
    /// # Errors
    /// `not_found`, `aws_denied`, and those of any call.
    pub async fn set_protection(&self, place: &Place, id: &InstanceId, wanted: Protection) -> Result<()> {
        send_protection(&*self.site(place)?, id, wanted, false).await
    }

    /// Asks AWS whether it would be allowed, without doing it (`DryRun`).
    ///
    /// # Errors
    /// Those of [`Cloud::set_protection`].
    pub async fn check_protection_change(
        &self,
        place: &Place,
        id: &InstanceId,
        wanted: Protection,
    ) -> Result<()> {
        send_protection(&*self.site(place)?, id, wanted, true).await
    }

    /// Makes a stopped instance one of another type.
    ///
    /// # Errors
    /// `conflict` when it is not stopped, `not_found`, `aws_denied`, `aws_rejected` for a type that does not fit it, and those of any call.
    pub async fn set_instance_type(
        &self,
        place: &Place,
        id: &InstanceId,
        wanted: &InstanceTypeName,
    ) -> Result<()> {
        send_type(&*self.site(place)?, id, wanted, false).await
    }

    /// Asks AWS whether it would be allowed, without doing it (`DryRun`).
    ///
    /// # Errors
    /// Those of [`Cloud::set_instance_type`].
    pub async fn check_type_change(
        &self,
        place: &Place,
        id: &InstanceId,
        wanted: &InstanceTypeName,
    ) -> Result<()> {
        send_type(&*self.site(place)?, id, wanted, true).await
    }
}

pub(super) async fn send_protection(
    site: &Site,
    id: &InstanceId,
    wanted: Protection,
    dry_run: bool,
) -> Result<()> {
    let value = sdk::AttributeBooleanValue::builder().value(wanted.termination).build();
    let request = site.ec2().modify_instance_attribute().instance_id(id.as_str());
    let request = request.disable_api_termination(value).set_dry_run(dry_run.then_some(true));
    site.call(MODIFY_INSTANCE_ATTRIBUTE, spared(dry_run, request.send())).await.map(drop)
}

async fn send_type(site: &Site, id: &InstanceId, wanted: &InstanceTypeName, dry_run: bool) -> Result<()> {
    let value = sdk::AttributeValue::builder().value(wanted.as_str()).build();
    let request = site.ec2().modify_instance_attribute().instance_id(id.as_str());
    let request = request.instance_type(value).set_dry_run(dry_run.then_some(true));
    site.call(MODIFY_INSTANCE_ATTRIBUTE, spared(dry_run, request.send())).await.map(drop)
}
