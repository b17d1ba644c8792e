//! KMS: data keys wrapped by a master key that never leaves AWS.
//! [API reference](https://docs.aws.amazon.com/kms/latest/APIReference/)

use std::{fmt, sync::Arc};

use aws_sdk_kms::{primitives::Blob, types::DataKeySpec};
use aws_types::region::Region as SdkRegion;
use nephoscope_model::{AccountId, Error, Place, Region, Result};
use secrecy::SecretSlice;

use crate::{
    Cloud,
    calls::{DECRYPT, GENERATE_DATA_KEY},
    site::Site,
};

/// A key of KMS that wraps data keys, used with the server's own credentials. Cheap to clone.
#[derive(Clone)]
pub struct KeyService {
    arn: Arc<str>,
    site: Arc<Site>,
}

impl fmt::Debug for KeyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyService").field("arn", &self.arn).finish_non_exhaustive()
    }
}

impl Cloud {
    /// A key of KMS by its ARN, `arn:aws:kms:<region>:<account>:key/<id>`. Nothing is asked yet.
    ///
    /// # Errors
    /// `invalid_input` when that is not the ARN of a key.
    pub fn key_service(&self, arn: &str) -> Result<KeyService> {
        let place = read_arn(arn).ok_or_else(|| {
            Error::invalid(format!(
                "{:?} is not the ARN of a key of KMS.",
                nephoscope_model::error::shorten(arn, 120)
            ))
            .with_hint(
                "It looks like arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab.",
            )
        })?;
        let region = SdkRegion::new(place.region.as_str().to_owned());
        let sdk = self.inner().sdk().to_builder().region(region).build();
        Ok(KeyService { arn: arn.into(), site: Arc::new(self.inner().server_site(place, sdk)) })
    }
}

/// Where a key is. An alias may come to mean another key, so it does not name one for good.
fn read_arn(arn: &str) -> Option<Place> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "kms", region, account, key] = parts.as_slice() else { return None };
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (plain(partition) && key.strip_prefix("key/").is_some_and(plain)).then_some(())?;
    Some(Place { account: account.parse::<AccountId>().ok()?, region: region.parse::<Region>().ok()? })
}

impl KeyService {
    /// The key's ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.arn
    }

    /// A new data key of 32 bytes, in plain and wrapped; the record and the field are bound to the wrapped one.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn generate_data_key(&self, record: &str, field: &str) -> Result<(SecretSlice<u8>, Vec<u8>)> {
        let request = self
            .site
            .kms()
            .generate_data_key()
            .key_id(&*self.arn)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context("application", "nephoscope")
            .encryption_context("record", record)
            .encryption_context("field", field);
        let answer = self.site.call(GENERATE_DATA_KEY, request.send()).await?;
        let wrapped = answer.ciphertext_blob.map(Blob::into_inner).unwrap_or_default();
        Ok((secret(answer.plaintext), wrapped))
    }

    /// The plain data key; KMS gives it only for the record and the field that it was made for.
    ///
    /// # Errors
    /// `aws_rejected` for another record or a blob that was changed, and the errors of any call.
    pub async fn decrypt(&self, record: &str, field: &str, wrapped: &[u8]) -> Result<SecretSlice<u8>> {
        let request = self
            .site
            .kms()
            .decrypt()
            .key_id(&*self.arn)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context("application", "nephoscope")
            .encryption_context("record", record)
            .encryption_context("field", field);
        let answer = self.site.call(DECRYPT, request.send()).await?;
        Ok(secret(answer.plaintext))
    }
}

/// The bytes, in memory that is wiped when they are no longer needed.
fn secret(plain: Option<Blob>) -> SecretSlice<u8> {
    SecretSlice::from(plain.map(Blob::into_inner).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_own_arn() {
        let place = read_arn("arn:aws:kms:eu-west-1:111111111111:key/mrk-1234abcd");
        assert_eq!(place.map(|place| place.to_string()).as_deref(), Some("111111111111/eu-west-1"));
        for bad in [
            "",
            "alias/nephoscope",
            "arn:aws:kms:eu-west-1:111111111111:alias/nephoscope",
            "arn:aws:kms:eu-west-1:11:key/a",
            "arn:aws:s3:eu-west-1:111111111111:key/a",
            "arn:aws:kms:eu-west-1:111111111111:key/a.b",
        ] {
            assert!(read_arn(bad).is_none(), "{bad}");
        }
    }
}
