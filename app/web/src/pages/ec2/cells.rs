//! The cells of the table, one for each column.

use leptos::prelude::*;
use nephoscope_model::{
    Timestamp,
    ec2::{Instance, Tag},
};

use super::{
    beside::{Beside, running_since, uptime_text},
    checks::{checks_badge, warnings_line},
    columns::{Column, tag_texts},
    prices::price_cell,
    terminations::{Terminations, termination_line},
};
use crate::{
    components::{
        AccountTag, CopyButton, Time, clock::use_clock, key_value::or_dash, nothing, state_badge, text,
    },
    paths,
    scope::use_scope,
};

/// The cell of a column.
pub(super) fn cell(column: Column, row: &Instance, beside: &Beside) -> AnyView {
    match column {
        Column::Name => name_cell(row, beside),
        Column::Id => {
            let id = row.id.to_string();
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
        Column::State => view! { <td>{state_badge(row.state)}</td> }.into_any(),
        Column::Account => view! { <td><AccountTag account=row.account.clone()/></td> }.into_any(),
        Column::Status => view! { <td>{checks_badge(beside.checks_of(row))}</td> }.into_any(),
        Column::Uptime => {
            let (shown, since) = uptime(Signal::stored(row.clone()));
            view! {
                <td class="tabular-nums" title=since>
                    {shown}
                </td>
            }
            .into_any()
        }
        Column::Price => price_cell(row, &beside.prices),
        Column::Launched => {
            let launched = match row.launched_at {
                Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                None => "–".into_any(),
            };
            view! { <td class="tabular-nums">{launched}</td> }.into_any()
        }
        Column::Tags => view! { <td class="tabular-nums">{tag_chips(&row.tags)}</td> }.into_any(),
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
            let shown = or_dash(Some(column.text(row, beside)));
            let title = shown.clone();
            view! {
                <td class="clip tabular-nums" title=title>
                    {shown}
                </td>
            }
            .into_any()
        }
    }
}

/// How long an instance has been running, and since when. Until the page is hydrated it says the latter, since the time would have passed.
pub(super) fn uptime(instance: impl Into<Signal<Instance>>) -> (Signal<String>, Signal<String>) {
    let instance = instance.into();
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

fn name_cell(row: &Instance, beside: &Beside) -> AnyView {
    let href = use_scope().with(|scope| paths::instance(&row.place(), &row.id, scope));
    let name = if row.name.is_empty() { "(no name)".to_owned() } else { row.name.clone() };
    let waits = use_context::<Terminations>().map(|all| termination_line(all, &row.id));
    view! {
        <td class="max-w-64">
            <a class="block truncate font-medium" href=href>
                {name}
            </a>
            {waits}
            {warnings_line(row, beside.checks_of(row))}
        </td>
    }
    .into_any()
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
