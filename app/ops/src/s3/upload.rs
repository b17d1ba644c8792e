//! Writing objects of any size with bounded memory.

use std::{pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use nephoscope_aws::{Cloud, Part, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, Crc32, Uploaded, check_key, is_crc32},
};

use super::{open_uploads::open_upload, parts::put_together, resource_of};
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

/// What an upload holds of the object in memory at once, in parts. S3 takes none below 5 MiB, but for the last.
const PART_BYTES: usize = 8 << 20;
/// Further parts are larger, since an upload has 10,000 at most: so an object may have 352 GiB.
const LARGE_PART_BYTES: usize = 64 << 20;
/// How many parts are of the smaller size.
const SMALL_PARTS: i32 = 5_000;
/// The most that S3 takes.
const MAX_PARTS: i32 = 10_000;
/// How many parts of one object go to S3 at the same time, while the next one is being read.
const PARTS_AT_ONCE: usize = 2;
/// How long the sender may be silent.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// An object to write.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// The bucket.
    pub bucket: Bucket,
    /// The key.
    pub key: String,
    /// What it is.
    pub content_type: Option<String>,
    /// Whether what has this key already may be lost.
    pub overwrite: bool,
    /// The CRC-32 of its content in Base64: what has another one is not written.
    pub checksum: Option<String>,
}

impl Ops {
    /// Writes an object as its content comes. An upload that fails, or whose sender goes away, leaves nothing behind.
    ///
    /// # Errors
    /// `conflict` when there is one of this key and it may not be overwritten; `timeout` when the sender falls silent; `invalid_input` when the
    /// content is not what the checksum is of; those of `content`, and the errors of AWS.
    pub async fn upload_object(
        &self,
        caller: &Caller,
        new: NewObject,
        content: impl Stream<Item = Result<Bytes>> + Send + 'static,
    ) -> Result<Uploaded> {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move { ops.upload_object_now(&caller, new, content).await }).await
    }

    async fn upload_object_now(
        &self,
        caller: &Caller,
        new: NewObject,
        content: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<Uploaded> {
        let (place, resource) = (new.bucket.place(), resource_of(&new.bucket.name, &new.key));
        let task = Task::new(Operation::UploadObject).at(&place).on(&resource);
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(&place)?;
            check_key(&new.key)?;
            if new.checksum.as_deref().is_some_and(|text| !is_crc32(text)) {
                return Err(Error::invalid("The checksum of the file is not a CRC-32 in Base64."));
            }
            grant.check_covers(&place)?;
            // Each upload holds some parts in memory.
            let _slot = self.upload_slots().acquire().await.map_err(|_| Error::internal())?;
            let upload = Upload {
                place: place.clone(),
                bucket: new.bucket.name.clone(),
                key: new.key.clone(),
                content_type: new.content_type.clone(),
                overwrite: new.overwrite,
            };
            let cloud = self.cloud_for(caller);
            // Boxed: what all of it is made of is nested deeper than the compiler follows.
            let written =
                Box::pin(self.write(caller, &cloud, &upload, new.checksum.as_deref(), content)).await;
            self.caches().objects.forget_all();
            let written = written?;
            let words = format!("{} bytes", written.size);
            Ok(Done::with(written, words))
        })
        .await
    }

    /// In one request when it fits into a part, in parts otherwise.
    async fn write(
        &self,
        caller: &Caller,
        cloud: &Cloud,
        upload: &Upload,
        checksum: Option<&str>,
        content: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<Uploaded> {
        let mut parts = pin!(cut(content));
        let first = parts.try_next().await?.unwrap_or_default();
        if first.len() < PART_BYTES {
            let size = first.len() as u64;
            return match cloud.put_object(upload, first, checksum).await {
                Err(error) if error.code == ErrorCode::AwsUnavailable => {
                    written_before(cloud, upload, size, checksum).await.ok_or(error)
                }
                other => other,
            };
        }
        let id = cloud.begin_upload(upload).await?;
        let parts = stream::once(async { Ok(first) }).chain(parts);
        let work = write_parts(cloud, upload, &id, checksum, parts);
        self.finish_or_give_up(cloud, &open_upload(caller, upload, &id), work).await
    }
}

