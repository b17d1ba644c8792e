//! One object: what is known of it, what can be seen of it, its versions, and what can be done with it.

use leptos::prelude::*;
use nephoscope_model::{
    ErrorCode, Scope,
    s3::{KeyVersions, ObjectVersion, Preview, file_name},
};

use super::{
    confirm_field, denial, facts::facts_panel, folder::Folder, link::link_panel, objects::version_cell,
    submit, toolbar::trail,
};
use crate::{
    api::s3::ObjectView,
    charts::unit::bytes,
    components::{CopyButton, EmptyState, ErrorNotice, Glyph, Icon, Panel, Time},
    paths,
};

/// The page of an object.
pub(super) fn object_view(view: ObjectView, scope: &Scope) -> AnyView {
    let key = view.key.clone();
    let folder = Folder::top(&view.bucket, scope);
    let above = folder_of(&key);
    let denial = denial(&view.bucket.account);
    let versions = match &view.versions {
        Ok(known) => versions_table(&view, known, denial.clone(), scope),
        Err(error) => view! { <div class="panel-body"><ErrorNotice error=error.clone()/></div> }.into_any(),
    };
    let content = match &view.details {
        Ok(details) => view! {
            {actions(&view, denial.clone())}
            {facts_panel(details.clone())}
            {preview_panel(&view)}
            {(!is_archived(&view)).then(|| link_panel(&view, denial))}
        }
        .into_any(),
        Err(error) if error.code == ErrorCode::NotFound => {
            let (title, text) = absence(&view);
            view! { <EmptyState title=title text=text/> }.into_any()
        }
        Err(error) => view! { <ErrorNotice error=error.clone()/> }.into_any(),
    };
    view! {
        <div class="toolbar items-center!">
            {trail(folder, &above)}
            <h2 class="font-semibold wrap-anywhere">{file_name(&key).to_owned()}</h2>
            <CopyButton text=Signal::stored(key.clone()) label=Signal::stored("Copy the key".to_owned())/>
        </div>
        {content}
        <Panel title="Versions">{versions}</Panel>
    }
    .into_any()
}

/// Why there is nothing to look at, as far as the versions tell.
fn absence(view: &ObjectView) -> (&'static str, &'static str) {
    match &view.versions {
        Err(_) => {
            ("There is no such object", "Whether it was deleted is not known: its versions may not be read.")
        }
        _ if view.version.is_some() => {
            ("There is no such version", "It may have been deleted for good; those that are there are below.")
        }
        Ok(known) if known.is_deleted() => {
            ("This object was deleted", "Earlier versions of it are below: one of them can be restored.")
        }
        Ok(_) => ("There is no such object", "Its versions are below; look again in a moment."),
    }
}

/// What comes before the last part of a key.
fn folder_of(key: &str) -> String {
    key[..key.len() - file_name(key).len()].to_owned()
}

/// Where the forms of this page are sent that may take long.
fn copy_action(view: &ObjectView) -> String {
    paths::copy_in(&view.bucket.place(), &view.bucket.name)
}

/// Where the others are sent.
fn form_action(view: &ObjectView) -> String {
    paths::objects(&view.bucket.place(), &view.bucket.name, &folder_of(&view.key), &Scope::default())
}

fn hidden(name: &'static str, value: String) -> AnyView {
    view! { <input type="hidden" name=name value=value/> }.into_any()
}

fn actions(view: &ObjectView, denial: Option<String>) -> AnyView {
    let (place, name, version) = (view.bucket.place(), &view.bucket.name, view.version.as_deref());
    let file = paths::object_file(&place, name, &view.key, version);
    let download = if is_archived(view) {
        let why = ARCHIVED;
        view! {
            <button type="button" class="btn btn-sm" disabled title=why>
                <Icon glyph=Glyph::Download/>
                "Download"
            </button>
        }
        .into_any()
    } else {
        view! {
            <a class="btn btn-sm btn-primary" href=file download="" rel="external">
                <Icon glyph=Glyph::Download/>
                "Download"
            </a>
        }
        .into_any()
    };
    let uri = format!("s3://{name}/{}", view.key);
    let delete = version.is_none().then(|| delete_form(view, denial.clone()));
    view! {
        <div class="flex flex-wrap items-start gap-2 py-2">
            {download}
            <CopyButton text=Signal::stored(uri) label=Signal::stored("Copy S3 URI".to_owned()) labelled=true/>
            {copy_form(view, denial)}
            {delete}
        </div>
    }
    .into_any()
}

/// What is said of an object that cannot be read before it was restored.
const ARCHIVED: &str =
    "It is archived and must be restored first, with the AWS Console or aws s3api restore-object.";

fn is_archived(view: &ObjectView) -> bool {
    view.details.as_ref().is_ok_and(|details| details.is_archived)
}

