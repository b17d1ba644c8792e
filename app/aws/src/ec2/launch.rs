//! Launching instances, and what there is to launch them with.
//! [RunInstances](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html)

use aws_sdk_ec2::types as sdk;
use nephoscope_model::{
    Error, ErrorCode, Place, Result, Timestamp,
    ec2::{
        GroupChoice, Image, ImageId, Instance, InstanceTypeName, LaunchChoices, LaunchRequest,
        LaunchTemplate, Subnet, name_in,
    },
};

use tokio::time::sleep;

use super::{read_instance, spared, tags};
use crate::{
    Cloud,
    calls::{
        DESCRIBE_IMAGES, DESCRIBE_KEY_PAIRS, DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, DESCRIBE_LAUNCH_TEMPLATES,
        DESCRIBE_SUBNETS, RUN_INSTANCES,
    },
    paging::Pages,
    site::Site,
};

/// The most that these lists give in a page.
const PAGE: i32 = 200;
/// How often EC2 is asked again for those that it launched and does not know yet.
const LOOKS: u32 = 5;

impl Cloud {
    /// What a place has to launch with. Each part is asked for by itself, at the same time, and one that fails is told beside the others.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured.
    pub async fn list_launch_choices(&self, place: &Place) -> Result<LaunchChoices> {
        let site = self.site(place)?;
        // Boxed: several requests polled at once overflow the stack of a thread in a build without optimisation.
        let (templates, images, key_pairs, subnets, groups) = futures::join!(
            Box::pin(templates(&site)),
            Box::pin(own_images(&site)),
            Box::pin(key_pairs(&site)),
            Box::pin(subnets(&site)),
            Box::pin(self.list_security_groups(place)),
        );
        let mut errors = Vec::new();
        let choices = LaunchChoices {
            templates: or_error(templates, &mut errors),
            images: or_error(images, &mut errors),
            key_pairs: or_error(key_pairs, &mut errors),
            subnets: or_error(subnets, &mut errors),
            security_groups: or_error(groups, &mut errors).into_iter().map(GroupChoice::from).collect(),
            errors: Vec::new(),
        };
        Ok(LaunchChoices { errors, ..choices })
    }

    /// An image that the account may use, whoever made it.
    ///
    /// # Errors
    /// `not_found` when there is none of this id, and the errors of any call.
    pub async fn get_image(&self, place: &Place, id: &ImageId) -> Result<Image> {
        let site = self.site(place)?;
        let request = site.ec2().describe_images().image_ids(id.as_str());
        let found = site.call(DESCRIBE_IMAGES, request.send()).await?;
        found.images().iter().find_map(read_image).ok_or_else(|| {
            Error::not_found(format!("There is no image {id} in {place} that this account may use."))
                .with_hint("Images belong to one region; check the id and the region.")
        })
    }

    /// Launches instances: as many as asked for, or none. `token` names the request: sent again with the same one within a day, AWS
    /// answers with the instances of the first.
    ///
    /// # Errors
    /// `invalid_input`, `not_found` for what is named and not there, `aws_denied`, `aws_rejected` when the quota is used up or AWS has no
    /// such machine free, and those of any call.
    pub async fn launch_instances(
        &self,
        place: &Place,
        request: &LaunchRequest,
        token: &str,
    ) -> Result<Vec<Instance>> {
        let site = self.site(place)?;
        let launched = send(&site, request, Some(token)).await?;
        let launched = launched.into_iter().filter_map(|instance| read_instance(place, instance));
        let launched: Vec<Instance> = launched.collect();
        self.wait_until_known(&site, &launched).await;
        Ok(launched)
    }

    /// Waits until EC2 tells of what it launched, which may
    /// [take a moment](https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html), or for some seconds: whoever is told of an
    /// instance looks at it at once.
    async fn wait_until_known(&self, site: &Site, launched: &[Instance]) {
        let mut looks = 0;
        for instance in launched {
            while looks < LOOKS
                && let Err(error) = self.get_instance(&site.place, &instance.id).await
                && error.code == ErrorCode::NotFound
            {
                looks += 1;
                sleep(site.pause()).await;
            }
        }
    }

    /// Asks AWS whether it would launch them, without doing it (`DryRun`). AWS checks permissions and the parameters, not whether it has
    /// such machines free.
    ///
    /// # Errors
    /// Those of [`Cloud::launch_instances`].
    pub async fn check_launch(&self, place: &Place, request: &LaunchRequest) -> Result<()> {
        send(&*self.site(place)?, request, None).await.map(drop)
    }

    /// The image and the type of a request, those of its launch template where it names none. Either is nothing where the template names none, or
    /// names it indirectly.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn what_is_launched(
        &self,
        place: &Place,
        request: &LaunchRequest,
    ) -> Result<(Option<ImageId>, Option<InstanceTypeName>)> {
        let (image, kind) = (request.image.clone(), request.instance_type.clone());
        let Some(template) = request.template.as_ref().filter(|_| image.is_none() || kind.is_none()) else {
            return Ok((image, kind));
        };
        let site = self.site(place)?;
        let asked = site.ec2().describe_launch_template_versions().launch_template_id(template.as_str());
        let asked = asked.versions(version_of(request));
        let page = site.call(DESCRIBE_LAUNCH_TEMPLATE_VERSIONS, asked.send()).await?;
        let data = page.launch_template_versions().first().and_then(|version| version.launch_template_data());
        let told_image = || data?.image_id()?.parse().ok();
        let told_kind = || data?.instance_type()?.as_str().parse().ok();
        Ok((image.or_else(told_image), kind.or_else(told_kind)))
    }
}

