//! Launching instances.

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Operation, Place, Result,
    ec2::{Instance, LaunchCheck, LaunchChoices, LaunchRequest, PriceKey},
};
use uuid::Uuid;

use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

impl Ops {
    /// What a place has to launch with: templates, images, key pairs, subnets and security groups, as known within the last minute.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured. What cannot be read is named in the answer.
    pub async fn list_launch_choices(&self, caller: &Caller, place: &Place) -> Result<LaunchChoices> {
        let task = Task::new(Operation::ListLaunchChoices).at(place);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            let cloud = self.cloud_for(caller);
            let ask = cloud.list_launch_choices(place);
            let known = self.caches().launch_choices.get(place.clone(), false, ask).await?;
            if !known.value.errors.is_empty() {
                // What failed is asked for again the next time.
                self.caches().launch_choices.forget(place).await;
            }
            Ok(Done::from(known.value.as_ref().clone()))
        })
        .await
    }

    /// Whether AWS would launch this (DryRun), and what it costs by the price list.
    ///
    /// # Errors
    /// `forbidden`, `invalid_input`, and those of AWS.
    pub async fn check_launch(
        &self,
        caller: &Caller,
        place: &Place,
        request: &LaunchRequest,
    ) -> Result<LaunchCheck> {
        let task = Task::new(Operation::CheckLaunch).at(place);
        self.perform(caller, task, async |_: Grant<Operate>| {
            self.check_place(place)?;
            request.check()?;
            let cloud = self.cloud_for(caller);
            cloud.check_launch(place, request).await?;
            let micros = self.price_of(&cloud, place, request).await;
            let micros_per_hour = micros.map(|micros| micros.saturating_mul(request.count().into()));
            Ok(Done::with(LaunchCheck { count: request.count(), micros_per_hour }, words(request)))
        })
        .await
    }

    /// The list price of one of the instances. What cannot be told must not keep anybody from launching.
    async fn price_of(&self, cloud: &Cloud, place: &Place, request: &LaunchRequest) -> Option<i64> {
        let (image, kind) = cloud.what_is_launched(place, request).await.ok()?;
        let (image, kind) = (image?, kind?);
        let platform = cloud.get_image(place, &image).await.ok()?.platform?;
        let key = PriceKey { region: place.region.clone(), instance_type: kind.to_string(), platform };
        self.known_price(cloud, place, key).await.ok()?.micros_per_hour
    }

    /// Launches instances, all that are asked for or none, after AWS has said that it would (DryRun). `token` names the request: with the
    /// same one AWS launches once.
    ///
    /// # Errors
    /// `forbidden`, `invalid_input`, and those of AWS.
    pub async fn launch_instances(
        &self,
        caller: &Caller,
        place: &Place,
        request: LaunchRequest,
        token: Option<String>,
    ) -> Result<Vec<Instance>> {
        let (ops, caller, place) = (self.clone(), caller.clone(), place.clone());
        self.to_the_end(async move {
            let task = Task::new(Operation::LaunchInstances).at(&place).detail(words(&request));
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                request.check()?;
                let cloud = ops.cloud_for(&caller);
                cloud.check_launch(&place, &request).await?;
                ops.launch_in_aws(&grant, &cloud, &place, &request, token).await
            })
            .await
        })
        .await
    }

    /// The launch itself: only somebody who was granted it gets here.
    async fn launch_in_aws(
        &self,
        grant: &Grant<Operate>,
        cloud: &Cloud,
        place: &Place,
        request: &LaunchRequest,
        token: Option<String>,
    ) -> Result<Done<Vec<Instance>>> {
        grant.check_covers(place)?;
        let token = token.unwrap_or_else(|| Uuid::now_v7().to_string());
        let launched = cloud.launch_instances(place, request, &token).await;
        // Even a call that failed may have launched something.
        self.forget_instances(place).await;
        let launched = launched?;
        let ids: Vec<&str> = launched.iter().map(|instance| instance.id.as_str()).collect();
        let said = format!("{}: {}", words(request), ids.join(" "));
        Ok(Done::with(launched.clone(), said))
    }
}

/// A few words for the audit.
fn words(request: &LaunchRequest) -> String {
    let kind = request.instance_type.as_ref().map(ToString::to_string);
    let image = request.image.as_ref().map(ToString::to_string);
    let template = request.template.as_ref().map(ToString::to_string);
    let parts: Vec<String> = [kind, image, template].into_iter().flatten().collect();
    format!("{} × {}", request.count(), parts.join(" "))
}
