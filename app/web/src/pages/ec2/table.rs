//! The table of instances: a hundred rows at most, each of which follows its instance.

use leptos::prelude::*;
use nephoscope_model::ec2::{Instance, InstanceId, Tag};

use super::{
    actions::title_of,
    columns::Column,
    query::{ListQuery, Shown},
    row_menu::{RowMenuButton, RowMenuState},
};
use crate::{
    components::{AccountTag, CopyButton, StateBadge, Time, dynamic, key_value::or_dash, nothing, text},
    paths,
    scope::use_scope,
};

/// The table.
#[component]
pub(super) fn InstancesTable(
    /// The present query.
    #[prop(into)]
    query: Signal<ListQuery>,
    /// The rows and their numbers.
    shown: Memo<Shown>,
    /// Instances that changed a moment ago.
    changed: RwSignal<Vec<InstanceId>>,
    /// The rows' menu.
    menu: RowMenuState,
) -> impl IntoView {
    let keys = move || shown.get().rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Instances">
            <table class="data-table">
                <thead>
                    <tr>
                        {Column::ALL.map(|column| view! { <SortHeader column=column query=query/> }).collect_view()}
                        <th scope="col">"Tags"</th>
                        <th scope="col" class="needs-js sticky right-0">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=|id| id.clone() let:id>
                        <InstanceRow id=id shown=shown changed=changed menu=menu/>
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn SortHeader(column: Column, query: Signal<ListQuery>) -> impl IntoView {
    let scope = use_scope();
    let order = Signal::derive(move || {
        let query = query.get();
        (query.sort == column).then_some(if query.descending { "descending" } else { "ascending" })
    });
    let href = text(move || query.get().sorted_by(column).href(&scope.get()));
    view! {
        <th scope="col" aria-sort=order>
            <a href=href>{column.label()}</a>
        </th>
    }
}

#[component]
fn InstanceRow(
    id: InstanceId,
    shown: Memo<Shown>,
    changed: RwSignal<Vec<InstanceId>>,
    menu: RowMenuState,
) -> impl IntoView {
    let find = {
        let id = id.clone();
        move || shown.with(|shown| shown.rows.iter().find(|row| row.id == id).cloned())
    };
    // The row is made because the instance is there, and on its way out it keeps what it showed.
    let Some(first) = untrack(&find) else { return nothing() };
    let (place, title) = (first.place(), title_of(&first));
    let row = Memo::new(move |before: Option<&Instance>| {
        find().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let class = {
        let id = id.clone();
        text(move || {
            let flashes = changed.get().contains(&id);
            let ground = if flashes { "bg-primary/15" } else { "" };
            format!("transition-colors duration-1000 {ground}")
        })
    };
    let scope = use_scope();
    let href = {
        let (place, id) = (place.clone(), id.clone());
        text(move || paths::instance(&place, &id, &scope.get()))
    };
    let name = text(move || match row.get().name {
        name if name.is_empty() => "(no name)".to_owned(),
        name => name,
    });
    view! {
        <tr class=class>
            <td class="max-w-64">
                <a class="block truncate font-medium" href=href>
                    {name}
                </a>
            </td>
            <td>
                <span class="inline-flex items-center gap-0.5">
                    <span class="font-mono text-xs">{id.to_string()}</span>
                    <CopyButton text=id.to_string() label="Copy instance ID"/>
                </span>
            </td>
            <td><StateBadge state=Signal::derive(move || row.get().state)/></td>
            <td>{text(move || row.get().instance_type)}</td>
            <td>{text(move || row.get().zone)}</td>
            <td><AccountTag account=place.account/></td>
            <td class="tabular-nums">{text(move || or_dash(row.get().private_ip))}</td>
            <td class="tabular-nums">{text(move || or_dash(row.get().public_ip))}</td>
            <td class="tabular-nums">
                {dynamic(move || match row.get().launched_at {
                    Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                    None => "–".into_any(),
                })}
            </td>
            <td>{dynamic(move || tag_chips(&row.get().tags))}</td>
            <td class="needs-js sticky right-0 bg-base-100 text-right shadow-[-6px_0_6px_-6px_rgb(2_8_20/0.15)]">
                <RowMenuButton state=menu id=id name=title/>
            </td>
        </tr>
    }
    .into_any()
}

/// The first tag as a chip, and how many more there are. The name has a column of its own.
fn tag_chips(tags: &[Tag]) -> AnyView {
    let mut texts = tags.iter().filter(|tag| tag.key != "Name").map(tag_text);
    let Some(first) = texts.next() else { return nothing() };
    let rest: Vec<String> = texts.collect();
    let more = if rest.is_empty() { String::new() } else { format!("+{}", rest.len()) };
    view! {
        <span class="inline-flex items-center gap-1">
            <span class="chip inline-block max-w-36 truncate" title=first.clone()>
                {first.clone()}
            </span>
            <span class="quiet text-xs tabular-nums" title=rest.join("\n")>
                {more}
            </span>
        </span>
    }
    .into_any()
}

fn tag_text(tag: &Tag) -> String {
    if tag.value.is_empty() { tag.key.clone() } else { format!("{}={}", tag.key, tag.value) }
}
