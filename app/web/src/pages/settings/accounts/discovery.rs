//! What there is besides the accounts that are known: the organization's accounts, and regions that are enabled.

use leptos::prelude::*;
use nephoscope_model::{
    Scope,
    account::{AccountDetails, Discovery, OrganizationAccount},
};

use crate::{
    api::ApiResult,
    components::{Badge, EmptyState, ErrorNotice, Glyph, Panel, Tone, nothing},
    paths::{self, AccountTask, Link},
};

pub(super) fn discovery_view(found: ApiResult<Discovery>, accounts: &[AccountDetails]) -> AnyView {
    let found = match found {
        Ok(found) => found,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    let regions: Vec<String> = found.regions.iter().map(ToString::to_string).collect();
    let regions = regions.join(", ");
    let known = accounts.iter().find(|it| it.account.id == found.from);
    let from = known.map_or_else(|| found.from.to_string(), |it| it.account.name.clone());
    // Who comes after is asked from the same regions as the one that was asked from.
    let used: Vec<&str> =
        known.map(|it| it.account.regions.iter().map(AsRef::as_ref).collect()).unwrap_or_default();
    let used = used.join(",");
    let others = accounts
        .iter()
        .filter(|it| it.account.id != found.from)
        .map(|it| {
            let href = paths::account_task(AccountTask::Discover(it.account.id.as_str()), &Scope::default());
            view! {
                <a class="btn btn-sm btn-ghost" href=href>
                    {format!("Ask {}", it.account.name)}
                </a>
            }
        })
        .collect_view();
    let list = match found.accounts_error {
        Some(error) => view! {
            <div class="panel-body">
                <ErrorNotice error=error/>
            </div>
        }
        .into_any(),
        None if found.accounts.is_empty() => {
            view! { <EmptyState title="The organization has no accounts that it shows" glyph=Glyph::Cloud/> }
                .into_any()
        }
        None => table(found.accounts, &used),
    };
    let regions = match found.regions_error {
        Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
        None => view! { <p>"Regions that are enabled there: " {regions}</p> }.into_any(),
    };
    view! {
        <Panel title=format!("Discovered from {from}")>
            <div class="panel-body">{regions} <div class="form-actions">{others}</div></div>
            {list}
        </Panel>
    }
    .into_any()
}

fn table(accounts: Vec<OrganizationAccount>, regions: &str) -> AnyView {
    let rows = accounts.into_iter().map(|account| row(account, regions)).collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Accounts of the organization">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Id"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Action"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(account: OrganizationAccount, regions: &str) -> AnyView {
    let active = account.state == "ACTIVE";
    let tone = if active { Tone::Good } else { Tone::Neutral };
    let action = if account.known {
        "looked at already".into_any()
    } else if active {
        let href = Link::new(&paths::account_task(AccountTask::Add, &Scope::default()))
            .query("id", account.id.as_str())
            .query("name", &account.name)
            .query("regions", regions)
            .build();
        view! {
            <a class="btn btn-sm" href=href aria-label=format!("Add {}", account.name)>
                "Add"
            </a>
        }
        .into_any()
    } else {
        nothing()
    };
    view! {
        <tr>
            <th scope="row">{account.name.clone()}</th>
            <td class="font-mono">{account.id.to_string()}</td>
            <td><Badge tone=tone>{account.state.to_lowercase()}</Badge></td>
            <td>{action}</td>
        </tr>
    }
    .into_any()
}
