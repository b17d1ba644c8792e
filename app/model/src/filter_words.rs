//! What filters of lists have in common: how what a person types falls into words, and how a word is looked for. Every text is a filter.

use std::cmp::Ordering;

use crate::Timestamp;

/// Splits at blanks outside double quotes, and takes the quotes away.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    quoted_words(text).into_iter().map(|(word, _)| word).collect()
}

/// The same, each with whether it begins with a quote, so that nothing in it has a meaning of its own.
#[must_use]
pub fn quoted_words(text: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let (mut word, mut literal, mut quoted) = (String::new(), false, false);
    for c in text.chars() {
        if c == '"' {
            literal |= word.is_empty() && !quoted;
            quoted = !quoted;
        } else if c.is_whitespace() && !quoted {
            words.push((std::mem::take(&mut word), std::mem::take(&mut literal)));
        } else {
            word.push(c);
        }
    }
    words.push((word, literal));
    words.retain(|(word, _)| !word.is_empty());
    words
}

/// Whether `text` contains `word`, which is lower case already.
#[must_use]
pub fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        // The usual case, without a copy: a list of thousands is filtered at every key press.
        let Some((first, rest)) = word.as_bytes().split_first() else { return true };
        let text = text.as_bytes();
        return text.iter().enumerate().any(|(at, byte)| {
            let after = || text.get(at + 1..at + 1 + rest.len());
            byte.to_ascii_lowercase() == *first && after().is_some_and(|it| it.eq_ignore_ascii_case(rest))
        });
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
    /// How far off a number may be that is the same: half of the last digit that is written.
    precision: f64,
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
        Self::parse_as(word, |digits| Some((digits, 1.0)))
    }

    /// Reads a number that is written with a unit, from which `unit` tells the digits and what one of it is.
    #[must_use]
    pub fn parse_as(word: &str, unit: impl FnOnce(&str) -> Option<(&str, f64)>) -> Self {
        let (comparison, number) = Comparison::split(word);
        let read = unit(number).and_then(|(digits, one)| {
            let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let precision = 0.5 * 10_f64.powi(-i32::try_from(decimals).ok()?);
            Some((digits.parse::<f64>().ok()? * one, precision * one))
        });
        let (wanted, precision) = read.unwrap_or((f64::NAN, 0.0));
        Self { comparison: comparison.unwrap_or(Comparison::Equal), wanted, precision }
    }

    /// Whether it was a number that was written.
    #[must_use]
    pub fn is_number(self) -> bool {
        !self.wanted.is_nan()
    }

    /// Whether a number is as it must be.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self.comparison {
            // A number is the whole number: `memory:128` is not 1280.
            Comparison::Equal => (value - self.wanted).abs() < self.precision,
            other => value.partial_cmp(&self.wanted).is_some_and(|order| other.holds(order)),
        }
    }
}

/// What a time must be, as a beginning of its text: `2026-11`, `>2026-11-20`, `<=2026`. A beginning stands for all of its time, so that
/// `>2026` begins with 2027.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeTest {
    comparison: Comparison,
    /// Nothing when it was no time: it is never so.
    wanted: Option<String>,
}

/// What a time looks like; digits stand for digits.
const TIME: &str = "0000-00-00 00:00:00";

impl TimeTest {
    /// Reads it, with whole numbers from the year on. A `T` may stand between day and time, as in addresses. Any other text is no time.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        let (comparison, text) = Comparison::split(word);
        let text = text.trim_end_matches(['z', 'Z']).replace(['t', 'T'], " ");
        let is_like = |(c, like): (char, char)| if like == '0' { c.is_ascii_digit() } else { c == like };
        let is_whole = [4, 7, 10, 13, 16, 19].contains(&text.len());
        let is_time = is_whole && text.chars().zip(TIME.chars()).all(is_like);
        Self { comparison: comparison.unwrap_or(Comparison::Equal), wanted: is_time.then_some(text) }
    }

    /// Whether it was a time that was written.
    #[must_use]
    pub fn is_time(&self) -> bool {
        self.wanted.is_some()
    }

    /// Whether a time is as it must be. Times are UTC.
    #[must_use]
    pub fn holds(&self, time: Timestamp) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        let text = time.to_utc_text();
        let beginning = text.get(..wanted.len()).unwrap_or(&text);
        self.comparison.holds(beginning.cmp(wanted))
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
        for bad in ["2025", ">2026", "<2026-11-29", "2026-11-29 10:41", ""] {
            assert!(!holds(bad), "{bad}");
        }
        for no_time in
            ["<30d", "<yesterday", ">1", "<29.11.2026", ">2026-6", "2026-1", "202", "20é6", "2026-11-29T10:4"]
        {
            assert!(!holds(no_time) && !TimeTest::parse(no_time).is_time(), "{no_time}");
        }
    }

    #[test]
    fn a_number_is_as_exact_as_it_is_written() {
        let holds = |word: &str, value| {
            NumberTest::parse_as(word, |text| text.strip_suffix("MB").map(|digits| (digits, 1e6)))
                .holds(value)
        };
        assert!(holds("10MB", 10_400_000.0) && !holds("10MB", 10_600_000.0));
        assert!(holds("1.5MB", 1_530_000.0) && !holds("1.5MB", 1_560_000.0));
        assert!(!holds("10", 10.0), "it has no unit");
    }

    #[test]
    fn quotes_keep_words_together_and_a_hyphen_excludes() {
        assert_eq!(words(" a  \"b c\" d\"e f"), ["a", "b c", "de f"]);
        let literal = quoted_words("\"-a b\" -\"c\" d").into_iter().map(|it| it.1).collect::<Vec<_>>();
        assert_eq!(literal, [true, false, false]);
        assert_eq!(
            (exclusion("-a"), exclusion("-"), exclusion("a-b")),
            ((true, "a"), (false, "-"), (false, "a-b"))
        );
        assert!(contains("Straße", "straße") && contains("WEB-1", "b-1") && !contains("a", "ab"));
    }
}