fn or_error<T>(answer: Result<Vec<T>>, errors: &mut Vec<Error>) -> Vec<T> {
    answer.unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    })
}

/// The version of the template: the default one where none is named.
fn version_of(wanted: &LaunchRequest) -> String {
    wanted.template_version.clone().unwrap_or_else(|| "$Default".to_owned())
}

/// Sends the request; without a token it is a dry run.
async fn send(site: &Site, wanted: &LaunchRequest, token: Option<&str>) -> Result<Vec<sdk::Instance>> {
    let count = i32::try_from(wanted.count()).unwrap_or(i32::MAX);
    let template = wanted.template.as_ref().map(|template| {
        sdk::LaunchTemplateSpecification::builder()
            .launch_template_id(template.as_str())
            .version(version_of(wanted))
            .build()
    });
    let groups: Vec<String> = wanted.security_groups.iter().map(ToString::to_string).collect();
    let wanted_tags: Vec<sdk::Tag> = wanted
        .all_tags()
        .into_iter()
        .map(|tag| sdk::Tag::builder().key(tag.key).value(tag.value).build())
        .collect();
    let tagged = [sdk::ResourceType::Instance, sdk::ResourceType::Volume].map(|kind| {
        sdk::TagSpecification::builder().resource_type(kind).set_tags(Some(wanted_tags.clone())).build()
    });
    let request = site
        .ec2()
        .run_instances()
        .min_count(count)
        .max_count(count)
        .set_launch_template(template)
        .set_image_id(wanted.image.as_ref().map(ToString::to_string))
        .set_instance_type(wanted.instance_type.as_ref().map(|kind| sdk::InstanceType::from(kind.as_str())))
        .set_key_name(wanted.key_name.clone())
        .set_subnet_id(wanted.subnet.as_ref().map(ToString::to_string))
        .set_security_group_ids((!groups.is_empty()).then_some(groups))
        .set_tag_specifications((!wanted_tags.is_empty()).then(|| tagged.to_vec()))
        .set_disable_api_termination(wanted.termination_protection.then_some(true))
        .set_client_token(token.map(str::to_owned))
        .set_dry_run(token.is_none().then_some(true));
    let answer = site.call(RUN_INSTANCES, spared(token.is_none(), request.send())).await?;
    Ok(answer.0.and_then(|answer| answer.instances).unwrap_or_default())
}

async fn templates(site: &Site) -> Result<Vec<LaunchTemplate>> {
    let mut found = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.ec2().describe_launch_templates().max_results(PAGE).set_next_token(pages.token());
        let page = site.call(DESCRIBE_LAUNCH_TEMPLATES, request.send()).await?;
        found.extend(page.launch_templates().iter().filter_map(|template| {
            Some(LaunchTemplate {
                id: template.launch_template_id()?.parse().ok()?,
                name: template.launch_template_name()?.to_owned(),
                default_version: template.default_version_number().unwrap_or_default(),
                latest_version: template.latest_version_number().unwrap_or_default(),
            })
        }));
        if !pages.turn(page.next_token) {
            break;
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

async fn own_images(site: &Site) -> Result<Vec<Image>> {
    let mut found = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request =
            site.ec2().describe_images().owners("self").max_results(PAGE).set_next_token(pages.token());
        let page = site.call(DESCRIBE_IMAGES, request.send()).await?;
        // Of what is still being made, or failed, nothing can be launched.
        let is_ready = |it: &&sdk::Image| it.state().is_none_or(|state| *state == sdk::ImageState::Available);
        found.extend(page.images().iter().filter(is_ready).filter_map(read_image));
        if !pages.turn(page.next_token) {
            break;
        }
    }
    found.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.name.cmp(&b.name)));
    Ok(found)
}

fn read_image(image: &sdk::Image) -> Option<Image> {
    Some(Image {
        id: image.image_id()?.parse().ok()?,
        name: image.name().unwrap_or_default().to_owned(),
        architecture: image.architecture().map(|it| it.as_str().to_owned()),
        platform: image.platform_details().map(str::to_owned),
        created_at: image.creation_date().and_then(|at| Timestamp::parse(at).ok()),
    })
}

async fn key_pairs(site: &Site) -> Result<Vec<String>> {
    // AWS has no pages of these.
    let answer = site.call(DESCRIBE_KEY_PAIRS, site.ec2().describe_key_pairs().send()).await?;
    let mut names: Vec<String> =
        answer.key_pairs().iter().filter_map(|pair| Some(pair.key_name()?.to_owned())).collect();
    names.sort();
    Ok(names)
}

async fn subnets(site: &Site) -> Result<Vec<Subnet>> {
    let mut found = Vec::new();
    let mut pages = Pages::default();
    loop {
        let request = site.ec2().describe_subnets().max_results(PAGE).set_next_token(pages.token());
        let page = site.call(DESCRIBE_SUBNETS, request.send()).await?;
        found.extend(page.subnets().iter().filter_map(|subnet| {
            Some(Subnet {
                id: subnet.subnet_id()?.parse().ok()?,
                name: name_in(&tags::read(subnet.tags())),
                vpc_id: subnet.vpc_id().unwrap_or_default().to_owned(),
                zone: subnet.availability_zone().unwrap_or_default().to_owned(),
                cidr: subnet.cidr_block().unwrap_or_default().to_owned(),
                free_addresses: subnet.available_ip_address_count().unwrap_or_default(),
            })
        }));
        if !pages.turn(page.next_token) {
            break;
        }
    }
    found.sort_by(|a, b| (&a.vpc_id, &a.zone, &a.id).cmp(&(&b.vpc_id, &b.zone, &b.id)));
    Ok(found)
}
