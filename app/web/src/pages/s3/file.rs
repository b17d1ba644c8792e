//! What is shown of a bucket, as a file for spreadsheets.

use leptos::prelude::*;
use nephoscope_model::s3::{ObjectSummary, ObjectVersion};

use crate::csv;

/// Makes the file of these objects when it is asked for.
pub(super) fn objects_csv(objects: Vec<ObjectSummary>) -> Callback<(), String> {
    let objects = StoredValue::new(objects);
    Callback::new(move |()| objects.with_value(|objects| objects_to_csv(objects)))
}

pub(super) fn versions_csv(versions: Vec<ObjectVersion>) -> Callback<(), String> {
    let versions = StoredValue::new(versions);
    Callback::new(move |()| versions.with_value(|versions| versions_to_csv(versions)))
}

fn objects_to_csv(objects: &[ObjectSummary]) -> String {
    let mut text = csv::row(["Key", "Size", "Modified", "Storage class", "ETag"]);
    for object in objects {
        text += &csv::row([
            object.key.clone(),
            object.size.to_string(),
            object.modified_at.map(|at| at.to_string()).unwrap_or_default(),
            object.storage_class.clone().unwrap_or_default(),
            object.etag.clone().unwrap_or_default(),
        ]);
    }
    text
}

fn versions_to_csv(versions: &[ObjectVersion]) -> String {
    let mut text =
        csv::row(["Key", "Version", "Latest", "Delete marker", "Size", "Modified", "Storage class", "ETag"]);
    for version in versions {
        text += &csv::row([
            version.key.clone(),
            version.version_id.clone(),
            version.is_latest.to_string(),
            version.is_delete_marker.to_string(),
            version.size.to_string(),
            version.modified_at.map(|at| at.to_string()).unwrap_or_default(),
            version.storage_class.clone().unwrap_or_default(),
            version.etag.clone().unwrap_or_default(),
        ]);
    }
    text
}

#[cfg(test)]
mod tests {
    use nephoscope_model::Timestamp;

    use super::*;

    #[test]
    fn what_is_shown_is_exported_and_no_key_is_a_formula() {
        let object = ObjectSummary {
            key: "=1+1, \"x\"".to_owned(),
            size: 7,
            modified_at: Some(Timestamp::from_millis(0)),
            storage_class: None,
            etag: Some("abc".to_owned()),
        };
        let text = objects_to_csv(&[object]);
        assert_eq!(text.lines().nth(1), Some("\"'=1+1, \"\"x\"\"\",7,1970-01-01T00:00:00.000Z,,abc"));
        let version =
            ObjectVersion { key: "a".to_owned(), version_id: "v".to_owned(), ..ObjectVersion::default() };
        assert_eq!(versions_to_csv(&[version]).lines().nth(1), Some("a,v,false,false,0,,,"));
    }
}
