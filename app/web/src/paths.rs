//! Every link inside nephoscope is built here, so that the scope survives each click and nothing is escaped by hand.
//!
//! The shape of the addresses: `?account=…&region=…` is always the *scope* (what lists look over). A resource that lives in
//! one place carries it apart, as `at=<account>/<region>`, so that looking at one instance does not narrow the scope.
//!
//! ```
//! use nephoscope_web::paths::{self, Link};
//! use nephoscope_model::Scope;
//!
//! let scope = Scope::from_query(Some("111111111111"), None).unwrap();
//! assert_eq!(paths::ec2(&scope), "/ec2?account=111111111111");
//! let link = Link::new("/logs").query("group", "/aws/lambda/a b").scope(&scope).build();
//! assert_eq!(link, "/logs?group=/aws/lambda/a%20b&account=111111111111");
//! ```

mod resources;
mod s3;

use leptos_router::location::Url;
use nephoscope_model::{
    Error, Place, Result, Scope, ec2::InstanceId, ec2::InstanceState, lambda::FunctionName,
};

pub use resources::{aws_console, ec2_resource, ec2_resources, s3_console};
pub use s3::{
    PROPERTIES, bucket, bucket_part, copy_in, in_bucket, object, object_file, object_preview, objects,
    upload_to, upload_whole, uploads, versions,
};

use crate::params::Params;

/// The names of the query parameters that mean the same on every page.
pub mod param {
    /// Accounts of the scope, comma-separated.
    pub const ACCOUNT: &str = "account";
    /// Regions of the scope, comma-separated.
    pub const REGION: &str = "region";
    /// The one place of a resource: `<account>/<region>`.
    pub const AT: &str = "at";
    /// Where to go after logging in.
    pub const NEXT: &str = "next";
    /// A state that a list is narrowed to.
    pub const STATE: &str = "state";
    /// A log group's name.
    pub const GROUP: &str = "group";
    /// The one of a list whose details are shown.
    pub const OPEN: &str = "open";
    /// A part of a page that has several.
    pub const PART: &str = "part";
    /// The position in a list that is read page by page; dropped whenever what is listed changes.
    pub const BEFORE: &str = "before";
}

/// Where a log-out is sent once more that did not reach the store.
pub const LOG_OUT_AGAIN: &str = "/logout?again";

/// An address in the making. Empty values are left out, everything is percent-encoded.
#[derive(Clone, Debug)]
pub struct Link {
    text: String,
    has_query: bool,
}

impl Link {
    /// Begins with a path whose segments need no encoding.
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self { text: path.to_owned(), has_query: path.contains('?') }
    }

    /// Begins with the address of the page, without some of its parameters.
    #[must_use]
    pub fn here(url: &Url, without: &[&str]) -> Self {
        Params::parse(url.search())
            .pairs()
            .filter(|(name, _)| !without.contains(name))
            .fold(Self::new(url.path()), |link, (name, value)| link.query(name, value))
    }

    /// Adds a path segment, encoded.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        if !self.text.ends_with('/') {
            self.text.push('/');
        }
        encode_into(&mut self.text, segment, "");
        self
    }

    /// Adds `name=value`, unless the value is empty.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.text.push(if self.has_query { '&' } else { '?' });
            self.has_query = true;
            encode_into(&mut self.text, name, "");
            self.text.push('=');
            // These may stand in a query as they are, and addresses stay readable with them.
            encode_into(&mut self.text, value, ",/:@");
        }
        self
    }

    /// Adds `name=value` if there is a value.
    #[must_use]
    pub fn query_opt(self, name: &str, value: Option<&str>) -> Self {
        self.query(name, value.unwrap_or_default())
    }

    /// Adds the scope.
    #[must_use]
    pub fn scope(self, scope: &Scope) -> Self {
        self.query_opt(param::ACCOUNT, scope.account_query().as_deref())
            .query_opt(param::REGION, scope.region_query().as_deref())
    }

    /// Adds the one place that a resource lives in.
    #[must_use]
    pub fn at(self, place: &Place) -> Self {
        self.query(param::AT, &place.to_string())
    }

    /// The address.
    #[must_use]
    pub fn build(self) -> String {
        self.text
    }
}

/// The dashboard.
#[must_use]
pub fn dashboard(scope: &Scope) -> String {
    Link::new("/dashboard").scope(scope).build()
}

/// The list of instances.
#[must_use]
pub fn ec2(scope: &Scope) -> String {
    Link::new("/ec2").scope(scope).build()
}

/// The list of instances in one state.
#[must_use]
pub fn ec2_in_state(state: InstanceState, scope: &Scope) -> String {
    Link::new("/ec2").query(param::STATE, state.as_str()).scope(scope).build()
}

/// Where instances are launched.
#[must_use]
pub fn launch(scope: &Scope) -> String {
    Link::new("/ec2/launch").scope(scope).build()
}

/// One instance: `/ec2/i-…?at=<account>/<region>` and the scope.
#[must_use]
pub fn instance(place: &Place, id: &InstanceId, scope: &Scope) -> String {
    Link::new("/ec2").segment(id.as_str()).at(place).scope(scope).build()
}

/// The list of buckets.
#[must_use]
pub fn s3(scope: &Scope) -> String {
    Link::new("/s3").scope(scope).build()
}

/// The list of Lambda functions.
#[must_use]
pub fn lambda(scope: &Scope) -> String {
    Link::new("/lambda").scope(scope).build()
}

/// One function: `/lambda/<name>?at=<account>/<region>` and the scope.
#[must_use]
pub fn function(place: &Place, name: &FunctionName, scope: &Scope) -> String {
    Link::new("/lambda").segment(name.as_str()).at(place).scope(scope).build()
}

