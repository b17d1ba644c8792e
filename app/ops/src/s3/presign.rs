//! Lending an object out by a link.

use std::time::Duration;

use nephoscope_model::{
    Error, ErrorCode, Operation, Result,
    s3::{Bucket, ObjectLink, check_key, check_link_seconds},
};
use secrecy::ExposeSecret as _;

use super::{resource_of, version_words};
use crate::{
    Caller, Grant, Operate, Ops,
    record::{Done, Task},
};

impl Ops {
    /// Makes a link with which anybody can read an object for so many seconds, or until the credentials end that sign it. The record says
    /// until when, and never the link.
    ///
    /// # Errors
    /// `invalid_input` below a minute and above 7 days, `not_found` when there is no such object, `conflict` when it is archived, and the
    /// errors of AWS.
    pub async fn presign_object(
        &self,
        caller: &Caller,
        bucket: &Bucket,
        key: &str,
        version: Option<&str>,
        seconds: u32,
    ) -> Result<ObjectLink> {
        let (place, resource) = (bucket.place(), resource_of(&bucket.name, key));
        let task = Task::new(Operation::PresignObject).at(&place).on(&resource);
        self.perform(caller, task, async |grant: Grant<Operate>| {
            self.check_place(&place)?;
            check_key(key)?;
            check_link_seconds(seconds)?;
            grant.check_covers(&place)?;
            let cloud = self.cloud_for(caller);
            // Signing asks nobody: a link to nothing, or one that may not be followed, would be found out by whoever gets it.
            let object = cloud.get_object(&place, &bucket.name, key, version).await?;
            if object.is_archived {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    "The object is archived and must be restored first: nobody could follow the link.",
                )
                .with_hint("Restore it for some days with the AWS Console or `aws s3api restore-object`."));
            }
            let lifetime = Duration::from_secs(seconds.into());
            let link = cloud.sign_link(&place, &bucket.name, key, version, lifetime).await?;
            let words = format!("until {} {}", link.expires_at, version_words(version));
            let link = ObjectLink {
                url: link.url.expose_secret().to_owned(),
                expires_at: link.expires_at,
                ends_with_credentials: link.ends_with_credentials,
            };
            Ok(Done::with(link, words.trim()))
        })
        .await
    }
}
