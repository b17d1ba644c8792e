//! What S3 knows of an object, or of one of its versions.

use leptos::prelude::*;
use nephoscope_model::s3::ObjectDetails;

use crate::{
    charts::unit::bytes,
    components::{KeyValue, KeyValueList, Panel, Time, key_value::or_dash, nothing},
};

/// What S3 knows of it; what is seldom there is shown only when it is.
pub(super) fn facts_panel(details: ObjectDetails) -> AnyView {
    let modified = match details.modified_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => nothing(),
    };
    let size = i64::try_from(details.size).unwrap_or(i64::MAX);
    let size = format!("{} ({} bytes)", bytes(size), details.size);
    let encryption = [details.encryption.clone(), details.kms_key.clone()];
    let encryption = encryption.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let seldom = [
        ("Content encoding", details.content_encoding.clone()),
        ("Content disposition", details.content_disposition.clone()),
        ("Content language", details.content_language.clone()),
        ("Cache control", details.cache_control.clone()),
        ("Replication", details.replication.clone()),
        ("Redirects to", details.redirect.clone()),
        ("Legal hold", details.legal_hold.then(|| "on: it cannot be deleted".to_owned())),
        ("Locked by", details.lock_mode.clone()),
        ("Archive", details.is_being_restored.then(|| "being restored".to_owned())),
        ("Deleted by rule", details.expires_by.clone()),
    ];
    let times = [
        ("Locked until", details.locked_until),
        ("Can be read until", details.restored_until),
        ("Is deleted", details.expires_at),
    ];
    let times: Vec<AnyView> = times
        .into_iter()
        .filter_map(|(label, at)| {
            let at = at?;
            Some(view! { <KeyValue label=label><Time at=at/></KeyValue> }.into_any())
        })
        .collect();
    let seldom: Vec<AnyView> =
        seldom.into_iter().filter_map(|(label, value)| Some(pair(label, value?))).collect();
    let metadata: Vec<String> =
        details.metadata.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let tags = match details.untold.first() {
        Some(untold) => vec![untold.error.message.clone()],
        None => details.tags.iter().map(|tag| format!("{} = {}", tag.key, tag.value)).collect(),
    };
    let told = [
        ("Type", details.content_type),
        ("Storage class", details.storage_class),
        ("Encryption", Some(encryption)),
        ("ETag", details.etag),
        ("Checksum", details.checksum),
        ("Version", details.version_id),
    ];
    let told: Vec<AnyView> = told.into_iter().map(|(label, value)| pair(label, or_dash(value))).collect();
    view! {
        <Panel title="Object">
            <KeyValueList>
                {pair("Size", size)}
                <KeyValue label="Modified">{modified}</KeyValue>
                {told}
                {times}
                {seldom}
                <KeyValue label="Metadata">{lines(metadata)}</KeyValue>
                <KeyValue label="Tags">{lines(tags)}</KeyValue>
            </KeyValueList>
        </Panel>
    }
    .into_any()
}

fn pair(label: &'static str, value: String) -> AnyView {
    view! {
        <KeyValue label=label>
            <span class="wrap-anywhere">{value}</span>
        </KeyValue>
    }
    .into_any()
}

fn lines(lines: Vec<String>) -> AnyView {
    if lines.is_empty() {
        return "–".into_any();
    }
    let items: Vec<AnyView> =
        lines.into_iter().map(|line| view! { <li class="wrap-anywhere">{line}</li> }.into_any()).collect();
    view! { <ul>{items}</ul> }.into_any()
}
