//! What the settings pages share.

use leptos::prelude::*;
use nephoscope_model::identity::{Permission, Role, User};

use crate::{
    components::{Badge, Glyph, Icon, TabLink, Tabs, Tone, dynamic, nothing},
    params::use_params,
    paths,
    scope::use_scope,
    session::may,
};

/// A part of the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One's own account.
    Me,
    /// AWS accounts.
    Accounts,
    /// People, for administrators.
    People,
}

/// The parts of the settings that this person has, the present one marked.
pub(super) fn settings_tabs(present: Part) -> AnyView {
    let scope = use_scope();
    let administers = may(Permission::Administer);
    let links = Signal::derive(move || {
        let scope = scope.get();
        let mut links = vec![
            TabLink::new("My account", paths::me(&scope), present == Part::Me),
            TabLink::new("AWS accounts", paths::accounts(&scope), present == Part::Accounts),
        ];
        if administers.get() {
            links.push(TabLink::new("People", paths::people(&scope), present == Part::People));
        }
        links
    });
    view! { <Tabs label="Settings" links=links/> }.into_any()
}

/// Says that what a form asked for was done: the server comes back with `done=`. `words` knows which are there.
pub(super) fn done_notice(words: fn(&str) -> Option<&'static str>) -> AnyView {
    let params = use_params();
    let done = Memo::new(move |_| params.with(|params| words(&params.get("done"))));
    dynamic(move || match done.get() {
        Some(words) => view! {
            <div class="notice" role="status">
                <Icon glyph=Glyph::Check/>
                <p>{words}</p>
            </div>
        }
        .into_any(),
        None => nothing(),
    })
    .into_any()
}

/// A choice of roles.
pub(super) fn role_select(label: &'static str, roles: &[Role], chosen: Option<Role>) -> AnyView {
    let options = roles
        .iter()
        .map(|role| {
            view! {
                <option value=role.as_str() selected=chosen == Some(*role)>
                    {role.as_str()}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>{label}</span>
            <select class="select select-sm" name="role">
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// The address by which an identity provider may log somebody in.
pub(super) fn email_field(email: Option<String>) -> AnyView {
    view! {
        <label class="field">
            <span>"E-mail at your identity provider"</span>
            <input
                class="input input-sm"
                type="email"
                name="email"
                maxlength="254"
                autocomplete="off"
                placeholder="ada@example.com"
                value=email
            />
        </label>
    }
    .into_any()
}

/// Whether a person may log in.
pub(super) fn state_badge(user: &User) -> AnyView {
    let (tone, words) = match (user.disabled, user.has_way_in()) {
        (true, _) => (Tone::Bad, "disabled"),
        (false, true) => (Tone::Good, "active"),
        (false, false) => (Tone::Busy, "invited"),
    };
    view! { <Badge tone=tone>{words}</Badge> }.into_any()
}
