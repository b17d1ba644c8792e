//! The cells of the table, one for each column. Each follows its instance.

use leptos::prelude::*;
use nephoscope_model::{
    Timestamp,
    ec2::{Instance, Tag},
};

use super::{
    beside::{Beside, running_since, uptime_text},
    checks::checks_badge,
    columns::{Column, tag_texts},
    prices::price_cell,
    terminations::{Terminations, termination_line},
};
use crate::{
    components::{
        AccountTag, CopyButton, StateBadge, Time, clock::use_clock, dynamic, key_value::or_dash, nothing,
        text,
    },
    paths,
    scope::use_scope,
};

/// The cell of a column.
pub(super) fn cell(column: Column, row: Memo<Instance>, beside: Memo<Beside>) -> AnyView {
    match column {
        Column::Name => name_cell(row),
        Column::Id => {
            let id = row.with_untracked(|row| row.id.to_string());
            view! {
                <td>
                    <span class="inline-flex items-center gap-0.5">
                        <span class="font-mono text-xs">{id.clone()}</span>
                        <CopyButton text=id label="Copy instance ID"/>
                    </span>
                </td>
            }
            .into_any()
        }
        Column::State => {
            view! { <td><StateBadge state=Signal::derive(move || row.with(|row| row.state))/></td> }
                .into_any()
        }
        Column::Account => {
            let account = row.with_untracked(|row| row.account.clone());
            view! { <td><AccountTag account=account/></td> }.into_any()
        }
        Column::Status => {
            let checks =
                Signal::derive(move || row.with(|row| beside.with(|beside| beside.checks_of(row).cloned())));
            let badge = checks_badge(checks);
            view! { <td>{badge}</td> }.into_any()
        }
        Column::Uptime => {
            let (shown, since) = uptime(Signal::from(row));
            view! {
                <td class="tabular-nums" title=since>
                    {shown}
                </td>
            }
            .into_any()
        }
        Column::Price => price_cell(row, beside),
        Column::Launched => changing_cell(move || match row.with(|row| row.launched_at) {
            Some(at) => view! { <Time at=at brief=true/> }.into_any(),
            None => "–".into_any(),
        }),
        Column::Tags => changing_cell(move || row.with(|row| tag_chips(&row.tags))),
        Column::Type
        | Column::Zone
        | Column::Region
        | Column::PrivateIp
        | Column::PublicIp
        | Column::Platform
        | Column::Architecture
        | Column::Image
        | Column::Vpc
        | Column::Subnet
        | Column::SecurityGroups
        | Column::KeyPair => {
            // None of them needs anything else.
            let shown = text(move || or_dash(Some(row.with(|row| column.text(row, &Beside::default())))));
            view! {
                <td class="clip tabular-nums" title=shown>
                    {shown}
                </td>
            }
            .into_any()
        }
    }
}

/// How long an instance has been running, and since when. Until the page is hydrated it says the latter, since the time would have passed.
pub(super) fn uptime(instance: Signal<Instance>) -> (Signal<String>, Signal<String>) {
    let clock = use_clock();
    let since = text(move || {
        let since = instance.with(running_since);
        since.map(|at| format!("since {}", at.to_utc_text())).unwrap_or_default()
    });
    let shown = text(move || {
        let now = clock.now.get().map(Timestamp::from_millis);
        let uptime = instance.with(|instance| uptime_text(instance, now));
        or_dash(uptime.or_else(|| Some(since.get())))
    });
    (shown, since)
}

fn name_cell(row: Memo<Instance>) -> AnyView {
    let scope = use_scope();
    let (place, id) = row.with_untracked(|row| (row.place(), row.id.clone()));
    let waits = use_context::<Terminations>().map(|all| termination_line(all, id.clone()));
    let href = text(move || paths::instance(&place, &id, &scope.get()));
    let name = text(move || match row.with(|row| row.name.clone()) {
        name if name.is_empty() => "(no name)".to_owned(),
        name => name,
    });
    view! {
        <td class="max-w-64">
            <a class="block truncate font-medium" href=href>
                {name}
            </a>
            {waits}
        </td>
    }
    .into_any()
}

fn changing_cell(content: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    view! { <td class="tabular-nums">{dynamic(content)}</td> }.into_any()
}

/// The first tag as a chip, and how many more there are. The name has a column of its own.
fn tag_chips(tags: &[Tag]) -> AnyView {
    let mut texts = tag_texts(tags).into_iter();
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
