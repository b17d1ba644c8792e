//! E-mail addresses of people, by which an identity provider says who somebody is.

use serde::{Deserialize, Serialize};

use crate::{Result, validated_string};

/// A person's e-mail address: 3 to 254 bytes of ASCII with one `@`. Always lower case, so that one address is one text.
///
/// It is narrower than RFC 5322 (sections 3.2.3 and 3.4.1): no quoted names, comments or addresses in brackets, which nobody's identity
/// provider hands out. The limits of length are those of RFC 5321 (section 4.5.3.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);
validated_string!(EmailAddress, "an e-mail address such as ada@example.com", |text| {
    (3..=254).contains(&text.len())
        && text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
});

impl EmailAddress {
    /// Understands what somebody typed: blanks around it do not count, nor does upper case.
    ///
    /// # Errors
    /// `invalid_input` when it is no address.
    pub fn typed(text: &str) -> Result<Self> {
        // Letters that only become ASCII when lowered, such as the Kelvin sign, must not become somebody's address.
        text.trim().to_ascii_lowercase().parse()
    }

    /// The same, where leaving a field empty means no address.
    ///
    /// # Errors
    /// `invalid_input` when it is neither empty nor an address.
    pub fn typed_or_none(text: &str) -> Result<Option<Self>> {
        if text.trim().is_empty() { Ok(None) } else { Self::typed(text).map(Some) }
    }
}

fn is_local(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| is_plain(b) || b".!#$%&'*+-/=?^_|~".contains(&b))
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| is_plain(b) || b == b'-')
    })
}

fn is_plain(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_plain_and_in_lower_case() {
        let long =
            format!("{}@{}.de", "a".repeat(64), ["b".repeat(60), "c".repeat(60), "d".repeat(60)].join("."));
        for good in
            ["a@b", "ada@example.com", "o'brien+night@mail.example.co.uk", "1@xn--bcher-kva.example", &long]
        {
            assert_eq!(good.parse::<EmailAddress>().expect("an address").as_str(), good);
        }
        let bad = [
            "",
            "@",
            "a@",
            "@b",
            "ada",
            "ada@b@c",
            "Ada@example.com",
            "ada@Example.com",
            "a da@example.com",
            "ada @example.com",
            " ada@example.com",
            "ada@example.com\n",
            "ada\0@example.com",
            "\"ada\"@example.com",
            "<ada@example.com>",
            "ada(x)@example.com",
            "ada[x]@example.com",
            "a,b@example.com",
            "a;b@example.com",
            "a:b@example.com",
            "a\\b@example.com",
            "äda@example.com",
            "ada@exämple.com",
            "ada@[127.0.0.1]",
            "ada@example_x.com",
            "ada@example..com",
            "ada@.com",
            "ada@example.",
            "ada@-x.com",
            "ada@x-.com",
        ];
        for bad in bad {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_has_bounds() {
        let of = |local: usize, domain: usize| {
            format!("{}@{}", "a".repeat(local), "b".repeat(domain)).parse::<EmailAddress>()
        };
        assert!(of(64, 189).is_ok() && of(1, 252).is_ok());
        assert!(of(65, 10).is_err() && of(64, 190).is_err() && of(1, 253).is_err());
    }

    #[test]
    fn what_people_type_is_trimmed_and_lowered_but_not_changed_otherwise() {
        let typed = EmailAddress::typed(" Ada.L@Example.COM\t").expect("an address");
        assert_eq!(typed.as_str(), "ada.l@example.com");
        // The Kelvin sign is lowered to a plain k by Unicode's rules.
        for other in ["\u{212a}ate@example.com", "ÄDA@example.com", "ada @example.com", ""] {
            assert!(EmailAddress::typed(other).is_err(), "{other:?}");
        }
        assert_eq!(EmailAddress::typed_or_none(" \t").expect("nothing"), None);
        assert_eq!(EmailAddress::typed_or_none(" ADA@b ").expect("an address"), "ada@b".parse().ok());
        assert!(EmailAddress::typed_or_none("ada").is_err());
    }

    #[test]
    fn an_address_is_checked_on_the_wire_too() {
        let read = |json: &str| serde_json::from_str::<EmailAddress>(json);
        assert_eq!(read("\"ada@example.com\"").expect("an address").as_str(), "ada@example.com");
        for bad in ["\"Ada@example.com\"", "\"ada\"", "null", "1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
