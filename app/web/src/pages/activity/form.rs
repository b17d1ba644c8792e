//! The form above the activity.

use leptos::prelude::*;
use nephoscope_model::{Operation, audit::Outcome};

use super::{
    filter::{FIELDS, text_of},
    table::operation_label,
};
use crate::{
    components::{CopyButton, Kept, QueryForm, dynamic, nothing, text},
    params::use_params,
    paths,
    scope::use_scope,
    session::use_accounts,
};

/// What is shown, to choose from; the answers live in the URL.
#[component]
pub(super) fn Filters(
    /// Whether everybody's activity may be seen.
    everybody: Signal<bool>,
) -> impl IntoView {
    let params = use_params();
    let value = move |name: &'static str| text(move || params.with(|params| text_of(params, name)));
    let accounts = use_accounts();
    let scope = use_scope();
    let link_text = RwSignal::new(String::new());
    Effect::new(move |_| {
        params.track();
        link_text.set(window().location().href().unwrap_or_default());
    });
    let operation = value("operation");
    let outcome = value("outcome");
    let account = value("in");
    let changes = value("changes");
    view! {
        <QueryForm own=FIELDS class="toolbar" label="Filter the activity">
            {dynamic(move || if everybody.get() { person_field(value("user")) } else { nothing() })}
            <label class="field">
                <span>"Operation"</span>
                <select class="select select-sm" name="operation" prop:value=Kept(operation)>
                    <option value="">"Any"</option>
                    {Operation::ALL
                        .iter()
                        .map(|known| option(known.as_str().to_owned(), operation_label(*known).to_owned(), operation))
                        .collect::<Vec<_>>()}
                </select>
            </label>
            <label class="field">
                <span>"Resource"</span>
                <input
                    class="input input-sm"
                    name="resource"
                    maxlength="256"
                    placeholder="i-0123…"
                    value=value("resource").get_untracked()
                    prop:value=Kept(value("resource"))
                />
            </label>
            <label class="field">
                <span>"Outcome"</span>
                <select class="select select-sm" name="outcome" prop:value=Kept(outcome)>
                    <option value="">"Any"</option>
                    {[Outcome::Succeeded, Outcome::Failed, Outcome::Refused, Outcome::Started]
                        .into_iter()
                        .map(|known| option(known.as_str().to_owned(), known.as_str().to_owned(), outcome))
                        .collect::<Vec<_>>()}
                </select>
            </label>
            <label class="field">
                <span>"Account"</span>
                <select class="select select-sm" name="in" prop:value=Kept(account)>
                    <option value="">"Any"</option>
                    {dynamic(move || {
                        accounts
                            .get()
                            .into_iter()
                            .map(|known| option(known.id.to_string(), known.name, account))
                            .collect::<Vec<_>>()
                            .into_any()
                    })}
                </select>
            </label>
            <label class="field">
                <span>"From (UTC)"</span>
                <input
                    class="input input-sm"
                    type="datetime-local"
                    name="from"
                    value=value("from").get_untracked()
                    prop:value=Kept(value("from"))
                />
            </label>
            <label class="field">
                <span>"To (UTC)"</span>
                <input
                    class="input input-sm"
                    type="datetime-local"
                    name="to"
                    value=value("to").get_untracked()
                    prop:value=Kept(value("to"))
                />
            </label>
            <label class="check">
                <input
                    type="checkbox"
                    class="checkbox checkbox-sm"
                    name="changes"
                    value="1"
                    checked=!changes.get_untracked().is_empty()
                    prop:checked=Kept(Signal::derive(move || !changes.get().is_empty()))
                />
                <span>"Changes only"</span>
            </label>
            <div class="toolbar-end">
                <button type="submit" class="btn btn-sm btn-primary">
                    "Apply"
                </button>
                <a class="btn btn-sm btn-ghost" href=text(move || paths::activity(&scope.get()))>
                    "Clear"
                </a>
                <CopyButton text=link_text label="Copy link to this view"/>
            </div>
        </QueryForm>
    }
}

/// One of the things to choose from; chosen when the page is made, if it stands in the address.
fn option(value: String, label: String, chosen: Signal<String>) -> AnyView {
    let selected = chosen.get_untracked() == value;
    view! { <option value=value selected=selected>{label}</option> }.into_any()
}

fn person_field(value: Signal<String>) -> AnyView {
    view! {
        <label class="field">
            <span>"Person"</span>
            <input
                class="input input-sm"
                name="user"
                maxlength="64"
                autocapitalize="none"
                value=value.get_untracked()
                prop:value=Kept(value)
            />
        </label>
    }
    .into_any()
}
