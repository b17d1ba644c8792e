//! Which objects are looked for.
//!
//! `app` must be in the key; `size:>10MB`, `modified:2026-11`, `class:glacier` and `key:2026/` look in one place; `-word` must not be found;
//! what stands in quotes is in the key as it is. Case does not matter.

use super::ObjectSummary;
use crate::{
    Error, Result,
    filter_words::{NumberTest, TimeTest, contains, exclusion, quoted_words},
};

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
        let mut terms = Vec::new();
        let mut words = quoted_words(text).into_iter().peekable();
        while let Some((mut word, is_literal)) = words.next() {
            // A size is shown, and so written, with a blank before its unit.
            let is_size = word.trim_start_matches('-').to_ascii_lowercase().starts_with("size:");
            if is_size && word.ends_with(|c: char| c.is_ascii_digit()) && !is_literal {
                let unit = words.next_if(|(next, quoted)| !quoted && factor(next).is_some());
                word.extend(unit.map(|(unit, _)| unit));
            }
            terms.extend(Term::parse(&word, is_literal));
        }
        Self(terms)
    }

    /// Whether it lets everything pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes sure that each word of it can be found at all.
    ///
    /// # Errors
    /// `invalid_input` for what is no time where a time must stand: nobody shall delete what was found by mistake.
    pub fn check(&self) -> Result<()> {
        let is_wrong = |term: &Term| matches!(&term.wanted, Wanted::Modified(test) if !test.is_time());
        if self.0.iter().any(is_wrong) {
            return Err(Error::invalid("What stands behind modified: is no time.").with_hint(
                "Write it as 2026, 2026-11, 2026-11-29 or 2026-11-29T10:40, with <, <=, > or >= before it.",
            ));
        }
        let is_wrong = |term: &Term| matches!(&term.wanted, Wanted::Size(test) if !test.is_number());
        if self.0.iter().any(is_wrong) {
            return Err(Error::invalid("What stands behind size: is no size.")
                .with_hint("Write it as 512, 10MB or 1.5GiB, with <, <=, > or >= before it."));
        }
        Ok(())
    }

    /// Whether an object is one of those that are looked for.
    #[must_use]
    pub fn passes(&self, object: &ObjectSummary) -> bool {
        self.0.iter().all(|term| term.wanted.is_in(object) != term.excluded)
    }
}

impl Term {
    fn parse(word: &str, is_literal: bool) -> Option<Self> {
        if is_literal {
            return Some(Self { wanted: Wanted::Key(word.to_lowercase()), excluded: false });
        }
        let (excluded, word) = exclusion(word);
        let narrowed = word.split_once(':').and_then(|(key, rest)| Some((Wanted::of(key, rest)?, rest)));
        // Keys have colons, too.
        let (wanted, rest) = narrowed.unwrap_or_else(|| (Wanted::Key(word.to_lowercase()), word));
        (!rest.is_empty()).then_some(Self { wanted, excluded })
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

/// The digits of a size as people write it, and what one of its unit is in bytes: `512`, `10MB` (millions), `1.5GiB` (powers of 1,024).
fn bytes(text: &str) -> Option<(&str, f64)> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    Some((digits, if unit.is_empty() { 1.0 } else { factor(unit)? }))
}

fn factor(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1_024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return None,
    })
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
            "size:>1.4 MB log",
            "size:1.5 mb",
            "key:straße:",
            "\"Straße: App\"",
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
        for wrong in
            ["modified:<30d", "-modified:>2026-6", "size:>1Mb?", "size:many", "app size:>1 modified:x"]
        {
            assert!(ObjectFilter::parse(wrong).check().is_err_and(|error| error.hint.is_some()), "{wrong}");
        }
        assert!(ObjectFilter::parse("size:>1 MB modified:>2026-11-29T10 -a").check().is_ok());
        assert!(ObjectFilter::parse(" size: ").is_empty() && !ObjectFilter::parse("a").is_empty());
    }
}
