//! `/settings/people/{name}`: what one person may do, for administrators.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use nephoscope_model::{
    Account, Scope,
    identity::{Role, User},
};

use super::parts::{done_notice, email_field, role_select, state_badge};
use crate::{
    api::{ApiResult, fails_page, people::get_person},
    components::{
        ErrorNotice, KeyValue, KeyValueList, PageHeader, Panel, Time, account_tag::color_class,
        key_value::or_dash, text, wait_for,
    },
    paths::{self, Link},
    scope::use_scope,
    session::{read_only_reason, use_session},
};

/// The page.
#[component]
pub fn PersonPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    let person =
        Resource::new(move || name.get(), |name| async move { get_person(name).await.map_err(fails_page) });
    let (session, scope) = (use_session(), use_scope());
    view! {
        <PageHeader
            title=Signal::derive(move || name.get())
            parent=MaybeProp::from("People")
            parent_href=MaybeProp::from(text(move || paths::people(&scope.get())))
        />
        {done_notice(done_words)}
        {wait_for(
            "Reading what this person may do",
            move || {
                Box::pin(async move {
                    let accounts = session.accounts.get_untracked();
                    let own = session.viewer.with_untracked(|viewer| viewer.as_ref().map(|viewer| viewer.name.to_string()));
                    person_view(person.await, &accounts, own.as_deref(), &scope.get_untracked())
                })
            },
        )}
    }
}

fn done_words(done: &str) -> Option<&'static str> {
    match done {
        "role" => Some("The role is changed. It counts within five seconds."),
        "email" => Some("The e-mail address is changed."),
        "grant" => Some("The role in that account is changed. It counts within five seconds."),
        "disabled" => Some("They may no longer log in; their sessions and tokens have ended."),
        "factor" => Some("They log in with the password alone now, and may set up another device."),
        "enabled" => Some("They may log in again."),
        _ => None,
    }
}

fn person_view(person: ApiResult<User>, accounts: &[Account], own: Option<&str>, scope: &Scope) -> AnyView {
    let user = match person {
        Ok(user) => user,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let is_self = own == Some(user.name.as_str());
    let action = Link::new("/settings/people").segment(user.name.as_str()).build();
    let last = match user.last_login_at {
        Some(at) => view! { <Time at=at/> }.into_any(),
        None => "never".into_any(),
    };
    let activity = Link::new("/activity").query("user", user.name.as_str()).scope(scope).build();
    let history = paths::activity_of(user.name.as_str(), scope);
    let (state, factor) = (state_badge(&user), if user.has_second_factor { "yes" } else { "no" });
    let (role, approved) = (user.role.as_str(), user.created_at);
    let roles = role_select("Everywhere else", &Role::ALL, Some(user.role));
    let save = submit("Save", "", own_reason(is_self && user.role == Role::Admin));
    let (email, email_form) =
        (or_dash(user.email.as_ref().map(ToString::to_string)), email_panel(&user, &action));
    let grants = grants_panel(&user, accounts, &action);
    let access = access_panel(&user, &action, is_self);
    view! {
        <Panel title="Person">
            <KeyValueList>
                <KeyValue label="State">{state}</KeyValue>
                <KeyValue label="Role">{role}</KeyValue>
                <KeyValue label="E-mail">{email}</KeyValue>
                <KeyValue label="Second factor">{factor}</KeyValue>
                <KeyValue label="Approved">
                    <Time at=approved/>
                </KeyValue>
                <KeyValue label="Last log-in">{last}</KeyValue>
                <KeyValue label="Activity">
                    <a href=activity>"What they did"</a>
                    ", "
                    <a href=history>"what was done to them"</a>
                </KeyValue>
            </KeyValueList>
        </Panel>
        <Panel title="Role">
            <form method="post" action=action class="toolbar">
                <input type="hidden" name="do" value="role"/>
                {roles}
                {save}
                <p class="quiet">"Viewers see, operators change AWS, admins administer nephoscope too."</p>
            </form>
        </Panel>
        {grants}
        {email_form}
        {access}
    }
    .into_any()
}

/// Why one cannot do a thing to oneself.
fn own_reason(is_self: bool) -> Option<&'static str> {
    is_self.then_some("Another administrator has to do this for you.")
}

/// A button that sends its form, or says why it cannot.
fn submit(label: &'static str, class: &'static str, reason: Option<&'static str>) -> AnyView {
    let reason = read_only_reason().or(reason);
    view! {
        <button
            type="submit"
            class=format!("btn btn-sm {class}")
            disabled=reason.is_some()
            title=reason
            aria-description=reason
        >
            {label}
        </button>
    }
    .into_any()
}

