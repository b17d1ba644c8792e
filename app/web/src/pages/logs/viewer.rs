//! The lines of a group, as they come.

use leptos::{ev, html, prelude::*};
use nephoscope_model::{live::LogRequest, logs::LogRow};

use super::{
    buffer::{Chunk, LIMIT, LogBuffer, Waiting},
    filter::LineFilter,
    line_view::{LineOptions, LineView},
    query::{Chosen, param},
};
use crate::{
    components::{EmptyState, ErrorNotice, Glyph, Icon, LiveDot, SearchBox, dynamic, nothing, text},
    live::{LiveUpdate, Topic, Trouble, use_live},
    params::use_params,
    scope::use_scope,
    url_text::{UrlText, use_url_text},
};

/// What the viewer knows. Cheap to copy.
#[derive(Clone, Copy)]
struct Viewer {
    buffer: LogBuffer,
    paused: RwSignal<bool>,
    waiting: RwSignal<Waiting>,
    /// Lines that were left out because this page was too slow, or stood still for too long.
    dropped: RwSignal<u64>,
    /// Whether the end is in sight, so that the page goes along.
    at_end: RwSignal<bool>,
    /// Lines that came while the end was out of sight.
    unseen: RwSignal<usize>,
    node: NodeRef<html::Div>,
    trouble: RwSignal<Option<Trouble>>,
}

impl Viewer {
    fn new(rows: Vec<LogRow>) -> Self {
        Self {
            buffer: LogBuffer::new(rows),
            paused: RwSignal::new(false),
            waiting: RwSignal::new(Waiting::default()),
            dropped: RwSignal::new(0),
            at_end: RwSignal::new(true),
            unseen: RwSignal::new(0),
            node: NodeRef::new(),
            trouble: RwSignal::new(None),
        }
    }

    fn take(self, rows: Vec<LogRow>, dropped: u64) {
        self.trouble.set(None);
        if dropped > 0 {
            self.dropped.update(|all| *all += dropped);
        }
        if rows.is_empty() {
            return;
        }
        if self.paused.get_untracked() {
            self.waiting.update(|waiting| waiting.push(rows));
            return;
        }
        let count = rows.len();
        self.buffer.push(rows);
        if self.at_end.get_untracked() {
            self.go_to_end();
        } else {
            self.unseen.update(|unseen| *unseen += count);
        }
    }

    fn toggle_pause(self) {
        let pause = !self.paused.get_untracked();
        self.paused.set(pause);
        if !pause {
            let (rows, let_go) = self.waiting.try_update(Waiting::take).unwrap_or_default();
            self.take(rows, let_go);
        }
    }

    /// Shows the newest line, once the lines are there.
    fn go_to_end(self) {
        self.at_end.set(true);
        self.unseen.set(0);
        let scroll = move || {
            if let Some(element) = self.node.try_get_untracked().flatten() {
                element.set_scroll_top(element.scroll_height());
            }
        };
        // Twice: pieces that come into sight get their real height only then.
        request_animation_frame(move || {
            scroll();
            request_animation_frame(scroll);
        });
    }

    fn scrolled(self) {
        let Some(element) = self.node.get_untracked() else { return };
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        let at_end = below < 32;
        if self.at_end.get_untracked() != at_end {
            self.at_end.set(at_end);
        }
        if at_end && self.unseen.get_untracked() > 0 {
            self.unseen.set(0);
        }
    }
}

