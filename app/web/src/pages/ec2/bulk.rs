//! Starting, stopping and rebooting what is selected: one question that says what will happen to each, and one result for each.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error,
    ec2::{BulkAction, BulkResult, Instance, InstanceAction, InstanceId, InstanceTarget, MOST_AT_ONCE},
};

use super::{
    actions::{Actions, consequence, glyph, success_text, title_of},
    selection::Selection,
};
use crate::{
    api::ec2::change_instances,
    components::{ActionButton, ConfirmDialog, Glyph, dynamic, nothing, text},
};

/// One instance of those that were selected when the question was asked.
#[derive(Clone, Debug, PartialEq)]
struct Planned {
    instance: Instance,
    /// Why it is left out.
    reason: Option<String>,
}

/// What became of one of them.
#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    name: String,
    id: InstanceId,
    /// What changed, or why nothing did.
    words: Result<String, String>,
}

/// What came of it all.
#[derive(Clone, Debug, PartialEq)]
struct Report {
    action: InstanceAction,
    outcomes: Vec<Outcome>,
}

impl Report {
    fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.words.is_err()).count()
    }

    fn title(&self) -> String {
        let (all, failed) = (self.outcomes.len(), self.failed());
        let verb = self.action.label();
        match failed {
            0 => format!("{verb}: {} done", instances(all)),
            failed => format!("{verb}: {failed} of {} failed", instances(all)),
        }
    }
}

/// What is asked of all that is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Bulk {
    selection: Selection,
    /// What is selected and still there.
    chosen: Memo<Vec<Instance>>,
    actions: Actions,
    asked: RwSignal<Option<BulkAction>>,
    plan: RwSignal<Vec<Planned>>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    report: RwSignal<Option<Report>>,
}

impl Bulk {
    /// For a selection among these instances.
    pub(super) fn new(selection: Selection, items: RwSignal<Vec<Instance>>, actions: Actions) -> Self {
        let chosen = Memo::new(move |_| {
            items.with(|items| items.iter().filter(|it| selection.has(&it.id)).cloned().collect::<Vec<_>>())
        });
        Self {
            selection,
            chosen,
            actions,
            asked: RwSignal::new(None),
            plan: RwSignal::new(Vec::new()),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            report: RwSignal::new(None),
        }
    }

    fn reason_for(self, instance: &Instance, action: BulkAction) -> Option<String> {
        self.actions.reason(action.into(), &instance.account, instance.state)
    }

    /// Why the button of an action is off: it could not be done to any of them, or there are too many.
    fn reason(self, action: BulkAction) -> Option<String> {
        self.chosen.with(|chosen| {
            let reasons = chosen.iter().map(|instance| self.reason_for(instance, action));
            reason_against_all(reasons.collect())
        })
    }

    fn request(self, action: BulkAction) {
        if self.busy.get_untracked() {
            return;
        }
        let plan = untrack(|| {
            let planned = |instance: &Instance| Planned {
                reason: self.reason_for(instance, action),
                instance: instance.clone(),
            };
            self.chosen.with(|chosen| chosen.iter().map(planned).collect::<Vec<_>>())
        });
        self.plan.set(plan);
        self.error.set(None);
        self.asked.set(Some(action));
        self.open.set(true);
    }

