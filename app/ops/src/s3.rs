//! S3: buckets and their objects.

mod configure;
mod copy;
mod empty;
mod object;
mod open_uploads;
mod parts;
mod presign;
mod preview;
mod remove;
mod search;
mod upload;

use nephoscope_aws::{ByteRange, Cloud, ObjectStream};
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope,
    bulk::{Deletion, is_typed},
    s3::{Bucket, BucketDetails, BucketName, BucketTarget, NewBucket, ObjectPage, check_key, file_name},
};

pub(crate) use empty::Emptyings;
pub use parts::NewPart;
pub(crate) use parts::UploadGates;
pub use preview::PreviewStream;
pub use upload::NewObject;

use crate::{
    Caller, Grant, Operate, Ops, Read,
    acting::Acting,
    cache::Known,
    estate::describe,
    many::Whereabouts,
    record::{Done, Task},
};

/// Objects and folders of a page when nobody says how many.
pub const PAGE_OBJECTS: u16 = 200;

/// Which page of a bucket: its place, the bucket, the prefix, where it goes on, and how long it is.
pub(crate) type PageKey = (Place, BucketName, String, Option<String>, u16);

impl Ops {
    /// All buckets of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_buckets(&self, caller: &Caller, scope: &Scope, fresh: bool) -> Result<Listing<Bucket>> {
        self.perform(caller, Task::new(Operation::ListBuckets), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_buckets(&cloud, place, fresh)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_buckets(&self, cloud: &Cloud, place: Place, fresh: bool) -> Result<Known<Vec<Bucket>>> {
        let ask = cloud.list_buckets(&place);
        self.caches().buckets.get(place.clone(), fresh, ask).await
    }

    /// A bucket of a scope, when a request for `operation` names only the bucket, as the contract's paths do. A failure is recorded as one
    /// of that operation.
    ///
    /// # Errors
    /// `forbidden` when the caller may not do the operation; `not_found` when no place of the scope has the bucket; the failure of a place
    /// that could not be asked comes before that, since the bucket may be there.
    pub async fn locate_bucket(
        &self,
        caller: &Caller,
        operation: Operation,
        scope: &Scope,
        name: &BucketName,
    ) -> Result<Bucket> {
        self.check_may(caller, operation, name.as_str()).await?;
        let find = self.find_bucket(self.cloud_for(caller), scope, name);
        match Acting::new(caller.name()).during(find).await {
            Ok(bucket) => Ok(bucket),
            Err(error) => {
                self.record_not_begun(caller, &Task::new(operation).on(name.as_str()), &error).await?;
                Err(error.within_request(&caller.request_id))
            }
        }
    }

    /// Looks at what is known, and asks anew before it says that there is none.
    async fn find_bucket(&self, cloud: Cloud, scope: &Scope, name: &BucketName) -> Result<Bucket> {
        for place in self.places(scope)? {
            let known = self.caches().buckets.peek(&place).await;
            if let Some(bucket) =
                known.and_then(|known| known.value.iter().find(|it| it.name == *name).cloned())
            {
                return Ok(bucket);
            }
        }
        let mut failure = None;
        for fresh in [false, true] {
            let listing = self.merge(scope, |place| self.known_buckets(&cloud, place, fresh)).await?;
            failure = listing.failures().next().map(|(_, error)| error.clone());
            if let Some(bucket) = listing.items.into_iter().find(|bucket| bucket.name == *name) {
                return Ok(bucket);
            }
        }
        Err(failure.unwrap_or_else(|| {
            Error::not_found(format!("There is no bucket {name} in the chosen accounts and regions."))
                .with_hint("Check the name; it may be in another account or region, or deleted.")
        }))
    }

    /// How a bucket is configured. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` when it is gone, and the errors of AWS. Parts that AWS does not tell are named.
    pub async fn get_bucket(&self, caller: &Caller, bucket: &Bucket, fresh: bool) -> Result<BucketDetails> {
        let place = bucket.place();
        let task = Task::new(Operation::GetBucket).at(&place).on(bucket.name.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let cloud = self.cloud_for(caller);
            let key = (place.clone(), bucket.name.clone());
            let known = self.caches().bucket_details.get(key, fresh, cloud.get_bucket(bucket)).await?;
            Ok(BucketDetails::clone(&known.value))
        })
        .await
    }

