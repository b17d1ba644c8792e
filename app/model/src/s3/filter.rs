//! Which objects are looked for.
//!
//! `app` must be in the key; `size:>10MB`, `modified:2026-11`, `class:glacier` and `key:2026/` look in one place; `-word` must not be found;
//! quotes keep blanks together. Case does not matter.

use super::ObjectSummary;
use crate::filter_words::{NumberTest, TimeTest, contains, exclusion, words};

/// A parsed filter. Every text is one.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectFilter(Vec<Term>);

/// A word of it.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    wanted: Wanted,
    /// Whether it must not be so.
    excluded: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    /// Somewhere in the key, in lower case.
    Key(String),
    Size(NumberTest),
    Modified(TimeTest),
    /// In the storage class, in lower case.
    Class(String),
    /// In the entity tag, in lower case.
    Etag(String),
}

impl ObjectFilter {
    /// Reads what a person typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self(words(text).iter().filter_map(|word| Term::parse(word)).collect())
    }

    /// Whether it lets everything pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an object is one of those that are looked for.
    #[must_use]
    pub fn passes(&self, object: &ObjectSummary) -> bool {
        self.0.iter().all(|term| term.wanted.is_in(object) != term.excluded)
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (excluded, word) = exclusion(word);
        let narrowed = word.split_once(':').and_then(|(key, rest)| Wanted::of(key, rest));
        let (wanted, is_said) = match narrowed {
            Some(narrowed) => (narrowed, !word.ends_with(':')),
            // Keys have colons, too.
            None => (Wanted::Key(word.to_lowercase()), !word.is_empty()),
        };
        is_said.then_some(Self { wanted, excluded })
    }
}

impl Wanted {
    fn of(key: &str, word: &str) -> Option<Self> {
        Some(match key.to_ascii_lowercase().as_str() {
            "key" | "name" => Self::Key(word.to_lowercase()),
            "size" => Self::Size(NumberTest::parse_as(word, bytes)),
            "modified" => Self::Modified(TimeTest::parse(word)),
            "class" => Self::Class(word.to_lowercase()),
            "etag" => Self::Etag(word.to_lowercase()),
            _ => return None,
        })
    }

    fn is_in(&self, object: &ObjectSummary) -> bool {
        let has = |text: &Option<String>, word| contains(text.as_deref().unwrap_or_default(), word);
        match self {
            Self::Key(word) => contains(&object.key, word),
            #[expect(clippy::cast_precision_loss, reason = "an object has 2^46 bytes at most")]
            Self::Size(test) => test.holds(object.size as f64),
            Self::Modified(test) => object.modified_at.is_some_and(|at| test.holds(at)),
            Self::Class(word) => has(&object.storage_class, word),
            Self::Etag(word) => has(&object.etag, word),
        }
    }
}

/// A size as people write it: `512`, `10MB` (a million bytes each), `1.5 GiB` (powers of 1,024).
fn bytes(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1_024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(digits.trim().parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn objects_are_found_by_words_in_the_key_or_in_one_place() {
        let object = ObjectSummary {
            key: "logs/2026/Straße: App.log".to_owned(),
            size: 1_500_000,
            modified_at: Some(Timestamp::from_millis(1_795_948_800_000)), // 2026-11-29
            storage_class: Some("GLACIER_IR".to_owned()),
            etag: Some("0cc175b9".to_owned()),
        };
        let passes = |text: &str| ObjectFilter::parse(text).passes(&object);
        for good in [
            "",
            "app 2026",
            "\"straße: app\"",
            "key:logs -key:images",
            "-other",
            "size:>1MB size:<=1.5MB",
            "size:<1.5MiB",
            "size:1500kB",
            "modified:2026-11 class:glacier",
            "modified:>2026-10 etag:0CC",
            "size:",
            "2026/straße:",
        ] {
            assert!(passes(good), "{good}");
        }
        for bad in [
            "db",
            "app db",
            "-app",
            "size:>2MB",
            "size:many",
            "size:>1Mb?",
            "modified:2025",
            "class:standard",
            "colour:red",
        ] {
            assert!(!passes(bad), "{bad}");
        }
        assert!(ObjectFilter::parse(" size: ").is_empty() && !ObjectFilter::parse("a").is_empty());
    }
}
