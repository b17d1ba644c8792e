//! The table of instances: a hundred rows at most, each of which follows its instance.

use leptos::prelude::*;
use nephoscope_model::{
    Place,
    ec2::{Instance, InstanceId, Tag},
};

use super::{
    actions::title_of,
    columns::Column,
    query::{ListQuery, Shown},
    row_menu::{RowMenuButton, RowMenuState},
};
use crate::{
    components::{AccountTag, CopyButton, StateBadge, Time},
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
    let keys = move || shown.with(|shown| shown.rows.iter().map(|row| row.id.clone()).collect::<Vec<_>>());
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Instances">
            <table class="data-table whitespace-nowrap">
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
    let order = move || {
        query.with(|query| {
            (query.sort == column).then_some(if query.descending { "descending" } else { "ascending" })
        })
    };
    view! {
        <th scope="col" aria-sort=order>
            <a href=move || query.with(|query| query.sorted_by(column).href(&scope.get()))>{column.label()}</a>
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
    let row = {
        let id = id.clone();
        Memo::new(move |before: Option<&Option<Instance>>| {
            let now = shown.with(|shown| shown.rows.iter().find(|row| row.id == id).cloned());
            // A row on its way out keeps what it showed.
            now.or_else(|| before.cloned().flatten())
        })
    };
    // The row is made because the instance is there.
    let Some(first) = row.get_untracked() else { return ().into_any() };
    let text = move |pick: fn(&Instance) -> &str| {
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| pick(row).to_owned()).unwrap_or_default()))
    };
    let address = move |pick: fn(&Instance) -> Option<&str>| {
        Memo::new(move |_| row.with(|row| row.as_ref().and_then(pick).unwrap_or("–").to_owned()))
    };
    let state = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.state)).unwrap_or(first.state));
    let place: Place = first.place();
    let name = text(|row| row.name.as_str());
    let kind = text(|row| row.instance_type.as_str());
    let zone = text(|row| row.zone.as_str());
    let private_ip = address(|row| row.private_ip.as_deref());
    let public_ip = address(|row| row.public_ip.as_deref());
    let launched = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.launched_at)));
    let tags =
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.tags.clone()).unwrap_or_default()));
    let flashes = {
        let id = id.clone();
        Memo::new(move |_| changed.with(|changed| changed.contains(&id)))
    };
    let scope = use_scope();
    let href = {
        let (place, id) = (place.clone(), id.clone());
        move || paths::instance(&place, &id, &scope.get())
    };
    let title = title_of(&first);
    view! {
        <tr class="transition-colors duration-1000" class=("bg-primary/15", flashes)>
            <td class="max-w-64">
                <a class="block truncate font-medium" href=href>
                    {move || name.with(|name| if name.is_empty() { "(no name)".to_owned() } else { name.clone() })}
                </a>
            </td>
            <td>
                <span class="inline-flex items-center gap-0.5">
                    <span class="font-mono text-xs">{id.to_string()}</span>
                    <CopyButton text=id.to_string() label="Copy instance ID"/>
                </span>
            </td>
            <td><StateBadge state=state/></td>
            <td>{kind}</td>
            <td>{zone}</td>
            <td><AccountTag account=place.account/></td>
            <td class="tabular-nums">{private_ip}</td>
            <td class="tabular-nums">{public_ip}</td>
            <td class="tabular-nums">
                {move || match launched.get() {
                    Some(at) => view! { <Time at=at/> }.into_any(),
                    None => "–".into_any(),
                }}
            </td>
            <td>{move || tags.with(|tags| tag_chips(tags))}</td>
            <td class="needs-js sticky right-0 bg-base-100 text-right shadow-[-6px_0_6px_-6px_rgb(2_8_20/0.15)]">
                <RowMenuButton state=menu id=id name=title/>
            </td>
        </tr>
    }
    .into_any()
}

/// The first tag as a chip, and how many more there are. The name has a column of its own.
fn tag_chips(tags: &[Tag]) -> impl IntoView + use<> {
    const FIRST: usize = 1;
    let others = || tags.iter().filter(|tag| tag.key != "Name");
    let count = others().count();
    let chips: Vec<_> = others()
        .take(FIRST)
        .map(|tag| {
            let text = tag_text(tag);
            view! {
                <span class="chip inline-block max-w-36 truncate" title=text.clone()>
                    {text.clone()}
                </span>
            }
        })
        .collect();
    let more = (count > FIRST).then(|| {
        let rest: Vec<String> = others().skip(FIRST).map(tag_text).collect();
        view! {
            <span class="text-xs tabular-nums text-base-content/70" title=rest.join("\n")>
                {format!("+{}", count - FIRST)}
            </span>
        }
    });
    view! { <span class="inline-flex items-center gap-1">{chips} {more}</span> }
}

fn tag_text(tag: &Tag) -> String {
    if tag.value.is_empty() { tag.key.clone() } else { format!("{}={}", tag.key, tag.value) }
}
