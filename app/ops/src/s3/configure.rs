//! Changing how a bucket is configured.

use nephoscope_model::{
    Operation, Result,
    ec2::{Tag, TagChanges},
    s3::Bucket,
};

use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

impl Ops {
    /// Gives a bucket these tags, and gives back all that it has then. With `known`, which is what the caller saw before, only what the
    /// caller changed of that is changed. Those that AWS made stay always.
    ///
    /// # Errors
    /// `invalid_input` for tags that AWS would not take, `not_found`, and the errors of AWS.
    pub async fn set_bucket_tags(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        wanted: Vec<Tag>,
        known: Option<Vec<Tag>>,
    ) -> Result<Vec<Tag>> {
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        self.to_the_end(async move {
            let place = bucket.place();
            let task = Task::new(Operation::SetBucketTags).at(&place).on(bucket.name.as_str());
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                grant.check_covers(&place)?;
                let changes = known.map(|known| TagChanges::between(&known, &wanted)).transpose()?;
                let cloud = ops.cloud_for(&caller);
                let before = cloud.bucket_tags(&place, &bucket.name).await?;
                let changes = match changes {
                    Some(changes) => changes,
                    None => TagChanges::between(&before, &wanted)?,
                };
                let after = changes.apply(&before)?;
                if changes.is_empty() {
                    return Ok(Done::with(after, "nothing to change"));
                }
                let set = cloud.set_bucket_tags(&place, &bucket.name, &after).await;
                ops.forget_bucket(&place, &bucket.name).await;
                set?;
                let (was, is) = (texts(&before), texts(&after));
                Ok(Done::from(after).changed([("tags", was.as_str())], [("tags", is.as_str())]))
            })
            .await
        })
        .await
    }

    /// Lets a bucket keep the versions of its objects from now on, or make no further ones. Versions that are there stay.
    ///
    /// # Errors
    /// `not_found`, and the errors of AWS.
    pub async fn set_versioning(&self, caller: &Caller, bucket: &Bucket, enabled: bool) -> Result<()> {
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        self.to_the_end(async move {
            let place = bucket.place();
            let task = Task::new(Operation::SetVersioning).at(&place).on(bucket.name.as_str());
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                grant.check_covers(&place)?;
                let set = ops.cloud_for(&caller).set_versioning(&place, &bucket.name, enabled).await;
                ops.forget_bucket(&place, &bucket.name).await;
                set?;
                let after = if enabled { "Enabled" } else { "Suspended" };
                Ok(Done::from(()).changed([], [("versioning", after)]))
            })
            .await
        })
        .await
    }
}

fn texts(tags: &[Tag]) -> String {
    tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", ")
}
