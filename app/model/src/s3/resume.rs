//! Which uploads a browser may go on with: what it keeps of those that are not finished, for when the same file is chosen again.

use serde::{Deserialize, Serialize};

use super::BucketName;
use crate::Place;

/// How long it is kept, in milliseconds: longer, hardly anybody wants to go on.
const KEPT: i64 = 7 * 86_400_000;
/// How many are kept.
const MOST: usize = 100;

/// A file and where it goes: the same again means that its upload can go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Where the bucket is, as text.
    place: String,
    bucket: String,
    key: String,
    size: u64,
    /// When the file was changed last, in milliseconds.
    modified: i64,
}

impl Fingerprint {
    /// Of a file of this size, changed last at that millisecond, that is to become this object.
    #[must_use]
    pub fn new(place: &Place, bucket: &BucketName, key: &str, size: u64, modified: i64) -> Self {
        Self { place: place.to_string(), bucket: bucket.to_string(), key: key.to_owned(), size, modified }
    }
}

/// Uploads that are not finished, by file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unfinished(Vec<(Fingerprint, String, i64)>);

impl Unfinished {
    /// What was kept as a text; nothing when it is not understood.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As a text to keep.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The upload of a file.
    #[must_use]
    pub fn find(&self, file: &Fingerprint) -> Option<&str> {
        self.0.iter().find(|(known, ..)| known == file).map(|(_, id, _)| id.as_str())
    }

    /// Keeps the upload of a file, and forgets what is too old or too much.
    pub fn keep(&mut self, file: Fingerprint, id: &str, now: i64) {
        self.forget(&file);
        self.0.retain(|(.., since)| now - since < KEPT);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((file, id.to_owned(), now));
    }

    /// Forgets the upload of a file.
    pub fn forget(&mut self, file: &Fingerprint) {
        self.0.retain(|(known, ..)| known != file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(key: &str, size: u64, modified: i64) -> Fingerprint {
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        };
        Fingerprint::new(&place, &"things".parse().expect("a name"), key, size, modified)
    }

    #[test]
    fn only_the_same_file_goes_on() {
        let mut kept = Unfinished::default();
        kept.keep(file("a\t\"b", 10, 5), "one", 0);
        kept.keep(file("c", 10, 5), "two", 0);
        let kept = Unfinished::parse(&kept.text());
        assert_eq!(kept.find(&file("a\t\"b", 10, 5)), Some("one"));
        for other in [file("a", 10, 5), file("c", 11, 5), file("c", 10, 6)] {
            assert_eq!(kept.find(&other), None);
        }
    }

    #[test]
    fn what_is_begun_anew_finished_old_or_too_much_is_forgotten() {
        let mut kept = Unfinished::default();
        kept.keep(file("a", 1, 1), "one", 0);
        kept.keep(file("a", 1, 1), "two", 1);
        assert_eq!((kept.0.len(), kept.find(&file("a", 1, 1))), (1, Some("two")));
        kept.forget(&file("a", 1, 1));
        assert_eq!(kept, Unfinished::default());
        kept.keep(file("old", 1, 1), "one", 0);
        kept.keep(file("new", 1, 1), "two", KEPT);
        assert_eq!(kept.find(&file("old", 1, 1)), None);
        for size in 0..200 {
            kept.keep(file("many", size, 1), "x", KEPT);
        }
        assert_eq!(kept.0.len(), MOST);
        assert_eq!(Unfinished::parse("not JSON"), Unfinished::default());
    }
}
