//! The tags of an instance, a volume or another thing of EC2.
//! [CreateTags](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html),
//! [DeleteTags](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html)

use aws_sdk_ec2::types as sdk;
use nephoscope_model::{
    Place, Result,
    ec2::{ResourceId, Tag, TagChanges},
};

use super::spared;
use crate::{
    Cloud,
    calls::{CREATE_TAGS, DELETE_TAGS},
    site::Site,
};

impl Cloud {
    /// The tags that something has now, sorted by key.
    ///
    /// # Errors
    /// `not_found` when there is nothing with this id, or the place is not configured, and the errors of any call.
    pub async fn read_tags(&self, place: &Place, id: &ResourceId) -> Result<Vec<Tag>> {
        match id.instance() {
            Some(instance) => Ok(self.get_instance(place, &instance).await?.tags),
            None => Ok(self.get_resource(place, id).await?.tags().to_vec()),
        }
    }

    /// Sets and removes tags: first those that are set, so that a key which is only renamed is never without both.
    ///
    /// # Errors
    /// `not_found`, `aws_denied`, and those of any call. When the second of two calls fails, the first one's change stays.
    pub async fn change_tags(&self, place: &Place, id: &ResourceId, changes: &TagChanges) -> Result<()> {
        send_tags(&*self.site(place)?, id, changes, false).await
    }

    /// Asks AWS whether it would be allowed, without doing it (`DryRun`).
    ///
    /// # Errors
    /// Those of [`Cloud::change_tags`].
    pub async fn check_tags_change(
        &self,
        place: &Place,
        id: &ResourceId,
        changes: &TagChanges,
    ) -> Result<()> {
        send_tags(&*self.site(place)?, id, changes, true).await
    }
}

/// Sends the requests that there is something for.
pub(crate) async fn send_tags(
    site: &Site,
    id: &ResourceId,
    changes: &TagChanges,
    dry_run: bool,
) -> Result<()> {
    let dry = dry_run.then_some(true);
    if !changes.set.is_empty() {
        let tags = changes.set.iter().map(|tag| sdk::Tag::builder().key(&tag.key).value(&tag.value).build());
        let request = site.ec2().create_tags().resources(id.as_str()).set_tags(Some(tags.collect()));
        site.call(CREATE_TAGS, spared(dry_run, request.set_dry_run(dry).send())).await?;
    }
    if !changes.remove.is_empty() {
        // Without a value: a tag goes whatever its value has become meanwhile.
        let tags = changes.remove.iter().map(|key| sdk::Tag::builder().key(key).build());
        let request = site.ec2().delete_tags().resources(id.as_str()).set_tags(Some(tags.collect()));
        site.call(DELETE_TAGS, spared(dry_run, request.set_dry_run(dry).send())).await?;
    }
    Ok(())
}

/// Tags in our words, sorted by key.
pub(super) fn read(tags: &[sdk::Tag]) -> Vec<Tag> {
    let mut tags: Vec<Tag> = tags
        .iter()
        .map(|tag| Tag {
            key: tag.key().unwrap_or_default().to_owned(),
            value: tag.value().unwrap_or_default().to_owned(),
        })
        .collect();
    tags.sort();
    tags
}
