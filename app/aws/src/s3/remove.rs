//! Deleting many objects with one call.

use std::collections::BTreeMap;

use aws_sdk_s3::types as sdk;
use nephoscope_model::{
    Error, Place, Result,
    s3::{BucketName, DELETE_BATCH, DeleteResult, ObjectTarget},
};

use super::patient;
use crate::{
    Cloud,
    calls::{DELETE_OBJECT_VERSION, DELETE_OBJECTS},
    error::explain_item,
    site::Site,
};

/// How often those are tried again that S3 was too busy for.
const ATTEMPTS: usize = 4;

impl Cloud {
    /// Deletes up to 1,000 objects or versions, and tells of each what became of it, in their order.
    ///
    /// # Errors
    /// The errors of any call. What is wrong with a single object stands in its result.
    pub async fn delete_objects(
        &self,
        place: &Place,
        bucket: &BucketName,
        targets: &[ObjectTarget],
    ) -> Result<Vec<DeleteResult>> {
        debug_assert!(targets.len() <= DELETE_BATCH);
        let site = self.site(place)?;
        let (mut together, alone): (Vec<&ObjectTarget>, Vec<&ObjectTarget>) =
            targets.iter().partition(|target| fits_xml(&target.key));
        let mut failures = BTreeMap::new();
        for attempt in 1..=ATTEMPTS {
            if together.is_empty() {
                break;
            }
            let failed = delete_together(&site, bucket, &together).await?;
            let is_last = attempt == ATTEMPTS;
            together.retain(|target| failed.get(*target).is_some_and(|(code, _)| !is_last && is_busy(code)));
            failures.extend(failed.into_iter().map(|(target, (_, error))| (target, error)));
            for target in &together {
                failures.remove(*target);
            }
            if !together.is_empty() {
                tokio::time::sleep(site.pause()).await;
            }
        }
        for target in alone {
            let deleted = match target.version_id.as_deref() {
                Some(version) => self.delete_version(place, bucket, &target.key, version).await,
                None => self.delete_object(place, bucket, &target.key).await,
            };
            if let Err(error) = deleted {
                failures.insert(target.clone(), error);
            }
        }
        let result = |target: &ObjectTarget| DeleteResult {
            key: target.key.clone(),
            version_id: target.version_id.clone(),
            error: failures.get(target).cloned(),
        };
        Ok(targets.iter().map(result).collect())
    }

    /// Deletes one version of an object, or the mark of a deletion, for ever.
    ///
    /// # Errors
    /// The errors of any call.
    pub async fn delete_version(
        &self,
        place: &Place,
        bucket: &BucketName,
        key: &str,
        version: &str,
    ) -> Result<()> {
        let site = self.site(place)?;
        let request = site.s3().delete_object().bucket(bucket.as_str()).key(key).version_id(version);
        site.call(DELETE_OBJECT_VERSION, request.send()).await.map(drop)
    }
}

/// What failed: AWS's code, and why.
type Failed = BTreeMap<ObjectTarget, (String, Error)>;

async fn delete_together(site: &Site, bucket: &BucketName, targets: &[&ObjectTarget]) -> Result<Failed> {
    let identifier = |target: &&ObjectTarget| {
        sdk::ObjectIdentifier::builder()
            .key(&target.key)
            .set_version_id(target.version_id.clone())
            .build()
            .map_err(|_| Error::internal())
    };
    let objects = targets.iter().map(identifier).collect::<Result<Vec<_>>>()?;
    let delete = sdk::Delete::builder().set_objects(Some(objects)).quiet(true).build();
    let delete = delete.map_err(|_| Error::internal())?;
    let request = site.s3().delete_objects().bucket(bucket.as_str()).delete(delete);
    let request = request.customize().config_override(patient());
    let answer = site.call(DELETE_OBJECTS, request.send()).await?;
    let mut failed = Failed::new();
    for error in answer.errors.unwrap_or_default() {
        let code = error.code().unwrap_or_default().to_owned();
        let why = explain_item(site, DELETE_OBJECTS, &code, error.message().unwrap_or_default());
        let target = ObjectTarget {
            key: error.key.unwrap_or_default(),
            version_id: error.version_id.filter(|version| !version.is_empty()),
        };
        // An error that cannot be told whose it is counts for all that have its key.
        let is_exact = targets.iter().any(|it| **it == target);
        let named = targets.iter().filter(|it| if is_exact { ***it == target } else { it.key == target.key });
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return Err(why);
        }
        for it in named {
            failed.insert((**it).clone(), (code.clone(), why.clone()));
        }
    }
    Ok(failed)
}

/// Whether trying again may help.
fn is_busy(code: &str) -> bool {
    matches!(code, "SlowDown" | "InternalError" | "ServiceUnavailable")
}

/// Whether a key can be named in the XML of a request
/// ([object keys](https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-xml-related-constraints)).
fn fits_xml(key: &str) -> bool {
    !key.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_xml_cannot_hold_are_known() {
        assert!(
            fits_xml("a b/<&>\"日本") && !fits_xml("z\u{1}") && !fits_xml("a\rb") && !fits_xml("\u{ffff}")
        );
    }
}
