//! Uploads in parts, each part by a request of its own, so that a file goes on where it was when the connection was lost.
//!
//! Which parts there are, S3 alone knows: an id that was given out holds all that is needed to go on, on any server. What is kept of it is only
//! when somebody last did something for it, so that one that nobody finishes is given up.

mod gate;
mod id;

use std::sync::Arc;

pub(crate) use gate::UploadGates;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use nephoscope_aws::{Cloud, ListedPart, Part, Upload};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result, Timestamp,
    s3::{Bucket, PartPlan, UploadRequest, UploadState, Uploaded, UploadedPart, is_crc32},
};
use tokio::time::timeout;

use self::{gate::Gate, id::UploadId};
use super::{
    open_uploads::{NOTE_EVERY, open_upload},
    resource_of,
    upload::{SILENCE, fell_silent},
};
use crate::{
    Caller, Grant, Operate, Ops,
    acting::Acting,
    record::{Done, Task},
};

/// A part of a file, as it comes.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// The upload.
    pub upload: String,
    /// Which part; the first is number 1.
    pub number: u32,
    /// The CRC-32 of its content in Base64.
    pub checksum: Option<String>,
}

impl Ops {
    /// Begins to upload a file in parts.
    ///
    /// # Errors
    /// `conflict` when there is an object of this key and it may not be overwritten, as far as the caller may look; `payload_too_large`,
    /// `invalid_input` for a key that no object has, and the errors of AWS.
    pub async fn begin_upload(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        request: UploadRequest,
    ) -> Result<UploadState> {
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &request.key));
            let task = Task::new(Operation::BeginUpload).at(&place).on(&resource);
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                let plan = request.plan()?;
                grant.check_covers(&place)?;
                let cloud = ops.cloud_for(&caller);
                // S3 refuses to write over it at the end; better it is known before the file was sent. Who may not look learns it then.
                if !request.overwrite
                    && cloud.check_object(&place, &bucket.name, &request.key, None).await.is_ok()
                {
                    return Err(taken(&request.key));
                }
                let upload = Upload {
                    place: place.clone(),
                    bucket: bucket.name.clone(),
                    key: request.key.clone(),
                    content_type: request.content_type.clone(),
                    overwrite: request.overwrite,
                };
                let s3 = cloud.begin_upload(&upload).await?;
                ops.note_begun(&cloud, &open_upload(&caller, &upload, &s3)).await?;
                let id = UploadId { s3, key: request.key, size: request.size, overwrite: request.overwrite };
                let text = id.encode();
                let words = format!("{} bytes in {} parts", id.size, plan.parts());
                Ok(Done::with(state(&id, text, plan, Vec::new()), words))
            })
            .await
        })
        .await
    }

    /// Uploads a part: its content is read up to its end, then it goes to S3, which verifies its checksum. Of an upload, only the first
    /// part that somebody sends is recorded, and those that fail: its begin and its end say the rest.
    ///
    /// # Errors
    /// `invalid_input` for a part that the file has not, or that is not as long as it should be; `not_found` when the upload is not under way
    /// any more; `timeout` when the sender falls silent; those of `content`, and the errors of AWS.
    pub async fn upload_part(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        new: NewPart,
        content: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<UploadedPart> {
        let (id, place) = (UploadId::decode(&new.upload)?, bucket.place());
        let resource = resource_of(&bucket.name, &id.key);
        let task = Task::new(Operation::UploadPart).at(&place).on(&resource);
        let granted = Grant::<Operate>::check(caller, Operation::UploadPart, Some(&place));
        let is_on_record = self.upload_gates().has_record_of(caller, &bucket.name, &id.s3);
        if let (true, Ok(grant)) = (is_on_record, granted) {
            let sent = self.send_part(caller, bucket, &grant, (&id, &new), content);
            let sent = Acting::new(caller.name()).during(sent).await;
            if let Err(error) = &sent {
                self.record_not_begun(caller, &task, error).await?;
            }
            return sent.map_err(|error| error.within_request(&caller.request_id));
        }
        self.perform(caller, task, async |grant: Grant<Operate>| {
            let part = self.send_part(caller, bucket, &grant, (&id, &new), content).await?;
            Ok(Done::with(part, "the first part of those that were sent"))
        })
        .await
    }

    async fn send_part(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        grant: &Grant<Operate>,
        (id, new): (&UploadId, &NewPart),
        content: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<UploadedPart> {
        let place = bucket.place();
        self.check_place(&place)?;
        grant.check_covers(&place)?;
        let length = PartPlan::of(id.size)?.length(new.number).ok_or_else(|| {
            Error::invalid(format!("The file has no part {}.", new.number))
                .with_hint("The first part is number 1.")
        })?;
        if new.checksum.as_deref().is_some_and(|text| !is_crc32(text)) {
            return Err(Error::invalid("The checksum of the part is not a CRC-32 in Base64.")
                .with_hint("It is four bytes, as eight letters such as y/Q5Jg==."));
        }
        let number = i32::try_from(new.number).map_err(|_| Error::internal())?;
        // Each part is held in memory while it comes and goes.
        let _slot = self.upload_slots().acquire().await.map_err(|_| Error::internal())?;
        let gate = self.at_work_on(caller, bucket, id).await;
        let _within = gate.enter().await?;
        let upload = id.upload(bucket);
        let cloud = self.cloud_for(caller);
        let open = open_upload(caller, &upload, &id.s3);
        let work = self.while_at_work(&open, async {
            let content = read(content, usize::try_from(length).map_err(|_| Error::internal())?).await?;
            cloud.upload_part(&upload, &id.s3, number, content, new.checksum.as_deref()).await
        });
        let part = tokio::select! {
            part = work => part,
            () = gate.closed() => return Err(given_up()),
        };
        if part.as_ref().err().is_some_and(|error| error.code == ErrorCode::NotFound) {
            self.upload_has_ended(caller, bucket, id).await;
        }
        let part = part?;
        gate.note_record_of(caller);
        let checksum = part.checksum().map(str::to_owned).or_else(|| new.checksum.clone());
        Ok(UploadedPart { number: new.number, size: length, checksum })
    }

    /// Which parts of an upload S3 has.
    ///
    /// # Errors
    /// `not_found` when it is not under way any more, and the errors of AWS.
    pub async fn list_parts(&self, caller: &Caller, bucket: &Bucket, upload: &str) -> Result<UploadState> {
        let (id, place) = (UploadId::decode(upload)?, bucket.place());
        let resource = resource_of(&bucket.name, &id.key);
        let task = Task::new(Operation::ListParts).at(&place).on(&resource);
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(&place)?;
            grant.check_covers(&place)?;
            let plan = PartPlan::of(id.size)?;
            let parts = self.cloud_for(caller).list_parts(&id.upload(bucket), &id.s3).await?;
            self.at_work_on(caller, bucket, &id).await;
            let parts: Vec<UploadedPart> = parts.iter().map(ListedPart::told).collect();
            let words = format!("{} of {} parts", parts.len(), plan.parts());
            Ok(Done::with(state(&id, upload.to_owned(), plan, parts), words))
        })
        .await
    }

    /// Writes the object of an upload whose parts are all there.
    ///
    /// # Errors
    /// `invalid_input` when parts are missing, which are named; `conflict` when there is an object of this key and it may not be overwritten
    /// (the upload goes on); `not_found` when it is not under way any more, and the errors of AWS.
    pub async fn complete_upload(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        upload: &str,
        overwrite: bool,
    ) -> Result<Uploaded> {
        let id = UploadId::decode(upload)?;
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &id.key));
            let task = Task::new(Operation::CompleteUpload).at(&place).on(&resource);
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                grant.check_covers(&place)?;
                let upload = Upload { overwrite: overwrite || id.overwrite, ..id.upload(&bucket) };
                let completed = complete(&ops.cloud_for(&caller), &upload, &id).await;
                ops.caches().objects.forget_all();
                if completed.as_ref().err().is_none_or(|error| error.code == ErrorCode::NotFound) {
                    ops.upload_has_ended(&caller, &bucket, &id).await;
                }
                let completed = completed?;
                let words = format!("{} bytes", completed.size);
                Ok(Done::with(completed, words))
            })
            .await
        })
        .await
    }

    /// Gives an upload up, and all that was sent of it. Parts that are coming in here are broken off.
    ///
    /// # Errors
    /// `not_found` when it is not under way any more, and the errors of AWS.
    pub async fn abort_upload(&self, caller: &Caller, bucket: &Bucket, upload: &str) -> Result<()> {
        let id = UploadId::decode(upload)?;
        let (ops, caller, bucket) = (self.clone(), caller.clone(), bucket.clone());
        self.to_the_end(async move {
            let (place, resource) = (bucket.place(), resource_of(&bucket.name, &id.key));
            let task = Task::new(Operation::AbortUpload).at(&place).on(&resource);
            ops.perform(&caller, task, async |grant: Grant<Operate>| {
                ops.check_place(&place)?;
                grant.check_covers(&place)?;
                let gate = ops.at_work_on(&caller, &bucket, &id).await;
                // A part that S3 takes in while it gives the upload up may stay.
                let _alone = gate.close_and_wait().await;
                let aborted = ops.cloud_for(&caller).abort_upload(&id.upload(&bucket), &id.s3).await;
                if aborted.as_ref().err().is_none_or(|error| error.code == ErrorCode::NotFound) {
                    ops.upload_has_ended(&caller, &bucket, &id).await;
                } else {
                    // It is still there, and may be gone on with; if nobody does, it is given up in an hour.
                    ops.upload_gates().remove(&bucket.name, &id.s3);
                }
                aborted
            })
            .await
        })
        .await
    }

    /// Somebody does something for an upload: the store hears of it, unless it just did.
    async fn at_work_on(&self, caller: &Caller, bucket: &Bucket, id: &UploadId) -> Arc<Gate> {
        let (gate, now) = (self.upload_gates().of(&bucket.name, &id.s3), Timestamp::now());
        let just = i64::try_from(NOTE_EVERY.as_millis()).unwrap_or(i64::MAX);
        if !gate.was_noted_since(now.plus_millis(-just))
            && self.note_at_work(&open_upload(caller, &id.upload(bucket), &id.s3)).await
        {
            gate.note(now);
        }
        gate
    }

    async fn upload_has_ended(&self, caller: &Caller, bucket: &Bucket, id: &UploadId) {
        self.upload_gates().remove(&bucket.name, &id.s3);
        self.forget_upload(&open_upload(caller, &id.upload(bucket), &id.s3)).await;
    }
}