    fn perform(self) {
        let Some(action) = self.asked.get_untracked() else { return };
        let plan = self.plan.get_untracked();
        let targets: Vec<InstanceTarget> = plan
            .iter()
            .filter(|planned| planned.reason.is_none())
            .map(|planned| InstanceTarget {
                place: planned.instance.place(),
                id: planned.instance.id.clone(),
            })
            .collect();
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = change_instances(targets, action).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match answer {
                Ok(results) => {
                    self.open.set(false);
                    self.report.set(Some(report(action.into(), &plan, results)));
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// How many of those that were asked about it will be done to.
    fn doable(self) -> usize {
        self.plan.with(|plan| plan.iter().filter(|planned| planned.reason.is_none()).count())
    }
}

/// Nothing when at least one has no reason against it, and all that have none are few enough.
fn reason_against_all(reasons: Vec<Option<String>>) -> Option<String> {
    let possible = reasons.iter().filter(|reason| reason.is_none()).count();
    if possible > MOST_AT_ONCE {
        return Some(format!("At most {MOST_AT_ONCE} can be changed at once; {possible} are selected."));
    }
    if possible > 0 {
        return None;
    }
    let mut reasons = reasons.into_iter().flatten();
    let first = reasons.next()?;
    // One reason for all says more than that none will do.
    if reasons.all(|reason| reason == first) {
        Some(first)
    } else {
        Some("It can be done to none of the selected instances.".to_owned())
    }
}

fn report(action: InstanceAction, plan: &[Planned], results: Vec<BulkResult>) -> Report {
    let name_of = |id: &InstanceId| {
        plan.iter()
            .find(|planned| planned.instance.id == *id)
            .map_or_else(|| id.to_string(), |planned| title_of(&planned.instance))
    };
    let mut outcomes: Vec<Outcome> = results
        .into_iter()
        .map(|result| {
            let name = name_of(&result.id);
            let words = match (result.change, result.error) {
                (Some(change), None) => Ok(success_text(&name, action, &change)),
                (_, Some(error)) => {
                    Err([Some(error.message), error.hint].into_iter().flatten().collect::<Vec<_>>().join(" "))
                }
                (None, None) => Err("Nothing is known of what became of it.".to_owned()),
            };
            Outcome { name, id: result.id, words }
        })
        .collect();
    // What went wrong is what has to be looked at.
    outcomes.sort_by_key(|outcome| outcome.words.is_ok());
    Report { action, outcomes }
}

fn instances(count: usize) -> String {
    if count == 1 { "1 instance".to_owned() } else { format!("{count} instances") }
}

/// What can be done to the selection; nothing while nothing is selected.
#[component]
pub(super) fn SelectionBar(
    /// What is asked.
    bulk: Bulk,
    /// How many of the selected ones the filter lets pass.
    #[prop(into)]
    visible: Signal<usize>,
) -> impl IntoView {
    let any = Memo::new(move |_| bulk.chosen.with(|chosen| !chosen.is_empty()));
    let words = text(move || {
        let count = bulk.chosen.with(Vec::len);
        match count.saturating_sub(visible.get()) {
            0 => format!("{count} selected"),
            hidden => format!("{count} selected, {hidden} of them hidden by the filter"),
        }
    });
    dynamic(move || {
        if !any.get() {
            return nothing();
        }
        let buttons = BulkAction::ALL.map(|action| {
            let reason = Signal::derive(move || bulk.reason(action));
            let of_one = InstanceAction::from(action);
            view! {
                <ActionButton
                    label=of_one.label()
                    glyph=glyph(of_one)
                    title=format!("{} what is selected", of_one.label())
                    reason=reason
                    busy=bulk.busy
                    on_press=Callback::new(move |()| bulk.request(action))
                />
            }
            .into_any()
        });
        view! {
            <div class="toolbar flex! items-center! needs-js" role="group" aria-label="Selection">
                <span class="font-medium tabular-nums" role="status">
                    {words}
                </span>
                {Vec::from(buttons)}
                <ActionButton
                    label="Clear selection"
                    glyph=Glyph::Close
                    class="btn-ghost"
                    on_press=Callback::new(move |()| bulk.selection.clear())
                />
            </div>
        }
        .into_any()
    })
}

/// The question, and what became of it. Once on a page.
#[component]
pub(super) fn BulkDialog(
    /// What is asked.
    bulk: Bulk,
) -> impl IntoView {
    let action = move || bulk.asked.get().map(InstanceAction::from);
    let title = text(move || match action() {
        Some(action) => format!("{} {}?", action.label(), instances(bulk.doable())),
        None => String::new(),
    });
    let verb = text(move || action().map_or(String::new(), |action| action.label().to_owned()));
    let consequence = text(move || action().map_or(String::new(), |action| consequence(action).to_owned()));
    let lines = dynamic(move || {
        let line = |planned: Planned| {
            let (name, id) = (title_of(&planned.instance), planned.instance.id.to_string());
            let (class, words) = match planned.reason {
                Some(reason) => ("quiet", format!("Left out. {reason}")),
                None => ("", format!("{} · {}", planned.instance.state.as_str(), planned.instance.region)),
            };
            line_view(class, name, id, words)
        };
        // Those that it is done to come first.
        let mut plan = bulk.plan.get();
        plan.sort_by_key(|planned| planned.reason.is_some());
        plan.into_iter().take(MOST_LINES).map(line).collect::<Vec<_>>().into_any()
    });
    let more = text(move || match bulk.plan.with(Vec::len).saturating_sub(MOST_LINES) {
        0 => String::new(),
        more => format!("… and {more} more that are left out."),
    });
    view! {
        <ConfirmDialog
            open=bulk.open
            title=title
            confirm_label=verb
            busy=bulk.busy
            error=bulk.error
            on_confirm=Callback::new(move |_| bulk.perform())
        >
            <p>{consequence}</p>
            <ul class="max-h-64 overflow-auto text-sm" tabindex="0" aria-label="What will happen">
                {lines}
            </ul>
            <p class="quiet">{more}</p>
        </ConfirmDialog>
    }
}

/// As many as can be changed at once are named one by one, and as many of those that are left out.
const MOST_LINES: usize = 2 * MOST_AT_ONCE;

fn line_view(class: &'static str, name: String, id: String, words: String) -> AnyView {
    view! {
        <li class=format!("py-1 {class}")>
            <span class="font-medium">{name}</span>
            " "
            <span class="mono text-xs">{id}</span>
            <span class="block text-xs">{words}</span>
        </li>
    }
    .into_any()
}

/// What became of each, until somebody has read it.
#[component]
pub(super) fn BulkReport(
    /// What was asked.
    bulk: Bulk,
) -> impl IntoView {
    dynamic(move || {
        let Some(report) = bulk.report.get() else { return nothing() };
        let class = if report.failed() > 0 { "notice notice-warn" } else { "notice" };
        let title = report.title();
        let lines: Vec<AnyView> = report
            .outcomes
            .into_iter()
            .map(|outcome| {
                let (class, words) = match outcome.words {
                    Ok(words) => ("", words),
                    Err(words) => ("text-error", words),
                };
                line_view(class, outcome.name, outcome.id.to_string(), words)
            })
            .collect();
        view! {
            <section class=class aria-label="Result">
                <div class="notice-body">
                    <p class="notice-title" role="status">
                        {title}
                    </p>
                    <ul class="max-h-64 overflow-auto" tabindex="0" aria-label="Result of each">
                        {lines}
                    </ul>
                    <div class="notice-actions">
                        <ActionButton label="Dismiss" on_press=Callback::new(move |()| bulk.report.set(None))/>
                    </div>
                </div>
            </section>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{
        ErrorCode,
        ec2::{InstanceState, StateChange},
    };

    use super::{super::query::tests::instance, *};

    #[test]
    fn a_button_is_off_when_nothing_would_come_of_it() {
        let no = |words: &str| Some(words.to_owned());
        assert_eq!(reason_against_all(vec![None, no("a")]), None);
        assert_eq!(reason_against_all(vec![no("a"), no("a")]), no("a"));
        let mixed = reason_against_all(vec![no("a"), no("b")]);
        assert_eq!(mixed.as_deref(), Some("It can be done to none of the selected instances."));
        assert_eq!(reason_against_all(vec![None; MOST_AT_ONCE]), None);
        assert!(reason_against_all(vec![None; MOST_AT_ONCE + 1]).is_some_and(|it| it.contains("101")));
    }

    #[test]
    fn what_failed_comes_first_and_says_why() {
        let plan: Vec<Planned> = [(1, "web-1"), (2, "web-2")]
            .map(|(number, name)| Planned { instance: instance(number, name, "running"), reason: None })
            .into();
        let ids: Vec<InstanceId> = plan.iter().map(|planned| planned.instance.id.clone()).collect();
        let result = |id: &InstanceId| BulkResult { id: id.clone(), place: None, change: None, error: None };
        let change = StateChange {
            id: ids[0].clone(),
            previous: InstanceState::Running,
            current: InstanceState::Stopping,
        };
        let error = Error::new(ErrorCode::AwsDenied, "AWS denied it.").with_hint("Allow it.");
        let results = vec![
            BulkResult { change: Some(change), ..result(&ids[0]) },
            BulkResult { error: Some(error), ..result(&ids[1]) },
        ];
        let made = report(InstanceAction::Stop, &plan, results.clone());
        assert_eq!(made.title(), "Stop: 1 of 2 instances failed");
        assert_eq!(made.outcomes[0].name, "web-2");
        assert_eq!(made.outcomes[0].words, Err("AWS denied it. Allow it.".to_owned()));
        assert_eq!(made.outcomes[1].words, Ok("web-1: running → stopping.".to_owned()));
        let fine = report(InstanceAction::Stop, &plan, results[..1].to_vec());
        assert_eq!(fine.title(), "Stop: 1 instance done");
    }
}
