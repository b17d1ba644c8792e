//! EC2: instances and what can be done to them.
//! [API reference](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/)

mod attributes;
pub(crate) mod check;
mod console;
mod details;
mod launch;
pub(crate) mod resources;
mod status;
mod tags;
mod types;

use aws_sdk_ec2::types as sdk;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::RetryConfig};
use aws_types::request_id::RequestId;
use nephoscope_model::{
    AccountId, Error, Place, Region, Result, Timestamp,
    ec2::{
        Instance, InstanceAction, InstanceDetails, InstanceId, InstanceState, StateChange, StopOptions,
        name_in,
    },
};
use tracing::warn;

use crate::{
    Cloud,
    calls::{
        DESCRIBE_INSTANCES, DESCRIBE_REGIONS, REBOOT_INSTANCES, START_INSTANCES, STOP_INSTANCES,
        TERMINATE_INSTANCES,
    },
    error::is_dry_run_success,
    paging::Pages,
    site::Site,
};

pub(crate) use tags::send_tags;

/// The most that `DescribeInstances` gives in a page.
const PAGE: i32 = 1_000;

impl Cloud {
    /// All instances of a place, sorted by name and then by id; terminated ones too, as long as AWS shows them (about an hour).
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and the errors of any call.
    pub async fn list_instances(&self, place: &Place) -> Result<Vec<Instance>> {
        let site = self.site(place)?;
        let mut instances = Vec::new();
        let mut pages = Pages::default();
        loop {
            let request = site.ec2().describe_instances().max_results(PAGE).set_next_token(pages.token());
            let page = site.call(DESCRIBE_INSTANCES, request.send()).await?;
            instances.extend(read_instances(place, page.reservations));
            if !pages.turn(page.next_token) {
                break;
            }
        }
        // An instance that changes while the pages are turned can stand on two of them.
        instances.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        instances.dedup_by(|a, b| a.id == b.id);
        Ok(instances)
    }

    /// One instance.
    ///
    /// # Errors
    /// `not_found` when there is none with this id, or the place is not configured, and the errors of any call.
    pub async fn get_instance(&self, place: &Place, id: &InstanceId) -> Result<Instance> {
        Ok(self.look_at_instance(place, id).await?.0)
    }

    /// One instance with what no list tells of it, by the same call.
    ///
    /// # Errors
    /// Those of [`Cloud::get_instance`].
    pub async fn look_at_instance(
        &self,
        place: &Place,
        id: &InstanceId,
    ) -> Result<(Instance, InstanceDetails)> {
        let site = self.site(place)?;
        let request = site.ec2().describe_instances().instance_ids(id.as_str());
        let found = site.call(DESCRIBE_INSTANCES, request.send()).await?;
        let mut told = instances_of(found.reservations);
        let found = told.find_map(|instance| {
            let details = details::read(&instance);
            let instance = read_instance(place, instance).filter(|instance| instance.id == *id)?;
            let auto_scaling_group = instance.auto_scaling_group().map(ToOwned::to_owned);
            Some((instance, InstanceDetails { auto_scaling_group, ..details }))
        });
        found.ok_or_else(|| {
            Error::not_found(format!("There is no instance {id} in {place}."))
                .with_hint("Check the account and the region; AWS forgets instances an hour after they end.")
        })
    }

    /// Does it; `stop` counts for stopping only. The answer comes before the change is complete: the state is a transitional one. Starting what runs and stopping
    /// what is stopped succeed and change nothing. AWS's answer to a reboot tells no state, so both are `running`: only a
    /// running instance can be rebooted, and it stays so.
    ///
    /// # Errors
    /// `conflict` when its state or its protection does not allow it, `not_found`, `aws_denied`, and the errors of any call.
    pub async fn change_instance(
        &self,
        place: &Place,
        id: &InstanceId,
        action: InstanceAction,
        stop: StopOptions,
    ) -> Result<StateChange> {
        let site = self.site(place)?;
        let changes = send_action(&site, id, action, stop, false).await?;
        if action == InstanceAction::Reboot {
            let (previous, current) = (InstanceState::Running, InstanceState::Running);
            return Ok(StateChange { id: id.clone(), previous, current });
        }
        let change = changes.iter().find(|change| change.instance_id() == Some(id.as_str()));
        Ok(StateChange {
            id: id.clone(),
            previous: read_state(change.and_then(sdk::InstanceStateChange::previous_state)),
            current: read_state(change.and_then(sdk::InstanceStateChange::current_state)),
        })
    }

    /// Asks AWS whether it would be allowed, without doing it (`DryRun`). AWS checks permissions and that the instance exists,
    /// not its state nor its protection. Emulators exist that ignore `DryRun` and act.
    ///
    /// # Errors
    /// Those of [`Cloud::change_instance`].
    pub async fn check_instance_change(
        &self,
        place: &Place,
        id: &InstanceId,
        action: InstanceAction,
        stop: StopOptions,
    ) -> Result<()> {
        send_action(&*self.site(place)?, id, action, stop, true).await.map(drop)
    }
}

impl Cloud {
    /// The regions that are enabled in an account, by code.
    ///
    /// # Errors
    /// `not_found` for an account that is not configured, and the errors of any call.
    pub async fn list_enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>> {
        let site = self.first_site(account)?;
        let answer = site.call(DESCRIBE_REGIONS, site.ec2().describe_regions().send()).await?;
        let names = answer.regions.unwrap_or_default().into_iter().filter_map(|region| region.region_name);
        let mut regions: Vec<Region> = names.filter_map(|name| name.parse().ok()).collect();
        regions.sort();
        regions.dedup();
        Ok(regions)
    }
}