    /// Makes a bucket.
    ///
    /// # Errors
    /// `invalid_input` for a name that AWS does not take, `conflict` for one that is taken, and the errors of AWS.
    pub async fn create_bucket(&self, caller: &Caller, place: &Place, new: &NewBucket) -> Result<Bucket> {
        let (ops, caller, place, new) = (self.clone(), caller.clone(), place.clone(), new.clone());
        self.to_the_end(async move { ops.create_bucket_now(&caller, &place, &new).await }).await
    }

    async fn create_bucket_now(&self, caller: &Caller, place: &Place, new: &NewBucket) -> Result<Bucket> {
        let task = Task::new(Operation::CreateBucket).at(place).on(new.name.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            new.check()?;
            grant.check_covers(place)?;
            let cloud = self.cloud_for(caller);
            // In us-east-1, S3 lets the owner make a bucket a second time and changes it.
            if cloud.list_buckets(place).await?.iter().any(|bucket| bucket.name == new.name) {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    format!("There is a bucket {} already.", new.name),
                )
                .with_hint("Choose another name."));
            }
            let made = cloud.create_bucket(place, new).await;
            // Even a call that failed may have made it.
            self.forget_bucket(place, &new.name).await;
            made?;
            let bucket = Bucket {
                name: new.name.clone(),
                account: place.account.clone(),
                region: place.region.clone(),
                created_at: Some(nephoscope_model::Timestamp::now()),
            };
            let switch = |on: bool| if on { "on" } else { "off" };
            let after = [
                ("versioning", switch(new.versioning)),
                ("public access blocked", switch(new.block_public_access)),
                ("encryption", new.kms_key.as_deref().unwrap_or(new.encryption.as_str())),
            ];
            Ok(Done::from(bucket).changed([], after))
        })
        .await
    }

    /// Deletes a bucket that is empty, whose name must be typed.
    ///
    /// # Errors
    /// `confirmation_required`; `conflict` when it is not empty; `not_found`, and the errors of AWS.
    pub async fn delete_bucket(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let (ops, caller, place, name) = (self.clone(), caller.clone(), bucket.place(), bucket.name.clone());
        let confirmation = confirmation.map(str::to_owned);
        self.to_the_end(async move {
            ops.delete_bucket_now(&caller, &place, &name, confirmation.as_deref()).await
        })
        .await
    }

    async fn delete_bucket_now(
        &self,
        caller: &Caller,
        place: &Place,
        name: &BucketName,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let task = Task::new(Operation::DeleteBucket).at(place).on(name.as_str());
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(place)?;
            check_typed("bucket", name.as_str(), confirmation)?;
            grant.check_covers(place)?;
            let deleted = self.cloud_for(caller).delete_bucket(place, name).await;
            self.forget_bucket(place, name).await;
            deleted
        })
        .await
    }

    /// Deletes buckets that are empty, and of which it is known where they are; the confirmation is that of
    /// [`confirmation_of`](nephoscope_model::bulk::confirmation_of). What fails for one keeps no other from being deleted.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many, `confirmation_required`, and `forbidden` when the caller may not do it anywhere. All
    /// else stands in the results, which come in the order of the targets.
    pub async fn delete_buckets(
        &self,
        caller: &Caller,
        targets: Vec<BucketTarget>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        let targets = targets.into_iter().map(|target| (target.name, Whereabouts::Known(target.place)));
        self.delete_each_bucket(caller, targets.collect(), confirmation).await
    }

    /// The same for buckets that are somewhere in a scope.
    ///
    /// # Errors
    /// Those of [`Ops::delete_buckets`].
    pub async fn find_and_delete_buckets(
        &self,
        caller: &Caller,
        scope: &Scope,
        names: Vec<BucketName>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        self.places(scope)?;
        let targets = names.into_iter().map(|name| (name, Whereabouts::Within(scope.clone())));
        self.delete_each_bucket(caller, targets.collect(), confirmation).await
    }

    async fn delete_each_bucket(
        &self,
        caller: &Caller,
        targets: Vec<(BucketName, Whereabouts)>,
        confirmation: Option<&str>,
    ) -> Result<Vec<Deletion>> {
        let operation = Operation::DeleteBucket;
        self.delete_each(
            caller,
            (operation, "buckets"),
            targets,
            confirmation,
            move |ops, caller, name, scope| async move {
                ops.locate_bucket(&caller, operation, &scope, &name).await.map(|bucket| bucket.place())
            },
            |ops, caller, name, place| async move {
                ops.delete_bucket_now(&caller, &place, &name, Some(name.as_str())).await
            },
        )
        .await
    }

    async fn forget_bucket(&self, place: &Place, name: &BucketName) {
        self.caches().buckets.forget(place).await;
        self.caches().bucket_details.forget(&(place.clone(), name.clone())).await;
        self.caches().objects.forget_all();
    }

    /// A page of what is one level below a prefix. With `fresh`, asks AWS even if something is known.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of AWS.
    pub async fn list_objects(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        prefix: &str,
        after: Option<&str>,
        limit: u16,
        fresh: bool,
    ) -> Result<ObjectPage> {
        let place = bucket.place();
        let resource = resource_of(&bucket.name, prefix);
        let task = Task::new(Operation::ListObjects).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            let cloud = self.cloud_for(caller);
            let key =
                (place.clone(), bucket.name.clone(), prefix.to_owned(), after.map(str::to_owned), limit);
            let ask = cloud.list_objects(&place, &bucket.name, prefix, after, limit);
            let known = self.caches().objects.get(key, fresh, ask).await?;
            Ok(ObjectPage::clone(&known.value))
        })
        .await
    }

    /// Begins to read an object or one of its versions, or a part of it.
    ///
    /// # Errors
    /// `not_found` when there is none, and the errors of AWS.
    pub async fn read_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
        range: Option<&ByteRange>,
    ) -> Result<ObjectStream> {
        let place = bucket.place();
        let resource = resource_of(&bucket.name, key);
        let task = Task::new(Operation::ReadObject).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let cloud = self.cloud_for(caller);
            let object = cloud.read_object(&place, &bucket.name, key, version, range).await?;
            Ok(Done::with(
                object,
                [version_words(version), range.map(ToString::to_string).unwrap_or_default()].join(" "),
            ))
        })
        .await
    }

    /// Deletes an object, the last part of whose key must be typed. In a bucket that keeps versions they stay.
    ///
    /// # Errors
    /// `confirmation_required`, `not_found` when there is no such object, and the errors of AWS.
    pub async fn delete_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        confirmation: Option<&str>,
    ) -> Result<()> {
        let (ops, caller, bucket, key) = (self.clone(), caller.clone(), bucket.clone(), key.to_owned());
        let confirmation = confirmation.map(str::to_owned);
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &key));
            let task = Task::new(Operation::DeleteObject).at(&place).on(&resource);
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                check_key(&key)?;
                check_typed("object", file_name(&key), confirmation.as_deref())?;
                grant.check_covers(&place)?;
                let cloud = ops.cloud_for(&caller);
                // S3 says the same whether there was one or not. Who may delete it need not be allowed to read it.
                match cloud.check_object(&place, &bucket.name, &key, None).await {
                    Err(error) if error.code == ErrorCode::NotFound => return Err(error),
                    _ => {}
                }
                let deleted = cloud.delete_object(&place, &bucket.name, &key).await;
                ops.caches().objects.forget_all();
                deleted
            })
            .await
        })
        .await
    }
}

/// What an object is called in the audit.
fn resource_of(bucket: &BucketName, key: &str) -> String {
    format!("{bucket}/{key}")
}

/// Which version was meant, for the audit.
fn version_words(version: Option<&str>) -> String {
    version.map(|version| format!("version {version}")).unwrap_or_default()
}

/// What destroys something needs its name typed.
fn check_typed(what: &str, name: &str, typed: Option<&str>) -> Result<()> {
    if typed.is_some_and(|typed| is_typed(name, typed)) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::ConfirmationRequired,
        format!("Deleting the {what} cannot be undone, so its name must be typed first."),
    )
    .with_hint(format!("Confirm with {name:?}.")))
}