/// The object, when it was written and only the answer was lost: as large, and of the same checksum.
async fn written_before(
    cloud: &Cloud,
    upload: &Upload,
    size: u64,
    checksum: Option<&str>,
) -> Option<Uploaded> {
    let object = cloud.get_object(&upload.place, &upload.bucket, &upload.key, None).await.ok()?;
    let is_ours = object.checksum.as_deref()?.ends_with(checksum?);
    (is_ours && object.size == size).then(|| object.into())
}

async fn write_parts(
    cloud: &Cloud,
    upload: &Upload,
    id: &str,
    checksum: Option<&str>,
    parts: impl Stream<Item = Result<Bytes>> + Send,
) -> Result<Uploaded> {
    let (mut size, mut crc) = (0, Crc32::default());
    let numbered = parts.zip(stream::iter(1..)).map(|(part, number)| {
        let part: Bytes = part?;
        if number > MAX_PARTS {
            return Err(Error::new(
                ErrorCode::PayloadTooLarge,
                "The object is larger than can be written from here.",
            ));
        }
        size += part.len() as u64;
        if checksum.is_some() {
            crc.update(&part);
        }
        Ok((number, part))
    });
    let parts: Vec<Part> = numbered
        .map_ok(|(number, part)| cloud.upload_part(upload, id, number, part, None))
        .try_buffered(PARTS_AT_ONCE)
        .try_collect()
        .await?;
    // S3 verified each part by what we computed of it; that it is what the sender had, only the whole tells.
    if checksum.is_some_and(|checksum| checksum != crc.text()) {
        return Err(Error::invalid(
            "What arrived is not what the checksum is of, so that it was not written.",
        )
        .with_hint("Send it again."));
    }
    Box::pin(put_together(cloud, upload, id, parts, size)).await
}

/// The sender is silent for too long.
pub(super) fn fell_silent() -> Error {
    Error::new(
        ErrorCode::Timeout,
        "Nothing more of the file came for a minute, so that the upload was given up.",
    )
    .with_hint("Check the network, then upload it again.")
}

/// Cuts what comes into parts, each full but the last. Whatever length the pieces have, a part is copied once.
fn cut(content: impl Stream<Item = Result<Bytes>> + Send) -> impl Stream<Item = Result<Bytes>> + Send {
    struct State<S> {
        content: std::pin::Pin<Box<S>>,
        left: Bytes,
        number: i32,
        ended: bool,
    }
    let start = State { content: Box::pin(content), left: Bytes::new(), number: 0, ended: false };
    stream::try_unfold(start, |mut state| async move {
        if state.ended {
            return Ok(None);
        }
        state.number += 1;
        let wanted = if state.number <= SMALL_PARTS { PART_BYTES } else { LARGE_PART_BYTES };
        let mut part = BytesMut::new();
        loop {
            let taken = state.left.split_to(state.left.len().min(wanted - part.len()));
            part.extend_from_slice(&taken);
            if part.len() == wanted {
                break;
            }
            let next =
                tokio::time::timeout(SILENCE, state.content.next()).await.map_err(|_| fell_silent())?;
            match next {
                Some(piece) => state.left = piece?,
                None => {
                    state.ended = true;
                    break;
                }
            }
        }
        if part.is_empty() && state.number > 1 {
            return Ok(None);
        }
        Ok(Some((part.freeze(), state)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lengths(pieces: Vec<usize>) -> Vec<usize> {
        let pieces = stream::iter(pieces).map(|length| Ok(Bytes::from(vec![b'x'; length])));
        cut(pieces).map_ok(|part| part.len()).try_collect().await.expect("parts")
    }

    #[tokio::test]
    async fn parts_are_full_but_for_the_last() {
        assert_eq!(lengths(vec![]).await, [0], "an empty object is one, too");
        assert_eq!(lengths(vec![1, 2, 3]).await, [6]);
        assert_eq!(lengths(vec![PART_BYTES]).await, [PART_BYTES]);
        assert_eq!(lengths(vec![PART_BYTES - 1, 2]).await, [PART_BYTES, 1]);
        assert_eq!(lengths(vec![3 * PART_BYTES + 5]).await, [PART_BYTES, PART_BYTES, PART_BYTES, 5]);
    }

    #[tokio::test]
    async fn a_sender_who_breaks_off_is_an_error() {
        let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err(Error::invalid("cut off"))]);
        let error = cut(broken).try_collect::<Vec<_>>().await.expect_err("half a file");
        assert_eq!(error.code, ErrorCode::InvalidInput);
    }
}
