//! What is seen of doing something to all that are selected: the bar above the rows, the question, and what became of each.

use leptos::{html, prelude::*};

use super::{Bulk, MOST_LINES, Outcome, Planned, Report};
use crate::{
    components::{ActionButton, ConfirmDialog, Glyph, dynamic, nothing, text},
    listing::Selection,
};

/// A button that asks what is to become of what is selected.
#[derive(Clone, Copy)]
pub struct BulkButton {
    /// What it says.
    pub label: &'static str,
    /// The same for those who do not see where it stands: `Stop what is selected`.
    pub title: &'static str,
    /// An icon before the label.
    pub glyph: Glyph,
    /// Why it is off.
    pub reason: Signal<Option<String>>,
    /// Asks.
    pub on_press: Callback<()>,
}

/// What can be done to the selection; nothing while nothing is selected. `chosen` is how many of the selected ones are there at all,
/// `visible` how many of them the filter lets pass.
#[must_use]
pub fn selection_bar(
    selection: Selection,
    (chosen, visible): (Signal<usize>, Signal<usize>),
    busy: Signal<bool>,
    buttons: Vec<BulkButton>,
) -> AnyView {
    let any = Memo::new(move |_| chosen.get() > 0);
    let words = text(move || {
        let count = chosen.get();
        match count.saturating_sub(visible.get()) {
            0 => format!("{count} selected"),
            hidden => format!("{count} selected, {hidden} of them hidden by the filter"),
        }
    });
    dynamic(move || {
        if !any.get() {
            return nothing();
        }
        let button = |button: &BulkButton| {
            let BulkButton { label, title, glyph, reason, on_press } = *button;
            view! {
                <ActionButton label=label glyph=glyph title=title reason=reason busy=busy on_press=on_press/>
            }
            .into_any()
        };
        let buttons: Vec<AnyView> = buttons.iter().map(button).collect();
        view! {
            <div class="toolbar flex! items-center! needs-js" role="group" aria-label="Selection">
                <span class="font-medium tabular-nums" role="status">
                    {words}
                </span>
                {buttons}
                <ActionButton
                    label="Clear selection"
                    glyph=Glyph::Close
                    class="btn-ghost"
                    on_press=Callback::new(move |()| selection.clear())
                />
            </div>
        }
        .into_any()
    })
    .into_any()
}

/// The question. Once on a page. `fields` stand between what will happen and what it happens to; `on_confirm` does it, with what was typed.
#[must_use]
pub fn bulk_dialog(bulk: Bulk, fields: AnyView, on_confirm: Callback<String>) -> AnyView {
    let question = bulk.question;
    let lines = dynamic(move || {
        let line = |planned: Planned| {
            let (class, words) = match planned.reason {
                Some(reason) => ("quiet", format!("Left out. {reason}")),
                None => ("", planned.words),
            };
            line_view(class, planned.name, planned.id, words)
        };
        // Those that it is done to come first.
        let mut plan = question.with(|question| question.plan.clone());
        plan.sort_by_key(|planned| planned.reason.is_some());
        plan.into_iter().take(MOST_LINES).map(line).collect::<Vec<_>>().into_any()
    });
    let more = text(move || match question.with(|question| question.plan.len()).saturating_sub(MOST_LINES) {
        0 => String::new(),
        more => format!("… and {more} more that are left out."),
    });
    view! {
        <ConfirmDialog
            open=bulk.open
            title=text(move || question.with(|question| question.title.clone()))
            confirm_label=text(move || question.with(|question| question.verb.to_owned()))
            typed=text(move || question.with(|question| question.typed.clone()))
            danger=Signal::derive(move || question.with(|question| question.danger))
            busy=bulk.busy
            error=bulk.error
            on_confirm=on_confirm
        >
            <p>{text(move || question.with(|question| question.consequence.to_owned()))}</p>
            {fields}
            <ul class="max-h-64 overflow-auto text-sm" tabindex="0" aria-label="What will happen">
                {lines}
            </ul>
            <p class="quiet">{more}</p>
        </ConfirmDialog>
    }
    .into_any()
}

fn line_view(class: &'static str, name: String, id: String, words: String) -> AnyView {
    // What has no name is called by its id.
    let id = if id == name { String::new() } else { id };
    view! {
        <li class=format!("py-1 wrap-anywhere {class}")>
            <span class="font-medium">{name}</span>
            " "
            <span class="mono text-xs">{id}</span>
            <span class="block text-xs">{words}</span>
        </li>
    }
    .into_any()
}

/// What became of each, until somebody has read it.
#[must_use]
pub fn bulk_report(bulk: Bulk) -> AnyView {
    report_view(bulk.report)
}

/// The same of a report that is kept elsewhere. It takes the focus, which was on a button of what is gone now.
#[must_use]
pub fn report_view(report: RwSignal<Option<Report>>) -> AnyView {
    let title: NodeRef<html::P> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            let _ = title.focus();
        }
    });
    dynamic(move || {
        let Some(Report { title: words, outcomes, is_good }) = report.get() else { return nothing() };
        let class = if is_good { "notice" } else { "notice notice-warn" };
        let line = |outcome: Outcome| {
            let (class, words) = match outcome.words {
                Ok(words) => ("", words),
                Err(words) => ("text-error", words),
            };
            line_view(class, outcome.name, outcome.id, words)
        };
        let lines: Vec<AnyView> = outcomes.into_iter().map(line).collect();
        view! {
            <section class=class aria-label="Result">
                <div class="notice-body">
                    <p class="notice-title" role="status" tabindex="-1" node_ref=title>
                        {words}
                    </p>
                    <ul class="max-h-64 overflow-auto" tabindex="0" aria-label="Result of each">
                        {lines}
                    </ul>
                    <div class="notice-actions">
                        <ActionButton label="Dismiss" on_press=Callback::new(move |()| report.set(None))/>
                    </div>
                </div>
            </section>
        }
        .into_any()
    })
    .into_any()
}
