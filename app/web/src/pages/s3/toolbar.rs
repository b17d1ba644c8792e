//! Above the objects: the way down to where one is, going elsewhere, searching, versions, and the list as a file.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    s3::{Bucket, file_name},
};

use crate::{
    components::{ActionButton, Glyph},
    csv,
    paths::{self, Link, param},
};

/// Where one is.
pub(super) struct Folder<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) scope: &'a Scope,
    /// What the keys begin with.
    pub(super) prefix: &'a str,
    /// What is looked for; empty while nothing is.
    pub(super) sought: &'a str,
    /// Whether all versions are shown.
    pub(super) versions: bool,
    /// Whether it is the first page.
    pub(super) is_first: bool,
}

impl Folder<'_> {
    /// The same view of another prefix.
    pub(super) fn href(&self, prefix: &str) -> String {
        self.page_of(prefix, None)
    }

    /// Another page of this view.
    pub(super) fn page(&self, after: Option<&str>) -> String {
        if self.sought.is_empty() {
            return self.page_of(self.prefix, after);
        }
        let place = self.bucket.place();
        paths::found_objects(&place, &self.bucket.name, self.prefix, (self.sought, after), self.scope)
    }

    fn page_of(&self, prefix: &str, after: Option<&str>) -> String {
        let (place, name) = (self.bucket.place(), &self.bucket.name);
        if self.versions {
            paths::versions(&place, name, prefix, after, self.scope)
        } else {
            paths::objects(&place, name, prefix, after, self.scope)
        }
    }
}

/// The way from the bucket down to the prefix, as links.
pub(super) fn trail(folder: &Folder<'_>, prefix: &str) -> AnyView {
    let mut links = vec![(folder.bucket.name.to_string(), folder.href(""))];
    for (index, _) in prefix.match_indices('/') {
        let above = &prefix[..=index];
        links.push((file_name(above).to_owned(), folder.href(above)));
    }
    let links =
        links.into_iter().map(|(label, href)| view! { <a href=href>{label}</a> }.into_any()).collect_view();
    view! { <nav class="breadcrumb" aria-label="Prefix">{links}</nav> }.into_any()
}

/// The trail, and the forms that lead elsewhere.
pub(super) fn toolbar(folder: &Folder<'_>, file: Callback<(), String>) -> AnyView {
    let (place, name) = (folder.bucket.place(), &folder.bucket.name);
    let (label, href) = if folder.versions {
        ("Hide versions", paths::objects(&place, name, folder.prefix, None, folder.scope))
    } else {
        ("Show versions", paths::versions(&place, name, folder.prefix, None, folder.scope))
    };
    let prefix_hidden = || hidden("prefix", folder.prefix.to_owned());
    let versions_hidden = folder.versions.then(|| hidden("versions", "1".to_owned()));
    let file_name = format!("{name}.csv");
    view! {
        <div class="toolbar items-center!">
            {trail(folder, folder.prefix)}
            {get_form(
                folder,
                field("prefix", "Keys that begin with", folder.prefix.to_owned()),
                versions_hidden.into_any(),
                "Go",
            )}
            {get_form(folder, field("q", "Search below: key contains", folder.sought.to_owned()), prefix_hidden(), "Search")}
            <a class="btn btn-sm" href=href>
                {label}
            </a>
            <ActionButton
                label="Export CSV"
                glyph=Glyph::Download
                title="Save what is shown as a CSV file"
                on_press=Callback::new(move |()| csv::save(&file_name, &file.run(())))
            />
        </div>
    }
    .into_any()
}

fn hidden(name: &'static str, value: String) -> AnyView {
    view! { <input type="hidden" name=name value=value/> }.into_any()
}

fn field(name: &'static str, label: &'static str, value: String) -> AnyView {
    view! {
        <label class="field">
            <span class="sr-only">{label}</span>
            <input
                class="input input-sm"
                name=name
                value=value
                placeholder=label
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

/// A form that leads to another view of this bucket, also without JavaScript.
fn get_form(folder: &Folder<'_>, field: AnyView, more: AnyView, label: &'static str) -> AnyView {
    let action = Link::new("/s3").segment(folder.bucket.name.as_str()).build();
    view! {
        <form method="get" action=action class="flex items-center gap-2">
            {hidden(param::AT, folder.bucket.place().to_string())}
            {hidden(param::ACCOUNT, folder.scope.account_query().unwrap_or_default())}
            {hidden(param::REGION, folder.scope.region_query().unwrap_or_default())}
            {more}
            {field}
            <button type="submit" class="btn btn-sm">
                {label}
            </button>
        </form>
    }
    .into_any()
}
