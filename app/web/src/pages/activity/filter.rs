//! The filters of the activity, read from the URL.

use leptos_router::params::ParamsMap;
use nephoscope_model::{Result, Timestamp, audit::AuditQuery};

use crate::paths::param;

/// The names of the form's fields. The account is `in`, since `account` is the scope.
pub(super) const FIELDS: &[&str] =
    &["user", "operation", "resource", "outcome", "in", "changes", "from", "to"];

/// Records in a page.
const PAGE: u32 = 50;

/// A parameter's text, trimmed; empty when it is missing.
pub(super) fn text_of(params: &ParamsMap, name: &str) -> String {
    params.get_str(name).unwrap_or_default().trim().to_owned()
}

/// What is asked of the audit.
///
/// # Errors
/// `invalid_input` when a value makes no sense.
pub(super) fn query_of(params: &ParamsMap) -> Result<AuditQuery> {
    let text = |name| Some(text_of(params, name)).filter(|text| !text.is_empty());
    Ok(AuditQuery {
        actor: text("user"),
        operation: text("operation").map(|text| text.parse()).transpose()?,
        resource: text("resource"),
        account: text("in").map(|text| text.parse()).transpose()?,
        outcome: text("outcome").map(|text| text.parse()).transpose()?,
        changes_only: text("changes").is_some(),
        from: text("from").map(|text| time_of(&text)).transpose()?,
        to: text("to").map(|text| time_of(&text)).transpose()?,
        before: text(param::BEFORE),
        limit: Some(PAGE),
    })
}

/// A `datetime-local` field has no seconds and no zone: it means UTC here, on both sides. RFC 3339 is taken too.
fn time_of(text: &str) -> Result<Timestamp> {
    match text.len() {
        16 => Timestamp::parse(&format!("{text}:00Z")),
        19 => Timestamp::parse(&format!("{text}Z")),
        _ => Timestamp::parse(text),
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{Operation, audit::Outcome};

    use super::*;

    fn params(pairs: &[(&'static str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn every_filter_is_read() {
        let query = query_of(&params(&[
            ("user", " ada "),
            ("operation", "ec2.stop"),
            ("outcome", "refused"),
            ("in", "111111111111"),
            ("changes", "1"),
            ("from", "2026-11-20T11:00"),
            ("account", "222222222222"),
        ]))
        .expect("a good query");
        assert_eq!(query.actor.as_deref(), Some("ada"));
        assert_eq!(query.operation, Some(Operation::StopInstance));
        assert_eq!(query.outcome, Some(Outcome::Refused));
        assert_eq!(query.account.map(|id| id.to_string()).as_deref(), Some("111111111111"));
        assert!(query.changes_only && query.resource.is_none());
        assert_eq!(query.from.map(|at| at.to_string()).as_deref(), Some("2026-11-20T11:00:00.000Z"));
    }

    #[test]
    fn nonsense_is_an_error_and_not_an_empty_page() {
        for (name, value) in
            [("operation", "ec2.hover"), ("outcome", "x"), ("in", "12"), ("from", "yesterday")]
        {
            assert!(query_of(&params(&[(name, value)])).is_err(), "{name}={value}");
        }
    }
}