/// The lines, going on live.
#[component]
pub(super) fn Lines(
    /// The last lines, oldest first.
    rows: Vec<LogRow>,
    /// What is followed.
    chosen: Chosen,
) -> impl IntoView {
    let shown: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let viewer = Viewer::new(rows);
    let scope = use_scope();
    let params = use_params();
    let in_url = Memo::new(move |_| params.get().get(param::TEXT));
    let find = {
        let chosen = chosen.clone();
        use_url_text(in_url, move |text| chosen.href(text, &scope.get_untracked()))
    };
    let options = LineOptions {
        filter: Memo::new(move |_| find.text.with(|text| LineFilter::parse(text))),
        utc: RwSignal::new(false),
        streams: chosen.streams.len() != 1,
    };
    let wrap = RwSignal::new(true);
    let hidden = chosen
        .fields(&scope.get_untracked())
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any())
        .collect();
    follow(viewer, chosen, shown);
    Effect::new(move |_| viewer.go_to_end());
    let new_lines = dynamic(move || {
        let unseen = viewer.unseen.get();
        if unseen == 0 || viewer.at_end.get() {
            return nothing();
        }
        view! {
            <button
                type="button"
                class="btn btn-sm btn-primary absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lg"
                on:click=move |_| viewer.go_to_end()
            >
                {plural(unseen, "new line", "new lines")}
                <span aria-hidden="true">"↓"</span>
            </button>
        }
        .into_any()
    });
    let class = text(move || {
        let lines = if wrap.get() { "" } else { "[&_.log-text]:whitespace-pre [&_.log-text]:flex-none" };
        format!("log-view [overflow-anchor:auto] {lines}")
    });
    view! {
            <section class="panel min-w-0" aria-label="Log lines">
                <Toolbar viewer=viewer find=find options=options wrap=wrap hidden=hidden/>
                <Notices viewer=viewer/>
                <div class="relative">
                    <div
                        class=class
                        node_ref=viewer.node
                        role="log"
                        aria-live="off"
                        aria-label="Lines, oldest first"
                        tabindex="0"
                        on:scroll=move |_| viewer.scrolled()
                    >
                        <For each=move || viewer.buffer.chunks.get() key=|chunk| chunk.number let:chunk>
                            <ChunkView chunk=chunk options=options/>
                        </For>
                        <NothingToSee viewer=viewer filter=options.filter/>
                    </div>
    {new_lines}
                </div>
            </section>
        }
}

/// A piece of the lines. The browser skips drawing the pieces that are out of sight.
#[component]
fn ChunkView(chunk: Chunk, options: LineOptions) -> impl IntoView {
    let rows = chunk.rows;
    let visible = move || {
        let filter = options.filter.get();
        let all = rows.get();
        if filter.is_empty() {
            return all;
        }
        all.into_iter().filter(|row| filter.matches(&row.message)).collect()
    };
    view! {
        <div class="[contain-intrinsic-size:auto_1800px] [content-visibility:auto]">
            <For each=visible key=|row| row.id.clone() let:row>
                <LineView row=row options=options/>
            </For>
        </div>
    }
}

#[component]
fn Toolbar(
    viewer: Viewer,
    find: UrlText,
    options: LineOptions,
    wrap: RwSignal<bool>,
    hidden: Vec<AnyView>,
) -> impl IntoView {
    let live = use_live();
    let count = text(move || {
        let all = plural(viewer.buffer.count.get(), "line", "lines");
        let filter = options.filter.get();
        if filter.is_empty() {
            return all;
        }
        format!("{} of {all}", viewer.buffer.count_matching(|row| filter.matches(&row.message)))
    });
    let paused = viewer.paused;
    let label = text(move || match (paused.get(), viewer.waiting.get().count()) {
        (false, _) => "Pause".to_owned(),
        (true, 0) => "Resume".to_owned(),
        (true, waiting) => format!("Resume ({waiting})"),
    });
    let glyph = dynamic(move || {
        let glyph = if paused.get() { Glyph::Play } else { Glyph::Pause };
        view! { <Icon glyph=glyph/> }.into_any()
    });
    view! {
        <div class="toolbar flex! items-center! gap-x-3 gap-y-2">
            <form
                method="get"
                action="/logs"
                class="min-w-0 flex-1 basis-64"
                aria-label="Filter lines"
                on:submit=|event: ev::SubmitEvent| event.prevent_default()
            >
                {hidden}
                <SearchBox
                    label="Filter lines"
                    placeholder="Filter lines: words, \"quoted text\", -excluded"
                    name=param::TEXT
                    class="w-full"
                    text=find.text
                    on_text=Callback::new(move |text| find.typed(text))
                />
            </form>
            <span class="quiet tabular-nums">{count}</span>
            <LiveDot status=live.status_of(viewer.trouble) notice=live.notice_of(viewer.trouble)/>
            <span class="flex items-center gap-1.5 needs-js">
                <button
                    type="button"
                    class="btn btn-sm tabular-nums"
                    aria-pressed=text(move || paused.get().to_string())
                    on:click=move |_| viewer.toggle_pause()
                >
                    {glyph}
                    {label}
                </button>
                <Toggle label="Wrap" on=wrap/>
                <Toggle label="UTC" on=options.utc/>
            </span>
        </div>
    }
}