fn email_panel(user: &User, action: &str) -> AnyView {
    let field = email_field(user.email.as_ref().map(ToString::to_string));
    let save = submit("Save e-mail", "", None);
    let action = action.to_owned();
    view! {
        <Panel title="E-mail">
            <form method="post" action=action class="toolbar">
                <input type="hidden" name="do" value="email"/>
                {field}
                {save}
                <p class="quiet">
                    "Lets them log in through an identity provider that vouches for this address. Leave it empty for none. Saving it again forgets the log-in there that has used it."
                </p>
            </form>
        </Panel>
    }
    .into_any()
}

fn grants_panel(user: &User, accounts: &[Account], action: &str) -> AnyView {
    // A grant may be of an account that is no longer configured.
    let unknown = user.grants.keys().filter(|id| !accounts.iter().any(|account| account.id == **id));
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| (account.id.clone(), account.name.clone(), color_class(account.color)))
        .chain(unknown.map(|id| (id.clone(), "not configured".to_owned(), "")))
        .map(|(id, name, color)| {
            let granted = user.grants.get(&id).copied();
            let options = [Role::Viewer, Role::Operator]
                .map(|role| {
                    view! {
                        <option value=role.as_str() selected=granted == Some(role)>
                            {role.as_str()}
                        </option>
                    }
                })
                .collect_view();
            view! {
                <tr>
                    <td>
                        <span class=format!("account-tag {color}")>{name.clone()}</span>
                        " "
                        <span class="quiet">{id.to_string()}</span>
                    </td>
                    <td>
                        <form method="post" action=action.to_owned() class="row-actions">
                            <input type="hidden" name="do" value="grant"/>
                            <input type="hidden" name="account" value=id.to_string()/>
                            <select class="select select-sm" name="role" aria-label=format!("Role in {name}")>
                                <option value="" selected=granted.is_none()>
                                    "as elsewhere"
                                </option>
                                {options}
                            </select>
                            <button type="submit" class="btn btn-sm" aria-label=format!("Save the role in {name}") disabled=read_only_reason().is_some() title=read_only_reason()>
                                "Save"
                            </button>
                        </form>
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Panel title="In single accounts">
            <div class="table-scroll" tabindex="0" role="region" aria-label="Roles in single accounts">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Account"</th>
                            <th scope="col">"Role there"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Panel>
    }
    .into_any()
}

fn factor_form(user: &User, action: &str) -> AnyView {
    let button = submit("Reset second factor", "", (!user.has_second_factor).then_some("They have none."));
    let action = action.to_owned();
    view! {
        <form method="post" action=action class="toolbar">
            <input type="hidden" name="do" value="reset-factor"/>
            {button}
            <p class="quiet">"For when the device is lost: they log in with the password alone, and set up another."</p>
        </form>
    }
    .into_any()
}

fn access_panel(user: &User, action: &str, is_self: bool) -> AnyView {
    let (verb, label) = if user.disabled { ("enable", "Enable") } else { ("disable", "Disable") };
    let name = user.name.to_string();
    let factor = factor_form(user, action);
    let [toggle, reset, remove] = [(); 3].map(|()| action.to_owned());
    let toggle_button = submit(label, "", own_reason(is_self));
    let reset_button =
        submit("Reset password", "", is_self.then_some("Change your own password at My account."));
    let remove_button = submit("Remove", "btn-error", own_reason(is_self));
    view! {
        <Panel title="Access">
            <form method="post" action=toggle class="toolbar">
                <input type="hidden" name="do" value=verb/>
                {toggle_button}
                <p class="quiet">
                    "Who is disabled cannot log in; sessions and tokens end at once, and what they did is kept."
                </p>
            </form>
            <form method="post" action=reset class="toolbar">
                <input type="hidden" name="do" value="reset"/>
                {reset_button}
                <p class="quiet">"Takes the password away, ends all sessions, and gives you a link for a new one."</p>
            </form>
            {factor}
            <form method="post" action=remove class="toolbar">
                <input type="hidden" name="do" value="remove"/>
                <label class="field">
                    <span>"Type " <strong class="typed">{name}</strong> " to confirm"</span>
                    <input
                        class="input input-sm"
                        name="confirm"
                        required
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </label>
                {remove_button}
                <p class="quiet">"Removes them for ever. The activity keeps what they did."</p>
            </form>
        </Panel>
    }
    .into_any()
}
