//! What happens to the objects of a bucket by and by.

use leptos::prelude::*;
use nephoscope_model::{
    ec2::Tag,
    s3::{BucketDetails, LifecycleRule},
};

use super::properties::{UNTOLD, count, quiet};
use crate::components::{Badge, Panel, badge::Tone};

pub(super) fn rules_panel(details: &BucketDetails) -> AnyView {
    let content = if !details.tells("lifecycle") {
        quiet(UNTOLD)
    } else if details.lifecycle.is_empty() {
        quiet("Objects stay until somebody deletes them.")
    } else {
        let rules: Vec<AnyView> = details.lifecycle.iter().map(rule_view).collect();
        view! { <ul class="rules">{rules}</ul> }.into_any()
    };
    view! { <Panel title="Lifecycle rules" count=count(details.lifecycle.len())>{content}</Panel> }.into_any()
}

fn rule_view(rule: &LifecycleRule) -> AnyView {
    let (tone, state) = if rule.enabled { (Tone::Good, "on") } else { (Tone::Neutral, "off") };
    let name = if rule.id.is_empty() { "A rule without a name".to_owned() } else { rule.id.clone() };
    let actions: Vec<AnyView> =
        rule.actions.iter().map(|action| view! { <li>{action.clone()}</li> }.into_any()).collect();
    view! {
        <li>
            <p class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span class="font-medium">{name}</span>
                <Badge tone=tone>{state}</Badge>
                <span class="quiet">{about(rule)}</span>
            </p>
            <ul class="list-disc ps-5">{actions}</ul>
        </li>
    }
    .into_any()
}

/// Which objects a rule is about.
fn about(rule: &LifecycleRule) -> String {
    let mut conditions = Vec::new();
    if !rule.prefix.is_empty() {
        conditions.push(format!("whose key begins with {}", rule.prefix));
    }
    conditions.extend(rule.tags.iter().map(|Tag { key, value }| format!("with the tag {key} = {value}")));
    conditions.extend(rule.larger_than.map(|bytes| format!("of more than {bytes} bytes")));
    conditions.extend(rule.smaller_than.map(|bytes| format!("of less than {bytes} bytes")));
    match conditions.split_last() {
        None => "all objects".to_owned(),
        Some((last, [])) => format!("objects {last}"),
        Some((last, others)) => format!("objects {} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_says_which_objects_it_is_about() {
        let tag = |key: &str| Tag { key: key.to_owned(), value: "1".to_owned() };
        let all = LifecycleRule {
            id: String::new(),
            enabled: true,
            prefix: String::new(),
            tags: Vec::new(),
            larger_than: None,
            smaller_than: None,
            actions: Vec::new(),
        };
        assert_eq!(about(&all), "all objects");
        let below = LifecycleRule { prefix: "logs/".to_owned(), ..all.clone() };
        assert_eq!(about(&below), "objects whose key begins with logs/");
        let sized = LifecycleRule { larger_than: Some(500), smaller_than: Some(64_000), ..all };
        assert_eq!(about(&sized), "objects of more than 500 bytes and of less than 64000 bytes");
        let tagged = LifecycleRule { tags: vec![tag("a"), tag("b")], ..below };
        let expected = "objects whose key begins with logs/, with the tag a = 1 and with the tag b = 1";
        assert_eq!(about(&tagged), expected);
    }
}
