//! One line.

use std::sync::Arc;

use leptos::prelude::*;
use nephoscope_model::logs::LogRow;

use super::{
    filter::{LineFilter, Piece},
    json,
    severity::{Severity, severity},
    text::{beginning, visible},
};
use crate::{
    browser,
    components::{CopyButton, Glyph, Icon, clock::use_clock, dynamic, nothing, text},
};

/// How lines are shown. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct LineOptions {
    /// What is looked for.
    pub(super) filter: Memo<LineFilter>,
    /// Whether times are shown in UTC, rather than in the browser's zone.
    pub(super) utc: RwSignal<bool>,
    /// Whether each line says its stream.
    pub(super) streams: bool,
}

/// A line: its time, its stream, its text. Opened, all of its text, its JSON laid out, and where it came from.
#[component]
pub(super) fn LineView(
    /// The line.
    row: Arc<LogRow>,
    /// How it is shown.
    options: LineOptions,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let clock = use_clock();
    let at = row.timestamp;
    let time = text(move || {
        if options.utc.get() || !clock.local.get() {
            utc_time(&at.to_string())
        } else {
            format!("{}.{:03}", browser::local_text(at.as_millis()), at.as_millis().rem_euclid(1000))
        }
    });
    let all = visible(&row.message).into_owned();
    let message = dynamic(move || {
        let (shown, left_out) = beginning(&all);
        let more = match left_out {
            0 => nothing(),
            _ => view! { <span class="quiet">{format!(" … {left_out} more characters")}</span> }.into_any(),
        };
        let mut pieces: Vec<AnyView> = options.filter.with(|filter| {
            let piece = |piece: Piece<'_>| {
                let text = piece.text.to_owned();
                if piece.marked { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
            };
            filter.mark(shown).into_iter().map(piece).collect()
        });
        pieces.push(more);
        pieces.into_any()
    });
    let class = format!("log-line {}", class_of(severity(&row.message)));
    let stream = if options.streams {
        let name = row.log_stream_name.clone();
        view! { <span class="log-stream w-40" title=name.clone()>{name.clone()}</span> }.into_any()
    } else {
        nothing()
    };
    let details = dynamic(move || if open.get() { line_details(&row) } else { nothing() });
    let glyph = dynamic(move || {
        let glyph = if open.get() { Glyph::ChevronDown } else { Glyph::ChevronRight };
        view! { <Icon glyph=glyph/> }.into_any()
    });
    view! {
        <div class=class>
            <button
                type="button"
                class="needs-js -ml-2.5 flex w-4 flex-none items-start pt-px text-base-content/60 hover:text-base-content"
                aria-expanded=text(move || open.get().to_string())
                aria-label="Line details"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {glyph}
            </button>
            <time class="log-time" datetime=at.to_string() title=at.to_utc_text()>
                {time}
            </time>
            {stream}
            <span class="log-text">{message}</span>
        </div>
        {details}
    }
}

/// Everything about a line.
fn line_details(row: &LogRow) -> AnyView {
    let (before, body) = match json::open(&row.message) {
        Some(opened) => (opened.before, opened.json),
        None => (String::new(), row.message.clone()),
    };
    view! {
        <div class="mx-4 mb-1 mt-0.5 flex flex-col gap-1.5 rounded-field border border-base-300 bg-base-200 p-2.5">
            <p class="empty:hidden">{visible(&before).into_owned()}</p>
            <pre class="whitespace-pre-wrap break-words">{visible(&body).into_owned()}</pre>
            <p class="quiet flex flex-wrap items-center gap-x-4 gap-y-1">
                <span>{row.timestamp.to_utc_text()}</span>
                <span class="break-all">{row.log_stream_name.clone()}</span>
                <CopyButton text=row.message.clone() label="Copy line" labelled=true/>
            </p>
        </div>
    }
    .into_any()
}

/// `2026-11-20 11:34:08.250` from RFC 3339.
fn utc_time(rfc3339: &str) -> String {
    rfc3339.trim_end_matches('Z').replace('T', " ")
}

const fn class_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "border-l-2 border-error bg-error/8",
        Severity::Warning => "border-l-2 border-warning bg-warning/8",
        Severity::Plain => "border-l-2 border-transparent",
        Severity::Quiet => "border-l-2 border-transparent text-base-content/75",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_utc_are_as_long_as_local_ones() {
        assert_eq!(utc_time("2026-11-20T11:34:08.250Z"), "2026-11-20 11:34:08.250");
    }
}
