//! What is one level below a prefix: folders, objects, and putting a file there.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    s3::{Bucket, ObjectPage, ObjectSummary, file_name},
};

use super::{confirm_field, denial, submit};
use crate::{
    charts::unit::bytes,
    components::{CopyButton, EmptyState, Time, key_value::or_dash, nothing},
    paths::{self, Link, param},
};

/// Where one is.
pub(super) struct Folder<'a> {
    pub(super) bucket: &'a Bucket,
    pub(super) scope: &'a Scope,
    /// Whether it is the first page.
    pub(super) is_first: bool,
}

impl Folder<'_> {
    fn href(&self, prefix: &str) -> String {
        paths::objects(&self.bucket.place(), &self.bucket.name, prefix, None, self.scope)
    }
}

/// A page of a folder.
pub(super) fn objects_view(folder: &Folder<'_>, page: ObjectPage) -> AnyView {
    let next = page.next.as_deref().map(|next| {
        let place = folder.bucket.place();
        let href = paths::objects(&place, &folder.bucket.name, &page.prefix, Some(next), folder.scope);
        view! { <a class="btn btn-sm" href=href>"Next page"</a> }.into_any()
    });
    let first = (!folder.is_first)
        .then(|| view! { <a class="btn btn-sm" href=folder.href(&page.prefix)>"First page"</a> }.into_any());
    let pages = (first.is_some() || next.is_some()).then(|| {
        view! { <nav class="flex gap-2 px-4 py-2" aria-label="Pages">{first} {next}</nav> }.into_any()
    });
    let content = if page.folders.is_empty() && page.objects.is_empty() {
        view! { <EmptyState title="Nothing here" text="There is no object below this prefix."/> }.into_any()
    } else {
        table(folder, &page)
    };
    view! {
        {upload_form(folder, &page.prefix)}
        <div class="panel">
            {trail(folder, &page.prefix)}
            {content}
            {pages}
        </div>
    }
    .into_any()
}

/// The way from the bucket down to the prefix, and a field to go to another one.
fn trail(folder: &Folder<'_>, prefix: &str) -> AnyView {
    let mut links = vec![(folder.bucket.name.to_string(), folder.href(""))];
    for (index, _) in prefix.match_indices('/') {
        let above = &prefix[..=index];
        links.push((file_name(above).to_owned(), folder.href(above)));
    }
    let links =
        links.into_iter().map(|(label, href)| view! { <a href=href>{label}</a> }.into_any()).collect_view();
    let action = Link::new("/s3").segment(folder.bucket.name.as_str()).build();
    let (account, region) = (folder.scope.account_query(), folder.scope.region_query());
    view! {
        <div class="toolbar items-center!">
            <nav class="breadcrumb" aria-label="Prefix">{links}</nav>
            <form method="get" action=action class="flex items-center gap-2">
                <input type="hidden" name=param::AT value=folder.bucket.place().to_string()/>
                <input type="hidden" name=param::ACCOUNT value=account.unwrap_or_default()/>
                <input type="hidden" name=param::REGION value=region.unwrap_or_default()/>
                <label class="field">
                    <span class="sr-only">"Keys that begin with"</span>
                    <input
                        class="input input-sm"
                        name="prefix"
                        value=prefix.to_owned()
                        placeholder="Keys that begin with"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </label>
                <button type="submit" class="btn btn-sm">
                    "Go"
                </button>
            </form>
        </div>
    }
    .into_any()
}

fn table(folder: &Folder<'_>, page: &ObjectPage) -> AnyView {
    let folders = page.folders.iter().map(|prefix| folder_row(folder, prefix)).collect_view();
    let denial = denial(&folder.bucket.account);
    let objects = page.objects.iter().map(|object| object_row(folder, object, denial.clone())).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Objects">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col">"Modified"</th>
                        <th scope="col">"Storage class"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{folders} {objects}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn folder_row(folder: &Folder<'_>, prefix: &str) -> AnyView {
    view! {
        <tr>
            <td>
                <a href=folder.href(prefix)>{file_name(prefix).to_owned()}</a>
            </td>
            <td class="num quiet">"–"</td>
            <td class="quiet">"–"</td>
            <td class="quiet">"folder"</td>
            <td></td>
        </tr>
    }
    .into_any()
}

fn object_row(folder: &Folder<'_>, object: &ObjectSummary, denial: Option<String>) -> AnyView {
    let (place, bucket) = (folder.bucket.place(), &folder.bucket.name);
    let name = file_name(&object.key).to_owned();
    let modified = match object.modified_at {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => nothing(),
    };
    let label = format!("Delete {name}");
    view! {
        <tr>
            <td class="clip">
                <a href=paths::object_file(&place, bucket, &object.key) download="" rel="external" title=object.key.clone()>
                    {name.clone()}
                </a>
                <CopyButton text=Signal::stored(object.key.clone()) label=Signal::stored("Copy the key".to_owned())/>
            </td>
            <td class="num">{bytes(object.size)}</td>
            <td>{modified}</td>
            <td>{or_dash(object.storage_class.clone())}</td>
            <td>
                <details class="row-details">
                    <summary class="btn btn-ghost btn-xs" aria-label=label>"Delete"</summary>
                    <form method="post" action=folder.href(&folder_of(&object.key)) class="toolbar">
                        <input type="hidden" name="do" value="delete-object"/>
                        <input type="hidden" name="key" value=object.key.clone()/>
                        {confirm_field(format!("Type {name} to confirm"))}
                        {submit("Delete", "btn btn-sm btn-error", denial)}
                    </form>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

/// What comes before the last part of a key.
fn folder_of(key: &str) -> String {
    key[..key.len() - file_name(key).len()].to_owned()
}

fn upload_form(folder: &Folder<'_>, prefix: &str) -> AnyView {
    let action = paths::upload_to(&folder.bucket.place(), &folder.bucket.name, prefix);
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Upload a file"</summary>
            <form method="post" action=action enctype="multipart/form-data" class="toolbar">
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="overwrite" value="yes"/>
                    "Overwrite what has its name"
                </label>
                <label class="field">
                    <span>"File"</span>
                    <input class="input input-sm" type="file" name="file" required/>
                </label>
                {submit("Upload", "btn btn-sm btn-primary", denial(&folder.bucket.account))}
            </form>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_key_is_what_comes_before_its_name() {
        for (key, folder) in [("a/b/c.txt", "a/b/"), ("c.txt", ""), ("a/b/", "a/"), ("/a", "/"), ("/", "")] {
            assert_eq!(folder_of(key), folder, "{key}");
        }
    }
}
