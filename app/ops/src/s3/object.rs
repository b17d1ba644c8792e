//! One object: what is known of it, its versions, and bringing an earlier one back.

use nephoscope_aws::{Cloud, ObjectCopy, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, ObjectDetails, ObjectVersion, VersionPage, check_key},
};

use super::{resource_of, version_words};
use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

/// How many pages of versions are looked through for those of one key.
const PAGES: usize = 10;

impl Ops {
    /// All that is known of an object, or of one of its versions.
    ///
    /// # Errors
    /// `not_found` when there is none, and the errors of AWS.
    pub async fn get_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
    ) -> Result<ObjectDetails> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::GetObject).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let details = self.cloud_for(caller).get_object(&place, &bucket.name, key, version).await?;
            Ok(Done::with(details, version_words(version)))
        })
        .await
    }

    /// A page of the versions one level below a prefix.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of AWS.
    pub async fn list_versions_below(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        prefix: &str,
        after: Option<&str>,
        limit: u16,
    ) -> Result<VersionPage> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, prefix));
        let task = Task::new(Operation::ListObjectVersions).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let cloud = self.cloud_for(caller);
            cloud.list_object_versions(&place, &bucket.name, prefix, true, after, limit).await
        })
        .await
    }

    /// The versions of one object, the newest first: as many as stand on a few pages of S3's list.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of AWS. Of a key that never was, there are none.
    pub async fn list_object_versions(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
    ) -> Result<Vec<ObjectVersion>> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::ListObjectVersions).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let versions = versions_of(&self.cloud_for(caller), bucket, key).await?;
            let words = format!("{} found", versions.len());
            Ok(Done::with(versions, words))
        })
        .await
    }

    /// Makes an earlier version the present one by a copy; of the mark of a deletion, takes the mark away, so that what was deleted is
    /// there again.
    ///
    /// # Errors
    /// `not_found` when there is no such version, `conflict` when it is the present one already, and the errors of AWS.
    pub async fn restore_version(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: &str,
    ) -> Result<()> {
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        let (key, version) = (key.to_owned(), version.to_owned());
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &key));
            let task = Task::new(Operation::RestoreVersion).at(&place).on(&resource);
            let task = task.detail(version_words(Some(&version)));
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                check_key(&key)?;
                grant.check_covers(&place)?;
                let restored = ops.restore_now(&caller, &bucket, &key, &version).await;
                ops.caches().objects.forget_all();
                restored
            })
            .await
        })
        .await
    }

    async fn restore_now(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: &str,
    ) -> Result<Done<()>> {
        let (cloud, place) = (self.cloud_for(caller), bucket.place());
        let versions = versions_of(&cloud, bucket, key).await?;
        let Some(found) = versions.iter().find(|it| it.version_id == version) else {
            return Err(Error::not_found(format!("There is no version {version} of this object."))
                .with_hint("Look at its versions; it may have been deleted."));
        };
        if found.is_delete_marker {
            cloud.delete_version(&place, &bucket.name, key, version).await?;
            return Ok(Done::with((), "took the delete marker away"));
        }
        if found.is_latest {
            return Err(Error::new(ErrorCode::Conflict, "This version is the present one already."));
        }
        let source = cloud.get_object(&place, &bucket.name, key, Some(version)).await?;
        let to = Upload {
            place,
            bucket: bucket.name.clone(),
            key: key.to_owned(),
            content_type: source.content_type.clone(),
            overwrite: true,
        };
        let copy = ObjectCopy { source, version: Some(version.to_owned()), to };
        let made = self.make_copy(caller, &cloud, &copy).await?;
        let after = made.version_id.unwrap_or_default();
        Ok(Done::with((), format!("copied version {version} onto the key"))
            .changed([], [("version", after.as_str())]))
    }
}

/// Keys that begin with this one stand in the same list, behind it.
async fn versions_of(cloud: &Cloud, bucket: &Bucket, key: &str) -> Result<Vec<ObjectVersion>> {
    let (mut versions, mut after) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = cloud
            .list_object_versions(&bucket.place(), &bucket.name, key, false, after.as_deref(), 1_000)
            .await?;
        let is_all_of_it = page.versions.iter().all(|version| version.key == key);
        versions.extend(page.versions.into_iter().filter(|version| version.key == key));
        after = page.next;
        if after.is_none() || !is_all_of_it {
            break;
        }
    }
    Ok(versions)
}
