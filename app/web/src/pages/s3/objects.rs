//! What is in a bucket: a level of it, all its versions, or what was found; and putting a file there.

use leptos::prelude::*;
use nephoscope_model::{
    Timestamp,
    s3::{FoundObjects, ObjectPage, ObjectSummary, ObjectTarget, ObjectVersion, VersionPage, file_name},
};

use super::{
    denial,
    file::{objects_csv, versions_csv},
    selection::{Failures, Selection, Ticked, selection_bar},
    submit,
    toolbar::{Folder, toolbar},
    upload::choose,
};
use crate::{
    charts::unit::bytes,
    components::{
        Badge, CopyButton, EmptyState, Glyph, Icon, Time, badge::Tone, key_value::or_dash, nothing,
    },
    paths,
};

/// How a page shows what it deletes, and gets itself anew.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) failures: Failures,
    pub(super) reload: Callback<()>,
}

/// A page of a folder.
pub(super) fn objects_view(folder: &Folder<'_>, page: ObjectPage, around: Around) -> AnyView {
    let folders = page.folders.iter().cloned().map(Ticked::Folder);
    let all = folders.chain(page.objects.iter().map(|it| target(&it.key, None))).collect();
    let selection = Selection::new(folder.bucket, all, around.failures, around.reload);
    let rows = page.folders.iter().map(|prefix| folder_row(folder, prefix, false, Some(selection)));
    let objects = page.objects.iter().map(|it| object_row(folder, it, false, selection));
    let rows: Vec<AnyView> = rows.chain(objects).collect();
    let empty = ("Nothing here", "There is no object below this prefix.");
    let content = table(rows, false, selection, empty);
    view! {
        {choose(folder)}
        {upload_form(folder)}
        <div class="panel">
            {toolbar(folder, objects_csv(page.objects))}
            {selection_bar(selection)}
            {content}
            {pages(folder, page.next.as_deref(), "Next page")}
        </div>
    }
    .into_any()
}

/// What was found below a prefix.
pub(super) fn found_view(folder: &Folder<'_>, found: FoundObjects, around: Around) -> AnyView {
    let all = found.objects.iter().map(|it| target(&it.key, None)).collect();
    let selection = Selection::new(folder.bucket, all, around.failures, around.reload);
    let rows = found.objects.iter().map(|it| object_row(folder, it, true, selection)).collect();
    let words = looked_words(folder, &found);
    let empty = match found.next {
        Some(_) => ("Nothing found so far", "Go on to look further."),
        None => ("Nothing found", "No key contains what is looked for."),
    };
    view! {
        <div class="panel">
            {toolbar(folder, objects_csv(found.objects))}
            <p class="px-4 py-2 quiet wrap-anywhere" role="status">
                {words}
            </p>
            {selection_bar(selection)}
            {table(rows, false, selection, empty)}
            {pages(folder, found.next.as_deref(), "Go on searching")}
        </div>
    }
    .into_any()
}

/// How far was looked, and what for.
fn looked_words(folder: &Folder<'_>, found: &FoundObjects) -> String {
    let below = if folder.prefix.is_empty() { "the bucket".to_owned() } else { folder.prefix.to_owned() };
    let from = if folder.is_first { "" } else { " more" };
    let end = match &found.next {
        Some(key) => format!("as far as {key}. There is more"),
        None => "to the end".to_owned(),
    };
    format!(
        "{} found for {:?} among {}{from} objects of {below}, {end}.",
        found.objects.len(),
        folder.sought,
        found.looked_at
    )
}

/// A page of the versions in a folder.
pub(super) fn versions_view(folder: &Folder<'_>, page: VersionPage, around: Around) -> AnyView {
    let all = page.versions.iter().map(|it| target(&it.key, Some(&it.version_id))).collect();
    let selection = Selection::new(folder.bucket, all, around.failures, around.reload);
    let rows = page.folders.iter().map(|prefix| folder_row(folder, prefix, true, None));
    let versions = page.versions.iter().map(|it| version_row(folder, it, selection));
    let rows: Vec<AnyView> = rows.chain(versions).collect();
    let empty = ("Nothing here", "There is no version of an object below this prefix.");
    let content = table(rows, true, selection, empty);
    view! {
        <div class="panel">
            {toolbar(folder, versions_csv(page.versions))}
            {selection_bar(selection)}
            {content}
            {pages(folder, page.next.as_deref(), "Next page")}
        </div>
    }
    .into_any()
}

fn target(key: &str, version: Option<&str>) -> Ticked {
    Ticked::Object(ObjectTarget { key: key.to_owned(), version_id: version.map(str::to_owned) })
}

fn pages(folder: &Folder<'_>, next: Option<&str>, label: &'static str) -> AnyView {
    let link =
        |label: &'static str, href: String| view! { <a class="btn btn-sm" href=href>{label}</a> }.into_any();
    let first = (!folder.is_first).then(|| link("First page", folder.page(None)));
    let next = next.map(|next| link(label, folder.page(Some(next))));
    if first.is_none() && next.is_none() {
        return nothing();
    }
    view! { <nav class="flex gap-2 px-4 py-2" aria-label="Pages">{first} {next}</nav> }.into_any()
}

