//! What happens to the objects of a bucket by and by
//! ([the elements of a rule](https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html)).

use aws_sdk_s3::types as sdk;
use aws_smithy_types::DateTime;
use nephoscope_model::{ec2::Tag, s3::LifecycleRule};

use super::read_time;

pub(super) fn read_tag(tag: sdk::Tag) -> Tag {
    Tag { key: tag.key, value: tag.value }
}

pub(super) fn read_rule(rule: &sdk::LifecycleRule) -> LifecycleRule {
    #[expect(deprecated, reason = "rules that were written before 2016 have it, and S3 gives it back")]
    let old_prefix = rule.prefix();
    let filter = rule.filter();
    let all = filter.and_then(sdk::LifecycleRuleFilter::and);
    let prefix = filter.and_then(|it| it.prefix().or_else(|| all?.prefix())).or(old_prefix);
    let tags = filter.and_then(sdk::LifecycleRuleFilter::tag).into_iter();
    let tags = tags.chain(all.map(sdk::LifecycleRuleAndOperator::tags).unwrap_or_default());
    let larger_than =
        filter.and_then(|it| it.object_size_greater_than().or_else(|| all?.object_size_greater_than()));
    let smaller_than =
        filter.and_then(|it| it.object_size_less_than().or_else(|| all?.object_size_less_than()));
    // Everything is larger than 0 bytes but what has none, and some answer so where nobody asked for it.
    let size =
        |bytes: Option<i64>| bytes.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
    LifecycleRule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == sdk::ExpirationStatus::Enabled,
        prefix: prefix.unwrap_or_default().to_owned(),
        tags: tags.cloned().map(read_tag).collect(),
        larger_than: size(larger_than),
        smaller_than: size(smaller_than),
        actions: actions(rule),
    }
}

/// What a rule does, in words.
fn actions(rule: &sdk::LifecycleRule) -> Vec<String> {
    let mut actions: Vec<String> = rule.transitions().iter().map(transition).collect();
    actions.extend(rule.expiration().and_then(expiration));
    actions.extend(rule.noncurrent_version_transitions().iter().map(|transition| {
        let class = class(transition.storage_class());
        let after = after_days(transition.noncurrent_days());
        format!(
            "earlier versions to {class}{after}{}",
            but_the_newest(transition.newer_noncurrent_versions())
        )
    }));
    actions.extend(rule.noncurrent_version_expiration().map(|expiration| {
        let after = after_days(expiration.noncurrent_days());
        format!("earlier versions deleted{after}{}", but_the_newest(expiration.newer_noncurrent_versions()))
    }));
    actions.extend(
        rule.abort_incomplete_multipart_upload()
            .map(|abort| format!("unfinished uploads removed{}", after_days(abort.days_after_initiation()))),
    );
    actions
}

fn transition(transition: &sdk::Transition) -> String {
    let class = class(transition.storage_class());
    match transition.date() {
        Some(date) => format!("to {class} on {}", day(date)),
        None => format!("to {class}{}", after_days(transition.days())),
    }
}

fn expiration(expiration: &sdk::LifecycleExpiration) -> Option<String> {
    match (expiration.days(), expiration.date()) {
        (Some(days), _) => Some(format!("deleted{}", after_days(Some(days)))),
        (None, Some(date)) => Some(format!("deleted on {}", day(date))),
        (None, None) => expiration
            .expired_object_delete_marker()
            .unwrap_or_default()
            .then(|| "delete markers without versions removed".to_owned()),
    }
}

fn class(class: Option<&sdk::TransitionStorageClass>) -> &str {
    class.map_or("another class", sdk::TransitionStorageClass::as_str)
}

/// ` after 1 day`, with the space; nothing when AWS says nothing.
fn after_days(days: Option<i32>) -> String {
    match days {
        Some(1) => " after 1 day".to_owned(),
        Some(days) => format!(" after {days} days"),
        None => String::new(),
    }
}

fn but_the_newest(kept: Option<i32>) -> String {
    match kept {
        Some(1) => ", but for the newest of them".to_owned(),
        Some(kept) => format!(", but for the {kept} newest of them"),
        None => String::new(),
    }
}

/// The day in UTC, at whose begin S3 does it: `2031-05-17`.
fn day(date: &DateTime) -> String {
    let Some(at) = read_time(date) else { return "a day that cannot be read".to_owned() };
    at.to_string().chars().take_while(|letter| *letter != 'T').collect()
}