/// A button that stays pressed.
#[component]
fn Toggle(label: &'static str, on: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class=text(move || if on.get() { "btn btn-sm border-primary text-primary" } else { "btn btn-sm" }.to_owned())
            aria-pressed=text(move || on.get().to_string())
            on:click=move |_| on.update(|on| *on = !*on)
        >
            {label}
        </button>
    }
}

/// What went wrong with the lines.
#[component]
fn Notices(viewer: Viewer) -> impl IntoView {
    let trouble = dynamic(move || match viewer.trouble.get() {
        Some(trouble) => view! {
            <div class="px-4 pt-3">
                <ErrorNotice error=trouble.error/>
            </div>
        }
        .into_any(),
        None => nothing(),
    });
    let dropped = dynamic(move || {
        match usize::try_from(viewer.dropped.get()).unwrap_or(usize::MAX) {
        0 => nothing(),
        count => view! {
            <p class="notice notice-warn mx-4 mt-3" role="status">
                <Icon glyph=Glyph::Alert/>
                {format!(
                    "{} came faster than this page could take and were left out. A filter or fewer streams help.",
                    plural(count, "line", "lines"),
                )}
            </p>
        }
        .into_any(),
    }
    });
    view! {
        {trouble}
        {dropped}
    }
}

/// What stands where lines would be.
#[component]
fn NothingToSee(viewer: Viewer, filter: Memo<LineFilter>) -> impl IntoView {
    let kind = Memo::new(move |_| {
        if viewer.buffer.count.get() == 0 {
            return Some(false);
        }
        let filter = filter.get();
        let is_hidden =
            !filter.is_empty() && viewer.buffer.count_matching(|row| filter.matches(&row.message)) == 0;
        is_hidden.then_some(true)
    });
    dynamic(move || {
        let (title, text) = match kind.get() {
            None => return nothing(),
            Some(false) => ("No lines yet", "New lines appear here as they are written.".to_owned()),
            Some(true) => ("No line matches", format!("None of the last {LIMIT} lines fits this filter.")),
        };
        view! { <EmptyState title=title text=text glyph=Glyph::Logs/> }.into_any()
    })
}

/// Follows the lines behind those that are shown.
fn follow(viewer: Viewer, chosen: Chosen, shown: Vec<String>) {
    let live = use_live();
    Effect::new(move |_| {
        let request = LogRequest {
            id: String::new(),
            log_group_name: chosen.group.clone(),
            log_stream_names: chosen.streams.clone(),
            account: Some(chosen.place.account.clone()),
            region: Some(chosen.place.region.clone()),
            after: shown.last().cloned(),
        };
        live.subscribe(Topic::Logs { request, shown: shown.clone() }, move |update| match update {
            LiveUpdate::Logs { rows, dropped } => viewer.take(rows, dropped),
            LiveUpdate::Trouble(what) => viewer.trouble.set(Some(what)),
            LiveUpdate::Recovered => viewer.trouble.set(None),
            LiveUpdate::Metric(_) | LiveUpdate::Instances { .. } | LiveUpdate::Resumed => {}
        });
    });
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
