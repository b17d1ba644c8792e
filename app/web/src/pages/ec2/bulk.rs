//! Starting, stopping, rebooting, terminating and tagging the instances that are selected.

use std::collections::HashMap;

use leptos::prelude::*;
use nephoscope_model::{
    bulk::{Destruction, confirmation_of},
    ec2::{BulkAction, BulkResult, Instance, InstanceAction, InstanceTarget, ResourceId, Tag, TagTarget},
};

use super::{
    actions::{consequence, glyph, reason_against, success_text, title_of},
    bulk_tags::BulkTags,
    terminations::Terminations,
};
use crate::{
    api::ec2::change_instances,
    components::Glyph,
    listing::{
        Chosen, Row, Selection,
        bulk::{Bulk, BulkButton, Outcome, Planned, Question, Report, counted},
    },
    live::{LiveStatus, use_live},
};

const NOUNS: (&str, &str) = ("instance", "instances");

/// What is asked of all that is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct InstancesBulk {
    pub(super) bulk: Bulk,
    pub(super) tags: BulkTags,
    pub(super) chosen: Chosen<Instance>,
    items: RwSignal<Vec<Instance>>,
    live: Signal<LiveStatus>,
    terminations: Terminations,
    /// What is to be done to which: what was asked about, whatever is selected meanwhile.
    asked: StoredValue<Option<(BulkAction, Vec<InstanceTarget>)>>,
}

impl InstancesBulk {
    /// For a selection among these instances. `on_tags` takes the tags that some have after a change.
    pub(super) fn new(
        selection: Selection,
        items: RwSignal<Vec<Instance>>,
        terminations: Terminations,
        on_tags: Callback<Vec<(ResourceId, Vec<Tag>)>>,
    ) -> Self {
        Self {
            bulk: Bulk::new(),
            tags: BulkTags::new(NOUNS, on_tags),
            chosen: Chosen::new(selection, items, |instance| &instance.account),
            items,
            live: use_live().status(),
            terminations,
            asked: StoredValue::new(None),
        }
    }

    /// What can be done to them.
    pub(super) fn buttons(self) -> Vec<BulkButton> {
        let action = |action: BulkAction| BulkButton {
            label: InstanceAction::from(action).label(),
            title: title(action),
            glyph: glyph(action.into()),
            reason: self.chosen.reason(move |it| reason_against(action.into(), it.state, None)),
            on_press: Callback::new(move |()| self.ask(action)),
        };
        let tag = BulkButton {
            label: "Edit tags",
            title: "Edit tags of what is selected",
            glyph: Glyph::Tag,
            reason: self.chosen.reason(|_| None),
            on_press: Callback::new(move |()| self.ask_tags()),
        };
        BulkAction::ALL.into_iter().map(action).chain([tag]).collect()
    }

    fn plan(self, reason: impl Fn(&Instance) -> Option<String>) -> Vec<Planned> {
        self.chosen.plan(|instance| Planned {
            key: instance.key(),
            name: title_of(instance),
            id: instance.id.to_string(),
            words: format!("{} · {}", instance.state.as_str(), self.chosen.called(&instance.place())),
            reason: reason(instance),
        })
    }

    fn ask(self, action: BulkAction) {
        let of_one = InstanceAction::from(action);
        let plan = self.plan(|instance| reason_against(of_one, instance.state, None));
        let target = |it: &Instance, _| InstanceTarget { place: it.place(), id: it.id.clone() };
        let targets = Planned::doable(&plan, self.chosen.map(target));
        let names = Planned::doable(&plan, plan.iter().map(|planned| planned.name.as_str()).collect());
        let danger = of_one.is_destructive();
        let asked = self.bulk.ask(Question {
            title: format!("{} {}?", of_one.label(), counted(targets.len(), NOUNS)),
            verb: of_one.label(),
            consequence: consequence(of_one),
            typed: if danger {
                confirmation_of(Destruction::Terminate, &names, NOUNS.1)
            } else {
                String::new()
            },
            danger,
            plan,
        });
        if asked {
            self.tags.bulk.dismiss();
            self.asked.set_value(Some((action, targets)));
        }
    }

