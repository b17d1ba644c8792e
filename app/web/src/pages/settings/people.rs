//! `/settings/people`: who may log in, and inviting somebody.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    identity::{Role, User},
};

use super::parts::{Part, done_notice, email_field, role_select, settings_tabs, state_badge};
use crate::{
    api::{ApiResult, fails_page, people::list_people},
    components::{EmptyState, ErrorNotice, Glyph, PageHeader, Panel, Time, wait_for},
    paths,
    scope::use_scope,
    session::read_only_reason,
};

/// The page, for administrators.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let people = Resource::new(|| (), |()| async { list_people().await.map_err(fails_page) });
    let scope = use_scope();
    view! {
        <PageHeader
            title="People"
            text=MaybeProp::from("Who may log in, and what they may do. There is no sign-up: people are invited.")
        />
        {settings_tabs(Part::People)}
        {done_notice(|done| (done == "removed").then_some("The person is removed. The activity keeps what they did."))}
        {wait_for(
            "Reading who may log in",
            move || Box::pin(async move { people_view(people.await, &scope.get_untracked()) }),
        )}
    }
}

fn people_view(people: ApiResult<Vec<User>>, scope: &Scope) -> AnyView {
    let people = match people {
        Ok(people) => people,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let count = people.len().to_string();
    let table = if people.is_empty() {
        view! { <EmptyState title="Nobody may log in yet" text="Invite somebody above." glyph=Glyph::User/> }
            .into_any()
    } else {
        table(people, scope)
    };
    view! {
        <Panel title="Invite somebody">
            <form method="post" action="/settings/people" class="toolbar">
                <label class="field">
                    <span>"Name"</span>
                    <input
                        class="input input-sm"
                        name="name"
                        required
                        maxlength="64"
                        autocapitalize="none"
                        autocomplete="off"
                        spellcheck="false"
                        placeholder="ada"
                    />
                </label>
                {email_field(None)}
                {role_select("Role", &Role::ALL, Some(Role::Viewer))}
                <button type="submit" class="btn btn-sm btn-primary" disabled=read_only_reason().is_some() title=read_only_reason()>
                    "Invite"
                </button>
                <p class="quiet">
                    "You get a link for them, with which they set a password. With an e-mail, an identity provider that vouches for it lets them in, too."
                </p>
            </form>
        </Panel>
        <Panel title="People" count=count>
            {table}
        </Panel>
    }
    .into_any()
}

fn table(people: Vec<User>, scope: &Scope) -> AnyView {
    let rows = people.into_iter().map(|user| row(&user, scope)).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="People">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"In single accounts"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Second factor"</th>
                        <th scope="col">"Last log-in"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(user: &User, scope: &Scope) -> AnyView {
    let grants: Vec<_> = user.grants.iter().map(|(account, role)| format!("{account}: {role}")).collect();
    let grants = if grants.is_empty() { "–".to_owned() } else { grants.join(", ") };
    let email = user.email.as_ref().map(|email| view! { <div class="quiet clip">{email.to_string()}</div> });
    let factor = if user.has_second_factor { "yes" } else { "no" };
    view! {
        <tr>
            <td>
                <a href=paths::person(user.name.as_str(), scope)>{user.name.to_string()}</a>
                {email}
            </td>
            <td>{user.role.as_str()}</td>
            <td class="clip">{grants}</td>
            <td>{state_badge(user)}</td>
            <td>{factor}</td>
            <td>
                {match user.last_login_at {
                    Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                    None => view! { <span class="quiet">"never"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
    .into_any()
}
