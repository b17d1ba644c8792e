//! `/settings/me`: one's own sessions, password and tokens for programs.

use leptos::prelude::*;
use nephoscope_model::identity::{ApiToken, Me, Role, SessionInfo};

use super::parts::{Part, done_notice, role_select, settings_tabs};
use crate::{
    api::{ApiResult, fails_page, people::get_me},
    components::{
        Ago, Badge, EmptyState, ErrorNotice, Glyph, KeyValue, KeyValueList, PageHeader, Panel, Time, Tone,
        key_value::or_dash, wait_for,
    },
    session::read_only_reason,
};

/// Where every form of this page goes.
const ACTION: &str = "/settings/me";

/// The page.
#[component]
pub fn MePage() -> impl IntoView {
    let me = Resource::new(|| (), |()| async { get_me().await.map_err(fails_page) });
    view! {
        <PageHeader
            title="My account"
            text=MaybeProp::from("Where you are logged in, your password, and tokens for programs that act for you.")
        />
        {settings_tabs(Part::Me)}
        {done_notice(done_words)}
        {wait_for("Reading your account", move || Box::pin(async move { me_view(me.await) }))}
    }
}

fn done_words(done: &str) -> Option<&'static str> {
    match done {
        "session" => Some("The session has ended."),
        "password" => Some("Your password is changed. You were logged out everywhere else."),
        "factor" => Some("Logging in takes the password alone now."),
        "token" => Some("The token is removed; what used it is refused now."),
        _ => None,
    }
}

fn me_view(me: ApiResult<Me>) -> AnyView {
    let me = match me {
        Ok(me) => me,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let most = me.user.grants.values().copied().fold(me.user.role, Role::max);
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| *role <= most).collect();
    let email = me.user.email.map(|email| email.to_string());
    view! {
        {person_panel(me.user.name.to_string(), email)}
        {sessions_panel(me.sessions)}
        {password_panel(me.user.name.to_string())}
        {factor_panel(me.user.has_second_factor, me.recovery_codes)}
        {tokens_panel(me.tokens, &roles)}
    }
    .into_any()
}

fn person_panel(name: String, email: Option<String>) -> AnyView {
    view! {
        <Panel title="Person">
            <KeyValueList>
                <KeyValue label="Name">{name}</KeyValue>
                <KeyValue label="E-mail at your identity provider">{or_dash(email)}</KeyValue>
            </KeyValueList>
        </Panel>
    }
    .into_any()
}

fn sessions_panel(sessions: Vec<SessionInfo>) -> AnyView {
    let count = sessions.len().to_string();
    let rows = sessions.into_iter().map(session_row).collect_view();
    let everywhere = || {
        view! {
            <form method="post" action=ACTION>
                <input type="hidden" name="do" value="end-all"/>
                <button type="submit" class="btn btn-sm">
                    "Log out everywhere"
                </button>
            </form>
        }
    };
    view! {
        <Panel title="Sessions" count=count actions=everywhere>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Sessions">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Browser or program"</th>
                            <th scope="col">"Address"</th>
                            <th scope="col">"Began"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col">
                                <span class="sr-only">"End it"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Panel>
    }
    .into_any()
}

fn session_row(session: SessionInfo) -> AnyView {
    let browser = if session.browser.is_empty() { "unknown".to_owned() } else { session.browser };
    let label = format!("End the session of {browser}");
    let end = if session.current {
        view! { <Badge tone=Tone::Good>"this one"</Badge> }.into_any()
    } else {
        view! {
            <form method="post" action=ACTION>
                <input type="hidden" name="do" value="end-session"/>
                <input type="hidden" name="id" value=session.id/>
                <button type="submit" class="btn btn-sm" aria-label=label>
                    "End"
                </button>
            </form>
        }
        .into_any()
    };
    view! {
        <tr>
            <td>{browser}</td>
            <td class="mono">{session.address}</td>
            <td>
                <Time at=session.started_at brief=true/>
            </td>
            <td>
                <Ago at=session.last_used_at/>
            </td>
            <td class="num">{end}</td>
        </tr>
    }
    .into_any()
}

