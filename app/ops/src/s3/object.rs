//! One object: what is known of it, its versions, and bringing an earlier one back.

use nephoscope_aws::{Cloud, ObjectCopy, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, KeyVersions, ObjectDetails, VersionPage, check_key},
};

use super::{resource_of, version_words};
use crate::{
    Caller, Grant, Operate, Ops, Read,
    record::{Done, Task},
};

/// As many versions as S3 tells at once.
const PAGE: u16 = 1_000;

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

    /// The versions of one object, the newest first, as many as S3 tells at once; [`Self::list_versions_below`] tells all.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of AWS. Of a key that never was, there are none.
    pub async fn list_object_versions(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
    ) -> Result<KeyVersions> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::ListObjectVersions).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let known = versions_of(&self.cloud_for(caller), bucket, key).await?;
            let words = format!("{} found", known.versions.len());
            Ok(Done::with(known, words))
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
        let known = versions_of(&cloud, bucket, key).await?;
        let found = known.versions.iter().find(|it| it.version_id == version);
        let take_away = async || {
            cloud.delete_version(&place, &bucket.name, key, version).await?;
            Ok(Done::with((), "took the delete marker away"))
        };
        match found {
            None if !known.more => return Err(no_version(version)),
            Some(found) if found.is_delete_marker => return take_away().await,
            Some(found) if found.is_latest => {
                return Err(Error::new(ErrorCode::Conflict, "This version is the present one already."));
            }
            _ => {}
        }
        let source = match cloud.get_object(&place, &bucket.name, key, Some(version)).await {
            // One of the older versions, which are not listed above.
            Err(error) if is_delete_marker(&error) => return take_away().await,
            Err(error) if error.code == ErrorCode::NotFound => return Err(no_version(version)),
            source => source?,
        };
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

fn no_version(version: &str) -> Error {
    Error::not_found(format!("There is no version {version} of this object."))
        .with_hint("Look at its versions; it may have been deleted.")
}

/// Whether S3 does not give a version since it is no content but the mark of a deletion.
fn is_delete_marker(error: &Error) -> bool {
    error.aws.as_ref().and_then(|aws| aws.code.as_deref()) == Some("MethodNotAllowed")
}

/// Keys that begin with this one stand in the same list, behind it.
async fn versions_of(cloud: &Cloud, bucket: &Bucket, key: &str) -> Result<KeyVersions> {
    let page = cloud.list_object_versions(&bucket.place(), &bucket.name, key, false, None, PAGE).await?;
    let is_all_of_it = page.versions.iter().all(|version| version.key == key);
    let more = is_all_of_it && page.next.is_some();
    let versions = page.versions.into_iter().filter(|version| version.key == key).collect();
    Ok(KeyVersions { versions, more })
}
