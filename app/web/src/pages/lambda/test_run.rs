//! Trying a function: a payload, and what came of it.

use leptos::{html, prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place, Scope,
    lambda::{FunctionDetails, FunctionName, INVOKE_WAIT_SECS, Invocation, InvokeMode, Report},
};

use super::{deed::reason_in, events::Events, invocation_log::Lines, text_panel::text_panel};
use crate::{
    api::lambda::invoke_function,
    components::{
        ActionButton, Badge, CopyButton, ErrorNotice, Glyph, Icon, KeyValue, KeyValueList, Panel, Tone,
        dynamic, fields::Kept, key_value::or_dash, nothing,
    },
    paths,
    scope::use_scope,
};

/// As much as Lambda gives of the end of a log, in bytes.
const LOG_TAIL: usize = 4 << 10;
/// The payload of which nobody wrote anything.
const EMPTY: &str = "{}";
/// The code as it was edited last, which is no version.
const LATEST: &str = "$LATEST";

/// What is written to try a function. It outlives reading the function again, after a deployment for one. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    /// Which function it is for.
    of: StoredValue<Option<(Place, FunctionName)>>,
    payload: RwSignal<String>,
    mode: RwSignal<InvokeMode>,
    qualifier: RwSignal<String>,
}

impl Draft {
    /// Nothing, for no function yet.
    pub(super) fn new() -> Self {
        Self {
            of: StoredValue::new(None),
            payload: RwSignal::new(EMPTY.to_owned()),
            mode: RwSignal::new(InvokeMode::Sync),
            qualifier: RwSignal::new(LATEST.to_owned()),
        }
    }

    /// For this function: begins anew when it was for another.
    fn take_for(self, place: Place, name: FunctionName) {
        let which = Some((place, name));
        if self.of.with_value(|of| *of == which) {
            return;
        }
        self.of.set_value(which);
        self.payload.set(EMPTY.to_owned());
        self.mode.set(InvokeMode::Sync);
        self.qualifier.set(LATEST.to_owned());
    }
}

/// A try: what is sent, and what came of it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TestRun {
    details: StoredValue<FunctionDetails>,
    payload: RwSignal<String>,
    mode: RwSignal<InvokeMode>,
    qualifier: RwSignal<String>,
    result: RwSignal<Option<Invocation>>,
    error: RwSignal<Option<Error>>,
    busy: RwSignal<bool>,
    reason: Signal<Option<String>>,
    events: Events,
    lines: Lines,
}

impl TestRun {
    pub(super) fn new(details: &FunctionDetails, draft: Draft) -> Self {
        let (place, name) = (details.function.place(), details.function.name.clone());
        let reason = reason_in(place.account.clone());
        draft.take_for(place.clone(), name.clone());
        let Draft { payload, mode, qualifier, .. } = draft;
        let run = Self {
            details: StoredValue::new(details.clone()),
            payload,
            mode,
            qualifier,
            result: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            reason,
            events: Events::new(place.clone(), name.clone(), payload, reason),
            lines: Lines::new(place, name, details.log_group.clone()),
        };
        // The alias that was chosen may be gone.
        if !run.qualifiers().iter().any(|(known, _)| qualifier.with_untracked(|chosen| chosen == known)) {
            qualifier.set(LATEST.to_owned());
        }
        run
    }

