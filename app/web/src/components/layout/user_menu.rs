//! Who is logged in, and the way out.

use leptos::prelude::*;
use nephoscope_model::identity::Role;

use crate::{
    components::{
        badge::{Badge, Tone},
        dynamic::{dynamic, text},
        icons::{Glyph, Icon},
        menu::Menu,
    },
    paths::{self, Link},
    scope::use_scope,
    session::use_session,
};

/// The person's menu; a link to the log-in when there is none.
#[component]
pub(super) fn UserMenu() -> impl IntoView {
    let viewer = use_session().viewer;
    let who = Memo::new(move |_| viewer.get().map(|viewer| (viewer.name.to_string(), viewer.role)));
    let scope = use_scope();
    dynamic(move || {
        let Some((name, role)) = who.get() else {
            return view! {
                <a class="btn btn-sm btn-primary" href=paths::login("") rel="external">
                    "Log in"
                </a>
            }
            .into_any();
        };
        let own = name.clone();
        let own_activity =
            text(move || Link::new("/activity").query("user", &own).scope(&scope.get()).build());
        let shown = name.clone();
        let summary = move || {
            view! {
                <span class="avatar" aria-hidden="true">
                    {initial(&shown)}
                </span>
                <span class="user-name">{shown.clone()}</span>
                <Icon glyph=Glyph::ChevronDown/>
            }
        };
        view! {
            <Menu label=format!("Account menu of {name}") class="user-menu" summary=summary>
                <div class="user-card">
                    <p class="user-card-name">
                        <span>{name}</span>
                        <Badge tone=role_tone(role)>{role.as_str()}</Badge>
                    </p>
                    <p class="quiet">{role_text(role)}</p>
                </div>
                <a class="menu-item" href=text(move || paths::me(&scope.get()))>
                    <Icon glyph=Glyph::User/>
                    "My account"
                </a>
                <a class="menu-item" href=own_activity>
                    <Icon glyph=Glyph::Activity/>
                    "My activity"
                </a>
                <a class="menu-item" href=text(move || paths::accounts(&scope.get()))>
                    <Icon glyph=Glyph::Cloud/>
                    "AWS accounts"
                </a>
                {(role == Role::Admin)
                    .then(|| {
                        view! {
                            <a class="menu-item" href=text(move || paths::people(&scope.get()))>
                                <Icon glyph=Glyph::Shield/>
                                "People"
                            </a>
                        }
                    })}
                <form method="post" action="/logout">
                    <button type="submit" class="menu-item">
                        <Icon glyph=Glyph::LogOut/>
                        "Log out"
                    </button>
                </form>
            </Menu>
        }
        .into_any()
    })
}

fn initial(name: &str) -> String {
    name.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
}

const fn role_tone(role: Role) -> Tone {
    match role {
        Role::Viewer => Tone::Neutral,
        Role::Operator => Tone::Info,
        Role::Admin => Tone::Warn,
    }
}

const fn role_text(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Sees everything, changes nothing.",
        Role::Operator => "Sees everything and changes AWS resources.",
        Role::Admin => "Changes AWS resources and sees what everyone did.",
    }
}
