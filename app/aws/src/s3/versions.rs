//! Versions of objects, and uploads that were never finished.

use aws_sdk_s3::types as sdk;
use nephoscope_model::{
    Place, Result,
    s3::{BucketName, ObjectVersion, VersionPage},
};

use super::{objects::Spelling, read_etag, read_time};
use crate::{
    Cloud,
    calls::{LIST_MULTIPART_UPLOADS, LIST_OBJECT_VERSIONS},
};

impl Cloud {
    /// A page of the versions below a prefix, one level of them or all levels.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of any call.
    pub async fn list_object_versions(
        &self,
        place: &Place,
        bucket: &BucketName,
        prefix: &str,
        is_one_level: bool,
        after: Option<&str>,
        limit: u16,
    ) -> Result<VersionPage> {
        let site = self.site(place)?;
        let after = after.map(read_markers);
        let request = site
            .s3()
            .list_object_versions()
            .bucket(bucket.as_str())
            .prefix(prefix)
            .set_delimiter(is_one_level.then(|| "/".to_owned()))
            // Keys may hold characters that XML cannot.
            .encoding_type(sdk::EncodingType::Url)
            .max_keys(limit.clamp(1, 1_000).into())
            .set_key_marker(after.as_ref().map(|(key, _)| key.clone()))
            .set_version_id_marker(after.and_then(|(_, version)| version));
        let page = site.call(LIST_OBJECT_VERSIONS, request.send()).await?;
        let spelling = Spelling::of(page.encoding_type.as_ref());
        let next = page.next_key_marker.as_deref().filter(|_| page.is_truncated == Some(true));
        let next = next.map(|key| write_markers(&spelling.read(key), page.next_version_id_marker.as_deref()));
        let contents = page.versions.unwrap_or_default();
        let marks = page.delete_markers.unwrap_or_default();
        let mut versions: Vec<ObjectVersion> = contents
            .iter()
            .filter_map(|version| read_version(version, spelling))
            .chain(marks.iter().filter_map(|mark| read_mark(mark, spelling)))
            .collect();
        // S3 tells both by key and newest first, but apart from each other.
        versions.sort_by(|a, b| {
            let newest = |it: &ObjectVersion| (it.is_latest, it.modified_at);
            a.key.cmp(&b.key).then_with(|| newest(b).cmp(&newest(a)))
        });
        let folders = page.common_prefixes.unwrap_or_default();
        Ok(VersionPage {
            prefix: prefix.to_owned(),
            folders: folders.iter().filter_map(|folder| Some(spelling.read(folder.prefix()?))).collect(),
            versions,
            next,
        })
    }

    /// Up to 1,000 uploads below a prefix that were begun and neither finished nor given up: their keys and ids.
    ///
    /// # Errors
    /// `not_found` when the bucket is gone, and the errors of any call.
    pub async fn list_unfinished_uploads(
        &self,
        place: &Place,
        bucket: &BucketName,
        prefix: &str,
    ) -> Result<Vec<(String, String)>> {
        let site = self.site(place)?;
        let request = site
            .s3()
            .list_multipart_uploads()
            .bucket(bucket.as_str())
            .prefix(prefix)
            .encoding_type(sdk::EncodingType::Url);
        let page = site.call(LIST_MULTIPART_UPLOADS, request.send()).await?;
        let spelling = Spelling::of(page.encoding_type.as_ref());
        let uploads = page.uploads.unwrap_or_default();
        Ok(uploads
            .into_iter()
            .filter_map(|upload| Some((spelling.read(&upload.key?), upload.upload_id?)))
            .collect())
    }
}

fn read_version(version: &sdk::ObjectVersion, spelling: Spelling) -> Option<ObjectVersion> {
    Some(ObjectVersion {
        key: spelling.read(version.key()?),
        version_id: version.version_id()?.to_owned(),
        is_latest: version.is_latest() == Some(true),
        is_delete_marker: false,
        size: version.size().unwrap_or_default(),
        modified_at: version.last_modified().and_then(read_time),
        storage_class: version.storage_class().map(|class| class.as_str().to_owned()),
        etag: read_etag(version.e_tag()),
    })
}

fn read_mark(mark: &sdk::DeleteMarkerEntry, spelling: Spelling) -> Option<ObjectVersion> {
    Some(ObjectVersion {
        key: spelling.read(mark.key()?),
        version_id: mark.version_id()?.to_owned(),
        is_latest: mark.is_latest() == Some(true),
        is_delete_marker: true,
        modified_at: mark.last_modified().and_then(read_time),
        ..ObjectVersion::default()
    })
}

/// S3 needs two things to go on: one text of both. Ids of versions have no slash.
fn write_markers(key: &str, version: Option<&str>) -> String {
    format!("{}/{key}", version.unwrap_or_default())
}

fn read_markers(text: &str) -> (String, Option<String>) {
    let (version, key) = text.split_once('/').unwrap_or(("", text));
    (key.to_owned(), Some(version.to_owned()).filter(|version| !version.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_list_goes_on_is_read_as_it_was_written() {
        for (key, version) in [("a/b", Some("v1")), ("/", None), ("ü/", Some("null"))] {
            let read = read_markers(&write_markers(key, version));
            assert_eq!(read, (key.to_owned(), version.map(str::to_owned)));
        }
    }
}
