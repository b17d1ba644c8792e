//! The menu of a row. There is one for the whole table, laid over the page beside the button that opened it, since a menu
//! inside a table that scrolls would be cut off, and one for each of a hundred rows would be heavy.

use leptos::{ev, html, prelude::*};
use nephoscope_model::ec2::{Instance, InstanceAction, InstanceId};

use super::actions::{ActionLabel, Actions, title_of};
use crate::{
    components::{Glyph, Icon, dynamic, nothing, text},
    paths,
    scope::use_scope,
};

/// Which row's menu is open, and where.
#[derive(Clone, Copy)]
pub(super) struct RowMenuState {
    open: RwSignal<Option<OpenMenu>>,
}

#[derive(Clone, Debug, PartialEq)]
struct OpenMenu {
    id: InstanceId,
    top: f64,
    right: f64,
}

impl RowMenuState {
    /// Closed.
    #[must_use]
    pub(super) fn new() -> Self {
        Self { open: RwSignal::new(None) }
    }

    fn close(self, give_focus_back: bool) {
        let Some(menu) = self.open.get_untracked() else { return };
        self.open.set(None);
        if give_focus_back {
            focus(&button_id(&menu.id));
        }
    }
}

impl Default for RowMenuState {
    fn default() -> Self {
        Self::new()
    }
}

fn button_id(id: &InstanceId) -> String {
    format!("actions-{id}")
}

/// The button at the end of an instance's row.
pub(super) fn row_menu_button(state: RowMenuState, instance: &Instance) -> AnyView {
    let id = instance.id.clone();
    let is_open = {
        let id = id.clone();
        Signal::derive(move || state.open.with(|open| open.as_ref().is_some_and(|menu| menu.id == id)))
    };
    let toggle = {
        let id = id.clone();
        move |event: ev::MouseEvent| {
            event.stop_propagation();
            if is_open.get_untracked() {
                state.close(false);
                return;
            }
            let (top, right) = place_below(&event);
            state.open.set(Some(OpenMenu { id: id.clone(), top, right }));
        }
    };
    view! {
        <button
            type="button"
            id=button_id(&id)
            class="btn btn-ghost btn-xs btn-square needs-js"
            aria-haspopup="menu"
            aria-expanded=text(move || is_open.get().to_string())
            aria-label=format!("Actions for {}", title_of(instance))
            title="Actions"
            on:click=toggle
        >
            <Icon glyph=Glyph::More/>
        </button>
    }
    .into_any()
}

/// The menu itself. Once beside the table.
#[component]
pub(super) fn RowMenu(
    /// The menu of the table.
    state: RowMenuState,
    /// What can be done.
    actions: Actions,
    /// Finds an instance as it is now.
    find: Callback<InstanceId, Option<Instance>>,
) -> impl IntoView {
    close_when_looked_away(state);
    dynamic(move || {
        let Some(menu) = state.open.get() else { return nothing() };
        let Some(instance) = find.run(menu.id) else { return nothing() };
        view! { <MenuBody state=state actions=actions instance=instance top=menu.top right=menu.right/> }
            .into_any()
    })
}

#[component]
fn MenuBody(
    state: RowMenuState,
    actions: Actions,
    instance: Instance,
    top: f64,
    right: f64,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(menu) = node.get() {
            focus_entry(&menu, Step::First);
        }
    });
    let on_key = move |event: ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "Escape" => return state.close(true),
            "Tab" => return state.close(false),
            "ArrowDown" => Step::Next,
            "ArrowUp" => Step::Previous,
            "Home" => Step::First,
            "End" => Step::Last,
            _ => return,
        };
        event.prevent_default();
        if let Some(menu) = node.get_untracked() {
            focus_entry(&menu, step);
        }
    };
    let scope = use_scope();
    let details = paths::instance(&instance.place(), &instance.id, &scope.get_untracked());
    let logs = paths::activity_of(instance.id.as_str(), &scope.get_untracked());
    let name = title_of(&instance);
    let entries = InstanceAction::ALL.map(|action| {
        let reason = untrack(|| actions.reason(action, &instance.account, instance.state));
        let offered = reason.is_none();
        let instance = instance.clone();
        let press = move |event: ev::MouseEvent| {
            event.stop_propagation();
            if offered {
                state.close(true);
                actions.request(instance.clone(), action);
            }
        };
        let class = if action.is_destructive() && offered { "menu-item text-error" } else { "menu-item" };
        view! {
            <button
                type="button"
                role="menuitem"
                tabindex="-1"
                class=class
                aria-disabled=(!offered).then_some("true")
                on:click=press
            >
                <span class="flex items-center gap-2">
                    <ActionLabel action=action/>
                </span>
                <span class="ml-auto max-w-44 text-xs">{reason.unwrap_or_default()}</span>
            </button>
        }
        .into_any()
    });
    view! {
        <div
            node_ref=node
            role="menu"
            aria-label=format!("Actions for {name}")
            class="fixed z-40 w-72 max-w-[calc(100vw-1rem)] rounded-box border border-base-300 bg-base-100 p-1 shadow-lg"
            style=format!("top:{top}px;right:{right}px")
            on:keydown=on_key
        >
            {Vec::from(entries)}
            <hr class="my-1 border-base-300"/>
            <a
                role="menuitem"
                tabindex="-1"
                class="menu-item"
                href=details
            >
                <Icon glyph=Glyph::Server/>
                "Details and metrics"
            </a>
            <a
                role="menuitem"
                tabindex="-1"
                class="menu-item"
                href=logs
            >
                <Icon glyph=Glyph::Activity/>
                "History"
            </a>
        </div>
    }
}

