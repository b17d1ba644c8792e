//! Where in a bucket one is, and the addresses of all else in it.

use leptos::prelude::*;
use nephoscope_model::{Scope, s3::Bucket};

use super::entries::Column;
use crate::{
    listing::Query,
    params::{Params, use_params},
    paths,
};

/// The parameter that says what the keys begin with.
pub(super) const PREFIX: &str = "prefix";
/// The parameter that says where a page goes on.
pub(super) const AFTER: &str = "after";
/// The parameter that says that all versions are shown.
pub(super) const VERSIONS: &str = "versions";

/// Where one is. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Folder {
    pub(super) at: StoredValue<At>,
    /// In what order and with which columns it is shown.
    pub(super) query: Memo<Query<Column>>,
}

/// What of a bucket is listed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct At {
    pub(super) bucket: Bucket,
    pub(super) scope: Scope,
    /// What the keys begin with.
    pub(super) prefix: String,
    /// What is looked for; empty while nothing is.
    pub(super) sought: String,
    /// Whether all versions are shown.
    pub(super) versions: bool,
    /// Where the page goes on; nothing on the first one.
    pub(super) after: Option<String>,
}

impl Folder {
    pub(super) fn new(at: At) -> Self {
        let (params, versions) = (use_params(), at.versions);
        let query = move |params: &Params| Query::from_params(Column::all(versions), params);
        Self { at: StoredValue::new(at), query: Memo::new(move |_| params.with(query)) }
    }

    /// The top of a bucket.
    pub(super) fn top(bucket: &Bucket, scope: &Scope) -> Self {
        Self::new(At {
            bucket: bucket.clone(),
            scope: scope.clone(),
            prefix: String::new(),
            sought: String::new(),
            versions: false,
            after: None,
        })
    }

    pub(super) fn bucket(self) -> Bucket {
        self.at.with_value(|at| at.bucket.clone())
    }

    pub(super) fn prefix(self) -> String {
        self.at.with_value(|at| at.prefix.clone())
    }

    /// Whether the list begins at its beginning.
    pub(super) fn is_first(self) -> bool {
        self.at.with_value(|at| at.after.is_none())
    }

    /// Another prefix, in the same way.
    pub(super) fn href(self, prefix: &str) -> String {
        let at = At { prefix: prefix.to_owned(), sought: String::new(), after: None, ..self.at.get_value() };
        at.href(&self.query.get())
    }

    /// Another page of this list.
    pub(super) fn page(self, after: Option<&str>) -> String {
        At { after: after.map(str::to_owned), ..self.at.get_value() }.href(&self.query.get())
    }

    /// The same place with all versions, or without.
    pub(super) fn with_versions(self, versions: bool) -> String {
        At { versions, sought: String::new(), after: None, ..self.at.get_value() }.href(&self.query.get())
    }

    /// The same page in another order, or with other columns.
    pub(super) fn shown_as(self, other: impl FnOnce(&Query<Column>) -> Query<Column>) -> String {
        self.at.with_value(|at| at.href(&self.query.with(other)))
    }
}

impl At {
    fn href(&self, query: &Query<Column>) -> String {
        let link = paths::in_bucket(&self.bucket.place(), &self.bucket.name)
            .query_opt(VERSIONS, self.versions.then_some("1"))
            .query(PREFIX, &self.prefix)
            .query_opt(AFTER, self.after.as_deref());
        query.typed(&self.sought).write(link).scope(&self.scope).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_columns_go_along_from_folder_to_folder() {
        let bucket = Bucket {
            name: "things".parse().expect("a name"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            created_at: None,
        };
        let at = At {
            bucket,
            scope: Scope::default(),
            prefix: "a b/".to_owned(),
            sought: "size:>1".to_owned(),
            versions: true,
            after: Some("k".to_owned()),
        };
        let query = Query::from_params(Column::all(true), &Params::parse("sort=-size&columns=etag&q=old"));
        let expected = "/s3/things?at=111111111111/us-east-1&versions=1&prefix=a%20b/&after=k&q=size:%3E1&sort=-size&columns=etag";
        assert_eq!(at.href(&query), expected);
    }
}
