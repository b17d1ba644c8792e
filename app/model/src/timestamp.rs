//! Points in time.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z. On the wire it is RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch. Values outside the years −9999…9999 are clamped to them, since AWS
    /// and hostile clients can send any 64-bit number.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        const LIMIT: i64 = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z
        Self(millis.clamp(-LIMIT, LIMIT))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This time moved by so many milliseconds.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// `2026-11-20 11:44:08 UTC`: what a page shows before the browser turns it into local time.
    #[must_use]
    pub fn to_utc_text(self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
        self.to_datetime().format(format).unwrap_or_default()
    }

    fn to_datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Reads RFC 3339 with any offset.
    ///
    /// # Errors
    /// `invalid_input` if the text is something else.
    pub fn parse(text: &str) -> crate::Result<Self> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|at| Self::from_millis(i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(0)))
            .map_err(|_| {
                crate::Error::invalid(format!(
                    "{:?} is not a time such as 2026-11-20T12:00:00Z.",
                    crate::error::shorten(text, 40)
                ))
            })
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Timestamp {
    /// The server's clock.
    #[must_use]
    pub fn now() -> Self {
        std::time::SystemTime::now().into()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl From<std::time::SystemTime> for Timestamp {
    fn from(at: std::time::SystemTime) -> Self {
        let millis = match at.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
        };
        Self::from_millis(millis)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        f.write_str(&self.to_datetime().format(format).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_rfc_3339_in_utc_and_survives_a_round_trip() {
        let at = Timestamp::from_millis(1_795_174_448_250);
        assert_eq!(at.to_string(), "2026-11-20T11:34:08.250Z");
        assert_eq!(Timestamp::parse("2026-11-20T12:34:08.25+01:00").ok(), Some(at));
    }

    #[test]
    fn any_number_becomes_a_time_that_can_be_shown() {
        for millis in [i64::MIN, -1, 0, i64::MAX] {
            let at = Timestamp::from_millis(millis);
            assert!(at.to_string().ends_with('Z'));
            assert!(at.to_utc_text().ends_with("UTC"));
        }
    }
}
