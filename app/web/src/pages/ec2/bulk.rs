//! Starting, stopping, rebooting, terminating and tagging the instances that are selected.

use std::collections::HashMap;

use leptos::prelude::*;
use nephoscope_model::{
    bulk::{Destruction, confirmation_of},
    ec2::{
        BulkAction, BulkResult, Instance, InstanceAction, InstanceState, InstanceTarget, ResourceId, Tag,
        TagTarget,
    },
};

use super::{
    action_dialog::usual_consequence,
    actions::{glyph, reason_against, success_text, title_of},
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
            reason: self.chosen.reason(move |it| reason_in_bulk(action.into(), it.state)),
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

    fn plan(
        self,
        more: impl Fn(&Instance) -> String,
        reason: impl Fn(&Instance) -> Option<String>,
    ) -> Vec<Planned> {
        self.chosen.plan(|instance| Planned {
            key: instance.key(),
            name: title_of(instance),
            id: instance.id.to_string(),
            words: format!(
                "{} · {}{}",
                instance.state.as_str(),
                self.chosen.called(&instance.place()),
                more(instance)
            ),
            reason: reason(instance),
        })
    }

    fn ask(self, action: BulkAction) {
        let of_one = InstanceAction::from(action);
        let plan = self.plan(
            |instance| group_words(of_one, instance),
            |instance| reason_in_bulk(of_one, instance.state),
        );
        let doable = |instance: &Instance| reason_in_bulk(of_one, instance.state).is_none();
        let grouped = |it: &Instance, _| doable(it) && it.auto_scaling_group().is_some();
        let is_some_grouped = self.chosen.map(grouped).contains(&true);
        let target = |it: &Instance, _| InstanceTarget { place: it.place(), id: it.id.clone() };
        let targets = Planned::doable(&plan, self.chosen.map(target));
        let names = Planned::doable(&plan, plan.iter().map(|planned| planned.name.as_str()).collect());
        let danger = of_one.is_destructive();
        let asked = self.bulk.ask(Question {
            title: format!("{} {}?", of_one.label(), counted(targets.len(), NOUNS)),
            verb: of_one.label(),
            consequence: if is_some_grouped && action == BulkAction::Stop {
                GROUPED_STOP
            } else {
                usual_consequence(of_one)
            },
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
        self.tags.ask(self.plan(|_| String::new(), |_| None), targets);
    }
}

/// What stopping brings with it where some belong to Auto Scaling groups.
const GROUPED_STOP: &str = "They shut down. Auto Scaling groups terminate and replace those that are theirs, and delete \
                            their volumes marked so; the EBS volumes of the others are kept. What lies on instance store \
                            volumes is lost, and automatic public addresses change.";

/// Why it is not done to one of many. Forcing what hangs while it is stopping is asked of that one alone.
fn reason_in_bulk(action: InstanceAction, state: InstanceState) -> Option<String> {
    if (action, state) == (InstanceAction::Stop, InstanceState::Stopping) {
        return Some("It is stopping already.".to_owned());
    }
    reason_against(action, state, None)
}

/// What becomes of one that belongs to an Auto Scaling group; empty for others.
fn group_words(action: InstanceAction, instance: &Instance) -> String {
    match (action, instance.auto_scaling_group()) {
        (InstanceAction::Stop, Some(group)) => {
            format!(" · terminated and replaced by Auto Scaling group {group}")
        }
        (InstanceAction::Terminate, Some(group)) => format!(" · Auto Scaling group {group} launches another"),
        _ => String::new(),
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
        ec2::{StateChange, Terminating, Termination},
    };

    use super::{super::query::tests::instance, *};

    #[test]
    fn an_auto_scaling_group_is_named_and_what_is_stopping_is_left_out() {
        let mut one = instance(1, "web", "running");
        assert_eq!(group_words(InstanceAction::Stop, &one), "");
        one.tags.push(Tag { key: "aws:autoscaling:groupName".to_owned(), value: "web-group".to_owned() });
        assert!(
            group_words(InstanceAction::Stop, &one).ends_with("replaced by Auto Scaling group web-group")
        );
        assert!(group_words(InstanceAction::Terminate, &one).contains("web-group launches another"));
        assert_eq!(group_words(InstanceAction::Reboot, &one), "");
        let reason = reason_in_bulk(InstanceAction::Stop, InstanceState::Stopping);
        assert_eq!(reason.as_deref(), Some("It is stopping already."));
        assert_eq!(reason_in_bulk(InstanceAction::Stop, InstanceState::Running), None);
    }

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
