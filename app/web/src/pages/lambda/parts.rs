//! What is only read of a function: its configuration and its triggers; and the tables of its page.

use leptos::prelude::*;
use nephoscope_model::{
    Error,
    lambda::{FunctionDetails, Trigger, TriggerKind},
};

use crate::{
    charts::unit::bytes,
    components::{
        AccountTag, Badge, CopyButton, EmptyState, ErrorNotice, Glyph, KeyValue, KeyValueList, Panel, Time,
        Tone, key_value::or_dash, nothing,
    },
};

/// Everything that AWS says about it.
pub(super) fn configuration(details: &FunctionDetails) -> AnyView {
    let it = details.clone();
    let function = it.function;
    let state = function.state.unwrap_or_default();
    let tone = match state.as_str() {
        "Active" => Tone::Good,
        "Pending" => Tone::Busy,
        "Failed" => Tone::Bad,
        _ => Tone::Neutral,
    };
    let modified = match function.last_modified {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => "–".into_any(),
    };
    let pairs = [
        ("Runtime", or_dash(function.runtime)),
        ("Handler", or_dash(function.handler)),
        ("Package", function.package_type),
        ("Architecture", function.architecture),
        ("Memory", format!("{} MB", function.memory_mb)),
        ("Timeout", format!("{} s", function.timeout_secs)),
        ("Code size", bytes(function.code_size)),
        ("Ephemeral storage", or_dash(it.ephemeral_storage_mb.map(|size| format!("{size} MB")))),
        ("Last update", or_dash(it.last_update)),
        ("Tracing", or_dash(it.tracing)),
        ("VPC", or_dash(it.vpc_id)),
        ("Role", or_dash(Some(it.role))),
        ("Layers", or_dash(Some(it.layers.join(", ")))),
        ("Log group", it.log_group),
        ("Code SHA-256", it.code_sha256),
    ];
    let pairs = pairs.map(|(label, value)| {
        view! {
            <KeyValue label=label>
                <span class="break-all">{value}</span>
            </KeyValue>
        }
        .into_any()
    });
    view! {
        <KeyValueList>
            <KeyValue label="State">
                <Badge tone=tone>{or_dash(Some(state))}</Badge>
            </KeyValue>
            <KeyValue label="Account"><AccountTag account=function.account/></KeyValue>
            <KeyValue label="Region">{function.region.to_string()}</KeyValue>
            <KeyValue label="Modified">{modified}</KeyValue>
            {Vec::from(pairs)}
            <KeyValue label="ARN">
                <span class="mono break-all">{function.arn.clone()}</span>
                <CopyButton text=function.arn label="Copy ARN"/>
            </KeyValue>
        </KeyValueList>
    }
    .into_any()
}

/// A table in a panel, what stands in its place when it is empty, and why it could not be read.
pub(super) fn table_panel(
    title: &'static str,
    headings: &'static [&'static str],
    rows: Vec<AnyView>,
    error: Option<Error>,
    none: &'static str,
    actions: impl Into<ViewFn>,
) -> AnyView {
    let count = error.is_none().then(|| rows.len().to_string());
    let body = match error {
        Some(error) => view! {
            <div class="panel-body">
                <ErrorNotice error=error/>
            </div>
        }
        .into_any(),
        None if rows.is_empty() => view! { <EmptyState title=none glyph=Glyph::Lambda/> }.into_any(),
        None => {
            let headings =
                headings.iter().map(|heading| view! { <th scope="col">{*heading}</th> }).collect_view();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                    <table class="data-table">
                        <thead>
                            <tr>{headings}</tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <Panel title=title count=MaybeProp::from(count) actions=actions.into()>
            {body}
        </Panel>
    }
    .into_any()
}

/// A cell of text, or a dash.
pub(super) fn cell(text: String) -> AnyView {
    view! { <td class="wrap">{or_dash(Some(text))}</td> }.into_any()
}

/// What it is invoked for.
pub(super) fn triggers_view(details: &FunctionDetails) -> AnyView {
    let rows = details.triggers.items.iter().map(trigger_row).collect();
    table_panel(
        "Triggers",
        &["Source", "Kind", "State", "Batch size", "Last result"],
        rows,
        details.triggers.error.clone(),
        "Nothing invokes it by itself: no queue, stream, permission or address",
        nothing,
    )
}

fn trigger_row(trigger: &Trigger) -> AnyView {
    let (kind, tone, state) = match (trigger.kind, trigger.state.as_str()) {
        (TriggerKind::Source, "Enabled") => ("Queue or stream", Tone::Good, "Enabled"),
        (TriggerKind::Source, "Disabled") => ("Queue or stream", Tone::Neutral, "Disabled"),
        (TriggerKind::Source, other) => ("Queue or stream", Tone::Busy, other),
        (TriggerKind::Permission, "*") if trigger.source == "*" => ("Permission", Tone::Bad, "everybody"),
        (TriggerKind::Permission, who) => ("Permission", Tone::Neutral, who),
        (TriggerKind::Url, "NONE") => ("Address", Tone::Bad, "open to everybody"),
        (TriggerKind::Url, _) => ("Address", Tone::Good, "signed calls only"),
    };
    let state = state.to_owned();
    view! {
        <tr>
            {cell(trigger.source.clone())}
            <td>{kind}</td>
            <td>
                <Badge tone=tone>{state}</Badge>
            </td>
            {cell(trigger.batch_size.map(|size| size.to_string()).unwrap_or_default())}
            {cell(trigger.last_result.clone().unwrap_or_default())}
        </tr>
    }
    .into_any()
}
