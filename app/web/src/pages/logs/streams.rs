//! The streams of a group: which of them are followed.

use leptos::{html, prelude::*};
use nephoscope_model::logs::{LogStream, LogStreamPage, LogTail};

use super::query::{Chosen, param};
use crate::{
    browser,
    components::{EmptyState, Glyph, Kept, Panel, SearchBox, Time, dynamic, nothing, text},
    hydration::{use_hydrated, when_hydrated},
    navigation::use_navigator,
    params::use_params,
    scope::use_scope,
};

/// More are not listed at once; the search finds the others.
const MOST: usize = 100;

/// The streams to list, and how many were left out: first those that were chosen when the page was made, then the newest that
/// fit the search. What is chosen is always listed, even when AWS does not list it any more; choosing does not move anything.
#[must_use]
pub(super) fn list_streams(
    all: &[LogStream],
    first: &[String],
    chosen: &[String],
    find: &str,
) -> (Vec<LogStream>, usize) {
    let find = find.trim().to_lowercase();
    let mut listed: Vec<LogStream> = Vec::new();
    for name in
        first.iter().chain(chosen.iter().filter(|name| !all.iter().any(|stream| stream.name == **name)))
    {
        if !listed.iter().any(|stream| stream.name == *name) {
            let known = all.iter().find(|stream| stream.name == *name).cloned();
            listed.push(known.unwrap_or_else(|| LogStream { name: name.clone(), last_event_at: None }));
        }
    }
    let mut room = MOST.saturating_sub(listed.len());
    let mut left_out = 0;
    for stream in all.iter().filter(|stream| !first.contains(&stream.name)) {
        if chosen.contains(&stream.name) {
            listed.push(stream.clone());
        } else if find.is_empty() || stream.name.to_lowercase().contains(&find) {
            if room > 0 {
                room -= 1;
                listed.push(stream.clone());
            } else {
                left_out += 1;
            }
        }
    }
    (listed, left_out)
}

