//! What filters of lists have in common: how what a person types falls into words, and how a word is looked for. Every text is a filter.

use std::cmp::Ordering;

use crate::Timestamp;

/// Splits at blanks outside double quotes, and takes the quotes away.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if c.is_whitespace() && !quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(c);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `text` contains `word`, which is lower case already.
#[must_use]
pub fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        // The usual case, without a copy: a list of thousands is filtered at every key press.
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return word.is_empty() || text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

/// Whether a word must not be found (`-word`), and the word. A hyphen alone is a word.
#[must_use]
pub fn exclusion(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word),
    }
}

/// What a number must be: `>512`, `<=10`, `7`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberTest {
    comparison: Comparison,
    wanted: f64,
}

/// How a value compares with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Comparison {
    /// Takes the sign at the front, if there is one.
    fn split(word: &str) -> (Option<Self>, &str) {
        let signs = [
            (">=", Self::AtLeast),
            ("<=", Self::AtMost),
            (">", Self::More),
            ("<", Self::Less),
            ("=", Self::Equal),
        ];
        let found = signs.iter().find_map(|(sign, comparison)| Some((*comparison, word.strip_prefix(sign)?)));
        found.map_or((None, word), |(comparison, rest)| (Some(comparison), rest))
    }

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

impl NumberTest {
    /// Reads it. What is no number is found nowhere.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::parse_as(word, |digits| digits.parse().ok())
    }

    /// Reads a number that is written in a way of its own, such as with a unit.
    #[must_use]
    pub fn parse_as(word: &str, number: impl FnOnce(&str) -> Option<f64>) -> Self {
        let (comparison, digits) = Comparison::split(word);
        Self {
            comparison: comparison.unwrap_or(Comparison::Equal),
            wanted: number(digits).unwrap_or(f64::NAN),
        }
    }

    /// Whether a number is as it must be.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self.comparison {
            // A number is the whole number: `memory:128` is not 1280.
            Comparison::Equal => (value - self.wanted).abs() < 0.5,
            other => value.partial_cmp(&self.wanted).is_some_and(|order| other.holds(order)),
        }
    }
}

/// What a time must be, as a beginning of its text: `2026-11`, `>2026-11-20`, `<=2026`. A beginning stands for all of its time, so that
/// `>2026` begins with 2027.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTest {
    comparison: Comparison,
    wanted: String,
}

impl TimeTest {
    /// Reads it. A `T` may stand between day and time, as in addresses.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let (comparison, wanted) = Comparison::split(word);
        let wanted = wanted.to_ascii_uppercase().replace('T', " ");
        Self { comparison: comparison.unwrap_or(Comparison::Equal), wanted }
    }

    /// Whether a time is as it must be. Times are UTC.
    #[must_use]
    pub fn holds(&self, time: Timestamp) -> bool {
        let text = time.to_utc_text();
        let beginning = text.get(..self.wanted.len()).unwrap_or(&text);
        self.comparison.holds(beginning.cmp(&self.wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_and_what_is_none_is_found_nowhere() {
        let holds = |word, value| NumberTest::parse(word).holds(value);
        assert!(holds(">1", 2.0) && holds(">=2", 2.0) && holds("<3", 2.0) && holds("<=2", 2.0));
        assert!(holds("2", 2.2) && holds("=2", 2.0) && !holds("2", 20.0));
        for nonsense in ["", ">", "many", ">x"] {
            assert!(!holds(nonsense, 0.0), "{nonsense}");
        }
    }

    #[test]
    fn a_beginning_of_a_time_stands_for_all_of_it() {
        let time = Timestamp::from_millis(1_795_948_800_000); // 2026-11-29 10:40:00
        let holds = |word| TimeTest::parse(word).holds(time);
        for good in [
            "2026-11-29",
            "2026",
            ">2025",
            ">=2026",
            "<=2026-11",
            "=2026-11-29T10",
            "<2026-11-29T11",
            ">2026-11-28",
        ] {
            assert!(holds(good), "{good}");
        }
        for bad in ["2025", ">2026", "<2026-11-29", "yesterday", "2026-11-29 10:41"] {
            assert!(!holds(bad), "{bad}");
        }
        assert!(holds(""), "nothing is said yet");
    }

    #[test]
    fn quotes_keep_words_together_and_a_hyphen_excludes() {
        assert_eq!(words(" a  \"b c\" d\"e f"), ["a", "b c", "de f"]);
        assert_eq!(
            (exclusion("-a"), exclusion("-"), exclusion("a-b")),
            ((true, "a"), (false, "-"), (false, "a-b"))
        );
        assert!(contains("Straße", "straße") && contains("WEB-1", "b-1") && !contains("a", "ab"));
    }
}