    fn invoke(self) {
        let (payload, mode) = (self.payload.get_untracked(), self.mode.get_untracked());
        self.error.set(None);
        self.result.set(None);
        self.lines.follow(None);
        let qualifier = match (mode.check_payload(&payload), self.qualifier.get_untracked().parse()) {
            (Ok(()), Ok(qualifier)) => qualifier,
            (Err(error), _) | (Ok(()), Err(error)) => {
                self.error.set(Some(error));
                return;
            }
        };
        let (place, name) = self.details.with_value(|it| (it.function.place(), it.function.name.clone()));
        self.busy.set(true);
        spawn_local(async move {
            let outcome = invoke_function(place, name, Some(qualifier), mode, payload).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(result) => {
                    self.lines.follow(result.request_id.as_deref());
                    self.result.set(Some(result));
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// What may be chosen: the edited code, aliases, and versions.
    fn qualifiers(self) -> Vec<(String, String)> {
        self.details.with_value(|details| {
            let aliases = details.aliases.items.iter();
            let aliases = aliases.map(|it| (it.name.clone(), format!("{} → {}", it.name, it.version)));
            let versions = details.versions.items.iter().filter(|it| it.version != "$LATEST");
            let versions = versions.map(|it| (it.version.clone(), format!("version {}", it.version)));
            let latest = (LATEST.to_owned(), LATEST.to_owned());
            std::iter::once(latest).chain(aliases).chain(versions).collect()
        })
    }
}

/// The form and the result.
#[component]
pub(super) fn TestRunPanel(
    /// What is tried.
    run: TestRun,
) -> impl IntoView {
    let node: NodeRef<html::Textarea> = NodeRef::new();
    let scope = use_scope();
    let chosen = run.qualifier.get_untracked();
    let qualifiers = run
        .qualifiers()
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {label}
                </option>
            }
        })
        .collect_view();
    let mode = run.mode.get_untracked();
    let modes =
        [(InvokeMode::Sync, "Wait for the answer"), (InvokeMode::Async, "Queue it")].map(|(value, label)| {
            view! {
                <option value=value.as_str() selected=value == mode>
                    {label}
                </option>
            }
        });
    let press = Callback::new(move |()| {
        // What was written before the page was hydrated has told nobody.
        if let Some(field) = node.get_untracked() {
            run.payload.set(field.value());
        }
        run.invoke();
    });
    let change_mode = move |event| {
        let is_async = event_target_value(&event) == InvokeMode::Async.as_str();
        run.mode.set(if is_async { InvokeMode::Async } else { InvokeMode::Sync });
    };
    let slow = dynamic(move || {
        let timeout = run.details.with_value(|details| details.function.timeout_secs);
        if run.mode.get() == InvokeMode::Async || timeout <= INVOKE_WAIT_SECS {
            return nothing();
        }
        let words = format!(
            "It may run for {timeout} s; nephoscope waits {INVOKE_WAIT_SECS} s for an answer. What takes longer goes on, and its log tells."
        );
        view! { <p class="quiet">{words}</p> }.into_any()
    });
    let initial = run.payload.get_untracked();
    let written = Kept::<String>(run.payload.into());
    view! {
        <Panel title="Test">
            <div class="panel-body flex flex-col gap-3 needs-js">
                {run.events.view()}
                <label class="field">
                    <span>"Payload, any JSON"</span>
                    <textarea
                        class="textarea w-full font-mono text-xs min-h-40"
                        name="payload"
                        rows="8"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        prop:value=written
                        node_ref=node
                        on:input=move |event| run.payload.set(event_target_value(&event))
                    >
                        {initial}
                    </textarea>
                </label>
                <div class="flex flex-wrap items-end gap-3">
                    <label class="field">
                        <span>"Version or alias"</span>
                        <select
                            class="select select-sm"
                            name="qualifier"
                            on:change=move |event| run.qualifier.set(event_target_value(&event))
                        >
                            {qualifiers}
                        </select>
                    </label>
                    <label class="field">
                        <span>"Answer"</span>
                        <select class="select select-sm" name="mode" on:change=change_mode>
                            {Vec::from(modes)}
                        </select>
                    </label>
                    <ActionButton
                        label="Invoke"
                        glyph=Glyph::Play
                        class="btn-primary"
                        reason=run.reason
                        busy=run.busy
                        on_press=press
                    />
                </div>
                {slow}
            </div>
        </Panel>
        <div role="status" aria-label="Result">
            {dynamic(move || outcome_view(run, scope))}
        </div>
    }
}

fn outcome_view(run: TestRun, scope: Memo<Scope>) -> AnyView {
    if let Some(error) = run.error.get() {
        return view! { <ErrorNotice error=error/> }.into_any();
    }
    if run.busy.get() {
        return view! { <p class="quiet px-1 py-2">"Invoking…"</p> }.into_any();
    }
    match run.result.get() {
        Some(result) => result_view(run, result, &scope.get()),
        None => nothing(),
    }
}

/// How it ended, in a word.
fn verdict(result: &Invocation) -> (Tone, &'static str) {
    match &result.function_error {
        Some(_) if result.timed_out() => (Tone::Bad, "Timed out"),
        Some(_) => (Tone::Bad, "The function failed"),
        None if result.status == 202 => (Tone::Info, "Queued"),
        None => (Tone::Good, "Succeeded"),
    }
}

fn result_view(run: TestRun, result: Invocation, scope: &Scope) -> AnyView {
    let (tone, words) = verdict(&result);
    let logs = run.details.with_value(|it| paths::log_group(&it.function.place(), &it.log_group, scope));
    let report = result.report.clone();
    let measured = move |of: fn(&Report) -> Option<String>| or_dash(report.as_ref().and_then(of));
    let pairs = [
        ("Status", result.status.to_string()),
        ("Version", or_dash(result.version.clone())),
        ("Duration", measured(|it| Some(format!("{} ms", it.duration_ms)))),
        ("Billed", measured(|it| it.billed_ms.map(|ms| format!("{ms} ms")))),
        ("Start-up", measured(|it| it.init_ms.map(|ms| format!("{ms} ms")))),
        ("Memory used", measured(memory_text)),
    ]
    .map(|(label, value)| view! { <KeyValue label=label>{value}</KeyValue> }.into_any());
    let request = result.request_id.clone().map(|id| {
        view! {
            <KeyValue label="Request ID">
                <span class="mono break-all">{id.clone()}</span>
                <CopyButton text=id label="Copy request ID"/>
            </KeyValue>
        }
    });
    let cut = cut_notice(run, result.log_tail.as_deref());
    let lines = result.request_id.as_ref().map(|_| run.lines.view(scope));
    let actions = move || {
        view! {
            <a class="btn btn-ghost btn-xs" href=logs.clone()>
                <Icon glyph=Glyph::Logs/>
                "Logs"
            </a>
        }
    };
    view! {
        <Panel title="Result" actions=actions>
            <KeyValueList>
                <KeyValue label="Outcome">
                    <Badge tone=tone>{words}</Badge>
                </KeyValue>
                {Vec::from(pairs)} {request}
            </KeyValueList>
        </Panel>
        {text_panel("Answer", "Copy answer", result.payload, nothing())}
        {text_panel("Log tail", "Copy log tail", result.log_tail, cut)} {lines}
    }
    .into_any()
}

/// That a log tail is not the whole log. One that is just as long as Lambda gives looks the same.
fn cut_notice(run: TestRun, tail: Option<&str>) -> AnyView {
    if tail.is_none_or(|tail| tail.len() < LOG_TAIL) {
        return nothing();
    }
    dynamic(move || {
        let words = if run.lines.is_whole() {
            "The last 4 KB of its log; the whole stands below."
        } else {
            "The last 4 KB of its log."
        };
        view! { <p class="panel-body quiet">{words}</p> }.into_any()
    })
    .into_any()
}

fn memory_text(report: &Report) -> Option<String> {
    let used = report.memory_used_mb?;
    Some(match report.memory_mb {
        Some(memory) => format!("{used} of {memory} MB"),
        None => format!("{used} MB"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(status: i32, error: Option<&str>, payload: &str) -> Invocation {
        Invocation {
            status,
            function_error: error.map(str::to_owned),
            version: None,
            payload: Some(payload.to_owned()),
            log_tail: None,
            report: None,
            request_id: None,
        }
    }

    #[test]
    fn how_it_ended_is_said_in_a_word() {
        assert_eq!(verdict(&result(200, None, "{}")).1, "Succeeded");
        assert_eq!(verdict(&result(202, None, "")).1, "Queued");
        let thrown = r#"{"errorMessage": "no", "errorType": "RuntimeError"}"#;
        assert_eq!(verdict(&result(200, Some("Unhandled"), thrown)).1, "The function failed");
        let slow = r#"{"errorMessage": "2026-11-20 f Task timed out after 3.00 seconds"}"#;
        assert_eq!(verdict(&result(200, Some("Unhandled"), slow)).1, "Timed out");
    }
}
