//! Above the objects: the way down to where one is, going elsewhere, searching, versions, columns, and the list as a file.

use leptos::prelude::*;
use nephoscope_model::s3::file_name;

use super::folder::{AFTER, Folder, PREFIX, VERSIONS};
use crate::{
    components::{ActionButton, Glyph, QueryForm, column_chooser, text},
    csv,
    listing::{Column as _, Query, param},
};

/// What an earlier form did, which is not so any more after the next one.
const DONE: &str = "done";

/// The way from the bucket down to a prefix, as links.
pub(super) fn trail(folder: Folder, prefix: &str) -> AnyView {
    let mut steps = vec![(folder.bucket().name.to_string(), String::new())];
    for (index, _) in prefix.match_indices('/') {
        let above = &prefix[..=index];
        steps.push((file_name(above).to_owned(), above.to_owned()));
    }
    let link = |(label, above): (String, String)| {
        view! { <a href=text(move || folder.href(&above))>{label}</a> }.into_any()
    };
    let links = steps.into_iter().map(link).collect_view();
    view! { <nav class="breadcrumb" aria-label="Prefix">{links}</nav> }.into_any()
}

/// The trail, and what leads elsewhere. `file` makes the list a file, if it is not empty.
pub(super) fn toolbar(folder: Folder, is_empty: bool, file: Callback<(), String>) -> AnyView {
    let at = folder.at.get_value();
    let versions = at.versions;
    let is_found = !at.sought.is_empty();
    let label = match (is_found, versions) {
        (true, _) => "End search",
        (false, true) => "Hide versions",
        (false, false) => "Show versions",
    };
    let href =
        text(move || if is_found { folder.href(&folder.prefix()) } else { folder.with_versions(!versions) });
    let file_name = format!("{}.csv", at.bucket.name);
    let chosen = Memo::new(move |_| {
        folder.query.with(|query| query.shown_columns().iter().map(|it| it.key()).collect::<Vec<_>>())
    });
    let chooser = column_chooser(
        folder.query.with_untracked(Query::choices),
        move |word| chosen.with(|chosen| chosen.contains(&word)),
        text(move || folder.shown_as(Query::with_usual_columns)),
    );
    view! {
        <div class="toolbar flex! items-center! gap-x-4 gap-y-2">
            {trail(folder, &at.prefix)}
            <QueryForm
                own=&[PREFIX, AFTER, param::TEXT, DONE]
                class="flex min-w-0 items-center gap-2"
                label="Go to a prefix"
            >
                {field(PREFIX, "Keys that begin with", "Keys that begin with", at.prefix.clone())}
                {go("Go")}
            </QueryForm>
            <QueryForm
                own=&[AFTER, VERSIONS, param::TEXT, DONE]
                class="flex min-w-0 flex-1 basis-72 items-center gap-2"
                label="Search"
            >
                {field(
                    param::TEXT,
                    "Search below this prefix",
                    "Search: part of the key, size:>10MB, modified:2026-11",
                    folder.query.with_untracked(|query| query.text.clone()),
                )}
                {go("Search")}
            </QueryForm>
            <a class="btn btn-sm" href=href>
                {label}
            </a>
            {chooser}
            <ActionButton
                label="Export CSV"
                glyph=Glyph::Download
                class="btn-ghost"
                title="Export CSV of what is shown"
                reason=Signal::stored(is_empty.then(|| "There is nothing to export.".to_owned()))
                on_press=Callback::new(move |()| csv::save(&file_name, &file.run(())))
            />
        </div>
    }
    .into_any()
}

fn field(name: &'static str, label: &'static str, placeholder: &'static str, value: String) -> AnyView {
    view! {
        <label class="field min-w-0 flex-1 basis-32">
            <span class="sr-only">{label}</span>
            <input
                class="input input-sm w-full!"
                name=name
                value=value
                placeholder=placeholder
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

fn go(label: &'static str) -> AnyView {
    view! {
        <button type="submit" class="btn btn-sm">
            {label}
        </button>
    }
    .into_any()
}