/// A part of one function's page.
#[must_use]
pub fn function_part(place: &Place, name: &FunctionName, part: &str, scope: &Scope) -> String {
    Link::new("/lambda").segment(name.as_str()).at(place).query(param::PART, part).scope(scope).build()
}

/// The log groups.
#[must_use]
pub fn logs(scope: &Scope) -> String {
    Link::new("/logs").scope(scope).build()
}

/// The lines of one log group.
#[must_use]
pub fn log_group(place: &Place, group: &str, scope: &Scope) -> String {
    Link::new("/logs").at(place).query(param::GROUP, group).scope(scope).build()
}

/// What was done.
#[must_use]
pub fn activity(scope: &Scope) -> String {
    Link::new("/activity").scope(scope).build()
}

/// What was done to one resource.
#[must_use]
pub fn activity_of(resource: &str, scope: &Scope) -> String {
    Link::new("/activity").query("resource", resource).scope(scope).build()
}

/// How often AWS was called, for whom, and what it cost.
#[must_use]
pub fn usage(scope: &Scope) -> String {
    Link::new("/activity/usage").scope(scope).build()
}

/// The description of the REST interface.
#[must_use]
pub fn api_docs(scope: &Scope) -> String {
    Link::new("/api-docs").scope(scope).build()
}

/// Who may log in, and what they may do.
#[must_use]
pub fn people(scope: &Scope) -> String {
    Link::new("/settings/people").scope(scope).build()
}

/// One person, for administrators.
#[must_use]
pub fn person(name: &str, scope: &Scope) -> String {
    Link::new("/settings/people").segment(name).scope(scope).build()
}

/// The AWS accounts.
#[must_use]
pub fn accounts(scope: &Scope) -> String {
    Link::new("/settings/accounts").scope(scope).build()
}

/// What the page of the AWS accounts is opened for.
#[derive(Clone, Copy, Debug)]
pub enum AccountTask<'a> {
    /// The form for another account.
    Add,
    /// The form of this one.
    Edit(&'a str),
    /// Asking before this one is removed.
    Remove(&'a str),
    /// Trying whether this one can be entered.
    Test(&'a str),
    /// What else there is, asked from this one; `first` for the first.
    Discover(&'a str),
}

/// The AWS accounts, with something to do.
#[must_use]
pub fn account_task(task: AccountTask<'_>, scope: &Scope) -> String {
    let (name, value) = match task {
        AccountTask::Add => ("edit", "new"),
        AccountTask::Edit(id) => ("edit", id),
        AccountTask::Remove(id) => ("remove", id),
        AccountTask::Test(id) => ("test", id),
        AccountTask::Discover(from) => ("discover", from),
    };
    Link::new("/settings/accounts").query(name, value).scope(scope).build()
}

/// One's own account: sessions, password, tokens.
#[must_use]
pub fn me(scope: &Scope) -> String {
    Link::new("/settings/me").scope(scope).build()
}

/// The log-in page, coming back to `next` (a path with its query; empty for the dashboard).
#[must_use]
pub fn login(next: &str) -> String {
    Link::new("/login").query(param::NEXT, next).build()
}

/// Reads the value of `at=`.
///
/// # Errors
/// `invalid_input` unless it is `<account>/<region>`.
pub fn parse_place(text: &str) -> Result<Place> {
    let Some((account, region)) = text.split_once('/') else {
        return Err(Error::invalid("The address does not say in which account and region this is.")
            .with_hint("Open it from its list."));
    };
    Ok(Place { account: account.parse()?, region: region.parse()? })
}

/// Whether a text may be used as the `next` of a log-in: a path of ours, never another site's address.
#[must_use]
pub fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

/// Percent-encodes all but the unreserved characters of RFC 3986 and those in `keep`.
fn encode_into(out: &mut String, text: &str, keep: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::from_query(Some("111111111111,222222222222"), Some("eu-west-1")).expect("a good scope")
    }

    #[test]
    fn the_plain_scope_leaves_plain_addresses() {
        let all = Scope::default();
        assert_eq!(dashboard(&all), "/dashboard");
        assert_eq!(ec2(&all), "/ec2");
        assert_eq!(login(""), "/login");
    }

    #[test]
    fn every_link_keeps_the_scope() {
        let tail = "account=111111111111,222222222222&region=eu-west-1";
        for link in [dashboard(&scope()), ec2(&scope()), logs(&scope()), activity(&scope())] {
            assert!(link.ends_with(&format!("?{tail}")), "{link}");
        }
        let place = parse_place("333333333333/us-east-1").expect("a place");
        let id = "i-0123456789abcdef0".parse().expect("an id");
        assert_eq!(
            instance(&place, &id, &scope()),
            format!("/ec2/i-0123456789abcdef0?at=333333333333/us-east-1&{tail}")
        );
    }

    #[test]
    fn hostile_text_stays_inside_its_value() {
        let place = parse_place("333333333333/us-east-1").expect("a place");
        let link = log_group(&place, "/a&account=9#\"<é %", &Scope::default());
        assert_eq!(link, "/logs?at=333333333333/us-east-1&group=/a%26account%3D9%23%22%3C%C3%A9%20%25");
        assert_eq!(Link::new("/x").segment("../y?z").build(), "/x/..%2Fy%3Fz");
        assert_eq!(login("/ec2?account=1&b=2"), "/login?next=/ec2%3Faccount%3D1%26b%3D2");
    }

    #[test]
    fn places_are_read_back() {
        assert!(parse_place("333333333333/us-east-1").is_ok());
        for bad in ["", "333333333333", "33/us-east-1", "333333333333/"] {
            assert!(parse_place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_our_own_paths_are_gone_to_after_logging_in() {
        assert!(is_local("/ec2?state=running"));
        for bad in ["", "ec2", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb"] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
