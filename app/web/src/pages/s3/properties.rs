//! How a bucket is configured.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    ec2::{MOST_IN_KEY, MOST_IN_VALUE, Tag},
    json::lay_out,
    s3::{Bucket, BucketDetails, Exposure, PublicAccessBlock, Untold},
};

use super::{denial, rules::rules_panel, submit};
use crate::{
    components::{
        Badge, CopyButton, Glyph, Icon, KeyValue, KeyValueList, Panel, Time, badge::Tone, key_value::or_dash,
        nothing,
    },
    paths,
};

/// How many empty rows the form of the tags has.
const MORE_TAGS: usize = 3;

/// What is said of a part that AWS did not tell, why stands above all of them.
pub(super) const UNTOLD: &str = "AWS did not tell.";

pub(super) fn properties_view(details: BucketDetails) -> AnyView {
    view! {
        {untold_view(&details)}
        {configuration_panel(&details)}
        {tags_panel(&details)}
        {rules_panel(&details)}
        {policy_panel(&details)}
    }
    .into_any()
}

fn configuration_panel(details: &BucketDetails) -> AnyView {
    let (tone, words) = exposure_words(details.exposure);
    let by_account = (details.exposure == Exposure::Public).then(|| {
        view! {
            <p class="quiet text-xs">
                "A block of the whole account would keep strangers out all the same; it is not looked at."
            </p>
        }
    });
    let created = match details.bucket.created_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => "–".into_any(),
    };
    let told = |part: &str, words: String| if details.tells(part) { words } else { UNTOLD.to_owned() };
    let switches = told("publicAccess", block_words(details.public_access_block));
    let versioning = told("versioning", or_dash(details.versioning.clone()));
    let encryption = told("encryption", or_dash(details.encryption.clone()));
    let arn = details.bucket.arn();
    let form = versioning_form(details);
    view! {
        <Panel title="Configuration">
            <KeyValueList>
                <KeyValue label="Public access">
                    <Badge tone=tone>{words}</Badge>
                    {by_account}
                </KeyValue>
                <KeyValue label="Switches against it">{switches}</KeyValue>
                <KeyValue label="Versions">{versioning}</KeyValue>
                <KeyValue label="Encryption">
                    <span class="wrap-anywhere">{encryption}</span>
                </KeyValue>
                <KeyValue label="Created">{created}</KeyValue>
                <KeyValue label="ARN">
                    <span class="wrap-anywhere">{arn}</span>
                </KeyValue>
            </KeyValueList>
            {form}
        </Panel>
    }
    .into_any()
}

fn tags_panel(details: &BucketDetails) -> AnyView {
    let content = if !details.tells("tags") {
        quiet(UNTOLD)
    } else if details.tags.is_empty() {
        quiet("It has no tags.")
    } else {
        let tag = |tag: &Tag| {
            let (key, value) = (tag.key.clone(), or_dash(Some(tag.value.clone())));
            view! { <KeyValue label=key><span class="wrap-anywhere">{value}</span></KeyValue> }.into_any()
        };
        let tags: Vec<AnyView> = details.tags.iter().map(tag).collect();
        view! { <KeyValueList>{tags}</KeyValueList> }.into_any()
    };
    let form = tag_form(details);
    view! {
        <Panel title="Tags" count=count(details.tags.len())>
            {content}
            {form}
        </Panel>
    }
    .into_any()
}

fn policy_panel(details: &BucketDetails) -> AnyView {
    let content = match &details.policy {
        Some(policy) => {
            let policy = pretty(policy);
            view! {
                <div class="panel-body">
                    <div class="code-block">
                        <pre class="max-h-128" tabindex="0" aria-label="The policy">
                            {policy.clone()}
                        </pre>
                        <CopyButton text=Signal::stored(policy) label=Signal::stored("Copy the policy".to_owned())/>
                    </div>
                </div>
            }
            .into_any()
        }
        None if details.tells("policy") => quiet("It has no policy."),
        None => quiet(UNTOLD),
    };
    view! { <Panel title="Policy">{content}</Panel> }.into_any()
}

/// A number behind a title; nothing for none.
pub(super) fn count(number: usize) -> MaybeProp<String> {
    MaybeProp::from((number > 0).then(|| number.to_string()))
}

pub(super) fn quiet(words: &'static str) -> AnyView {
    view! { <p class="panel-body quiet">{words}</p> }.into_any()
}

fn form_action(bucket: &Bucket) -> String {
    paths::bucket(&bucket.place(), &bucket.name, &Scope::default())
}

fn versioning_form(details: &BucketDetails) -> AnyView {
    if !details.tells("versioning") {
        return nothing();
    }
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
    view! {
        <details class="panel-details px-4 pb-4">
            <summary class="btn btn-sm">"Change versioning"</summary>
            <form method="post" action=form_action(&details.bucket) class="flex flex-wrap items-center gap-3">
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
    if !details.tells("tags") {
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
        <details class="panel-details px-4 pb-4">
            <summary class="btn btn-sm">"Edit tags"</summary>
            <form method="post" action=form_action(&details.bucket) class="flex flex-col gap-2">
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

/// JSON as people read it; what is none stays as it is.
fn pretty(text: &str) -> String {
    lay_out(text).unwrap_or_else(|| text.to_owned())
}

/// What AWS did not tell, and what would let it.
fn untold_view(details: &BucketDetails) -> AnyView {
    if details.untold.is_empty() {
        return nothing();
    }
    let item = |untold: &Untold| {
        let hint = untold.error.hint.clone().map(|hint| view! { <span class="quiet">" " {hint}</span> });
        view! {
            <li class="wrap-anywhere">
                <span class="font-medium">{part_words(&untold.part).to_owned()}</span>
                {format!(": {}", untold.error.message)}
                {hint}
            </li>
        }
        .into_any()
    };
    let items: Vec<AnyView> = details.untold.iter().map(item).collect();
    view! {
        <div class="notice notice-warn" role="status">
            <Icon glyph=Glyph::Alert/>
            <div class="notice-body">
                <p class="notice-title">"AWS did not tell everything"</p>
                <ul class="flex list-disc flex-col gap-1 ps-4">{items}</ul>
            </div>
        </div>
    }
    .into_any()
}

/// What a part is called on the page.
fn part_words(part: &str) -> &str {
    match part {
        "versioning" => "Versions",
        "encryption" => "Encryption",
        "publicAccess" => "Switches against public access",
        "policyStatus" => "Whether the policy lets everybody in",
        "acl" => "Access control list",
        "policy" => "Policy",
        "tags" => "Tags",
        "lifecycle" => "Lifecycle rules",
        other => other,
    }
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
