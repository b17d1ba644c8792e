//! What invokes a function by itself: queues and streams, what its policy allows, and its addresses.

use leptos::prelude::*;
use nephoscope_model::lambda::{
    EVERYBODY, FunctionDetails, MOST_ALIASES_WITH_TRIGGERS, Trigger, TriggerKind,
};

use super::parts::{cell, copied, table_panel};
use crate::components::{Badge, Tone, key_value::or_dash, nothing};

/// What it is invoked for.
pub(super) fn triggers_view(details: &FunctionDetails) -> AnyView {
    let rows = details.triggers.items.iter().map(trigger_row).collect();
    let table = table_panel(
        "Triggers",
        &["Source", "State", "Kind", "Alias", "Batch size", "Last result"],
        rows,
        details.triggers.error.clone(),
        "Nothing invokes it by itself: no queue, stream, permission or address",
        nothing,
    );
    let note = unknown_of_aliases(details).map(|words| view! { <p class="quiet px-1">{words}</p> });
    view! { {note} {table} }.into_any()
}

/// What is not told of the triggers of aliases.
fn unknown_of_aliases(details: &FunctionDetails) -> Option<String> {
    if details.aliases.error.is_some() {
        return Some(
            "Its aliases could not be read, so what invokes one of them is not told here.".to_owned(),
        );
    }
    let aliases = details.aliases.items.len();
    (aliases > MOST_ALIASES_WITH_TRIGGERS).then(|| {
        format!(
            "Of its {aliases} aliases, queues, streams and permissions of the first {MOST_ALIASES_WITH_TRIGGERS} by name are told here."
        )
    })
}

fn trigger_row(trigger: &Trigger) -> AnyView {
    let (kind, tone, state) = understood(trigger);
    let state = state.to_owned();
    let conditions = (!trigger.conditions.is_empty())
        .then(|| view! { <span class="quiet">{format!(" if {}", trigger.conditions.join(", "))}</span> });
    let result = or_dash(trigger.last_result.clone());
    let result = if is_failure(&result) {
        view! { <Badge tone=Tone::Bad>{result}</Badge> }.into_any()
    } else {
        result.into_any()
    };
    view! {
        <tr>
            <td class="wrap">
                {if trigger.source == EVERYBODY {
                    trigger.source.clone().into_any()
                } else {
                    copied(trigger.source.clone(), &trigger.source)
                }}
            </td>
            <td class="wrap">
                <Badge tone=tone>{state}</Badge>
                {conditions}
            </td>
            <td>{kind}</td>
            {cell(trigger.qualifier.clone().unwrap_or_default())}
            {cell(trigger.batch_size.map(|size| size.to_string()).unwrap_or_default())}
            <td class="wrap">{result}</td>
        </tr>
    }
    .into_any()
}

/// What kind of trigger it is, and its state in a word.
fn understood(trigger: &Trigger) -> (&'static str, Tone, &str) {
    match (trigger.kind, trigger.state.as_str()) {
        (TriggerKind::Source, state) => {
            let tone = match state {
                "Enabled" => Tone::Good,
                "Disabled" => Tone::Neutral,
                _ => Tone::Busy,
            };
            (trigger.source_kind(), tone, state)
        }
        (TriggerKind::Permission, EVERYBODY) if trigger.is_open() => ("Permission", Tone::Bad, "everybody"),
        (TriggerKind::Permission, EVERYBODY) => ("Permission", Tone::Neutral, "everybody, under conditions"),
        (TriggerKind::Permission, who) => ("Permission", Tone::Neutral, who),
        (TriggerKind::Url, _) if trigger.is_open() => ("Address", Tone::Bad, "open to everybody"),
        (TriggerKind::Url, _) => ("Address", Tone::Good, "signed calls only"),
    }
}

/// Whether the last reading of a source went wrong, as Lambda says it: `FAILED`, `PROBLEM: Function call failed`, …
fn is_failure(result: &str) -> bool {
    ["FAILED", "PROBLEM"].iter().any(|word| result.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_under_conditions_is_not_everybody() {
        let mut trigger = Trigger {
            id: "s".to_owned(),
            qualifier: None,
            kind: TriggerKind::Permission,
            source: "*".to_owned(),
            state: "*".to_owned(),
            batch_size: None,
            last_result: None,
            conditions: Vec::new(),
        };
        assert_eq!(understood(&trigger), ("Permission", Tone::Bad, "everybody"));
        trigger.conditions.push("aws:PrincipalOrgID".to_owned());
        assert_eq!(understood(&trigger), ("Permission", Tone::Neutral, "everybody, under conditions"));
    }

    #[test]
    fn a_reading_that_went_wrong_is_seen() {
        for (result, failed) in [
            ("PROBLEM: Function call failed", true),
            ("FAILED", true),
            ("OK", false),
            ("No records processed", false),
            ("–", false),
        ] {
            assert_eq!(is_failure(result), failed, "{result}");
        }
    }
}
