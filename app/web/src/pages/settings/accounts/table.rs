//! The list of accounts.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    account::{AccountDetails, Credentials, Hidden, Origin},
    identity::Permission,
};

use crate::{
    components::{Badge, EmptyState, Glyph, Panel, Tone, account_tag::color_class, nothing},
    paths::{self, AccountTask},
    scope::use_scope,
    session::may,
};

pub(super) fn table_view(accounts: Vec<AccountDetails>) -> AnyView {
    let administers = may(Permission::Administer).get_untracked();
    let scope = use_scope().get_untracked();
    let count = accounts.len().to_string();
    if accounts.is_empty() {
        return view! {
            <section class="panel">
                <EmptyState
                    title="No account is looked at yet"
                    text="Add one by a role that nephoscope may assume in it; the README tells what to prepare in AWS."
                    glyph=Glyph::Cloud
                />
            </section>
        }
        .into_any();
    }
    let rows = accounts.into_iter().map(|details| row(details, administers, &scope)).collect_view();
    let more =
        administers.then(|| view! { <th scope="col">"Credentials"</th><th scope="col">"Actions"</th> });
    view! {
        <Panel title="Accounts" count=count>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Accounts">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Id"</th>
                            <th scope="col">"Regions"</th>
                            <th scope="col">"Configured"</th>
                            {more}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Panel>
    }
    .into_any()
}

fn row(details: AccountDetails, administers: bool, scope: &Scope) -> AnyView {
    let AccountDetails { account, origin, shadows, credentials, problem } = details;
    let regions: Vec<String> = account.regions.iter().map(ToString::to_string).collect();
    let id = account.id.to_string();
    let link = |task: AccountTask<'_>| paths::account_task(task, scope);
    let actions = administers.then(|| {
        let (name, added) = (account.name.clone(), origin == Origin::Store);
        let test = link(AccountTask::Test(&id));
        let own = added.then(|| {
            let (edit, remove) = (link(AccountTask::Edit(&id)), link(AccountTask::Remove(&id)));
            view! {
                <a class="btn btn-sm btn-ghost" href=edit aria-label=format!("Edit {name}")>
                    "Edit"
                </a>
                <a class="btn btn-sm btn-ghost" href=remove aria-label=format!("Remove {name}")>
                    "Remove"
                </a>
            }
        });
        let label = format!("Test the connection to {}", account.name);
        view! {
            <td>{source_view(credentials)}</td>
            <td>
                <span class="row-actions">
                    <a class="btn btn-sm btn-ghost" href=test aria-label=label>
                        "Test"
                    </a>
                    {own}
                </span>
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <span class=format!("account-tag {}", color_class(account.color))>{account.name.clone()}</span>
                {problem.map(|problem| view! { <p class="quiet"><Badge tone=Tone::Bad>"cannot be entered"</Badge>" "{problem.message}</p> })}
            </th>
            <td class="font-mono">{id.clone()}</td>
            <td>{regions.join(", ")}</td>
            <td>{origin_view(origin, shadows)}</td>
            {actions}
        </tr>
    }
    .into_any()
}

fn origin_view(origin: Origin, shadows: bool) -> AnyView {
    match (origin, shadows) {
        (Origin::Store, _) => "here".into_any(),
        (Origin::File, false) => "from the configuration file".into_any(),
        (Origin::File, true) => view! {
            "from the configuration file"
            <p class="quiet">"One of the same id was added here, too. It is not used: the file wins."</p>
        }
        .into_any(),
    }
}

fn source_view(credentials: Option<Credentials<Hidden>>) -> AnyView {
    let Some(credentials) = credentials else { return nothing() };
    let label = credentials.kind().label();
    let more = match credentials {
        Credentials::Default => String::new(),
        Credentials::Keys { access_key_id, .. } => access_key_id.to_string(),
        Credentials::Role { role_arn, external_id, from } => {
            let external = if external_id.is_some() { ", with external id" } else { "" };
            let from = from.map(|from| format!(", from {from}")).unwrap_or_default();
            format!("{role_arn}{external}{from}")
        }
        Credentials::WebIdentity { role_arn, token_file } => format!("{role_arn}, {token_file}"),
    };
    view! {
        <span>{label}</span>
        <p class="quiet break-all">{more}</p>
    }
    .into_any()
}
