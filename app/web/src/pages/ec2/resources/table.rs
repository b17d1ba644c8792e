//! The rows of a list.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    ec2::{InstanceId, Resource, ResourceKind, SecurityRule, Volume},
};

use super::{super::tabs::tab_label, columns::Column, query::ListQuery};
use crate::{
    components::{AccountTag, Badge, CopyButton, Time, Tone, flag, key_value::or_dash, text},
    listing::{Address, Table},
    paths,
    session::use_accounts,
};

/// The table. `present` makes the addresses of those that are opened.
pub(super) fn resources_table(
    kind: ResourceKind,
    (present, scope): (Signal<ListQuery>, Memo<Scope>),
    address: Address<Column>,
) -> Table<Resource, Column> {
    Table::new(tab_label(kind), address, called, move |resource| {
        let cell = |column: Column| {
            let content = match column.key {
                "name" => name_cell(resource, present, scope),
                "account" => view! { <AccountTag account=resource.account().clone()/> }.into_any(),
                _ => scope.with(|scope| cell(resource, &column, scope)),
            };
            view! { <td class="max-w-80">{content}</td> }.into_any()
        };
        address.columns.get().into_iter().map(cell).collect()
    })
}

/// What people call it: by its id, too, since names repeat.
fn called(resource: &Resource) -> String {
    format!("{} {}", name_of(resource), resource.id())
}

fn name_of(resource: &Resource) -> &str {
    match resource.name() {
        "" => "(no name)",
        name => name,
    }
}

/// The name, which opens the details or closes them, and the id.
fn name_cell(resource: &Resource, present: Signal<ListQuery>, scope: Memo<Scope>) -> AnyView {
    let id = resource.id().clone();
    let is_open = {
        let id = id.clone();
        Signal::derive(move || present.with(|query| query.open.as_ref() == Some(&id)))
    };
    let href = {
        let id = id.clone();
        text(move || {
            let open = (!is_open.get()).then(|| id.clone());
            present.with(|query| query.opened(open)).href(&scope.get())
        })
    };
    view! {
        <a
            class="block truncate font-medium"
            href=href
            aria-label=called(resource)
            aria-current=flag(is_open)
        >
            {name_of(resource).to_owned()}
        </a>
        <span class="flex items-center gap-0.5">
            <span class="mono text-xs quiet">{id.to_string()}</span>
            <CopyButton text=id.to_string() label=format!("Copy {id}")/>
        </span>
    }
    .into_any()
}

fn cell(resource: &Resource, column: &Column, scope: &Scope) -> AnyView {
    match (resource, column.key) {
        (Resource::Volume(it), "state") => badge(&it.state, state_tone(&it.state)),
        (Resource::Snapshot(it), "state") => badge(&it.state, state_tone(&it.state)),
        (Resource::Volume(it), "instance") if it.attachments.is_empty() => unattached(it),
        (Resource::Volume(it), "instance") => it
            .attachments
            .iter()
            .map(|to| {
                let target = match &to.instance_id {
                    Some(id) => instance_link(resource, id, scope),
                    None => to.target().to_owned().into_any(),
                };
                let state = to.unusual_state().map(ToOwned::to_owned);
                view! { {target} <span class="quiet block text-xs">{state}</span> }.into_any()
            })
            .collect_view()
            .into_any(),
        (Resource::Address(it), "instance") if it.is_unassociated() => badge("not associated", Tone::Warn),
        (Resource::Address(it), "instance") if it.instance_id.is_some() => {
            it.instance_id.iter().map(|id| instance_link(resource, id, scope)).collect_view().into_any()
        }
        (Resource::Snapshot(it), "volume") => volume_link(it.volume_id.as_deref(), scope),
        (Resource::Volume(it), "created") => time(it.created_at),
        (Resource::Snapshot(it), "started") => time(it.started_at),
        (Resource::Address(it), "instance") if it.service.is_some() => {
            it.service_text().unwrap_or_default().to_owned().into_any()
        }
        (Resource::SecurityGroup(it), "inbound") => rules_cell(&it.inbound, it.has_unseen_ranges()),
        (Resource::SecurityGroup(it), "outbound") => rules_cell(&it.outbound, false),
        _ => {
            let text = use_accounts().with_untracked(|all| column.text(resource, all).into_owned());
            view! { <span class="block truncate tabular-nums">{or_dash(Some(text))}</span> }.into_any()
        }
    }
}

/// What is said instead of what a volume is attached to. What is being made or deleted, or failed, is not idle.
pub(super) fn unattached(volume: &Volume) -> AnyView {
    if volume.is_unattached() { badge("not attached", Tone::Warn) } else { "–".into_any() }
}

/// How many rules there are, and that one of them lets everybody in. Of what is `unseen` nobody knows whether it does.
fn rules_cell(rules: &[SecurityRule], unseen: bool) -> AnyView {
    let count = rules.len().to_string();
    if rules.iter().any(|rule| rule.open) {
        view! {
            <span class="flex items-center gap-2">
                {count} <Badge tone=Tone::Bad>"open to everybody"</Badge>
            </span>
        }
        .into_any()
    } else if unseen {
        view! { {count} <span class="quiet block text-xs">"prefix list, not looked into"</span> }.into_any()
    } else {
        count.into_any()
    }
}

pub(super) fn badge(word: &str, tone: Tone) -> AnyView {
    let word = or_dash(Some(word.to_owned()));
    view! { <Badge tone=tone>{word}</Badge> }.into_any()
}

/// What the state of a volume or a snapshot means.
pub(super) fn state_tone(state: &str) -> Tone {
    match state {
        "in-use" | "completed" => Tone::Good,
        "creating" | "deleting" | "pending" | "recovering" => Tone::Busy,
        "error" => Tone::Bad,
        _ => Tone::Neutral,
    }
}

pub(super) fn time(at: Option<nephoscope_model::Timestamp>) -> AnyView {
    match at {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => "–".into_any(),
    }
}

/// The way to an instance that is where the resource is.
pub(super) fn instance_link(resource: &Resource, id: &InstanceId, scope: &Scope) -> AnyView {
    link(id.as_str(), paths::instance(&resource.place(), id, scope))
}

/// The way to the volume that a snapshot was taken of.
pub(super) fn volume_link(id: Option<&str>, scope: &Scope) -> AnyView {
    let Some(id) = id else { return "–".into_any() };
    // A copied snapshot names a volume that never was.
    let there = id != "vol-ffffffff";
    match id.parse().ok().filter(|_| there).and_then(|id| paths::ec2_resource(&id, scope)) {
        Some(href) => link(id, href),
        None => id.to_owned().into_any(),
    }
}

pub(super) fn link(text: &str, href: String) -> AnyView {
    view! {
        <a class="block mono" href=href>
            {text.to_owned()}
        </a>
    }
    .into_any()
}
