//! How an instance is: its status checks, what AWS is going to do to it, how long it has been running, and what protects it.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place,
    ec2::{Instance, InstanceId, InstanceState, Protection, ScheduledEvent, StatusChecks},
    identity::Permission,
};

use super::{cells::uptime, checks::tone};
use crate::{
    api::instance::{get_protection, get_status_checks, set_protection},
    components::{
        ActionButton, Badge, ErrorNotice, Glyph, KeyValue, KeyValueList, Panel, Time, Toasts, Tone, dynamic,
        failure, key_value::or_dash, nothing, text, use_toasts, wait_for,
    },
    session::{denial_in, read_only_reason, use_viewer},
};

/// How often EC2's checks are looked at again while somebody looks.
const READ_EVERY: Duration = Duration::from_secs(30);

/// Its status checks, its uptime and what protects it.
#[component]
pub(super) fn StatusPanel(
    /// The instance.
    instance: RwSignal<Instance>,
) -> impl IntoView {
    let which = instance.with_untracked(|instance| (instance.place(), instance.id.clone()));
    let state = Memo::new(move |_| instance.with(|instance| instance.state));
    let checks = {
        let (place, id) = which.clone();
        Resource::new(
            move || state.get(),
            move |state| {
                let (place, id) = (place.clone(), id.clone());
                async move {
                    // Of what is gone AWS tells nothing.
                    if is_gone(state) { Ok(None) } else { get_status_checks(place, id).await.map(Some) }
                }
            },
        )
    };
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(move || checks.refetch(), READ_EVERY) {
            on_cleanup(move || handle.clear());
        }
    });
    let retry = Callback::new(move |()| checks.refetch());
    let checks = wait_for("Loading status checks", move || {
        Box::pin(async move {
            match checks.await {
                Ok(Some(checks)) => checks_view(&checks),
                Ok(None) => nothing(),
                Err(error) => failure(error.0, retry),
            }
        })
    });
    let (shown, since) = uptime(instance);
    let is_gone =
        Memo::new(move |_| matches!(state.get(), InstanceState::Terminated | InstanceState::ShuttingDown));
    let protection = dynamic(move || {
        if is_gone.get() {
            return nothing();
        }
        let (place, id) = which.clone();
        view! { <ProtectionLine place=place id=id/> }.into_any()
    });
    view! {
        <Panel title="Status">
            <KeyValueList>
                <KeyValue label="Uptime">
                    <span title=since>{shown}</span>
                </KeyValue>
                {protection}
            </KeyValueList>
            {checks}
        </Panel>
    }
}

const fn is_gone(state: InstanceState) -> bool {
    matches!(state, InstanceState::Terminated | InstanceState::ShuttingDown)
}

/// Each check, and the events.
fn checks_view(checks: &StatusChecks) -> AnyView {
    let lines: Vec<AnyView> = checks
        .each()
        .map(|(what, status)| {
            view! {
                <KeyValue label=format!("{what} check")>
                    <Badge tone=tone(status)>{status.label()}</Badge>
                </KeyValue>
            }
            .into_any()
        })
        .collect();
    let events: Vec<AnyView> = checks.events.iter().map(event_view).collect();
    view! {
        <KeyValueList>{lines}</KeyValueList>
        {events}
    }
    .into_any()
}

fn event_view(event: &ScheduledEvent) -> AnyView {
    let times = [
        ("Not before", event.not_before),
        ("Not after", event.not_after),
        ("It can be put off until", event.not_before_deadline),
    ];
    let times: Vec<AnyView> = times
        .into_iter()
        .filter_map(|(words, at)| Some((words, at?)))
        .map(|(words, at)| view! { <span>" " {words} " " <Time at=at/> "."</span> }.into_any())
        .collect();
    let words = format!("{}: {}", event.code, or_dash(Some(event.description.clone())));
    // What has happened, or will not, is no warning.
    let class = if event.is_over() { "notice" } else { "notice notice-warn" };
    view! {
        <p class=class>
            <span>{words}</span>
            {times}
        </p>
    }
    .into_any()
}

/// Termination protection as it is known. Cheap to copy.
#[derive(Clone, Copy)]
struct Guard {
    which: StoredValue<(Place, InstanceId)>,
    known: RwSignal<Protection>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    toasts: Toasts,
}

impl Guard {
    fn toggle(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        let wanted = Protection { termination: !self.known.get_untracked().termination };
        let (place, id) = self.which.get_value();
        spawn_local(async move {
            let outcome = set_protection(place, id, wanted).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match outcome {
                Ok(now) => {
                    self.known.set(now);
                    let is = if now.termination { "on" } else { "off" };
                    self.toasts.success(format!("Termination protection is {is}."));
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }
}

/// Termination protection, and the button that changes it.
#[component]
fn ProtectionLine(place: Place, id: InstanceId) -> impl IntoView {
    let which = StoredValue::new((place, id));
    let toasts = use_toasts();
    let known = Resource::new(
        || (),
        move |()| {
            let (place, id) = which.get_value();
            get_protection(place, id)
        },
    );
    let retry = Callback::new(move |()| known.refetch());
    let line = wait_for("Loading termination protection", move || {
        Box::pin(async move {
            match known.await {
                Ok(now) => {
                    let (busy, error) = (RwSignal::new(false), RwSignal::new(None));
                    let guard = Guard { which, known: RwSignal::new(now), busy, error, toasts };
                    view! { <GuardView guard=guard/> }.into_any()
                }
                Err(error) => failure(error.0, retry),
            }
        })
    });
    view! { <KeyValue label="Termination protection">{line}</KeyValue> }
}

#[component]
fn GuardView(guard: Guard) -> impl IntoView {
    let (viewer, read_only) = (use_viewer(), read_only_reason());
    let reason = Signal::derive(move || {
        let account = guard.which.with_value(|(place, _)| place.account.clone());
        let denial = viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &account));
        denial.or_else(|| read_only.map(str::to_owned))
    });
    let on = move || guard.known.get().termination;
    let badge = dynamic(move || {
        let (tone, word) = if on() { (Tone::Good, "on") } else { (Tone::Neutral, "off") };
        view! { <Badge tone=tone>{word}</Badge> }.into_any()
    });
    let label = text(move || if on() { "Lift protection" } else { "Protect" }.to_owned());
    view! {
        <span class="inline-flex flex-wrap items-center gap-2">
            {badge}
            <ActionButton
                label=label
                glyph=Glyph::Alert
                class="btn-ghost btn-xs"
                reason=reason
                busy=guard.busy
                on_press=Callback::new(move |()| guard.toggle())
            />
        </span>
        {dynamic(move || match guard.error.get() {
            Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
            None => nothing(),
        })}
    }
}
