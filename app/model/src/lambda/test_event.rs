//! Payloads that are kept to try a function with.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Result, Timestamp, validated_string};

/// The largest payload that is kept, in bytes.
pub const MAX_TEST_EVENT: usize = 256 << 10;
/// How many are kept of one function.
pub const MOST_TEST_EVENTS: usize = 50;

/// The name of a test event: 1 to 64 letters, digits, `-`, `_` and dots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TestEventName(String);
validated_string!(TestEventName, "a name of a test event (1 to 64 of letters, digits, -, _ and .)", |text| {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && text.bytes().any(|byte| byte != b'.')
});

/// A payload that is kept for a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestEvent {
    /// Its name, unique among those of the function.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "one-line"))]
    pub name: TestEventName,
    /// JSON, exactly as it was written.
    pub payload: String,
    /// Who saved it last.
    pub updated_by: String,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

impl TestEvent {
    /// Makes sure that a payload can be kept.
    ///
    /// # Errors
    /// `payload_too_large`, and `invalid_input` for what is not JSON.
    pub fn check_payload(payload: &str) -> Result<()> {
        if payload.len() > MAX_TEST_EVENT {
            let words = format!("The payload has {} bytes; up to 256 KiB are kept.", payload.len());
            return Err(Error::new(ErrorCode::PayloadTooLarge, words)
                .with_hint("Keep a smaller one, or let the function read the rest from S3."));
        }
        super::invocation::check_json(payload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_payloads_are_json_of_a_size() {
        for good in ["one-line", "a", "A_1.b", &"x".repeat(64)] {
            assert!(good.parse::<TestEventName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<TestEventName>().is_err(), "{bad}");
        }
        assert!(TestEvent::check_payload(" {\"a\": 1}\n").is_ok());
        assert_eq!(TestEvent::check_payload("{").expect_err("no JSON").code, ErrorCode::InvalidInput);
        let of = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        assert!(TestEvent::check_payload(&of(MAX_TEST_EVENT)).is_ok());
        let large = TestEvent::check_payload(&of(MAX_TEST_EVENT + 1)).expect_err("too large");
        assert_eq!(large.code, ErrorCode::PayloadTooLarge);
    }
}
