//! The language of nephoscope: the words that the browser, the server, the cloud and the store share.
//!
//! Resources, scopes, roles, permissions and errors. There is no I/O here and nothing that cannot compile to WASM, so a
//! page and the operation behind it speak of exactly the same types. On the wire every field is `camelCase`, every time
//! is RFC 3339 in UTC, and every enum value is the word that AWS itself uses where AWS has one.

pub mod account;
pub mod audit;
pub mod bulk;
pub mod ec2;
pub mod error;
pub mod filter_words;
pub mod identity;
pub mod json;
pub mod lambda;
pub mod listing;
pub mod live;
pub mod login;
pub mod logs;
pub mod metrics;
pub mod operation;
pub mod paging;
pub mod s3;
pub mod scope;
pub mod timestamp;
pub mod usage;

pub use error::{Error, ErrorCode, Result};
pub use listing::{Listing, Source};
pub use operation::{Operation, READ_ONLY_TEXT};
pub use scope::{Account, AccountId, Place, Region, Scope};
pub use timestamp::Timestamp;

/// Implements `Display`, `AsRef<str>` and `FromStr` for a validated string type, and (de)serialisation through them, so
/// that a bad value is refused at the door, wherever the door is.
macro_rules! validated_string {
    ($name:ident, $what:literal, $valid:expr) => {
        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Error;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(crate::Error::invalid(format!(
                        "{:?} is not {}.",
                        crate::error::shorten(text, 80),
                        $what
                    )))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::Error;

            fn try_from(text: String) -> std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}
pub(crate) use validated_string;