fn table(
    rows: Vec<AnyView>,
    versions: bool,
    selection: Selection,
    empty: (&'static str, &'static str),
) -> AnyView {
    if rows.is_empty() {
        return view! { <EmptyState title=empty.0 text=empty.1/> }.into_any();
    }
    let version_head = versions.then(|| view! { <th scope="col">"Version"</th> }.into_any());
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Objects">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">{selection.page_box()}</th>
                        <th scope="col">"Name"</th>
                        {version_head}
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col">"Modified"</th>
                        <th scope="col">"Storage class"</th>
                        <th scope="col">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// One row, whatever it stands for.
struct Row {
    tick: AnyView,
    name: AnyView,
    /// Nothing where versions are not shown.
    version: Option<AnyView>,
    size: String,
    modified_at: Option<Timestamp>,
    class: String,
    actions: AnyView,
}

impl Row {
    fn view(self) -> AnyView {
        let modified = match self.modified_at {
            Some(at) => view! { <Time at=at brief=true/> }.into_any(),
            None => "–".into_any(),
        };
        let version = self.version.map(|version| view! { <td>{version}</td> }.into_any());
        view! {
            <tr>
                <td>{self.tick}</td>
                <td class="clip">{self.name}</td>
                {version}
                <td class="num">{self.size}</td>
                <td>{modified}</td>
                <td>{self.class}</td>
                <td>{self.actions}</td>
            </tr>
        }
        .into_any()
    }
}

fn folder_row(folder: &Folder<'_>, prefix: &str, versions: bool, selection: Option<Selection>) -> AnyView {
    let name = file_name(prefix).to_owned();
    let tick = selection.map_or_else(nothing, |selection| {
        selection.tick_box(Ticked::Folder(prefix.to_owned()), format!("Select all below {name}"))
    });
    Row {
        tick,
        name: view! { <a href=folder.href(prefix)>{name}</a> }.into_any(),
        version: versions.then(nothing),
        size: "–".to_owned(),
        modified_at: None,
        class: "folder".to_owned(),
        actions: nothing(),
    }
    .view()
}

/// An object, by its whole key or by its last part.
fn object_row(folder: &Folder<'_>, object: &ObjectSummary, whole: bool, selection: Selection) -> AnyView {
    let name = if whole { object.key.clone() } else { file_name(&object.key).to_owned() };
    Row {
        tick: selection.tick_box(target(&object.key, None), format!("Select {name}")),
        name: name_link(folder, &object.key, None, name.clone()),
        version: None,
        size: bytes(object.size),
        modified_at: object.modified_at,
        class: or_dash(object.storage_class.clone()),
        actions: download_link(folder, &object.key, None, &name),
    }
    .view()
}

fn version_row(folder: &Folder<'_>, version: &ObjectVersion, selection: Selection) -> AnyView {
    let name = file_name(&version.key).to_owned();
    let id = Some(version.version_id.as_str());
    let is_content = !version.is_delete_marker;
    Row {
        tick: selection
            .tick_box(target(&version.key, id), format!("Select version {} of {name}", version.version_id)),
        // A mark has no content that could be looked at: the object has.
        name: name_link(folder, &version.key, id.filter(|_| is_content), name.clone()),
        version: Some(version_cell(version)),
        size: if is_content { bytes(version.size) } else { "–".to_owned() },
        modified_at: version.modified_at,
        class: or_dash(version.storage_class.clone()),
        actions: if is_content { download_link(folder, &version.key, id, &name) } else { nothing() },
    }
    .view()
}

/// The id of a version, and what it is.
pub(super) fn version_cell(version: &ObjectVersion) -> AnyView {
    let badge = match (version.is_delete_marker, version.is_latest) {
        (true, _) => Some((Tone::Warn, "delete marker")),
        (false, true) => Some((Tone::Good, "latest")),
        (false, false) => None,
    };
    let badge =
        badge.map(|(tone, words)| view! { <Badge tone=Signal::stored(tone)>{words}</Badge> }.into_any());
    view! {
        <span class="mono text-xs">{version.version_id.clone()}</span>
        " "
        {badge}
    }
    .into_any()
}

fn name_link(folder: &Folder<'_>, key: &str, version: Option<&str>, name: String) -> AnyView {
    let href = paths::object(&folder.bucket.place(), &folder.bucket.name, key, version, folder.scope);
    view! {
        <a href=href title=key.to_owned()>
            {name}
        </a>
        <CopyButton text=Signal::stored(key.to_owned()) label=Signal::stored("Copy the key".to_owned())/>
    }
    .into_any()
}

fn download_link(folder: &Folder<'_>, key: &str, version: Option<&str>, name: &str) -> AnyView {
    let href = paths::object_file(&folder.bucket.place(), &folder.bucket.name, key, version);
    view! {
        <a
            class="btn btn-ghost btn-xs"
            href=href
            download=""
            rel="external"
            title="Download"
            aria-label=format!("Download {name}")
        >
            <Icon glyph=Glyph::Download/>
        </a>
    }
    .into_any()
}

fn upload_form(folder: &Folder<'_>) -> AnyView {
    let action = paths::upload_to(&folder.bucket.place(), &folder.bucket.name, folder.prefix);
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
    use nephoscope_model::{Scope, s3::Bucket};

    use super::*;

    #[test]
    fn it_is_said_how_far_was_looked() {
        let bucket = Bucket {
            name: "things".parse().expect("a name"),
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
            created_at: None,
        };
        let scope = Scope::default();
        let folder = Folder {
            bucket: &bucket,
            scope: &scope,
            prefix: "a/",
            sought: "x",
            versions: false,
            is_first: true,
        };
        let found =
            FoundObjects { looked_at: 20_000, next: Some("a/z".to_owned()), ..FoundObjects::default() };
        let words = looked_words(&folder, &found);
        assert_eq!(words, "0 found for \"x\" among 20000 objects of a/, as far as a/z. There is more.");
        let folder = Folder { prefix: "", is_first: false, ..folder };
        let found = FoundObjects { looked_at: 3, ..FoundObjects::default() };
        assert_eq!(
            looked_words(&folder, &found),
            "0 found for \"x\" among 3 more objects of the bucket, to the end."
        );
    }
}
