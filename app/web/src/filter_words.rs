//! What the filters above lists have in common: how what a person types falls into words, and how a word is looked for.

/// Splits at blanks outside double quotes, and takes the quotes away.
pub(crate) fn words(text: &str) -> Vec<String> {
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
pub(crate) fn contains(text: &str, word: &str) -> bool {
    if text.is_ascii() {
        // The usual case, without a copy: a list of thousands is filtered at every key press.
        let (text, word) = (text.as_bytes(), word.as_bytes());
        return word.is_empty() || text.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    }
    text.to_lowercase().contains(word)
}

/// Whether a word must not be found (`-word`), and the word. A hyphen alone is a word.
pub(crate) fn exclusion(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word),
    }
}

/// What a number must be: `>512`, `<=10`, `7`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NumberTest {
    comparison: Comparison,
    wanted: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl NumberTest {
    /// Reads it. What is no number is found nowhere.
    pub(crate) fn parse(word: &str) -> Self {
        let signs = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::More),
            ("<", Comparison::Less),
            ("=", Comparison::Equal),
        ];
        let found = signs.iter().find_map(|(sign, comparison)| Some((*comparison, word.strip_prefix(sign)?)));
        let (comparison, digits) = found.unwrap_or((Comparison::Equal, word));
        Self { comparison, wanted: digits.parse().unwrap_or(f64::NAN) }
    }

    /// Whether a number is as it must be.
    pub(crate) fn holds(self, value: f64) -> bool {
        match self.comparison {
            // A number is the whole number: `memory:128` is not 1280.
            Comparison::Equal => (value - self.wanted).abs() < 0.5,
            Comparison::Less => value < self.wanted,
            Comparison::AtMost => value <= self.wanted,
            Comparison::More => value > self.wanted,
            Comparison::AtLeast => value >= self.wanted,
        }
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
    fn quotes_keep_words_together_and_a_hyphen_excludes() {
        assert_eq!(words(" a  \"b c\" d\"e f"), ["a", "b c", "de f"]);
        assert_eq!(
            (exclusion("-a"), exclusion("-"), exclusion("a-b")),
            ((true, "a"), (false, "-"), (false, "a-b"))
        );
        assert!(contains("Straße", "straße") && contains("WEB-1", "b-1") && !contains("a", "ab"));
    }
}
