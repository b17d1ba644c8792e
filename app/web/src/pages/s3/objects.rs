//! What is in a bucket: a level of it, all its versions, or what was found; and putting a file there.

use leptos::prelude::*;
use nephoscope_model::s3::{
    FoundObjects, ObjectPage, ObjectSummary, ObjectTarget, ObjectVersion, VersionPage, file_name,
};

use super::{
    denial,
    entries::{Column, Entry, ordered, to_csv},
    folder::Folder,
    submit,
    ticks::{Failures, Ticked, Ticks, tick_bar},
    toolbar::toolbar,
    upload::choose,
};
use crate::{
    components::{
        Badge, CopyButton, Dynamic, EmptyState, Glyph, Icon, Time, badge::Tone, dynamic, key_value::or_dash,
        nothing, text,
    },
    listing::{Column as _, Query},
    paths,
};

/// How a page shows what it deletes, and gets itself anew.
#[derive(Clone, Copy)]
pub(super) struct Around {
    pub(super) failures: Failures,
    pub(super) reload: Callback<()>,
}

/// A page of a folder.
pub(super) fn objects_view(folder: Folder, page: ObjectPage, around: Around) -> AnyView {
    let folders = page.folders.into_iter().map(Entry::Folder);
    let entries = folders.chain(page.objects.into_iter().map(Entry::Object)).collect();
    let empty = ("Nothing here", "There is no object below this prefix.");
    view! {
        {choose(folder)}
        {upload_form(folder)}
        {list(folder, List { entries, next: page.next, go_on: "Next page", whole: false, empty }, nothing(), around)}
    }
    .into_any()
}

/// What was found below a prefix.
pub(super) fn found_view(folder: Folder, found: FoundObjects, around: Around) -> AnyView {
    let words = folder.at.with_value(|at| looked_words(&at.prefix, &at.sought, folder.is_first(), &found));
    let words = view! {
        <p class="px-4 py-2 quiet wrap-anywhere" role="status">
            {words}
        </p>
    };
    let empty = match found.next {
        Some(_) => ("Nothing found so far", "Go on to look further."),
        None => ("Nothing found", "No object is as it was looked for."),
    };
    let entries = found.objects.into_iter().map(Entry::Object).collect();
    let found = List { entries, next: found.next, go_on: "Go on searching", whole: true, empty };
    list(folder, found, words.into_any(), around)
}

/// How far was looked, and what for.
fn looked_words(prefix: &str, sought: &str, is_first: bool, found: &FoundObjects) -> String {
    let below = if prefix.is_empty() { "the bucket" } else { prefix };
    let from = if is_first { "" } else { " more" };
    let end = match &found.next {
        Some(key) => format!("as far as {key}. There is more"),
        None => "to the end".to_owned(),
    };
    format!(
        "{} found for {sought} among {}{from} objects of {below}, {end}.",
        found.objects.len(),
        found.looked_at
    )
}

/// A page of the versions in a folder.
pub(super) fn versions_view(folder: Folder, page: VersionPage, around: Around) -> AnyView {
    let folders = page.folders.into_iter().map(Entry::Folder);
    let entries = folders.chain(page.versions.into_iter().map(Entry::Version)).collect();
    let empty = ("Nothing here", "There is no version of an object below this prefix.");
    let versions = List { entries, next: page.next, go_on: "Next page", whole: false, empty };
    list(folder, versions, nothing(), around)
}

/// What is listed.
struct List {
    entries: Vec<Entry>,
    /// Where the next page begins; nothing on the last one.
    next: Option<String>,
    /// What leads there.
    go_on: &'static str,
    /// Whether names are whole keys.
    whole: bool,
    /// What is said when there is nothing: title and text.
    empty: (&'static str, &'static str),
}

