//! Choosing accounts and regions.

use leptos::prelude::*;
use leptos_router::{hooks::use_url, location::Url};
use nephoscope_model::{Account, Region, Scope, scope::SavedScope};

use crate::{
    api::accounts::list_saved_scopes,
    components::{
        account_tag::color_class,
        dynamic::{dynamic, nothing, text, wait_for},
        fields::Kept,
        icons::{Glyph, Icon},
        menu::Menu,
        query_form::QueryForm,
    },
    paths::{Link, param},
    scope::{chosen_accounts, describe, use_scope},
    session::{read_only_reason, use_session},
};

/// A drop-down with the accounts and regions of the estate: a plain form, so that it works without JavaScript too.
#[component]
pub(super) fn ScopeSwitcher() -> impl IntoView {
    let scope = use_scope();
    let accounts = use_session().accounts;
    let url = use_url();
    let words = Memo::new(move |_| describe(&scope.get(), &accounts.get()));
    let all_href =
        move || url.with(|url| Link::here(url, &[param::ACCOUNT, param::REGION, param::BEFORE]).build());
    let summary = move || {
        view! {
            <span class="scope-dots" aria-hidden="true">
                {dynamic(move || {
                    chosen_accounts(&scope.get(), &accounts.get())
                        .take(5)
                        .map(|account| view! { <span class=color_class(account.color)></span> }.into_any())
                        .collect_view()
                        .into_any()
                })}
            </span>
            <span class="scope-words">
                <span>{text(move || words.get().0)}</span>
                <span class="quiet">{text(move || words.get().1)}</span>
            </span>
            <Icon glyph=Glyph::ChevronDown/>
        }
    };
    let label = Signal::derive(move || {
        let (accounts, regions) = words.get();
        format!("Scope: {accounts}, {regions}")
    });
    view! {
        <Menu label=label class="scope-menu" button_class="btn btn-sm scope-button" summary=summary>
            <QueryForm own=&[param::ACCOUNT, param::REGION] class="scope-form" label="Scope">
                <fieldset>
                    <legend>"Accounts"</legend>
                    {dynamic(move || {
                        accounts
                            .get()
                            .into_iter()
                            .map(|account| view! { <AccountBox account=account/> }.into_any())
                            .collect_view()
                            .into_any()
                    })}
                </fieldset>
                <fieldset>
                    <legend>"Regions"</legend>
                    {dynamic(move || {
                        all_regions(&accounts.get())
                            .into_iter()
                            .map(|region| view! { <RegionBox region=region/> }.into_any())
                            .collect_view()
                            .into_any()
                    })}
                </fieldset>
                <div class="scope-foot">
                    <p class="quiet">"Nothing chosen means all."</p>
                    <a class="btn btn-sm btn-ghost" href=all_href>
                        "All"
                    </a>
                    <button type="submit" class="btn btn-sm btn-primary">
                        "Apply"
                    </button>
                </div>
            </QueryForm>
            <KeptScopes/>
        </Menu>
    }
}

/// The scopes that the person keeps, and a form to keep the present one. Plain forms and links: they work without JavaScript.
#[component]
fn KeptScopes() -> impl IntoView {
    let (scope, url) = (use_scope(), use_url());
    let kept = Resource::new(|| (), |()| list_saved_scopes());
    let here = text(move || url.with(|url| Link::here(url, &[]).build()));
    let accounts = text(move || scope.get().account_query().unwrap_or_default());
    let regions = text(move || scope.get().region_query().unwrap_or_default());
    view! {
        {wait_for(
            "Reading the scopes you keep",
            move || Box::pin(async move { kept_view(kept.await.unwrap_or_default(), url, here) }),
        )}
        {dynamic(move || {
            if scope.get() == Scope::default() {
                return nothing();
            }
            view! {
                <form method="post" action="/settings/scopes" class="scope-foot">
                    <input type="hidden" name="account" value=accounts/>
                    <input type="hidden" name="region" value=regions/>
                    <input type="hidden" name="next" value=here/>
                    <input
                        class="input input-sm"
                        name="name"
                        required
                        maxlength="40"
                        autocomplete="off"
                        aria-label="A name for this scope"
                        placeholder="Keep this scope as …"
                    />
                    <button type="submit" class="btn btn-sm" disabled=read_only_reason().is_some() title=read_only_reason()>
                        "Keep"
                    </button>
                </form>
            }
            .into_any()
        })}
    }
}

fn kept_view(kept: Vec<SavedScope>, url: ReadSignal<Url>, here: Signal<String>) -> AnyView {
    if kept.is_empty() {
        return nothing();
    }
    let items = kept
        .into_iter()
        .map(|saved| {
            let (name, scope) = (saved.name, saved.scope);
            let href = text(move || {
                let without = [param::ACCOUNT, param::REGION, param::BEFORE];
                url.with(|url| Link::here(url, &without).scope(&scope).build())
            });
            view! {
                <li class="scope-choice">
                    <a class="link" href=href>
                        {name.clone()}
                    </a>
                    <form method="post" action="/settings/scopes" class="scope-id">
                        <input type="hidden" name="do" value="remove"/>
                        <input type="hidden" name="name" value=name.clone()/>
                        <input type="hidden" name="next" value=here/>
                        <button
                            type="submit"
                            class="btn btn-sm btn-ghost btn-square"
                            aria-label=format!("Forget {name}")
                            disabled=read_only_reason().is_some()
                            title=read_only_reason()
                        >
                            <Icon glyph=Glyph::Close/>
                        </button>
                    </form>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <div class="scope-form">
            <p class="quiet">"Kept scopes"</p>
            <ul>{items}</ul>
        </div>
    }
    .into_any()
}

#[component]
fn AccountBox(account: Account) -> impl IntoView {
    let scope = use_scope();
    let id = account.id.clone();
    let chosen = Signal::derive(move || scope.get().accounts.contains(&id));
    view! {
        <label class="scope-choice">
            <input
                type="checkbox"
                class="checkbox checkbox-sm"
                name=param::ACCOUNT
                value=account.id.to_string()
                checked=chosen.get_untracked()
                prop:checked=Kept(chosen)
            />
            <span class=format!("account-tag {}", color_class(account.color))>{account.name}</span>
            <span class="scope-id">{account.id.to_string()}</span>
        </label>
    }
}

#[component]
fn RegionBox(region: Region) -> impl IntoView {
    let scope = use_scope();
    let code = region.clone();
    let chosen = Signal::derive(move || scope.get().regions.contains(&code));
    view! {
        <label class="scope-choice">
            <input
                type="checkbox"
                class="checkbox checkbox-sm"
                name=param::REGION
                value=region.to_string()
                checked=chosen.get_untracked()
                prop:checked=Kept(chosen)
            />
            <span>{region.to_string()}</span>
        </label>
    }
}

/// The regions of all accounts, in the order in which they first appear.
fn all_regions(estate: &[Account]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    for region in estate.iter().flat_map(|account| &account.regions) {
        if !regions.contains(region) {
            regions.push(region.clone());
        }
    }
    regions
}
