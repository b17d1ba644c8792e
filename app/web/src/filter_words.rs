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

#[cfg(test)]
mod tests {
    use super::*;

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
