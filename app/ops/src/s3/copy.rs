//! Copying and renaming objects.

use futures::{StreamExt, TryStreamExt, stream};
use nephoscope_aws::{Cloud, LARGEST_COPY, ObjectCopy, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, CopyRequest, Uploaded},
};

use super::{open_uploads::open_upload, parts::put_together, resource_of, version_words};
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// The size of a part of a large copy: 5 TiB, the largest object there is, are 5,120 of them.
const PART_BYTES: u64 = 1 << 30;
/// How many parts S3 copies at the same time.
const PARTS_AT_ONCE: usize = 8;

impl Ops {
    /// Copies an object within its bucket, with its metadata and tags; when it is renamed, it goes as soon as the copy is there. Nothing
    /// passes through here, whatever its size.
    ///
    /// # Errors
    /// `conflict` when there is something of the new key and it may not be overwritten, `not_found`, and the errors of AWS.
    pub async fn copy_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        request: &CopyRequest,
    ) -> Result<Uploaded> {
        let (ops, caller) = (self.clone(), caller.clone());
        let (bucket, request) = (bucket.clone(), request.clone());
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &request.key));
            let operation = if request.rename { Operation::RenameObject } else { Operation::CopyObject };
            let words = format!("to {} {}", request.to, version_words(request.version_id.as_deref()));
            let task = Task::new(operation).at(&place).on(&resource).detail(words.trim());
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                request.check()?;
                grant.check_covers(&place)?;
                let copied = ops.copy_now(&caller, &bucket, &request).await;
                ops.caches().objects.forget_all();
                let copied = copied?;
                let words = format!("{} bytes to {}", copied.size, copied.key);
                let before = [("key", request.key.as_str())];
                Ok(Done::with(copied, words).changed(before, [("key", request.to.as_str())]))
            })
            .await
        })
        .await
    }

    async fn copy_now(&self, caller: &Caller, bucket: &Bucket, request: &CopyRequest) -> Result<Uploaded> {
        let (cloud, place) = (self.cloud_for(caller), bucket.place());
        if !request.overwrite {
            // S3 is told, too, but who answers in its place may not know of it.
            match cloud.check_object(&place, &bucket.name, &request.to, None).await {
                Err(error) if error.code == ErrorCode::NotFound => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    return Err(Error::new(
                        ErrorCode::Conflict,
                        format!("There is an object {:?} already.", request.to),
                    )
                    .with_hint("Choose another key, or say that it may be overwritten."));
                }
            }
        }
        let version = request.version_id.as_deref();
        let source = cloud.get_object(&place, &bucket.name, &request.key, version).await?;
        let to = Upload {
            place: place.clone(),
            bucket: bucket.name.clone(),
            key: request.to.clone(),
            content_type: source.content_type.clone(),
            overwrite: request.overwrite,
        };
        let etag = source.etag.clone();
        let copied = self
            .make_copy(caller, &cloud, &ObjectCopy { source, version: request.version_id.clone(), to })
            .await?;
        if request.rename {
            // What somebody else wrote meanwhile is not what was copied.
            let now = cloud.get_object(&place, &bucket.name, &request.key, None).await?;
            if now.etag != etag {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    format!(
                        "{:?} was written anew while it was copied to {:?}, so that it stays.",
                        request.key, request.to
                    ),
                )
                .with_hint("Look at both, then delete the one that is not needed."));
            }
            cloud.delete_object(&place, &bucket.name, &request.key).await.map_err(|error| {
                let message = format!(
                    "The copy {:?} is there, but {:?} could not be deleted: {}",
                    request.to, request.key, error.message
                );
                Error { message, ..error }
            })?;
        }
        Ok(copied)
    }

    /// With one call when S3 does that, in parts otherwise. A copy that fails leaves nothing behind.
    pub(super) async fn make_copy(
        &self,
        caller: &Caller,
        cloud: &Cloud,
        copy: &ObjectCopy,
    ) -> Result<Uploaded> {
        if copy.source.size <= LARGEST_COPY {
            return cloud.copy_object(copy).await;
        }
        // In parts they would be lost.
        if let Some(untold) = copy.source.untold.first() {
            return Err(untold.error.clone());
        }
        let id = cloud.begin_copy(copy).await?;
        let work = copy_parts(cloud, copy, &id);
        self.finish_or_give_up(cloud, &open_upload(caller, &copy.to, &id), work).await
    }
}

async fn copy_parts(cloud: &Cloud, copy: &ObjectCopy, id: &str) -> Result<Uploaded> {
    let parts = stream::iter((1..).zip(ranges(copy.source.size)))
        .map(|(number, range)| cloud.copy_part(copy, id, number, range))
        .buffered(PARTS_AT_ONCE)
        .try_collect()
        .await?;
    Box::pin(put_together(cloud, &copy.to, id, parts, copy.source.size)).await
}

/// The first and last byte of each part.
fn ranges(size: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..size.div_ceil(PART_BYTES))
        .map(move |part| (part * PART_BYTES, ((part + 1) * PART_BYTES).min(size) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_whole_and_do_not_overlap() {
        let all: Vec<_> = ranges(2 * PART_BYTES + 5).collect();
        assert_eq!(
            all,
            [(0, PART_BYTES - 1), (PART_BYTES, 2 * PART_BYTES - 1), (2 * PART_BYTES, 2 * PART_BYTES + 4)]
        );
        assert_eq!(ranges(PART_BYTES).collect::<Vec<_>>(), [(0, PART_BYTES - 1)]);
        assert!(ranges(5 << 40).count() <= 10_000, "S3 takes no more parts");
    }
}