fn copy_form(view: &ObjectView, denial: Option<String>) -> AnyView {
    let button = |how: &'static str, label: &'static str| {
        view! {
            <button type="submit" name="how" value=how class="btn btn-sm" disabled=denial.is_some() title=denial.clone()>
                {label}
            </button>
        }
        .into_any()
    };
    // One version has a key that others share.
    let rename = view.version.is_none().then(|| button("rename", "Rename"));
    view! {
        <details class="row-details">
            <summary class="btn btn-sm">"Copy or rename"</summary>
            <form method="post" action=copy_action(view) class="toolbar">
                {hidden("do", "copy".to_owned())}
                {hidden("key", view.key.clone())}
                {hidden("version", view.version.clone().unwrap_or_default())}
                <label class="field">
                    <span>"New key"</span>
                    <input
                        class="input input-sm w-96 max-w-full"
                        name="to"
                        value=view.key.clone()
                        required
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </label>
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="overwrite" value="yes"/>
                    "Overwrite what has this key"
                </label>
                {button("copy", "Copy")}
                {rename}
                <p class="quiet">"Metadata and tags are kept. S3 copies by itself: a large object takes a while."</p>
            </form>
        </details>
    }
    .into_any()
}

fn delete_form(view: &ObjectView, denial: Option<String>) -> AnyView {
    let name = file_name(&view.key);
    view! {
        <details class="row-details">
            <summary class="btn btn-sm">"Delete"</summary>
            <form method="post" action=form_action(view) class="toolbar">
                {hidden("do", "delete-object".to_owned())}
                {hidden("key", view.key.clone())}
                {confirm_field(format!("Type {name} to confirm"))}
                {submit("Delete the object", "btn btn-sm btn-error", denial)}
            </form>
        </details>
    }
    .into_any()
}

fn preview_panel(view: &ObjectView) -> AnyView {
    let words = |text: String| view! { <p class="panel-body quiet">{text}</p> }.into_any();
    let content = match &view.preview {
        _ if is_archived(view) => words(match &view.details {
            Ok(details) if details.is_being_restored => {
                "It is archived, and is being restored now: look again later.".to_owned()
            }
            _ => ARCHIVED.to_owned(),
        }),
        Ok(Preview::Text { text, .. }) if text.is_empty() => words("It is empty.".to_owned()),
        Ok(Preview::Text { text, is_cut }) => {
            let cut = is_cut.then(|| words("Only the first MiB is shown.".to_owned()));
            view! {
                {cut}
                <pre class="code-block max-h-128 overflow-auto" tabindex="0" aria-label="The content">
                    {text.clone()}
                </pre>
            }
            .into_any()
        }
        Ok(Preview::Image) => {
            let (place, version) = (view.bucket.place(), view.version.as_deref());
            let address = paths::object_preview(&place, &view.bucket.name, &view.key, version);
            view! {
                <div class="panel-body">
                    <img class="max-h-128 max-w-full" src=address alt=format!("The image {}", file_name(&view.key))/>
                </div>
            }
            .into_any()
        }
        Ok(Preview::Nothing(why)) => words(why.clone()),
        Err(error) => view! { <ErrorNotice error=error.clone()/> }.into_any(),
    };
    view! { <Panel title="Preview">{content}</Panel> }.into_any()
}

fn versions_table(view: &ObjectView, known: &KeyVersions, denial: Option<String>, scope: &Scope) -> AnyView {
    let (place, name) = (view.bucket.place(), &view.bucket.name);
    let more = known.more.then(|| {
        let all = paths::versions(&place, name, &view.key, scope);
        view! {
            <p class="panel-body">
                {format!("These are the newest {}. ", known.versions.len())}
                <a class="link" href=all>
                    "Look through all versions"
                </a>
            </p>
        }
    });
    let row = |version: &ObjectVersion| {
        let modified = match version.modified_at {
            Some(at) => view! { <Time at=at brief=true/> }.into_any(),
            None => "–".into_any(),
        };
        let id = version.version_id.as_str();
        let look = (!version.is_delete_marker).then(|| {
            let href = paths::object(&place, name, &version.key, Some(id), scope);
            view! { <a class="btn btn-ghost btn-xs" href=href aria-label=format!("Look at version {id}")>"Look"</a> }
                .into_any()
        });
        // The latest is what there is; a mark is taken away where it hides something.
        let restore = (version.is_latest == version.is_delete_marker).then(|| {
            let label = if version.is_delete_marker { "Undelete" } else { "Restore" };
            view! {
                <form method="post" action=copy_action(view)>
                    {hidden("do", "restore".to_owned())}
                    {hidden("key", version.key.clone())}
                    {hidden("version", id.to_owned())}
                    {submit(label, "btn btn-xs", denial.clone())}
                </form>
            }
            .into_any()
        });
        let size = if version.is_delete_marker { "–".to_owned() } else { bytes(version.size) };
        view! {
            <tr>
                <td>{version_cell(version)}</td>
                <td class="num">{size}</td>
                <td>{modified}</td>
                <td>
                    <div class="flex gap-2">{look} {restore}</div>
                </td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = known.versions.iter().map(row).collect();
    view! {
        {more}
        <div class="table-scroll" tabindex="0" role="region" aria-label="Versions">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Version"</th>
                        <th scope="col" class="num">"Size"</th>
                        <th scope="col">"Modified"</th>
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