    /// Does what was asked about, with what was typed.
    pub(super) fn perform(self, typed: String) {
        let Some((action, targets)) = self.asked.get_value() else { return };
        let called = move |result: &BulkResult| self.bulk.called(result.id.as_str());
        let confirmation = (!typed.is_empty()).then_some(typed);
        self.bulk.perform(change_instances(targets, action, confirmation), move |results| {
            let queued = results.iter().filter_map(|result| result.termination.clone());
            self.terminations.tell(queued.collect());
            if self.live.get_untracked() != LiveStatus::Live {
                self.take(&results);
            }
            report(action.into(), results, called)
        });
    }

    /// Shows the states that AWS answered, where nothing live would tell of them.
    fn take(self, results: &[BulkResult]) {
        let changed = results.iter().filter_map(|result| Some((&result.id, result.change.as_ref()?.current)));
        let changed: HashMap<_, _> = changed.collect();
        self.items.update(|items| {
            for instance in items {
                if let Some(state) = changed.get(&instance.id) {
                    instance.state = *state;
                }
            }
        });
    }

    /// Whether something is being done.
    pub(super) fn busy(self) -> Signal<bool> {
        let (actions, tags) = (self.bulk.busy(), self.tags.bulk.busy());
        Signal::derive(move || actions.get() || tags.get())
    }

    fn ask_tags(self) {
        let targets = self
            .chosen
            .map(|it, _| (TagTarget { place: it.place(), id: it.id.clone().into() }, it.tags.clone()));
        self.bulk.dismiss();
        self.tags.ask(self.plan(|_| None), targets);
    }
}

const fn title(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Start => "Start what is selected",
        BulkAction::Stop => "Stop what is selected",
        BulkAction::Reboot => "Reboot what is selected",
        BulkAction::Terminate => "Terminate what is selected",
    }
}

fn report(
    action: InstanceAction,
    results: Vec<BulkResult>,
    called: impl Fn(&BulkResult) -> (String, String),
) -> Report {
    let outcome = |result: BulkResult| {
        let (name, id) = called(&result);
        let words = match result {
            BulkResult { error: Some(error), .. } => Outcome::failed(error),
            BulkResult { change: Some(change), .. } => Ok(success_text(&name, action, &change)),
            BulkResult { termination: Some(waits), .. } => Ok(format!("{}.", waits.words())),
            _ => Err("Nothing is known of what became of it.".to_owned()),
        };
        Outcome { name, id, words }
    };
    Report::new(action.label(), NOUNS, results.into_iter().map(outcome).collect())
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{
        Error, ErrorCode, Place, Timestamp,
        ec2::{InstanceState, StateChange, Terminating, Termination},
    };

    use super::*;

    #[test]
    fn each_result_is_told_by_name_with_what_changed_or_why_nothing_did() {
        let id = |n: u32| format!("i-{n:017x}").parse().expect("an id");
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        };
        let result = |n, done| BulkResult::of(id(n), place.clone(), done);
        let change =
            StateChange { id: id(1), previous: InstanceState::Running, current: InstanceState::Stopping };
        let waits = Termination {
            id: id(3),
            account: place.account.clone(),
            region: place.region.clone(),
            name: "web".to_owned(),
            by: "ada".to_owned(),
            due_at: Timestamp::from_millis(0),
            seconds_left: 60,
        };
        let results = vec![
            result(1, Ok(Terminating::Now(change))),
            result(2, Err(Error::new(ErrorCode::AwsDenied, "AWS denied it."))),
            result(3, Ok(Terminating::Queued(waits))),
        ];
        let made = report(InstanceAction::Stop, results, |it| (format!("web of {}", it.id), String::new()));
        let outcome = |n, words| Outcome { name: format!("web of i-{n:017x}"), id: String::new(), words };
        let changed = "web of i-00000000000000001: running → stopping.".to_owned();
        let waits = "web terminates in 60 s.".to_owned();
        let expected = vec![
            outcome(1, Ok(changed)),
            outcome(2, Err("AWS denied it.".to_owned())),
            outcome(3, Ok(waits)),
        ];
        assert_eq!(made, Report::new("Stop", NOUNS, expected));
    }
}
