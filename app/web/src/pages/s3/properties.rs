//! How a bucket is configured.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    ec2::{MOST_IN_KEY, MOST_IN_VALUE, Tag},
    json::lay_out,
    s3::{Bucket, BucketDetails, Exposure, LifecycleRule, PublicAccessBlock},
};

use super::{denial, submit};
use crate::{
    components::{
        Badge, Glyph, Icon, KeyValue, KeyValueList, Panel, Time, badge::Tone, key_value::or_dash, nothing,
    },
    paths,
};

/// How many empty rows the form of the tags has.
const MORE_TAGS: usize = 3;

pub(super) fn properties_view(details: BucketDetails) -> AnyView {
    let (tone, words) = exposure_words(details.exposure);
    let created = match details.bucket.created_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => nothing(),
    };
    let tags: Vec<String> = details.tags.iter().map(|tag| format!("{} = {}", tag.key, tag.value)).collect();
    let tag_form = tag_form(&details);
    let versioning_form = versioning_form(&details);
    let rules: Vec<String> = details.lifecycle.iter().map(rule_words).collect();
    view! {
        {untold_view(&details)}
        <Panel title="Configuration">
            <KeyValueList>
                <KeyValue label="Public access">
                    <Badge tone=tone>{words}</Badge>
                </KeyValue>
                <KeyValue label="Switches against it">{block_words(details.public_access_block)}</KeyValue>
                <KeyValue label="Versions">{or_dash(details.versioning)}</KeyValue>
                <KeyValue label="Encryption">{or_dash(details.encryption)}</KeyValue>
                <KeyValue label="ARN">{details.bucket.arn()}</KeyValue>
                <KeyValue label="Created">{created}</KeyValue>
            </KeyValueList>
        </Panel>
        {versioning_form}
        {list_panel("Tags", tags, "It has no tags.")}
        {tag_form}
        {list_panel("Lifecycle rules", rules, "Objects stay until somebody deletes them.")}
        <Panel title="Policy">
            {match details.policy {
                Some(policy) => {
                    view! { <pre class="code-block" tabindex="0" aria-label="The policy">{pretty(&policy)}</pre> }.into_any()
                }
                None => view! { <p class="panel-body quiet">"It has no policy."</p> }.into_any(),
            }}
        </Panel>
    }
    .into_any()
}

fn form_action(bucket: &Bucket) -> String {
    paths::bucket(&bucket.place(), &bucket.name, &Scope::default())
}

/// Whether AWS told a part: what is not known must not be overwritten.
fn is_told(details: &BucketDetails, part: &str) -> bool {
    details.untold.iter().all(|untold| untold.part != part)
}

fn versioning_form(details: &BucketDetails) -> AnyView {
    let (value, label, words) = match details.versioning.as_deref() {
        Some("Enabled") => {
            ("suspend", "Suspend versioning", "Versions that are there stay, and no further ones are made.")
        }
        _ => (
            "enable",
            "Enable versioning",
            "Objects that are overwritten or deleted then keep their earlier versions, which cost money.",
        ),
    };
    if !is_told(details, "versioning") {
        return nothing();
    }
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Change versioning"</summary>
            <form method="post" action=form_action(&details.bucket) class="toolbar">
                <input type="hidden" name="do" value="set-versioning"/>
                <input type="hidden" name="versioning" value=value/>
                {submit(label, "btn btn-sm", denial(&details.bucket.account))}
                <p class="quiet">{words}</p>
            </form>
        </details>
    }
    .into_any()
}

