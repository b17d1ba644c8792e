//! What an upload is called outside. The name holds all that is needed to go on with it, so that nobody has to keep anything: whoever makes
//! one up reaches nothing that they could not reach with the key itself.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use nephoscope_aws::Upload;
use nephoscope_model::{
    Error, Result,
    s3::{Bucket, check_key},
};
use serde::{Deserialize, Serialize};

/// The longest name: of the longest key, escaped, and the longest id that S3 gives.
const LONGEST: usize = 12_000;

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UploadId {
    /// What S3 calls it.
    #[serde(rename = "u")]
    pub(super) s3: String,
    /// The key that the object is going to have.
    #[serde(rename = "k")]
    pub(super) key: String,
    /// Its size in bytes.
    #[serde(rename = "s")]
    pub(super) size: u64,
    /// Whether what has this key already may be lost.
    #[serde(rename = "o")]
    pub(super) overwrite: bool,
}

impl UploadId {
    /// The name, which fits into a path.
    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// # Errors
    /// `invalid_input` for what is no such name.
    pub(super) fn decode(text: &str) -> Result<Self> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            serde_json::from_slice::<Self>(&bytes).ok().filter(|id| !id.s3.is_empty())
        };
        let id = if text.len() > LONGEST { None } else { read() };
        let id = id.ok_or_else(|| {
            Error::invalid("This is not the id of an upload.")
                .with_hint("Take it as it was given when the upload began.")
        })?;
        check_key(&id.key)?;
        Ok(id)
    }

    /// As AWS is asked for it.
    pub(super) fn upload(&self, bucket: &Bucket) -> Upload {
        Upload {
            place: bucket.place(),
            bucket: bucket.name.clone(),
            key: self.key.clone(),
            content_type: None,
            overwrite: self.overwrite,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_holds_any_key_and_is_read_as_it_was_written() {
        for key in ["a/b", "\u{1}\"\\", &"\u{1}".repeat(1_024), "日本/.."] {
            let id = UploadId {
                s3: "VXBsb2Fk/+=".to_owned(),
                key: key.to_owned(),
                size: u64::MAX,
                overwrite: true,
            };
            let text = id.encode();
            assert!(text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_')), "{text}");
            assert_eq!(UploadId::decode(&text).expect("the same"), id);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for bad in [
            "",
            "x",
            "../..",
            &encode("{}"),
            &encode(r#"{"u":"","k":"a","s":1,"o":true}"#),
            &encode(r#"{"u":"x","k":"","s":1,"o":true}"#),
            &encode(r#"{"u":"x","k":"a","s":-1,"o":true}"#),
            &"A".repeat(LONGEST + 1),
        ] {
            assert!(UploadId::decode(bad).is_err(), "{bad}");
        }
    }
}