/// The whole content of a part, which must be as long as it should be.
async fn read(content: impl Stream<Item = Result<Bytes>> + Send, length: usize) -> Result<Bytes> {
    let mut content = std::pin::pin!(content);
    let mut part = BytesMut::with_capacity(length);
    while let Some(piece) = timeout(SILENCE, content.next()).await.map_err(|_| fell_silent())? {
        let piece = piece?;
        if piece.len() > length - part.len() {
            return Err(Error::invalid(format!("The part has more than its {length} bytes.")));
        }
        part.extend_from_slice(&piece);
    }
    if part.len() < length {
        return Err(Error::invalid(format!("The part has {} of its {length} bytes.", part.len()))
            .with_hint("Send it again."));
    }
    Ok(part.freeze())
}

async fn complete(cloud: &Cloud, upload: &Upload, id: &UploadId) -> Result<Uploaded> {
    let plan = PartPlan::of(id.size)?;
    let parts = match cloud.list_parts(upload, &id.s3).await {
        Err(error) if error.code == ErrorCode::NotFound => {
            return completed_before(cloud, upload, id.size, plan.parts()).await.ok_or(error);
        }
        parts => parts?,
    };
    let told: Vec<UploadedPart> = parts.iter().map(ListedPart::told).collect();
    let missing = plan.missing(&told);
    if !missing.is_empty() {
        let named: Vec<String> = missing.iter().take(10).map(u32::to_string).collect();
        let more = if missing.len() > named.len() { " and more" } else { "" };
        return Err(Error::invalid(format!(
            "{} of {} parts are not there: {}{more}.",
            missing.len(),
            plan.parts(),
            named.join(", ")
        ))
        .with_hint("Send them, then complete the upload."));
    }
    let parts = parts.into_iter().map(|listed| listed.part).collect();
    Box::pin(put_together(cloud, upload, &id.s3, parts, id.size)).await
}