/// Each tag in a row of two fields, and some empty rows. What it had when the page was made goes along, so that what others added stays.
fn tag_form(details: &BucketDetails) -> AnyView {
    if !is_told(details, "tags") {
        return nothing();
    }
    let known: Vec<AnyView> = details
        .tags
        .iter()
        .map(|tag| {
            view! {
                <input type="hidden" name="known-key" value=tag.key.clone()/>
                <input type="hidden" name="known-value" value=tag.value.clone()/>
            }
            .into_any()
        })
        .collect();
    let empty = std::iter::repeat_n(Tag { key: String::new(), value: String::new() }, MORE_TAGS);
    let own = details.tags.iter().filter(|tag| !tag.is_of_aws()).cloned();
    let rows: Vec<AnyView> = own
        .chain(empty)
        .map(|tag| {
            view! {
                <div class="flex gap-2">
                    {tag_field("key", "Key", MOST_IN_KEY, tag.key)} {tag_field("value", "Value", MOST_IN_VALUE, tag.value)}
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Edit tags"</summary>
            <form method="post" action=form_action(&details.bucket) class="flex flex-col gap-2 p-4">
                <input type="hidden" name="do" value="set-tags"/>
                {known}
                {rows}
                <p class="quiet">"A row without a key is no tag."</p>
                {submit("Save tags", "btn btn-sm btn-primary self-start", denial(&details.bucket.account))}
            </form>
        </details>
    }
    .into_any()
}

fn tag_field(name: &'static str, label: &'static str, most: usize, value: String) -> AnyView {
    view! {
        <input
            class="input input-sm min-w-0 flex-1"
            name=name
            aria-label=label
            placeholder=label
            // HTML counts in units of UTF-16, of which a character has two at most.
            maxlength=(2 * most).to_string()
            spellcheck="false"
            value=value
        />
    }
    .into_any()
}

/// Whether strangers get in, in words.
fn exposure_words(exposure: Exposure) -> (Tone, &'static str) {
    match exposure {
        Exposure::Blocked => (Tone::Good, "blocked"),
        Exposure::NotBlocked => (Tone::Warn, "not public, but not blocked"),
        Exposure::Public => (Tone::Bad, "public"),
        Exposure::Unknown => (Tone::Warn, "not known"),
    }
}

fn block_words(block: Option<PublicAccessBlock>) -> String {
    let Some(block) = block else { return "none was ever set".to_owned() };
    let switches = [
        ("new public ACLs refused", block.block_public_acls),
        ("public ACLs ignored", block.ignore_public_acls),
        ("public policies refused", block.block_public_policy),
        ("strangers kept out", block.restrict_public_buckets),
    ];
    let on: Vec<&str> = switches.iter().filter(|(_, on)| *on).map(|(words, _)| *words).collect();
    match on.len() {
        0 => "all off".to_owned(),
        4 => "all on".to_owned(),
        _ => on.join(", "),
    }
}

fn rule_words(rule: &LifecycleRule) -> String {
    let about = if rule.prefix.is_empty() { "all objects".to_owned() } else { rule.prefix.clone() };
    let off = if rule.enabled { "" } else { " (off)" };
    format!("{}{off}: {about}: {}", rule.id, rule.actions.join("; "))
}

/// JSON as people read it; what is none stays as it is.
fn pretty(text: &str) -> String {
    lay_out(text).unwrap_or_else(|| text.to_owned())
}

fn list_panel(title: &'static str, lines: Vec<String>, nothing: &'static str) -> AnyView {
    let content = if lines.is_empty() {
        view! { <p class="panel-body quiet">{nothing}</p> }.into_any()
    } else {
        let items = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <ul class="panel-body">{items}</ul> }.into_any()
    };
    view! { <Panel title=title>{content}</Panel> }.into_any()
}

/// What AWS did not tell.
fn untold_view(details: &BucketDetails) -> AnyView {
    if details.untold.is_empty() {
        return nothing();
    }
    let items = details
        .untold
        .iter()
        .map(|untold| view! { <li>{format!("{}: {}", untold.part, untold.error.message)}</li> })
        .collect_view();
    view! {
        <div class="notice notice-warn" role="status">
            <Icon glyph=Glyph::Alert/>
            <div class="notice-body">
                <p class="notice-title">"AWS did not tell everything"</p>
                <ul>{items}</ul>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_said_in_words() {
        let all = PublicAccessBlock {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        };
        assert_eq!(block_words(None), "none was ever set");
        assert_eq!(block_words(Some(all)), "all on");
        assert_eq!(block_words(Some(PublicAccessBlock::default())), "all off");
        let some = PublicAccessBlock { ignore_public_acls: true, ..PublicAccessBlock::default() };
        assert_eq!(block_words(Some(some)), "public ACLs ignored");
    }

    #[test]
    fn a_policy_is_indented_and_other_text_is_left_alone() {
        assert_eq!(pretty(r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        assert_eq!(pretty("{"), "{");
    }
}
