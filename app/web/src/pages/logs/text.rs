//! Text from outside, made safe to look at: what a terminal or a text direction would act upon becomes something to see.

use std::borrow::Cow;
use std::fmt::Write as _;

/// More of a line than this is shown only when it is opened: a line may have 256 kB, and a page thousands of lines.
pub const MOST_SHOWN: usize = 2_000;

/// The text with everything invisible made visible: ANSI escapes and other control characters become their names
/// (`‹ESC›[31m`), characters that turn the direction of text their numbers (`‹U+202E›`). Tabs and line breaks inside stay,
/// those at the end go.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\n', '\r', ' ', '\t']);
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // Writing to a String cannot fail.
        let _ = match c {
            // A line break of Windows is a line break; a lone carriage return overwrites the line in a terminal.
            '\r' if rest.peek() == Some(&'\n') => continue,
            '\0' => out.write_str("‹NUL›"),
            '\u{7}' => out.write_str("‹BEL›"),
            '\u{8}' => out.write_str("‹BS›"),
            '\r' => out.write_str("‹CR›"),
            '\u{1b}' => out.write_str("‹ESC›"),
            '\u{7f}' => out.write_str("‹DEL›"),
            c if is_invisible(c) => write!(out, "‹U+{:04X}›", c as u32),
            c => out.write_char(c),
        };
    }
    Cow::Owned(out)
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{0}'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            // Marks and overrides of direction, by which a line can show what it does not say.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Nothing to see, and lines of their own.
            | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}'
    )
}

/// The beginning of a long text, and how many characters were left out.
#[must_use]
pub fn beginning(text: &str) -> (&str, usize) {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => (&text[..end], text[end..].chars().count()),
        None => (text, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_even_copied() {
        assert!(matches!(
            visible("ordinary 日本 text\twith a tab\n"),
            Cow::Borrowed("ordinary 日本 text\twith a tab")
        ));
    }

    #[test]
    fn what_acts_becomes_what_is_seen() {
        assert_eq!(visible("\u{1b}[31mred\u{1b}[0m"), "‹ESC›[31mred‹ESC›[0m");
        assert_eq!(visible("a\0b\u{7}c\u{7f}"), "a‹NUL›b‹BEL›c‹DEL›");
        assert_eq!(visible("user\u{202e}gpj.exe"), "user‹U+202E›gpj.exe");
        assert_eq!(visible("over\rwritten\r\nnext\r\n"), "over‹CR›written\nnext");
        assert_eq!(visible("\u{9b}31m\u{1}"), "‹U+009B›31m‹U+0001›");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        let long = "é".repeat(MOST_SHOWN + 5);
        let (shown, left_out) = beginning(&long);
        assert_eq!((shown.chars().count(), left_out), (MOST_SHOWN, 5));
        assert_eq!(beginning("short"), ("short", 0));
    }
}