/// Makes the object of its parts. When the answer is lost, S3 tells whether it was made: the upload is not under way any more then.
pub(super) async fn put_together(
    cloud: &Cloud,
    upload: &Upload,
    id: &str,
    parts: Vec<Part>,
    size: u64,
) -> Result<Uploaded> {
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    match cloud.complete_upload(upload, id, parts, size).await {
        Err(error) if error.code == ErrorCode::AwsUnavailable => {
            let listed = cloud.list_parts(upload, id).await;
            let is_gone = listed.is_err_and(|error| error.code == ErrorCode::NotFound);
            let made = if is_gone { completed_before(cloud, upload, size, count).await } else { None };
            made.ok_or(error)
        }
        other => other,
    }
}

/// The object, when the upload was completed a moment ago and only the answer was lost: as large, and of as many parts.
async fn completed_before(cloud: &Cloud, upload: &Upload, size: u64, parts: u32) -> Option<Uploaded> {
    let object = cloud.get_object(&upload.place, &upload.bucket, &upload.key, None).await.ok()?;
    let is_of_parts = object.etag.as_ref().is_some_and(|tag| tag.ends_with(&format!("-{parts}")));
    (is_of_parts && object.size == size).then(|| object.into())
}

fn state(id: &UploadId, text: String, plan: PartPlan, uploaded: Vec<UploadedPart>) -> UploadState {
    UploadState {
        id: text,
        key: id.key.clone(),
        size: id.size,
        part_size: plan.part_size(),
        parts: plan.parts(),
        uploaded,
    }
}

fn taken(key: &str) -> Error {
    let key = nephoscope_model::error::shorten(key, 200);
    Error::new(ErrorCode::Conflict, format!("There is an object {key:?} already."))
        .with_hint("Say that it may be overwritten, or choose another key.")
}

fn given_up() -> Error {
    Error::new(ErrorCode::Conflict, "The upload was given up meanwhile.")
}
