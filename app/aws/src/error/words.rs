//! What AWS says in its errors, fit to be shown.

use nephoscope_model::error::shorten;

/// The action that AWS names in `… is not authorized to perform: ec2:StopInstances on resource: …`.
pub(super) fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("to perform: ")?;
    let action = rest.split_whitespace().next()?;
    let (service, operation) = action.split_once(':')?;
    let plain = |word: &str| {
        (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (plain(service) && plain(operation)).then_some(action)
}

/// AWS's words, fit to be shown: on one line, without what cannot be read (encoded authorization messages), what must not be
/// (key ids, anything as long as a token) and what plays tricks (control and direction characters); and not too many.
pub(super) fn clean(message: &str) -> String {
    let message = message.split("Encoded authorization failure message").next().unwrap_or_default();
    let plain: String = message.chars().map(|c| if is_trick(c) { ' ' } else { c }).collect();
    let words: Vec<&str> =
        plain.split_whitespace().map(|word| if is_secret(word) { "…" } else { word }).collect();
    shorten(&words.join(" "), 300)
}

fn is_trick(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Key ids have 20 characters ([prefixes](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)); no
/// name that AWS writes in an error comes near 200.
fn is_secret(word: &str) -> bool {
    word.len() > 200
        || word
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|part| part.len() >= 16 && (part.starts_with("AKIA") || part.starts_with("ASIA")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_action_is_found_in_the_words_of_aws() {
        let message =
            "User: arn:aws:iam::1:user/a is not authorized to perform: kms:CreateGrant on resource: x";
        assert_eq!(denied_action(message), Some("kms:CreateGrant"));
        assert_eq!(denied_action("You are not authorized to perform this operation."), None);
        assert_eq!(denied_action("is not authorized to perform: <script>:alert(1) on"), None);
        assert_eq!(denied_action("is not authorized to perform: "), None);
    }

    #[test]
    fn words_of_aws_are_made_fit_to_be_shown() {
        assert_eq!(clean("No. Encoded authorization failure message: b64b64b64"), "No.");
        assert_eq!(clean("a\r\n\tb\u{202e}c\u{0}"), "a b c");
        assert_eq!(clean("Key (AKIAIOSFODNN7EXAMPLE) of ASIAIOSFODNN7EXAMPLE"), "Key … of …");
        assert_eq!(clean(&format!("token {}", "x".repeat(201))), "token …");
        assert_eq!(clean(&"word ".repeat(1000)).chars().count(), 301);
        assert_eq!(clean("The instance ID 'i-0123456789abcdef0' does not exist").len(), 52);
    }
}
