//! Asking before something is done.

use leptos::{ev, html, prelude::*};
use nephoscope_model::{Error, bulk};

use super::{
    dynamic::{dynamic, flag, nothing},
    error_notice::ErrorNotice,
};

/// A native modal dialog that asks. Escape and Cancel leave everything as it is; focus goes back to where it was.
///
/// With `typed`, the button works only after exactly that text was typed, and `on_confirm` receives it. The dialog stays
/// open until the caller sets `open` to false, so that `busy` and `error` can be seen in it.
///
/// ```ignore
/// let open = RwSignal::new(false);
/// view! {
///     <ConfirmDialog open=open title="Terminate web-1?" confirm_label="Terminate" danger=true
///         typed=move || instance.get().confirmation().to_owned()
///         busy=action.pending() error=move || failure.get()
///         on_confirm=Callback::new(move |typed: String| action.dispatch(typed))>
///         <p>"Its volumes may be deleted with it. Nothing brings it back."</p>
///     </ConfirmDialog>
/// }
/// ```
#[component]
pub fn ConfirmDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What the button says: the verb, never "OK".
    #[prop(into)]
    confirm_label: Signal<String>,
    /// The text that must be typed; nothing while it is empty.
    #[prop(optional, into)]
    typed: Signal<String>,
    /// Whether it destroys something.
    #[prop(optional, into)]
    danger: Signal<bool>,
    /// Whether it is being done.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it cannot be done as things are; the children say why.
    #[prop(optional, into)]
    blocked: Signal<bool>,
    /// Why it failed.
    #[prop(optional, into)]
    error: Signal<Option<Error>>,
    /// Does it, with what was typed (empty when nothing had to be).
    on_confirm: Callback<String>,
    /// What will happen, in a few sentences.
    children: Children,
) -> impl IntoView {
    let node: NodeRef<html::Dialog> = NodeRef::new();
    let text = RwSignal::new(String::new());
    let ready = move || !busy.get() && !blocked.get() && is_typed(&typed.get(), &text.get());
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            text.set(String::new());
            // The browser remembers what had the focus and gives it back when the dialog closes.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if untrack(ready) {
            on_confirm.run(text.get_untracked().trim().to_owned());
        }
    };
    let cancel = move |event: ev::Event| {
        // While AWS is being asked, Escape must not pretend that nothing happens.
        if busy.get_untracked() {
            event.prevent_default();
        }
    };
    view! {
        <dialog
            class="dialog"
            class:is-danger=danger
            node_ref=node
            aria-label=title
            on:close=move |_| open.set(false)
            on:cancel=cancel
        >
            <form method="dialog" on:submit=submit>
                <h2>{title}</h2>
                <div class="dialog-body">
                    {children()}
                    {dynamic(move || typed_field(typed.get(), text))}
                    {dynamic(move || match error.get() {
                        Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
                        None => nothing(),
                    })}
                </div>
                <div class="dialog-actions">
                    <button
                        type="button"
                        class="btn btn-sm"
                        disabled=busy
                        on:click=move |_| open.set(false)
                    >
                        "Cancel"
                    </button>
                    <button
                        type="submit"
                        class="btn btn-sm"
                        class:btn-error=danger
                        class:btn-primary=Signal::derive(move || !danger.get())
                        disabled=Signal::derive(move || !ready())
                        aria-busy=flag(busy)
                    >
                        {confirm_label}
                    </button>
                </div>
            </form>
        </dialog>
    }
}

/// Whether the text that must be typed was typed.
fn is_typed(wanted: &str, text: &str) -> bool {
    wanted.is_empty() || bulk::is_typed(wanted, text)
}

/// Where the text is typed that must be; nothing when none must be.
fn typed_field(wanted: String, text: RwSignal<String>) -> AnyView {
    if wanted.is_empty() {
        return nothing();
    }
    view! {
        <label class="field">
            <span>"Type " <strong class="typed">{wanted}</strong> " to confirm"</span>
            <input
                class="input input-sm"
                type="text"
                name="confirmation"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}