/// Sends the action's request, and gives the changes that AWS names.
pub(crate) async fn send_action(
    site: &Site,
    id: &InstanceId,
    action: InstanceAction,
    stop: StopOptions,
    dry_run: bool,
) -> Result<Vec<sdk::InstanceStateChange>> {
    let (ec2, id, dry) = (site.ec2(), id.as_str(), dry_run.then_some(true));
    let changes = match action {
        InstanceAction::Start => {
            let request = ec2.start_instances().instance_ids(id).set_dry_run(dry);
            let answer = site.call(START_INSTANCES, spared(dry_run, request.send()));
            answer.await?.0.and_then(|answer| answer.starting_instances)
        }
        InstanceAction::Stop => {
            let request = ec2.stop_instances().instance_ids(id).set_dry_run(dry);
            let request = request.set_force(stop.force.then_some(true));
            let request = request.set_hibernate(stop.hibernate.then_some(true));
            let answer = site.call(STOP_INSTANCES, spared(dry_run, request.send()));
            answer.await?.0.and_then(|answer| answer.stopping_instances)
        }
        InstanceAction::Reboot => {
            // Starting, stopping and terminating twice is the same as once. A reboot whose answer was lost would be a second one.
            let once = aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled());
            let request = ec2.reboot_instances().instance_ids(id).set_dry_run(dry);
            let request = request.customize().config_override(once);
            let answer = site.call(REBOOT_INSTANCES, spared(dry_run, request.send()));
            answer.await?;
            None
        }
        InstanceAction::Terminate => {
            let request = ec2.terminate_instances().instance_ids(id).set_dry_run(dry);
            let answer = site.call(TERMINATE_INSTANCES, spared(dry_run, request.send()));
            answer.await?.0.and_then(|answer| answer.terminating_instances)
        }
    };
    Ok(changes.unwrap_or_default())
}

/// An answer, or nothing of what was only tried.
pub(crate) struct Spared<T>(pub(crate) Option<T>);

impl<T: RequestId> RequestId for Spared<T> {
    fn request_id(&self) -> Option<&str> {
        self.0.as_ref().and_then(RequestId::request_id)
    }
}

/// Takes the error by which a dry run says that all is well for an answer without content.
pub(crate) async fn spared<T, E: ProvideErrorMetadata>(
    dry_run: bool,
    request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<Spared<T>, SdkError<E, HttpResponse>> {
    match request.await {
        Err(error) if dry_run && is_dry_run_success(&error) => Ok(Spared(None)),
        answer => answer.map(|answer| Spared(Some(answer))),
    }
}

fn read_instances(
    place: &Place,
    reservations: Option<Vec<sdk::Reservation>>,
) -> impl Iterator<Item = Instance> {
    instances_of(reservations).filter_map(|instance| read_instance(place, instance))
}

fn instances_of(reservations: Option<Vec<sdk::Reservation>>) -> impl Iterator<Item = sdk::Instance> {
    let reservations = reservations.unwrap_or_default().into_iter();
    reservations.flat_map(|reservation| reservation.instances.unwrap_or_default())
}

/// An instance in our words; nothing when AWS gives it no proper id, since nothing could be done with it.
fn read_instance(place: &Place, instance: sdk::Instance) -> Option<Instance> {
    let id = instance.instance_id().unwrap_or_default().parse().ok();
    if id.is_none() {
        warn!(%place, id = ?instance.instance_id(), "left out an instance without a proper id");
    }
    let tags = tags::read(instance.tags());
    Some(Instance {
        id: id?,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name_in(&tags),
        state: read_state(instance.state()),
        state_reason: instance
            .state_reason()
            .and_then(sdk::StateReason::message)
            .or(instance.state_transition_reason())
            .filter(|reason| !reason.is_empty())
            .map(ToOwned::to_owned),
        instance_type: instance.instance_type().map(|it| it.as_str().to_owned()).unwrap_or_default(),
        zone: instance.placement().and_then(sdk::Placement::availability_zone).unwrap_or_default().to_owned(),
        launched_at: instance.launch_time().and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis),
        architecture: instance.architecture().map(|it| it.as_str().to_owned()),
        // Windows instances of long ago have no details.
        platform: instance
            .platform_details()
            .or(instance.platform().map(sdk::PlatformValues::as_str))
            .map(ToOwned::to_owned),
        iam_profile: instance
            .iam_instance_profile()
            .and_then(sdk::IamInstanceProfile::arn)
            .map(ToOwned::to_owned),
        security_groups: instance
            .security_groups()
            .iter()
            .filter_map(|group| group.group_name().or(group.group_id()))
            .map(ToOwned::to_owned)
            .collect(),
        hibernation: instance
            .hibernation_options()
            .and_then(sdk::HibernationOptions::configured)
            .unwrap_or_default(),
        tenancy: instance
            .placement()
            .and_then(sdk::Placement::tenancy)
            .filter(|tenancy| **tenancy != sdk::Tenancy::Default)
            .map(|tenancy| tenancy.as_str().to_owned()),
        on_demand: instance.instance_lifecycle().is_none() && instance.outpost_arn().is_none(),
        private_ip: instance.private_ip_address,
        public_ip: instance.public_ip_address,
        image_id: instance.image_id,
        vpc_id: instance.vpc_id,
        subnet_id: instance.subnet_id,
        key_name: instance.key_name,
        tags,
    })
}

fn read_state(state: Option<&sdk::InstanceState>) -> InstanceState {
    let name = state.and_then(sdk::InstanceState::name);
    name.map_or(InstanceState::Unknown, |name| InstanceState::from_aws(name.as_str()))
}
