//! The streams of a group: which of them are followed.

use leptos::prelude::*;
use nephoscope_model::logs::{LogStream, LogTail};

use super::query::{Chosen, param};
use crate::{
    components::{EmptyState, Glyph, Icon, Panel, Time},
    navigation::use_navigator,
    pages::ec2::params::use_params,
    scope::use_scope,
};

/// More are not listed at once; the search finds the others.
const MOST: usize = 100;

/// The streams to list: those that are chosen first (even those that AWS does not list any more), then the newest that fit the
/// search; and how many were left out.
#[must_use]
pub(super) fn list_streams(all: &[LogStream], chosen: &[String], find: &str) -> (Vec<LogStream>, usize) {
    let find = find.trim().to_lowercase();
    let is_chosen = |stream: &LogStream| chosen.contains(&stream.name);
    let mut listed: Vec<LogStream> = all.iter().filter(|stream| is_chosen(stream)).cloned().collect();
    for name in chosen {
        if !listed.iter().any(|stream| stream.name == *name) {
            listed.push(LogStream { name: name.clone(), last_event_at: None });
        }
    }
    let others = || {
        all.iter().filter(|stream| {
            !is_chosen(stream) && (find.is_empty() || stream.name.to_lowercase().contains(&find))
        })
    };
    let room = MOST.saturating_sub(listed.len());
    listed.extend(others().take(room).cloned());
    (listed, others().count().saturating_sub(room))
}

/// The list of streams: a form, whose boxes act at once where there is JavaScript.
#[component]
pub(super) fn Streams(
    /// The streams, the newest first.
    streams: Vec<LogStream>,
    /// What is followed.
    chosen: Memo<Chosen>,
) -> impl IntoView {
    let total = streams.len();
    let scope = use_scope();
    let params = use_params();
    let find = RwSignal::new(String::new());
    let streams = StoredValue::new(streams);
    let listed = Memo::new(move |_| {
        let chosen = chosen.get();
        streams.with_value(|streams| list_streams(streams, &chosen.streams, &find.get()))
    });
    let text = move || params.with(|params| params.get(param::TEXT));
    let hydrated = RwSignal::new(false);
    Effect::new(move |_| hydrated.set(true));
    let all_href = move || chosen.with(|chosen| chosen.with_all_streams().href(&text(), &scope.get()));
    let all = Memo::new(move |_| chosen.with(|chosen| chosen.streams.is_empty()));
    let hidden = move || {
        let all = chosen.with(Chosen::with_all_streams);
        let mut fields = all.fields(&scope.get());
        fields.push((param::TEXT, text()));
        fields
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view()
    };
    let boxes = move || {
        listed.with(|(streams, more)| {
            let entries = streams
                .iter()
                .map(|stream| view! { <StreamBox stream=stream.clone() chosen=chosen/> })
                .collect_view();
            let more = (*more > 0).then(|| {
                view! { <li class="quiet px-4 py-1.5 text-xs">{format!("{more} more. Search to find them.")}</li> }
            });
            view! {
                <ul class="max-h-56 overflow-y-auto xl:max-h-[26rem]" tabindex="0" aria-label="Streams">
                    {entries}
                    {more}
                </ul>
            }
        })
    };
    view! {
        <Panel title="Streams" count=Some(total.to_string())>
            <form method="get" action="/logs" aria-label="Choose streams">
                {hidden}
                <div class="flex flex-col gap-2 px-4 py-2">
                    <label class="search-box needs-js">
                        <Icon glyph=Glyph::Search/>
                        <span class="sr-only">"Search streams"</span>
                        <input
                            type="search"
                            placeholder="Search streams"
                            autocomplete="off"
                            spellcheck="false"
                            prop:value=move || find.get()
                            on:input=move |event| find.set(event_target_value(&event))
                        />
                    </label>
                    <div class="flex items-center justify-between gap-2">
                        {move || {
                            if all.get() {
                                view! { <span class="quiet">"All streams are followed"</span> }.into_any()
                            } else {
                                view! { <a href=all_href>"Follow all streams"</a> }.into_any()
                            }
                        }}
                        <Show when=move || !hydrated.get()>
                            <button type="submit" class="btn btn-xs">
                                "Apply"
                            </button>
                        </Show>
                    </div>
                </div>
                {move || {
                    if total == 0 && all.get() {
                        view! { <EmptyState title="No streams yet" glyph=Glyph::Logs/> }.into_any()
                    } else {
                        boxes().into_any()
                    }
                }}
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
    let checked =
        Memo::new(move |_| chosen.with(|chosen| name.with_value(|name| chosen.streams.contains(name))));
    let full = move || !checked.get() && chosen.with(|chosen| chosen.streams.len() >= LogTail::MAX_STREAMS);
    let change = move |_| {
        let text = params.with_untracked(|params| params.get(param::TEXT));
        let href = chosen.with_untracked(|chosen| {
            name.with_value(|name| chosen.toggled(name).href(&text, &scope.get_untracked()))
        });
        navigator.go(&href, false);
    };
    let first_checked = checked.get_untracked();
    view! {
        <li>
            <label class="flex cursor-pointer items-start gap-2 px-4 py-1.5 hover:bg-base-200">
                <input
                    type="checkbox"
                    class="checkbox checkbox-sm mt-0.5"
                    name=param::STREAM
                    value=stream.name.clone()
                    checked=first_checked
                    prop:checked=checked
                    disabled=full
                    on:change=change
                />
                <span class="min-w-0">
                    <span class="mono block break-all text-xs">{stream.name}</span>
                    {stream
                        .last_event_at
                        .map(|at| {
                            view! {
                                <span class="quiet block text-xs">
                                    <Time at=at/>
                                </span>
                            }
                        })}
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
        let (listed, more) = list_streams(&all, &chosen, "");
        assert_eq!((listed[0].name.as_str(), listed[1].name.as_str()), ("s149", "gone"));
        assert_eq!((listed.len(), more), (MOST, 51));
        let (found, more) = list_streams(&all, &chosen, " S14 ");
        assert_eq!((found.len(), more), (2 + 10, 0));
    }
}
