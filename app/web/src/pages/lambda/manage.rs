//! How much of a function may run at once, and deleting it.

use leptos::{ev, html, prelude::*};
use nephoscope_model::{
    Error, Place,
    lambda::{FunctionDetails, FunctionName},
};

use super::deed::{Deed, reason_in};
use crate::{
    api::lambda::{delete_function, set_concurrency},
    components::{
        ActionButton, ConfirmDialog, Glyph, KeyValue, KeyValueList, Panel, key_value::or_dash, text,
        use_toasts,
    },
    navigation::use_navigator,
    paths,
    scope::use_scope,
};

/// What is reserved, in words.
fn reserved_text(details: &FunctionDetails) -> String {
    match (details.reserved_concurrency, &details.reserved_concurrency_error) {
        (Some(0), _) => "0: it is not invoked at all".to_owned(),
        (Some(reserved), _) => reserved.to_string(),
        (None, Some(error)) => format!("not known: {}", error.message),
        (None, None) => "none: it shares what the account has".to_owned(),
    }
}

/// How much of the function may run at once.
pub(super) fn concurrency_panel(details: &FunctionDetails, reload: Callback<()>) -> AnyView {
    let which = StoredValue::new((details.function.place(), details.function.name.clone()));
    let reason = reason_in(details.function.account.clone());
    let toasts = use_toasts();
    let (deed, node) = (Deed::new(), NodeRef::<html::Input>::new());
    let set = move |reserved: Option<i32>| {
        let (place, name) = which.get_value();
        deed.ask(set_concurrency(place, name, reserved), move |now| {
            toasts.success(match now {
                Some(0) => "The function is stopped: nothing invokes it.".to_owned(),
                Some(reserved) => format!("{reserved} invocations at once are reserved."),
                None => "The function shares what the account has.".to_owned(),
            });
            // What is typed before the page shows the new figures would be lost with this form.
            deed.busy.set(true);
            reload.run(());
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let written = node.get_untracked().map(|field| field.value()).unwrap_or_default();
        match written.trim().parse() {
            Ok(reserved) => set(Some(reserved)),
            Err(_) => deed.error.set(Some(Error::invalid("How many invocations must be a whole number."))),
        }
    };
    let account = details.account_concurrency;
    let reserved = reserved_text(details);
    let written = details.reserved_concurrency.map(|reserved| reserved.to_string());
    let is_reserved = details.reserved_concurrency.is_some();
    let unreserve = Signal::derive(move || {
        reason.get().or_else(|| (!is_reserved).then(|| "Nothing is reserved.".to_owned()))
    });
    view! {
        <Panel title="Concurrency">
            <KeyValueList>
                <KeyValue label="Reserved">{reserved}</KeyValue>
                <KeyValue label="Limit of the account">
                    {or_dash(account.map(|account| account.limit.to_string()))}
                </KeyValue>
                <KeyValue label="Not reserved in the account">
                    {or_dash(account.map(|account| account.unreserved.to_string()))}
                </KeyValue>
            </KeyValueList>
            <form
                class="panel-body flex flex-wrap items-end gap-2 needs-js"
                autocomplete="off"
                aria-label="Concurrency"
                on:submit=submit
            >
                <label class="field">
                    <span>"Invocations at once; 0 stops it"</span>
                    <input
                        class="input input-sm"
                        type="number"
                        min="0"
                        name="reserved"
                        value=written
                        disabled=deed.busy
                        node_ref=node
                    />
                </label>
                <button
                    type="submit"
                    class="btn btn-sm"
                    disabled=Signal::derive(move || deed.busy.get() || reason.get().is_some())
                    title=reason
                >
                    "Reserve"
                </button>
                <ActionButton
                    label="Share again"
                    class="btn-ghost"
                    reason=unreserve
                    busy=deed.busy
                    on_press=Callback::new(move |()| set(None))
                />
            </form>
            {deed.notice()}
        </Panel>
    }
    .into_any()
}

/// Deleting the function, after its name was typed.
pub(super) fn delete_panel(place: Place, name: FunctionName) -> AnyView {
    let reason = reason_in(place.account.clone());
    let (open, deed) = (RwSignal::new(false), Deed::new());
    let (scope, navigator, toasts) = (use_scope(), use_navigator(), use_toasts());
    let typed = name.to_string();
    let title = format!("Delete {name}?");
    let confirm = Callback::new(move |typed: String| {
        let (place, name) = (place.clone(), name.clone());
        let words = format!("{name} is deleted.");
        let work = delete_function(place, name, Some(typed));
        deed.ask(work, move |()| {
            open.set(false);
            toasts.success(words);
            navigator.go(&paths::lambda(&scope.get_untracked()), false);
        });
    });
    let ask = Callback::new(move |()| {
        deed.error.set(None);
        open.set(true);
    });
    view! {
        <Panel title="Delete">
            <div class="panel-body flex flex-wrap items-center gap-3">
                <p class="quiet min-w-0 flex-1">
                    "All versions and aliases go with it, and the test events kept here. Its log stays in CloudWatch."
                </p>
                <ActionButton
                    label="Delete function"
                    glyph=Glyph::Trash
                    class="btn-error"
                    reason=reason
                    on_press=ask
                />
            </div>
        </Panel>
        <ConfirmDialog
            open=open
            title=text(move || title.clone())
            confirm_label="Delete".to_owned()
            typed=text(move || typed.clone())
            danger=Signal::derive(|| true)
            busy=deed.busy
            error=deed.error
            on_confirm=confirm
        >
            <p>"All its versions and aliases are deleted for ever. Whoever invokes it fails from then on."</p>
        </ConfirmDialog>
    }
    .into_any()
}
