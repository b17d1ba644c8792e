//! The filter of the lines on the page: plain words, all of which must be found, `-word` that must not, quotes around blanks.

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineFilter {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Its text.
    pub text: &'a str,
    /// Whether it is what was looked for.
    pub marked: bool,
}

impl LineFilter {
    /// Reads what a person typed. Every text is a filter.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        let mut word = String::new();
        let (mut quoted, mut was_quoted, mut minus) = (false, false, false);
        for c in text.chars().chain([' ']) {
            match c {
                '"' => {
                    quoted = !quoted;
                    was_quoted = true;
                }
                '-' if word.is_empty() && !quoted && !was_quoted && !minus => minus = true,
                c if c.is_whitespace() && !quoted => {
                    filter.add(std::mem::take(&mut word), minus);
                    (was_quoted, minus) = (false, false);
                }
                c => word.push(c),
            }
        }
        // A quote that is not closed yet holds the rest.
        filter.add(word.trim_end().to_owned(), minus);
        filter
    }

    fn add(&mut self, word: String, unwanted: bool) {
        if !word.is_empty() {
            if unwanted { &mut self.unwanted } else { &mut self.wanted }.push(word);
        }
    }

    /// Whether it lets everything pass.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Whether a line passes.
    #[must_use]
    pub fn matches(&self, line: &str) -> bool {
        self.wanted.iter().all(|word| find(line, word, 0).is_some())
            && !self.unwanted.iter().any(|word| find(line, word, 0).is_some())
    }

    /// The line in pieces, with what was looked for marked.
    #[must_use]
    pub fn mark<'a>(&self, line: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut from = 0;
        // The first of all the words' next places, and the longest of those.
        while let Some((start, length)) = self
            .wanted
            .iter()
            .filter_map(|word| Some((find(line, word, from)?, word.len())))
            .min_by_key(|(start, length)| (*start, usize::MAX - length))
        {
            if start > from {
                pieces.push(Piece { text: &line[from..start], marked: false });
            }
            pieces.push(Piece { text: &line[start..start + length], marked: true });
            from = start + length;
        }
        if from < line.len() || pieces.is_empty() {
            pieces.push(Piece { text: &line[from..], marked: false });
        }
        pieces
    }
}

/// Where `word` is found in `line` from a place on. The case of ASCII letters does not matter; that of others does, since
/// their lengths differ by case.
fn find(line: &str, word: &str, from: usize) -> Option<usize> {
    let (bytes, word_bytes) = (line.as_bytes(), word.as_bytes());
    let last = bytes.len().checked_sub(word_bytes.len())?;
    (from..=last).find(|&start| {
        bytes[start..start + word_bytes.len()].eq_ignore_ascii_case(word_bytes)
            && line.is_char_boundary(start)
            && line.is_char_boundary(start + word_bytes.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str, line: &str) -> bool {
        LineFilter::parse(filter).matches(line)
    }

    #[test]
    fn words_must_all_be_found_and_excluded_ones_must_not() {
        let line = "ERROR payment 42 failed: time out";
        for good in
            ["", "error", "payment FAILED", "\"time out\"", "-debug", "error -debug", "-\"time in\"", "out\""]
        {
            assert!(passes(good, line), "{good}");
        }
        for bad in ["warn", "error warn", "\"failed time\"", "-payment", "error -\"time out\""] {
            assert!(!passes(bad, line), "{bad}");
        }
    }

    #[test]
    fn an_unfinished_exclusion_hides_nothing_and_a_minus_inside_a_word_is_text() {
        assert!(passes("-", "anything"));
        assert!(passes("web-1", "from web-1"));
        assert!(!passes("web-1", "from web1"));
        assert!(passes("\"-x\"", "a -x b"));
        assert_eq!(LineFilter::parse("  "), LineFilter::default());
    }

    #[test]
    fn what_was_looked_for_is_marked_and_nothing_is_lost() {
        let marked = |filter: &str, line: &str| -> String {
            LineFilter::parse(filter)
                .mark(line)
                .iter()
                .map(|p| if p.marked { format!("<{}>", p.text) } else { p.text.to_owned() })
                .collect()
        };
        assert_eq!(marked("err", "Error: an err"), "<Err>or: an <err>");
        assert_eq!(marked("err error", "an error"), "an <error>");
        assert_eq!(marked("", "line"), "line");
        assert_eq!(marked("x", ""), "");
        assert_eq!(marked("日本", "in 日本 now"), "in <日本> now");
        assert_eq!(marked("aa", "aaaa"), "<aa><aa>");
    }

    #[test]
    fn bytes_inside_a_character_are_no_match() {
        // The second byte of é is the first of nothing, but must not be cut at.
        for line in ["é", "éé", "aé"] {
            for word in ["\u{a9}", "©"] {
                assert!(!passes(word, line));
            }
        }
    }
}
