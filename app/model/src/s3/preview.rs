//! What of an object can be shown. What it is, its bytes say: what its writer said may be meant to make a browser run it.

use serde::{Deserialize, Serialize};

use crate::json;

/// The largest part of a text that is shown, in bytes.
pub const MOST_TEXT: u64 = 1 << 20;
/// The largest image that is shown, in bytes.
pub const MOST_IMAGE: u64 = 10 << 20;
/// How many bytes tell what something is.
pub const SNIFFED: usize = 512;

/// What can be shown. Whatever a browser could run (HTML, SVG, scripts) is text here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewKind {
    /// Text in UTF-8.
    Text,
    /// An image of this media type.
    Image(&'static str),
}

impl PreviewKind {
    /// What the beginning of something shows it to be; nothing when it is neither text nor an image that browsers show. `is_all` says that
    /// nothing follows.
    #[must_use]
    pub fn of(beginning: &[u8], is_all: bool) -> Option<Self> {
        let image = match beginning {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => "image/avif",
            _ => return is_text(beginning, is_all).then_some(Self::Text),
        };
        Some(Self::Image(image))
    }

    /// The media type that it is sent as.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Image(media_type) => media_type,
        }
    }

    /// The most bytes that are shown of it.
    #[must_use]
    pub const fn limit(self) -> u64 {
        match self {
            Self::Text => MOST_TEXT,
            Self::Image(_) => MOST_IMAGE,
        }
    }
}

/// Whether bytes are text in UTF-8. The last character may be cut unless that is all.
fn is_text(bytes: &[u8], is_all: bool) -> bool {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !is_all && error.error_len().is_none(),
    };
    valid && !bytes.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

/// What a page shows of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// Text, JSON indented.
    Text {
        /// The text.
        text: String,
        /// Whether more follows that is not shown.
        is_cut: bool,
    },
    /// An image, which has an address of its own.
    Image,
    /// Nothing, and why.
    Nothing(String),
}

/// The text as it is shown: JSON indented, anything else as it is.
#[must_use]
pub fn shown_text(text: &str) -> String {
    json::lay_out(text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_say_what_something_is_and_nothing_that_runs_is_more_than_text() {
        let text = Some(PreviewKind::Text);
        for written in ["<html><script>alert(1)</script>", "<svg xmlns='x'/>", "GIF", "{}", "日本\n", ""] {
            assert_eq!(PreviewKind::of(written.as_bytes(), true), text, "{written}");
        }
        let kind = |bytes: &[u8]| PreviewKind::of(bytes, true).map(PreviewKind::media_type);
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(kind(b"GIF89a"), Some("image/gif"));
        assert_eq!(kind(b"RIFF....WEBPVP8 "), Some("image/webp"));
        assert_eq!(kind(b"\0\0\0\x20ftypavif"), Some("image/avif"));
        for other in [&b"\0\x01\x02"[..], b"PK\x03\x04", b"%PDF-1.7\n\x80", b"\xff\xfeh\0"] {
            assert_eq!(PreviewKind::of(other, true), None, "{other:?}");
        }
    }

    #[test]
    fn a_character_may_be_cut_where_more_follows() {
        let cut = &"日".as_bytes()[..2];
        assert_eq!(PreviewKind::of(cut, false), Some(PreviewKind::Text));
        assert_eq!(PreviewKind::of(cut, true), None);
    }
}