/// The list of streams: a form, whose boxes act at once where there is JavaScript.
#[component]
pub(super) fn Streams(
    /// The streams, the newest first.
    streams: LogStreamPage,
    /// What is followed.
    chosen: Memo<Chosen>,
) -> impl IntoView {
    let LogStreamPage { items: streams, next } = streams;
    let (total, are_all) = (streams.len(), next.is_none());
    let count = if are_all { total.to_string() } else { format!("{total}+") };
    let scope = use_scope();
    let params = use_params();
    let find = RwSignal::new(String::new());
    let streams = StoredValue::new(streams);
    let first = StoredValue::new(chosen.get_untracked().streams);
    let listed = Memo::new(move |_| {
        let chosen = chosen.get();
        streams.with_value(|streams| {
            first.with_value(|first| list_streams(streams, first, &chosen.streams, &find.get()))
        })
    });
    let filter = move || params.get().get(param::TEXT);
    let hydrated = use_hydrated();
    let navigator = use_navigator();
    let form: NodeRef<html::Form> = NodeRef::new();
    when_hydrated(move || {
        // Boxes that were ticked before anybody heard it.
        let Some(form) = form.try_get_untracked().flatten() else { return };
        let before = chosen.get_untracked();
        let ticked = before.with_streams(browser::form_all(&form, param::STREAM));
        if ticked != before {
            navigator
                .go(&ticked.href(&params.get_untracked().get(param::TEXT), &scope.get_untracked()), false);
        }
    });
    let follow_all = dynamic(move || {
        let chosen = chosen.get();
        if chosen.streams.is_empty() {
            return view! { <span class="quiet">"All streams are followed"</span> }.into_any();
        }
        let href = chosen.with_all_streams().href(&filter(), &scope.get());
        view! { <a href=href>"Follow all streams"</a> }.into_any()
    });
    let hidden = dynamic(move || {
        let mut fields = chosen.get().with_all_streams().fields(&scope.get());
        fields.push((param::TEXT, filter()));
        let input = |(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any();
        fields.into_iter().map(input).collect::<Vec<_>>().into_any()
    });
    let more = text(move || match (listed.get().1, are_all) {
        (0, true) => String::new(),
        (more, true) => format!("{more} more. Search to find them."),
        (_, false) => {
            format!("The newest {total} of them. The search looks in these; all are followed together.")
        }
    });
    let boxes = if total == 0 && listed.get_untracked().0.is_empty() {
        view! { <EmptyState title="No streams yet" glyph=Glyph::Logs/> }.into_any()
    } else {
        view! {
            <ul class="max-h-56 overflow-y-auto xl:max-h-[26rem]" tabindex="0" aria-label="Streams">
                <For each=move || listed.get().0 key=|stream| stream.name.clone() let:stream>
                    <StreamBox stream=stream chosen=chosen/>
                </For>
            </ul>
            <p class="quiet px-4 pb-2 text-xs">{more}</p>
        }
        .into_any()
    };
    view! {
        <Panel title="Streams" count=Some(count)>
            // A browser that comes back must not tick what was ticked in a list of another order: it is in the address.
            <form method="get" action="/logs" aria-label="Choose streams" autocomplete="off" node_ref=form>
                {hidden}
                <div class="flex flex-col gap-2 px-4 py-2">
                    <SearchBox
                        label="Search streams"
                        placeholder="Search streams"
                        class="needs-js"
                        text=find
                        on_text=Callback::new(move |text| find.set(text))
                    />
                    <div class="flex items-center justify-between gap-2">
                        {follow_all}
                        <button type="submit" class="btn btn-xs" hidden=hydrated>
                            "Apply"
                        </button>
                    </div>
                </div>
                {boxes}
            </form>
        </Panel>
    }
}

#[component]
fn StreamBox(stream: LogStream, chosen: Memo<Chosen>) -> impl IntoView {
    let scope = use_scope();
    let params = use_params();
    let navigator = use_navigator();
    let name = StoredValue::new(stream.name.clone());
    let checked = Signal::derive(move || chosen.get().streams.contains(&name.get_value()));
    let full = Signal::derive(move || {
        let streams = chosen.get().streams;
        streams.len() >= LogTail::MAX_STREAMS && !streams.contains(&name.get_value())
    });
    let change = move |_| {
        let text = params.get_untracked().get(param::TEXT);
        let href = chosen.get_untracked().toggled(&name.get_value()).href(&text, &scope.get_untracked());
        navigator.go(&href, false);
    };
    let first_checked = checked.get_untracked();
    let written = match stream.last_event_at {
        Some(at) => view! {
            <span class="quiet block text-xs">
                <Time at=at/>
            </span>
        }
        .into_any(),
        None => nothing(),
    };
    view! {
        <li>
            <label class="flex cursor-pointer items-start gap-2 px-4 py-1.5 hover:bg-base-200">
                <input
                    type="checkbox"
                    class="checkbox checkbox-sm mt-0.5"
                    name=param::STREAM
                    value=stream.name.clone()
                    checked=first_checked
                    prop:checked=Kept(checked)
                    disabled=full
                    on:change=change
                />
                <span class="min-w-0">
                    <span class="mono block break-all text-xs">{stream.name}</span>
                    {written}
                </span>
            </label>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(name: &str) -> LogStream {
        LogStream { name: name.to_owned(), last_event_at: None }
    }

    #[test]
    fn chosen_streams_come_first_even_when_they_are_gone_and_the_search_does_not_hide_them() {
        let all: Vec<LogStream> = (0..150).map(|n| stream(&format!("s{n}"))).collect();
        let chosen = ["s149".to_owned(), "gone".to_owned()];
        let (listed, more) = list_streams(&all, &chosen, &chosen, "");
        assert_eq!((listed[0].name.as_str(), listed[1].name.as_str()), ("s149", "gone"));
        assert_eq!((listed.len(), more), (MOST, 51));
        let (found, more) = list_streams(&all, &chosen, &chosen, " S14 ");
        assert_eq!((found.len(), more), (2 + 10, 0));
    }

    #[test]
    fn choosing_moves_nothing() {
        let all: Vec<LogStream> = (0..150).map(|n| stream(&format!("s{n}"))).collect();
        let before = list_streams(&all, &[], &[], "");
        assert_eq!(list_streams(&all, &[], &["s5".to_owned()], "").0[..99], before.0[..99]);
        let (listed, _) = list_streams(&all, &[], &["s140".to_owned()], "nothing");
        assert_eq!(listed, [stream("s140")]);
    }
}
