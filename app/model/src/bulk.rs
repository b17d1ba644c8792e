//! One request for many resources: each is done for itself, with a result of its own, and what fails for one keeps no other from being
//! done.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Place, Result};

/// How many resources one request changes at most. Each costs AWS a few calls, and the rate of those that change something is limited
/// per account and region ([EC2's limits](https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html)).
pub const MOST_AT_ONCE: usize = 100;

/// Makes sure that a number of resources is one that can be changed at once. `nouns` is what they are called: `instances`.
///
/// # Errors
/// `invalid_input` for none, and for more than [`MOST_AT_ONCE`].
pub fn check_count(count: usize, nouns: &str) -> Result<()> {
    match count {
        0 => Err(Error::invalid(format!("No {nouns} are named.")).with_hint("Name at least one.")),
        1..=MOST_AT_ONCE => Ok(()),
        _ => Err(Error::invalid(format!("{count} {nouns} are too many at once."))
            .with_hint(format!("At most {MOST_AT_ONCE} can be changed by one request."))),
    }
}

/// What cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destruction {
    /// Deleting.
    Delete,
    /// Terminating, as EC2 calls it.
    Terminate,
}

impl Destruction {
    const fn verb(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Terminate => "terminate",
        }
    }

    const fn gerund(self) -> &'static str {
        match self {
            Self::Delete => "Deleting",
            Self::Terminate => "Terminating",
        }
    }
}

/// What must be typed before something is done to resources that cannot be undone: the name of the only one, or else what is done to how
/// many, so that nobody deletes more than they think: `delete 3 functions`.
#[must_use]
pub fn confirmation_of<T: AsRef<str>>(what: Destruction, names: &[T], nouns: &str) -> String {
    match names {
        [only] => only.as_ref().to_owned(),
        many => format!("{} {} {nouns}", what.verb(), many.len()),
    }
}

/// Whether what must be typed was typed. Blanks around it do not count, unless there is nothing else.
#[must_use]
pub fn is_typed(wanted: &str, typed: &str) -> bool {
    typed == wanted || (!wanted.trim().is_empty() && typed.trim() == wanted.trim())
}

/// Makes sure that the [confirmation](confirmation_of) was typed.
///
/// # Errors
/// `confirmation_required`.
pub fn check_confirmation<T: AsRef<str>>(
    what: Destruction,
    names: &[T],
    nouns: &str,
    typed: Option<&str>,
) -> Result<()> {
    let wanted = confirmation_of(what, names, nouns);
    if typed.is_some_and(|typed| is_typed(&wanted, typed)) {
        return Ok(());
    }
    let which = match names {
        [only] => only.as_ref().to_owned(),
        many => format!("{} {nouns}", many.len()),
    };
    let words = format!("{} {which} cannot be undone and must be confirmed.", what.gerund());
    Err(Error::new(ErrorCode::ConfirmationRequired, words).with_hint(format!("Confirm with {wanted:?}.")))
}

/// What became of one of those that were to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Deletion {
    /// Its name.
    pub name: String,
    /// Where it was; nothing when it was not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Why it is still there; nothing when it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_too_many_are_refused() {
        assert!(check_count(1, "instances").is_ok() && check_count(MOST_AT_ONCE, "instances").is_ok());
        assert!(check_count(0, "instances").is_err() && check_count(MOST_AT_ONCE + 1, "instances").is_err());
    }

    #[test]
    fn one_is_confirmed_by_its_name_and_many_by_their_number() {
        assert!(
            check_confirmation(Destruction::Delete, &["thumbnails"], "functions", Some(" thumbnails "))
                .is_ok()
        );
        let check = |typed| check_confirmation(Destruction::Delete, &["a", "b"], "functions", typed);
        assert!(check(Some("delete 2 functions")).is_ok());
        for wrong in [None, Some(""), Some("a"), Some("delete 3 functions"), Some("terminate 2 functions")] {
            let error = check(wrong).expect_err("not confirmed");
            assert_eq!(error.code, ErrorCode::ConfirmationRequired, "{wrong:?}");
            assert!(error.hint.is_some_and(|hint| hint.contains("delete 2 functions")));
        }
    }

    #[test]
    fn blanks_around_a_name_do_not_count_but_a_blank_name_is_not_nothing() {
        assert!(is_typed("web", " web ") && is_typed("web ", "web") && is_typed(" ", " "));
        assert!(!is_typed(" ", "") && !is_typed("web", "Web") && !is_typed("a b", "ab"));
    }
}
