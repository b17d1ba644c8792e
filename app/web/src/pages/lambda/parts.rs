//! What is only read of a function: its configuration; and the tables of its page.

use leptos::prelude::*;
use nephoscope_model::{
    Error,
    error::shorten,
    lambda::{FunctionDetails, ImageStart, Logging, SnapStart},
};

use crate::{
    charts::unit::bytes,
    components::{
        AccountTag, Badge, CopyButton, EmptyState, ErrorNotice, Glyph, KeyValue, KeyValueList, Panel, Time,
        Tone, key_value::or_dash, nothing, plain_table,
    },
};

/// Why AWS says that a function is in its state, and what became of its last update.
pub(super) fn troubles(details: &FunctionDetails) -> AnyView {
    let state = ("State", &details.function.state, &details.state_reason);
    let update = ("Last update", &details.last_update, &details.last_update_reason);
    let notices = [state, update].into_iter().filter_map(|(label, status, reason)| {
        let status = status.clone().unwrap_or_default();
        let is_failed = status == "Failed";
        let reason = reason.as_deref().or(is_failed.then_some("AWS gave no reason."))?;
        let class = if is_failed { "notice notice-error" } else { "notice notice-warn" };
        let words = format!("{label} {status}: {}", shorten(reason, 300));
        Some(view! {
            <p class=class role="status">
                {words}
            </p>
        })
    });
    notices.collect_view().into_any()
}

/// Everything that AWS says about it.
pub(super) fn configuration(details: &FunctionDetails) -> AnyView {
    let it = details.clone();
    let function = it.function;
    let code_size = function.known_code_size();
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
        ("Code size", or_dash(code_size.map(bytes))),
        ("Ephemeral storage", or_dash(it.ephemeral_storage_mb.map(|size| format!("{size} MB")))),
        ("Last update", or_dash(it.last_update)),
        ("Tracing", or_dash(it.tracing)),
        ("SnapStart", or_dash(it.snap_start.map(snap_start_text))),
        ("VPC", or_dash(it.vpc_id)),
        ("Subnets", or_dash(Some(it.subnets.join(", ")))),
        ("Security groups", or_dash(Some(it.security_groups.join(", ")))),
        ("Layers", or_dash(Some(it.layers.join(", ")))),
        ("Log group", it.log_group),
        ("Log format", or_dash(it.logging.map(logging_text))),
        ("Code SHA-256", it.code_sha256),
    ];
    let pairs = pairs.into_iter().chain(it.image.into_iter().flat_map(image_facts)).map(|(label, value)| {
        view! {
            <KeyValue label=label>
                <span class="break-all">{value}</span>
            </KeyValue>
        }
        .into_any()
    });
    let pairs: Vec<AnyView> = pairs.collect();
    let arns = [
        ("Role", Some(it.role)),
        ("Dead letter target", it.dead_letter),
        ("KMS key", it.kms_key),
        ("ARN", Some(function.arn)),
    ];
    let arns = arns.map(|(label, arn)| arn_fact(label, arn.filter(|arn| !arn.is_empty())));
    view! {
        <KeyValueList>
            <KeyValue label="State">
                <Badge tone=tone>{or_dash(Some(state))}</Badge>
            </KeyValue>
            <KeyValue label="Account"><AccountTag account=function.account/></KeyValue>
            <KeyValue label="Region">{function.region.to_string()}</KeyValue>
            <KeyValue label="Modified">{modified}</KeyValue>
            {pairs}
            {Vec::from(arns)}
        </KeyValueList>
    }
    .into_any()
}

/// An ARN with a button that copies it, or a dash.
fn arn_fact(label: &'static str, arn: Option<String>) -> AnyView {
    let value = match arn {
        Some(arn) => copied(arn, label),
        None => "–".into_any(),
    };
    view! { <KeyValue label=label>{value}</KeyValue> }.into_any()
}

/// A text that is there to be copied, and what it is called.
pub(super) fn copied(text: String, what: &str) -> AnyView {
    view! {
        <span class="mono break-all">{text.clone()}</span>
        <CopyButton text=text label=format!("Copy {what}")/>
    }
    .into_any()
}

fn snap_start_text(it: SnapStart) -> String {
    match it.optimization_status {
        Some(status) => format!("{}, optimization {status}", it.apply_on),
        None => it.apply_on,
    }
}

/// `JSON, application FATAL, system WARN`
fn logging_text(it: Logging) -> String {
    let levels = [("application", it.application_level), ("system", it.system_level)];
    let levels = levels.into_iter().filter_map(|(whose, level)| Some(format!("{whose} {}", level?)));
    it.format.into_iter().chain(levels).collect::<Vec<_>>().join(", ")
}

/// What is started in an image. The lists stand as they do in a Dockerfile, since a word of them may have spaces.
fn image_facts(it: ImageStart) -> Vec<(&'static str, String)> {
    if let Some(reason) = it.error {
        return vec![("Image configuration", format!("AWS could not read it: {reason}"))];
    }
    let list = |words: &[String]| {
        let written = (!words.is_empty()).then(|| serde_json::to_string(words).unwrap_or_default());
        or_dash(written)
    };
    vec![
        ("Entry point", list(&it.entry_point)),
        ("Command", list(&it.command)),
        ("Working directory", or_dash(it.working_directory)),
    ]
}

/// A table in a panel, and what stands in its place when it is empty. Why it could not be read, or not all of it, stands above the rows
/// that were.
pub(super) fn table_panel(
    title: &'static str,
    headings: &'static [&'static str],
    rows: Vec<AnyView>,
    error: Option<Error>,
    none: &'static str,
    actions: impl Into<ViewFn>,
) -> AnyView {
    let count = error.is_none().then(|| rows.len().to_string());
    let body = match (rows.is_empty(), &error) {
        (true, Some(_)) => nothing(),
        (true, None) => view! { <EmptyState title=none glyph=Glyph::Lambda/> }.into_any(),
        (false, _) => plain_table(title, headings, rows),
    };
    let notice = error.map(|error| {
        view! {
            <div class="panel-body">
                <ErrorNotice error=error/>
            </div>
        }
    });
    view! {
        <Panel title=title count=MaybeProp::from(count) actions=actions.into()>
            {notice} {body}
        </Panel>
    }
    .into_any()
}

/// A cell of text, or a dash.
pub(super) fn cell(text: String) -> AnyView {
    view! { <td class="wrap">{or_dash(Some(text))}</td> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_of_a_log_is_kept_is_said_in_one_line() {
        let json = Logging {
            format: Some("JSON".to_owned()),
            application_level: Some("FATAL".to_owned()),
            system_level: Some("WARN".to_owned()),
        };
        assert_eq!(logging_text(json), "JSON, application FATAL, system WARN");
        assert_eq!(logging_text(Logging::default()), "");
    }

    #[test]
    fn what_is_started_in_an_image_is_told_word_by_word() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let start = ImageStart {
            entry_point: words(&["/bin/sh", "-c"]),
            command: words(&["run it"]),
            ..ImageStart::default()
        };
        let told: Vec<String> = image_facts(start).into_iter().map(|(_, value)| value).collect();
        assert_eq!(told, [r#"["/bin/sh","-c"]"#, r#"["run it"]"#, "–"]);
    }
}
