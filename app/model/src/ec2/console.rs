//! What an instance writes to its console. Whoever runs programs on it chooses that text.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What an instance wrote to its serial console, at most the last 64 KiB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsoleOutput {
    /// When AWS took it; nothing when there was nothing to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub at: Option<Timestamp>,
    /// As [`readable`] text: it can be shown anywhere, terminals included.
    pub text: String,
}

/// Text for reading: sequences that move a terminal's cursor or colour it are left out, lines end as they do here, and every other
/// character that would not be seen but do something (control characters, and those that turn the direction of writing) is shown as a
/// visible one.
#[must_use]
pub fn readable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => shown.push(c),
            '\r' => {
                // A line that ends with both ends once.
                if rest.peek() != Some(&'\n') {
                    shown.push('\n');
                }
            }
            '\u{1b}' if rest.peek() == Some(&'[') => {
                // ECMA-48: parameters and intermediates, and one final byte.
                rest.next();
                while rest.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
                rest.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => shown.push('\u{2421}'),
            _ if is_unseen(c) => {
                let _ = write!(shown, "‹U+{:04X}›", u32::from(c));
            }
            _ => shown.push(c),
        }
    }
    shown
}

/// The second set of controls, and what turns the direction of writing.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out_and_what_would_do_something_is_shown() {
        for (text, shown) in [
            ("[\u{1b}[0;32m  OK  \u{1b}[0m] Started\r\n", "[  OK  ] Started\n"),
            ("a\rb\r\nc", "a\nb\nc"),
            ("\u{1b}[2J\u{1b}[999;999Hx", "x"),
            ("\u{1b}]0;title\u{7}", "␛]0;title␇"),
            ("\u{1b}[", ""),
            ("a\0b\u{8}\u{7f}", "a␀b␈␡"),
            ("\u{202e}live", "‹U+202E›live"),
            ("\u{9b}31m", "‹U+009B›31m"),
            ("tab\tGröße 日本", "tab\tGröße 日本"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ] {
            assert_eq!(readable(text), shown);
        }
    }

    #[test]
    fn what_was_made_readable_stays_as_it_is() {
        let text = readable("\u{1b}[1m\u{1b}x\r\n\u{85}\0");
        assert_eq!(readable(&text), text);
        assert!(text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{text:?}");
    }
}