fn password_panel(name: String) -> AnyView {
    view! {
        <Panel title="Password">
            <form method="post" action=ACTION class="toolbar">
                <input type="hidden" name="do" value="password"/>
                <input class="sr-only" type="text" name="username" autocomplete="username" tabindex="-1" aria-hidden="true" readonly value=name/>
                <label class="field">
                    <span>"Present password"</span>
                    <input
                        class="input input-sm"
                        type="password"
                        name="present"
                        required
                        maxlength="256"
                        autocomplete="current-password"
                    />
                </label>
                <label class="field">
                    <span>"New password"</span>
                    <input
                        class="input input-sm"
                        type="password"
                        name="new"
                        required
                        minlength="10"
                        maxlength="256"
                        autocomplete="new-password"
                    />
                </label>
                <button type="submit" class="btn btn-sm" disabled=read_only_reason().is_some() title=read_only_reason()>
                    "Change password"
                </button>
                <p class="quiet">"You are logged out everywhere else."</p>
            </form>
        </Panel>
    }
    .into_any()
}

fn factor_panel(has_one: bool, recovery_codes: u32) -> AnyView {
    let form = if has_one {
        view! {
            <form method="post" action=ACTION class="toolbar">
                <input type="hidden" name="do" value="remove-factor"/>
                <label class="field">
                    <span>"Present password"</span>
                    <input
                        class="input input-sm"
                        type="password"
                        name="password"
                        required
                        maxlength="256"
                        autocomplete="current-password"
                    />
                </label>
                <button type="submit" class="btn btn-sm" disabled=read_only_reason().is_some() title=read_only_reason()>
                    "Remove second factor"
                </button>
                <p class="quiet">
                    {format!("Logging in takes a code of your device. Recovery codes left: {recovery_codes}.")}
                </p>
            </form>
        }
        .into_any()
    } else {
        view! {
            <form method="post" action=ACTION class="toolbar">
                <input type="hidden" name="do" value="begin-factor"/>
                <button type="submit" class="btn btn-sm" disabled=read_only_reason().is_some() title=read_only_reason()>
                    "Add second factor"
                </button>
                <p class="quiet">"Then logging in takes a code of a device as well, so that a stolen password is not enough."</p>
            </form>
        }
        .into_any()
    };
    view! { <Panel title="Second factor">{form}</Panel> }.into_any()
}

fn tokens_panel(tokens: Vec<ApiToken>, roles: &[Role]) -> AnyView {
    let count = tokens.len().to_string();
    let table = if tokens.is_empty() {
        view! {
            <EmptyState
                title="You have no tokens"
                text="A token lets a program act for you, without your password."
                glyph=Glyph::Api
            />
        }
        .into_any()
    } else {
        let rows = tokens.into_iter().map(token_row).collect_view();
        view! {
            <div class="table-scroll" tabindex="0" role="region" aria-label="Tokens for programs">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"May at most"</th>
                            <th scope="col">"Made"</th>
                            <th scope="col">"Ends"</th>
                            <th scope="col">"Last used"</th>
                            <th scope="col">
                                <span class="sr-only">"Remove it"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    let roles = role_select("May at most", roles, roles.first().copied());
    view! {
        <Panel title="Tokens for programs" count=count>
            <form method="post" action=ACTION class="toolbar">
                <input type="hidden" name="do" value="add-token"/>
                <label class="field">
                    <span>"Name"</span>
                    <input
                        class="input input-sm"
                        name="name"
                        required
                        maxlength="64"
                        autocomplete="off"
                        placeholder="nightly report"
                    />
                </label>
                {roles}
                <label class="field">
                    <span>"Days"</span>
                    <input class="input input-sm" type="number" name="days" required min="1" max="366" value="90"/>
                </label>
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="read_only" value="1"/>
                    <span>"Read only"</span>
                </label>
                <button type="submit" class="btn btn-sm btn-primary" disabled=read_only_reason().is_some() title=read_only_reason()>
                    "Make token"
                </button>
            </form>
            {table}
        </Panel>
    }
    .into_any()
}

fn token_row(token: ApiToken) -> AnyView {
    let may = if token.read_only { format!("{}, read only", token.role) } else { token.role.to_string() };
    let label = format!("Remove the token {}", token.name);
    let last = match token.last_used_at {
        Some(at) => view! { <Ago at=at/> }.into_any(),
        None => view! { <span class="quiet">"never"</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="clip">{token.name}</td>
            <td>{may}</td>
            <td>
                <Time at=token.created_at brief=true/>
            </td>
            <td>
                <Time at=token.expires_at brief=true/>
            </td>
            <td>{last}</td>
            <td class="num">
                <form method="post" action=ACTION>
                    <input type="hidden" name="do" value="remove-token"/>
                    <input type="hidden" name="id" value=token.id/>
                    <button type="submit" class="btn btn-sm" aria-label=label disabled=read_only_reason().is_some() title=read_only_reason()>
                        "Remove"
                    </button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}
