//! The filters of the activity, read from the URL.

use nephoscope_model::{
    AccountId, Operation, Result, Timestamp,
    audit::{AuditQuery, Outcome},
};

use crate::{
    params::Params,
    paths::{Link, param},
};

/// The names of the form's fields. The account is `in`, since `account` is the scope.
pub(super) const FIELDS: &[&str] =
    &["user", "operation", "resource", "outcome", "in", "changes", "from", "to"];

/// Records in a page.
const PAGE: u32 = 50;

/// A parameter's text, trimmed; empty when it is missing.
pub(super) fn text_of(params: &Params, name: &str) -> String {
    params.get(name).trim().to_owned()
}

/// What is asked of the audit.
///
/// # Errors
/// `invalid_input` when a value makes no sense.
pub(super) fn query_of(params: &Params) -> Result<AuditQuery> {
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
        after: None,
        before: text(param::BEFORE),
        limit: Some(PAGE),
    })
}

/// Where all records that a query selects can be had as a file.
pub(super) fn export_address(query: &AuditQuery, format: &str) -> String {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    Link::new("/api/audit/export")
        .query("format", format)
        .query_opt("actor", query.actor.as_deref())
        .query_opt("operation", query.operation.map(Operation::as_str))
        .query_opt("resource", query.resource.as_deref())
        .query_opt("account", query.account.as_ref().map(AccountId::as_str))
        .query_opt("outcome", query.outcome.map(Outcome::as_str))
        .query("changesOnly", if query.changes_only { "true" } else { "" })
        .query("from", &time(query.from))
        .query("to", &time(query.to))
        .build()
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
    use super::*;

    fn read(search: &str) -> Result<AuditQuery> {
        query_of(&Params::parse(search))
    }

    #[test]
    fn every_filter_is_read() {
        let query = read(
            "?user=+ada+&operation=ec2.stop&outcome=refused&in=111111111111&changes=1&from=2026-11-20T11%3A00\
             &account=222222222222",
        )
        .expect("a good query");
        assert_eq!(query.actor.as_deref(), Some("ada"));
        assert_eq!(query.operation, Some(Operation::StopInstance));
        assert_eq!(query.outcome, Some(Outcome::Refused));
        assert_eq!(query.account.map(|id| id.to_string()).as_deref(), Some("111111111111"));
        assert!(query.changes_only && query.resource.is_none());
        assert_eq!(query.from.map(|at| at.to_string()).as_deref(), Some("2026-11-20T11:00:00.000Z"));
    }

    #[test]
    fn an_export_is_of_what_is_shown() {
        let query = read("user=ada&in=111111111111&changes=1&from=2026-11-20T11:00&before=x&resource=a%26b");
        assert_eq!(
            export_address(&query.expect("a good query"), "csv"),
            "/api/audit/export?format=csv&actor=ada&resource=a%26b&account=111111111111&changesOnly=true\
             &from=2026-11-20T11:00:00.000Z"
        );
    }

    #[test]
    fn a_percent_sign_in_a_filter_is_one() {
        let resource = |search| read(search).expect("a good query").resource;
        assert_eq!(resource("resource=50%2541"), Some("50%41".to_owned()));
        assert_eq!(resource("resource=100%25"), Some("100%".to_owned()));
    }

    #[test]
    fn nonsense_is_an_error_and_not_an_empty_page() {
        for (name, value) in
            [("operation", "ec2.hover"), ("outcome", "x"), ("in", "12"), ("from", "yesterday")]
        {
            assert!(read(&format!("{name}={value}")).is_err(), "{name}={value}");
        }
    }
}