fn list(folder: Folder, list: List, words: AnyView, around: Around) -> AnyView {
    let List { entries, next, go_on, whole, empty } = list;
    let versions = folder.at.with_value(|at| at.versions);
    // A folder stays when its objects' versions are deleted one by one.
    let tickable = |entry: &Entry| !versions || !matches!(entry, Entry::Folder(_));
    let all = entries.iter().filter(|entry| tickable(entry)).map(ticked).collect();
    let bucket = folder.bucket();
    let ticks = Ticks::new(&bucket, all, around.failures, around.reload);
    let is_complete = folder.is_first() && next.is_none();
    let is_empty = entries.is_empty();
    let entries = StoredValue::new(entries);
    let shown = move || folder.query.with(|query| ordered(entries.get_value(), query, is_complete));
    let file = Callback::new(move |()| untrack(|| folder.query.with(|query| to_csv(&shown(), query))));
    let rows = dynamic(move || {
        let columns = folder.query.with(Query::shown_columns);
        let row = |entry: &Entry| row(folder, entry, &columns, whole, ticks);
        let shown = shown();
        ticks.show(shown.iter().map(|entry| ticked(entry).key()).collect());
        shown.iter().map(row).collect::<Vec<_>>().into_any()
    });
    let content = if is_empty {
        view! { <EmptyState title=empty.0 text=empty.1/> }.into_any()
    } else {
        table(folder, rows, ticks, is_complete)
    };
    view! {
        <div class="panel">
            {toolbar(folder, is_empty, file)}
            {words}
            {tick_bar(ticks)}
            {content}
            {pages(folder, next, go_on)}
        </div>
    }
    .into_any()
}

/// What is ticked with an entry.
fn ticked(entry: &Entry) -> Ticked {
    let target = |key: &String, version_id| Ticked::Object(ObjectTarget { key: key.clone(), version_id });
    match entry {
        Entry::Folder(prefix) => Ticked::Folder(prefix.clone()),
        Entry::Object(object) => target(&object.key, None),
        Entry::Version(version) => target(&version.key, Some(version.version_id.clone())),
    }
}

fn pages(folder: Folder, next: Option<String>, label: &'static str) -> AnyView {
    let link = |label: &'static str, after: Option<String>| {
        let href = text(move || folder.page(after.as_deref()));
        view! { <a class="btn btn-sm" href=href>{label}</a> }.into_any()
    };
    let first = (!folder.is_first()).then(|| link("First page", None));
    let next = next.map(|next| link(label, Some(next)));
    if first.is_none() && next.is_none() {
        return nothing();
    }
    view! {
        <nav class="flex flex-wrap items-center gap-2 px-4 py-2" aria-label="Pages">
            {first} {next}
            <span class="quiet">"In the order of keys: S3 knows no other for a list of several pages."</span>
        </nav>
    }
    .into_any()
}

