//! Showing what is in an object, without ever letting it run.

use std::ops::RangeInclusive;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use nephoscope_aws::{ByteRange, Cloud, ObjectStream};
use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, MOST_IMAGE, MOST_TEXT, Preview, PreviewKind, SNIFFED, check_key, shown_text},
};

use super::resource_of;
use crate::{
    Caller, Grant, Ops, Read,
    record::{Done, Task},
};

/// What of an object can be shown, while it is being read.
#[derive(Debug)]
pub struct PreviewStream {
    /// What it is, as its bytes say.
    pub kind: PreviewKind,
    /// The content, or the part that was asked for, within what is shown.
    pub object: ObjectStream,
}

impl Ops {
    /// What a page shows of an object: a text, or that there is an image, or why there is nothing to see.
    ///
    /// # Errors
    /// `not_found` when there is none, and the errors of AWS.
    pub async fn preview_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
    ) -> Result<Preview> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::ReadObject).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let cloud = self.cloud_for(caller);
            let shown = match look(&cloud, bucket, key, version).await {
                Ok((PreviewKind::Image(_), _)) => Preview::Image,
                Ok((PreviewKind::Text, 0)) => Preview::Text { text: String::new(), is_cut: false },
                Ok((PreviewKind::Text, size)) => {
                    let range = ByteRange::Between(0..=MOST_TEXT - 1);
                    let object = cloud.read_object(&place, &bucket.name, key, version, Some(&range)).await?;
                    let is_cut = size > MOST_TEXT;
                    let bytes = collect(object, MOST_TEXT).await?;
                    let text = String::from_utf8_lossy(whole_characters(&bytes));
                    let text = if is_cut { text.into_owned() } else { shown_text(&text) };
                    Preview::Text { text, is_cut }
                }
                Err(error) if is_unseen(&error) => Preview::Nothing(error.message),
                Err(error) => return Err(error),
            };
            Ok(Done::with(shown, "to show it"))
        })
        .await
    }

    /// Begins to read what can be shown of an object, or a part of that; nothing when it has no such part.
    ///
    /// # Errors
    /// `invalid_input` for what is neither text nor an image, `payload_too_large` for a large image, `not_found`, and the errors of AWS.
    pub async fn read_preview(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
        range: Option<&ByteRange>,
    ) -> Result<Option<PreviewStream>> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::ReadObject).at(&place).on(&resource);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(&place)?;
            check_key(key)?;
            let cloud = self.cloud_for(caller);
            let (kind, size) = look(&cloud, bucket, key, version).await?;
            let shown = size.min(kind.limit());
            let range = match range {
                Some(range) => match within(range, shown) {
                    Some(range) => Some(range),
                    None => return Ok(Done::from(None)),
                },
                None => (shown < size).then(|| 0..=shown - 1),
            };
            let range = range.map(ByteRange::Between);
            let object = cloud.read_object(&place, &bucket.name, key, version, range.as_ref()).await?;
            Ok(Done::with(Some(PreviewStream { kind, object }), "to show it"))
        })
        .await
    }
}

/// What an object is by its first bytes, and its size.
async fn look(
    cloud: &Cloud,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Result<(PreviewKind, u64)> {
    let first = ByteRange::Between(0..=SNIFFED as u64 - 1);
    let object = match cloud.read_object(&bucket.place(), &bucket.name, key, version, Some(&first)).await {
        Ok(object) => object,
        // An empty object has no first byte.
        Err(error) if is_outside(&error) => return Ok((PreviewKind::Text, 0)),
        Err(error) => return Err(error),
    };
    let told = object.content_range.as_deref().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
    let size = told.or(object.length).unwrap_or_default();
    let bytes = collect(object, SNIFFED as u64).await?;
    let Some(kind) = PreviewKind::of(&bytes, size <= SNIFFED as u64) else {
        return Err(Error::invalid("This is neither text in UTF-8 nor an image that browsers show.")
            .with_hint("Download it."));
    };
    if matches!(kind, PreviewKind::Image(_)) && size > MOST_IMAGE {
        let most = MOST_IMAGE >> 20;
        return Err(Error::new(
            ErrorCode::PayloadTooLarge,
            format!("The image is larger than the {most} MiB that are shown."),
        )
        .with_hint("Download it."));
    }
    Ok((kind, size))
}

/// Reads so many bytes at most, whatever comes.
async fn collect(object: ObjectStream, most: u64) -> Result<Bytes> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut pieces = object.bytes;
    let mut bytes = BytesMut::new();
    while bytes.len() < most {
        let piece = pieces.try_next().await.map_err(|_| {
            Error::new(ErrorCode::AwsUnavailable, "S3 broke off while the object was read.")
                .with_hint("Try again.")
        })?;
        let Some(piece) = piece else { break };
        bytes.extend_from_slice(&piece);
    }
    bytes.truncate(most);
    Ok(bytes.freeze())
}

/// The bytes without a character at the end that is cut.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

fn is_outside(error: &Error) -> bool {
    error.aws.as_ref().is_some_and(|aws| aws.code.as_deref() == Some("InvalidRange"))
}

/// Whether an error says that there is nothing to show, rather than that something is wrong.
fn is_unseen(error: &Error) -> bool {
    error.aws.is_none() && matches!(error.code, ErrorCode::InvalidInput | ErrorCode::PayloadTooLarge)
}

/// A range within the bytes that are shown; nothing when it begins behind them.
fn within(range: &ByteRange, shown: u64) -> Option<RangeInclusive<u64>> {
    let (from, to) = match range {
        ByteRange::Between(range) => (*range.start(), *range.end()),
        ByteRange::From(start) => (*start, u64::MAX),
        ByteRange::Last(0) => return None,
        ByteRange::Last(bytes) => (shown.saturating_sub(*bytes), u64::MAX),
    };
    (from < shown).then(|| from..=to.min(shown - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_leaves_what_is_shown() {
        let of = |range: ByteRange| within(&range, 10);
        assert_eq!(of(ByteRange::Between(2..=99)), Some(2..=9));
        assert_eq!(of(ByteRange::From(9)), Some(9..=9));
        assert_eq!(of(ByteRange::Last(3)), Some(7..=9));
        assert_eq!(of(ByteRange::Last(99)), Some(0..=9));
        assert_eq!((of(ByteRange::From(10)), of(ByteRange::Last(0))), (None, None));
        assert_eq!(within(&ByteRange::From(0), 0), None);
    }

    #[test]
    fn a_cut_character_is_left_out_and_a_wrong_one_is_not() {
        let text = "a日".as_bytes();
        assert_eq!(whole_characters(&text[..3]), b"a");
        assert_eq!(whole_characters(text), text);
        assert_eq!(whole_characters(b"a\xffb"), b"a\xffb");
    }
}
