//! Short messages about what just happened.

use std::time::Duration;

use leptos::prelude::*;
use nephoscope_model::Error;

use super::{
    badge::Tone,
    icons::{Glyph, Icon},
};

#[derive(Clone, Debug)]
struct Toast {
    id: u32,
    tone: Tone,
    title: String,
    text: String,
    /// What can be done about it: a verb, and what it does.
    offer: Option<(&'static str, Callback<()>)>,
}

/// Where messages are put. Copy it into any handler.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Something was done. Goes away by itself.
    pub fn success(&self, text: impl Into<String>) {
        self.show(Tone::Good, String::new(), text.into(), None);
    }

    /// Something is worth knowing about which something can be done. Goes away by itself.
    pub fn offer(&self, text: impl Into<String>, verb: &'static str, act: Callback<()>) {
        self.show(Tone::Info, String::new(), text.into(), Some((verb, act)));
    }

    /// Something is worth knowing. Goes away by itself.
    pub fn info(&self, text: impl Into<String>) {
        self.show(Tone::Info, String::new(), text.into(), None);
    }

    /// Something did not quite work. Goes away by itself.
    pub fn warn(&self, text: impl Into<String>) {
        self.show(Tone::Warn, String::new(), text.into(), None);
    }

    /// Something failed. Stays until it is closed.
    pub fn error(&self, error: &Error) {
        let mut text = error.message.clone();
        if let Some(hint) = &error.hint {
            text.push(' ');
            text.push_str(hint);
        }
        self.show(Tone::Bad, error.code.title().to_owned(), text, None);
    }

    fn show(&self, tone: Tone, title: String, text: String, offer: Option<(&'static str, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.list.update(|list| {
            // A burst of the same failure is one message, and the screen is not a log.
            list.retain(|toast| toast.text != text);
            list.push(Toast { id, tone, title, text, offer });
            let surplus = list.len().saturating_sub(4);
            list.drain(..surplus);
        });
        if tone != Tone::Bad {
            let toasts = *self;
            // What can be done takes longer to decide.
            let seconds = if offer.is_some() { 15 } else { 6 };
            set_timeout(move || toasts.close(id), Duration::from_secs(seconds));
        }
    }

    fn close(&self, id: u32) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Makes toasts known to everything below. Once, at the top of the app.
pub(crate) fn provide_toasts() {
    provide_context(Toasts { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
}

/// Where to put messages.
///
/// ```ignore
/// let toasts = use_toasts();
/// toasts.success("web-1 is stopping.");
/// ```
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(|| Toasts { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) })
}

/// Where messages appear. Once, in the app.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="region" aria-label="Notifications" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                <div class=format!("toast-card {}", toast.tone.class())>
                    <Icon glyph=match toast.tone {
                        Tone::Good => Glyph::Check,
                        Tone::Bad | Tone::Warn => Glyph::Alert,
                        Tone::Neutral | Tone::Info | Tone::Busy => Glyph::Info,
                    }/>
                    <div class="toast-text">
                        {(!toast.title.is_empty()).then(|| view! { <p class="toast-title">{toast.title}</p> })}
                        <p>{toast.text}</p>
                    </div>
                    {toast.offer.map(|(verb, act)| offer_button(toasts, toast.id, verb, act))}
                    <button
                        type="button"
                        class="btn btn-ghost btn-xs btn-square"
                        aria-label="Close"
                        on:click=move |_| toasts.close(toast.id)
                    >
                        <Icon glyph=Glyph::Close/>
                    </button>
                </div>
            </For>
        </div>
    }
}

fn offer_button(toasts: Toasts, id: u32, verb: &'static str, act: Callback<()>) -> AnyView {
    let press = move |_| {
        toasts.close(id);
        act.run(());
    };
    view! {
        <button type="button" class="btn btn-xs" on:click=press>
            {verb}
        </button>
    }
    .into_any()
}