fn table(folder: Folder, rows: Dynamic, ticks: Ticks, is_complete: bool) -> AnyView {
    let heads = dynamic(move || {
        let columns = folder.query.with(Query::shown_columns);
        columns.into_iter().map(|column| head(folder, column, is_complete)).collect::<Vec<_>>().into_any()
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Objects">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">{ticks.page_box()}</th>
                        {heads}
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

/// The head of a column, which sorts a list that is there to its end.
fn head(folder: Folder, column: Column, is_complete: bool) -> AnyView {
    let class = if column == Column::Size { "num" } else { "" };
    if !is_complete {
        return view! {
            <th scope="col" class=class>
                {column.label()}
            </th>
        }
        .into_any();
    }
    let order = folder.query.with(|query| {
        (query.sort == column).then_some(if query.descending { "descending" } else { "ascending" })
    });
    let href = folder.shown_as(|query| query.sorted_by(column));
    view! {
        <th scope="col" class=class aria-sort=order>
            <a href=href>{column.label()}</a>
        </th>
    }
    .into_any()
}

fn row(folder: Folder, entry: &Entry, columns: &[Column], whole: bool, ticks: Ticks) -> AnyView {
    let name = if whole { entry.key() } else { file_name(entry.key()) };
    let (label, actions) = match entry {
        Entry::Folder(_) => (format!("all below {name}"), nothing()),
        Entry::Object(object) => (name.to_owned(), download_link(folder, &object.key, None, name)),
        Entry::Version(version) => {
            let id = Some(version.version_id.as_str()).filter(|_| !version.is_delete_marker);
            let actions = id.map_or_else(nothing, |_| download_link(folder, &version.key, id, name));
            (format!("version {} of {name}", version.version_id), actions)
        }
    };
    let what = ticked(entry);
    let tick = ticks.tick_box(&what, &label);
    let selected = {
        let key = what.key();
        Signal::derive(move || ticks.has(&key).then_some("true"))
    };
    let cells = columns.iter().map(|column| cell(folder, *column, entry, name)).collect::<Vec<_>>();
    view! {
        <tr aria-selected=selected>
            <td>{tick}</td>
            {cells}
            <td>{actions}</td>
        </tr>
    }
    .into_any()
}

fn cell(folder: Folder, column: Column, entry: &Entry, name: &str) -> AnyView {
    match (column, entry) {
        (Column::Name, _) => view! { <td class="clip">{name_cell(folder, entry, name)}</td> }.into_any(),
        (Column::Version, Entry::Version(version)) => view! { <td>{version_cell(version)}</td> }.into_any(),
        (Column::Modified, _) => {
            let modified = match entry.modified_at() {
                Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                None => "–".into_any(),
            };
            view! { <td>{modified}</td> }.into_any()
        }
        (Column::Key, _) => view! { <td class="wrap mono text-xs">{entry.key().to_owned()}</td> }.into_any(),
        _ => {
            let class = if column == Column::Size { "num" } else { "" };
            view! { <td class=class>{or_dash(Some(column.text(entry)))}</td> }.into_any()
        }
    }
}

fn name_cell(folder: Folder, entry: &Entry, name: &str) -> AnyView {
    match entry {
        Entry::Folder(prefix) => {
            let prefix = prefix.clone();
            view! {
                <span class="flex items-center gap-1.5">
                    <Icon glyph=Glyph::Folder/>
                    <a href=text(move || folder.href(&prefix))>{name.to_owned()}</a>
                </span>
            }
            .into_any()
        }
        Entry::Object(ObjectSummary { key, .. }) => name_link(folder, key, None, name),
        // A mark has no content that could be looked at: the object has.
        Entry::Version(version) => {
            let id = Some(version.version_id.as_str()).filter(|_| !version.is_delete_marker);
            name_link(folder, &version.key, id, name)
        }
    }
}

/// The id of a version, and what it is.
pub(super) fn version_cell(version: &ObjectVersion) -> AnyView {
    let badge = match (version.is_delete_marker, version.is_latest) {
        (true, _) => Some((Tone::Warn, "delete marker")),
        (false, true) => Some((Tone::Good, "latest")),
        (false, false) => None,
    };
    let badge = badge.map(|(tone, words)| view! { <Badge tone=tone>{words}</Badge> }.into_any());
    view! {
        <span class="mono text-xs">{version.version_id.clone()}</span>
        " "
        {badge}
    }
    .into_any()
}

fn name_link(folder: Folder, key: &str, version: Option<&str>, name: &str) -> AnyView {
    let href = folder
        .at
        .with_value(|at| paths::object(&at.bucket.place(), &at.bucket.name, key, version, &at.scope));
    view! {
        <a href=href title=key.to_owned()>
            {name.to_owned()}
        </a>
        <CopyButton text=Signal::stored(key.to_owned()) label=Signal::stored("Copy the key".to_owned())/>
    }
    .into_any()
}

fn download_link(folder: Folder, key: &str, version: Option<&str>, name: &str) -> AnyView {
    let bucket = folder.bucket();
    let href = paths::object_file(&bucket.place(), &bucket.name, key, version);
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

/// For who has no JavaScript; others have [`choose`].
fn upload_form(folder: Folder) -> AnyView {
    let bucket = folder.bucket();
    let action = paths::upload_to(&bucket.place(), &bucket.name, &folder.prefix());
    view! {
        <details class="panel-details no-js">
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
                {submit("Upload", "btn btn-sm btn-primary", denial(&bucket.account))}
            </form>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_far_was_looked() {
        let found =
            FoundObjects { looked_at: 20_000, next: Some("a/z".to_owned()), ..FoundObjects::default() };
        let words = looked_words("a/", "x", true, &found);
        assert_eq!(words, "0 found for x among 20000 objects of a/, as far as a/z. There is more.");
        let found = FoundObjects { looked_at: 3, ..FoundObjects::default() };
        assert_eq!(
            looked_words("", "x", false, &found),
            "0 found for x among 3 more objects of the bucket, to the end."
        );
    }
}
