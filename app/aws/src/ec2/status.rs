//! The status checks of instances, and what AWS is going to do to them.
//! [DescribeInstanceStatus](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html)

use aws_sdk_ec2::types as sdk;
use aws_smithy_types::DateTime;
use nephoscope_model::{
    Error, Place, Result, Timestamp,
    ec2::{CheckStatus, InstanceId, ScheduledEvent, StatusChecks},
};

use super::PAGE;
use crate::{Cloud, calls::DESCRIBE_INSTANCE_STATUS, paging::Pages};

impl Cloud {
    /// The checks of all instances of a place, those that do not run included, by id.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_status_checks(&self, place: &Place) -> Result<Vec<StatusChecks>> {
        let site = self.site(place)?;
        let mut checks = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site.ec2().describe_instance_status().include_all_instances(true).max_results(PAGE);
            let request = request.set_next_token(pages.token());
            let page = site.call(DESCRIBE_INSTANCE_STATUS, request.send()).await?;
            checks.extend(page.instance_statuses.unwrap_or_default().iter().filter_map(read_checks));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        checks.sort_by(|a, b| a.id.cmp(&b.id));
        checks.dedup_by(|a, b| a.id == b.id);
        Ok(checks)
    }

    /// The checks of one instance.
    ///
    /// # Errors
    /// `not_found` when there is no such instance, and the errors of any call.
    pub async fn get_status_checks(&self, place: &Place, id: &InstanceId) -> Result<StatusChecks> {
        let site = self.site(place)?;
        let request = site.ec2().describe_instance_status().include_all_instances(true);
        let request = request.instance_ids(id.as_str());
        let answer = site.call(DESCRIBE_INSTANCE_STATUS, request.send()).await?;
        let mut found = answer.instance_statuses.unwrap_or_default().into_iter();
        found.find_map(|status| read_checks(&status).filter(|checks| checks.id == *id)).ok_or_else(|| {
            Error::not_found(format!("AWS tells of no status checks of {id} in {place}."))
                .with_hint("Check the account and the region; AWS forgets instances an hour after they end.")
        })
    }
}

/// The checks in our words; nothing of what has no proper id.
fn read_checks(told: &sdk::InstanceStatus) -> Option<StatusChecks> {
    let word = |summary: Option<&sdk::InstanceStatusSummary>| {
        read_status(summary.and_then(sdk::InstanceStatusSummary::status))
    };
    let disks = told.attached_ebs_status().map(|disks| read_status(disks.status()));
    Some(StatusChecks {
        id: told.instance_id()?.parse().ok()?,
        system: word(told.system_status()),
        instance: word(told.instance_status()),
        attached_disks: disks,
        events: told.events().iter().map(read_event).collect(),
    })
}

fn read_status(status: Option<&sdk::SummaryStatus>) -> CheckStatus {
    status.map_or(CheckStatus::Unknown, |status| CheckStatus::from_aws(status.as_str()))
}

fn read_event(told: &sdk::InstanceStatusEvent) -> ScheduledEvent {
    let time = |at: Option<&DateTime>| at.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis);
    ScheduledEvent {
        code: told.code().map(|code| code.as_str().to_owned()).unwrap_or_default(),
        description: told.description().unwrap_or_default().to_owned(),
        not_before: time(told.not_before()),
        not_after: time(told.not_after()),
        not_before_deadline: time(told.not_before_deadline()),
    }
}
