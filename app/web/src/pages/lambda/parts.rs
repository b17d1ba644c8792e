//! What is only read of a function: its configuration, versions, aliases and triggers.

use leptos::prelude::*;
use nephoscope_model::{
    Error,
    lambda::{Alias, FunctionDetails, Trigger, Version},
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
    let concurrency = match (it.reserved_concurrency, it.reserved_concurrency_error) {
        (Some(0), _) => "0: it is not invoked at all".to_owned(),
        (Some(reserved), _) => reserved.to_string(),
        (None, Some(error)) => format!("not known: {}", error.message),
        (None, None) => "none reserved".to_owned(),
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
        ("Reserved concurrency", concurrency),
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
fn table_panel(
    title: &'static str,
    headings: &'static [&'static str],
    rows: Vec<AnyView>,
    error: Option<Error>,
    none: &'static str,
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
        <Panel title=title count=MaybeProp::from(count)>
            {body}
        </Panel>
    }
    .into_any()
}

fn cell(text: String) -> AnyView {
    view! { <td class="wrap">{or_dash(Some(text))}</td> }.into_any()
}

/// Versions, the newest first, and aliases.
pub(super) fn versions_view(details: &FunctionDetails) -> AnyView {
    let aliases = details.aliases.items.iter().map(alias_row).collect();
    let versions = details.versions.items.iter().map(|it| version_row(it, &details.aliases.items)).collect();
    view! {
        {table_panel(
            "Aliases",
            &["Name", "Version", "Also", "Description"],
            aliases,
            details.aliases.error.clone(),
            "No aliases",
        )}
        {table_panel(
            "Versions",
            &["Version", "Aliases", "Made", "Code SHA-256", "Description"],
            versions,
            details.versions.error.clone(),
            "No versions",
        )}
    }
    .into_any()
}

fn alias_row(alias: &Alias) -> AnyView {
    let part = |weight: f64| format!("{:.1} %", weight * 100.0);
    let also: Vec<String> =
        alias.weights.iter().map(|it| format!("{} ({})", it.version, part(it.weight))).collect();
    view! {
        <tr>
            {cell(alias.name.clone())} {cell(alias.version.clone())} {cell(also.join(", "))}
            {cell(alias.description.clone())}
        </tr>
    }
    .into_any()
}

fn version_row(version: &Version, aliases: &[Alias]) -> AnyView {
    let named: Vec<&str> =
        aliases.iter().filter(|it| it.version == version.version).map(|it| it.name.as_str()).collect();
    let made = match version.last_modified {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => nothing(),
    };
    view! {
        <tr>
            {cell(version.version.clone())} {cell(named.join(", "))} <td class="tabular-nums">{made}</td>
            {cell(version.code_sha256.clone())} {cell(version.description.clone())}
        </tr>
    }
    .into_any()
}

/// What it is invoked for.
pub(super) fn triggers_view(details: &FunctionDetails) -> AnyView {
    let rows = details.triggers.items.iter().map(trigger_row).collect();
    table_panel(
        "Triggers",
        &["Source", "State", "Batch size", "Last result"],
        rows,
        details.triggers.error.clone(),
        "No queue or stream invokes it",
    )
}

fn trigger_row(trigger: &Trigger) -> AnyView {
    let tone = match trigger.state.as_str() {
        "Enabled" => Tone::Good,
        "Disabled" => Tone::Neutral,
        _ => Tone::Busy,
    };
    let state = trigger.state.clone();
    view! {
        <tr>
            {cell(trigger.source.clone())}
            <td>
                <Badge tone=tone>{state}</Badge>
            </td>
            {cell(trigger.batch_size.map(|size| size.to_string()).unwrap_or_default())}
            {cell(trigger.last_result.clone().unwrap_or_default())}
        </tr>
    }
    .into_any()
}