#[derive(Clone, Copy)]
enum Step {
    First,
    Last,
    Next,
    Previous,
}

/// Closes on a press elsewhere and when what lies under the menu moves away.
fn close_when_looked_away(state: RowMenuState) {
    Effect::new(move |_| {
        let click = window_event_listener(ev::click, move |_| state.close(false));
        let resize = window_event_listener(ev::resize, move |_| state.close(false));
        let wheel = window_event_listener(ev::wheel, move |_| state.close(false));
        on_cleanup(move || {
            click.remove();
            resize.remove();
            wheel.remove();
        });
    });
}

/// Where the menu goes: below the button, its right edges aligned, or above it near the bottom of the window.
#[cfg(feature = "hydrate")]
fn place_below(event: &ev::MouseEvent) -> (f64, f64) {
    use wasm_bindgen::JsCast;

    const HEIGHT: f64 = 250.0;
    let number = |object: &wasm_bindgen::JsValue, key: &str| {
        js_sys::Reflect::get(object, &key.into()).ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    };
    let page = window();
    let (width, height) = (number(&page, "innerWidth"), number(&page, "innerHeight"));
    let Some(button) = event.current_target() else { return (0.0, 0.0) };
    let Ok(measure) = js_sys::Reflect::get(&button, &"getBoundingClientRect".into()) else {
        return (0.0, 0.0);
    };
    let Some(rectangle) =
        measure.dyn_ref::<js_sys::Function>().and_then(|measure| measure.call0(&button).ok())
    else {
        return (0.0, 0.0);
    };
    let (top, bottom, right) =
        (number(&rectangle, "top"), number(&rectangle, "bottom"), number(&rectangle, "right"));
    let top = if bottom + HEIGHT > height && top > HEIGHT { top - HEIGHT } else { bottom + 4.0 };
    (top, (width - right).max(8.0))
}

#[cfg(not(feature = "hydrate"))]
fn place_below(_event: &ev::MouseEvent) -> (f64, f64) {
    (0.0, 0.0)
}

#[cfg(feature = "hydrate")]
fn focus(id: &str) {
    use wasm_bindgen::JsCast;

    if let Some(element) = document().get_element_by_id(id) {
        let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
    }
}

#[cfg(not(feature = "hydrate"))]
fn focus(_id: &str) {}

#[cfg(feature = "hydrate")]
fn focus_entry(menu: &web_sys::HtmlDivElement, step: Step) {
    use wasm_bindgen::JsCast;

    // The entries are all children of the menu but for the line between them.
    let mut entries = Vec::new();
    let mut child = menu.first_element_child();
    while let Some(element) = child {
        child = element.next_element_sibling();
        if element.get_attribute("role").as_deref() == Some("menuitem") {
            entries.push(element);
        }
    }
    let focused = document().active_element();
    let at = entries.iter().position(|entry| Some(entry) == focused.as_ref());
    let last = entries.len().saturating_sub(1);
    let index = match (step, at) {
        (Step::Next, Some(at)) if at < last => at + 1,
        (Step::Previous, Some(at)) if at > 0 => at - 1,
        (Step::First | Step::Next, _) => 0,
        (Step::Last | Step::Previous, _) => last,
    };
    if let Some(entry) = entries.get(index) {
        let _ = entry.unchecked_ref::<web_sys::HtmlElement>().focus();
    }
}

#[cfg(not(feature = "hydrate"))]
fn focus_entry(_menu: &leptos::web_sys::HtmlDivElement, step: Step) {
    let _ = matches!(step, Step::First | Step::Last | Step::Next | Step::Previous);
}
