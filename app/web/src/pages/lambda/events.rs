//! Test events: chosen, saved under a name, deleted.

use leptos::{html, prelude::*};
use nephoscope_model::{
    Error, Place,
    lambda::{FunctionName, TestEvent, TestEventName},
};

use super::deed::Deed;
use crate::{
    api::lambda::{list_test_events, remove_test_event, save_test_event},
    components::{ActionButton, ErrorNotice, Glyph, Toasts, dynamic, nothing, use_toasts},
    hydration::use_hydrated,
};

/// The events of a function. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Events {
    which: StoredValue<(Place, FunctionName)>,
    /// Nothing until they are known.
    all: RwSignal<Option<Vec<TestEvent>>>,
    /// The name of the chosen one; empty for none.
    chosen: RwSignal<String>,
    payload: RwSignal<String>,
    reason: Signal<Option<String>>,
    /// Reading them.
    reading: Deed,
    /// Saving and deleting.
    deed: Deed,
    toasts: Toasts,
}

impl Events {
    /// For a payload that is being written.
    pub(super) fn new(
        place: Place,
        name: FunctionName,
        payload: RwSignal<String>,
        reason: Signal<Option<String>>,
    ) -> Self {
        Self {
            which: StoredValue::new((place, name)),
            all: RwSignal::new(None),
            chosen: RwSignal::new(String::new()),
            payload,
            reason,
            reading: Deed::new(),
            deed: Deed::new(),
            toasts: use_toasts(),
        }
    }

    /// Reads them once the page is hydrated, unless they are known.
    fn read(self) {
        let hydrated = use_hydrated();
        Effect::new(move |_| {
            if hydrated.get() && self.all.with_untracked(Option::is_none) {
                let (place, name) = self.which.get_value();
                self.reading.ask(list_test_events(place, name), move |events| self.all.set(Some(events)));
            }
        });
    }

    fn choose(self, name: String) {
        let found = self.all.with_untracked(|all| {
            all.iter().flatten().find(|event| event.name.as_str() == name).map(|event| event.payload.clone())
        });
        if let Some(payload) = found {
            self.payload.set(payload);
        }
        self.chosen.set(name);
        self.deed.error.set(None);
    }

    fn save(self, name: &str) {
        let payload = self.payload.get_untracked();
        let event = name.trim().parse::<TestEventName>();
        let event = match event.and_then(|event| TestEvent::check_payload(&payload).map(|()| event)) {
            Ok(event) => event,
            Err(error) => return self.deed.error.set(Some(error)),
        };
        let (place, function) = self.which.get_value();
        self.deed.ask(save_test_event(place, function, event, payload), move |saved| {
            let name = saved.name.to_string();
            self.all.update(|all| {
                let all = all.get_or_insert_default();
                all.retain(|event| event.name != saved.name);
                all.push(saved);
                all.sort_by(|a, b| a.name.cmp(&b.name));
            });
            self.toasts.success(format!("The test event {name} is saved."));
            self.chosen.set(name);
        });
    }

    fn remove(self) {
        let Ok(event) = self.chosen.get_untracked().parse::<TestEventName>() else { return };
        let (place, function) = self.which.get_value();
        self.deed.ask(remove_test_event(place, function, event.clone()), move |()| {
            self.all.update(|all| all.iter_mut().for_each(|all| all.retain(|known| known.name != event)));
            self.chosen.set(String::new());
            self.toasts.success(format!("The test event {event} is deleted."));
        });
    }

    /// The choice, and the buttons beside it.
    pub(super) fn view(self) -> AnyView {
        self.read();
        let (node, select): (NodeRef<html::Input>, NodeRef<html::Select>) = (NodeRef::new(), NodeRef::new());
        // What a person chose or typed, the attributes of the HTML do not change any more.
        Effect::new(move |before: Option<()>| {
            let chosen = self.chosen.get();
            self.all.track();
            if before.is_none() {
                return;
            }
            request_animation_frame(move || {
                if let Some(Some(select)) = select.try_get_untracked() {
                    select.set_value(&chosen);
                }
            });
        });
        Effect::new(move |before: Option<String>| {
            let chosen = self.chosen.get();
            if before.is_some_and(|before| before != chosen)
                && let Some(Some(field)) = node.try_get_untracked()
            {
                field.set_value(&chosen);
            }
            chosen
        });
        let save = Callback::new(move |()| {
            let written = node.get_untracked().map(|field| field.value()).unwrap_or_default();
            self.save(&written);
        });
        let change = Callback::new(move |name: String| self.choose(name));
        let no_choice = Signal::derive(move || {
            let none = self.chosen.with(String::is_empty);
            self.reason.get().or_else(|| none.then(|| "Choose a test event first.".to_owned()))
        });
        view! {
            <div class="flex flex-wrap items-end gap-3" role="group" aria-label="Test events">
                <label class="field">
                    <span>"Test event"</span>
                    {dynamic(move || self.choice(select, change))}
                </label>
                <label class="field">
                    <span>"Save the payload as"</span>
                    <input
                        class="input input-sm"
                        type="text"
                        name="event"
                        maxlength="64"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        value=self.chosen.get_untracked()
                        node_ref=node
                    />
                </label>
                <ActionButton label="Save event" reason=self.reason busy=self.deed.busy on_press=save/>
                <ActionButton
                    label="Delete event"
                    glyph=Glyph::Trash
                    class="btn-ghost"
                    reason=no_choice
                    busy=self.deed.busy
                    on_press=Callback::new(move |()| self.remove())
                />
            </div>
            {dynamic(move || self.notice())}
        }
        .into_any()
    }

    fn notice(self) -> AnyView {
        let error: Option<Error> = self.deed.error.get().or_else(|| self.reading.error.get());
        error.map_or_else(nothing, |error| view! { <ErrorNotice error=error/> }.into_any())
    }

    fn choice(self, node: NodeRef<html::Select>, change: Callback<String>) -> AnyView {
        let chosen = self.chosen.get();
        let names =
            self.all.with(|all| all.iter().flatten().map(|event| event.name.to_string()).collect::<Vec<_>>());
        let none = if names.is_empty() { "none saved yet" } else { "none" };
        let options = names
            .into_iter()
            .map(|name| {
                let selected = name == chosen;
                view! {
                    <option value=name.clone() selected=selected>
                        {name.clone()}
                    </option>
                }
            })
            .collect_view();
        view! {
            <select
                class="select select-sm"
                name="saved"
                node_ref=node
                on:change=move |event| change.run(event_target_value(&event))
            >
                <option value="">{none}</option>
                {options}
            </select>
        }
        .into_any()
    }
}
