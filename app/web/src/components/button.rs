//! A button that explains itself when it cannot be used.

use leptos::{ev, prelude::*};

use super::{
    dynamic::flag,
    icons::{Glyph, Icon},
};

/// A button. With a reason it is shown disabled, stays reachable by keyboard, and says why (tooltip and description).
///
/// ```ignore
/// let reason = Signal::derive(move || denial_in(viewer.get().as_ref(), Permission::Operate, &account));
/// view! { <ActionButton label="Stop" glyph=Glyph::Stop reason=reason on_press=Callback::new(move |()| stop())/> }
/// ```
#[component]
pub fn ActionButton(
    /// What it says.
    #[prop(into)]
    label: Signal<String>,
    /// What pressing it does.
    on_press: Callback<()>,
    /// Why it cannot be pressed now.
    #[prop(optional, into)]
    reason: Signal<Option<String>>,
    /// Whether what it does is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// An icon before the label.
    #[prop(optional, into)]
    glyph: Option<Glyph>,
    /// The kind of button: `btn-primary`, `btn-error`, `btn-ghost`, …
    #[prop(optional)]
    class: &'static str,
    /// A longer name for screen readers, such as "Stop web-1".
    #[prop(optional, into)]
    title: MaybeProp<String>,
) -> impl IntoView {
    let off = Signal::derive(move || busy.get() || reason.get().is_some());
    let press = move |event: ev::MouseEvent| {
        event.prevent_default();
        if !off.get_untracked() {
            on_press.run(());
        }
    };
    view! {
        <button
            type="button"
            class=format!("btn btn-sm needs-js {class}")
            class:is-off=off
            aria-disabled=flag(off)
            aria-busy=flag(busy)
            aria-label=Signal::derive(move || title.get())
            aria-description=reason
            title=Signal::derive(move || reason.get().or_else(|| title.get()))
            on:click=press
        >
            {glyph.map(|glyph| view! { <Icon glyph=glyph/> })}
            <span>{label}</span>
        </button>
    }
}
