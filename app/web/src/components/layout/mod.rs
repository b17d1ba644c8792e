//! What stands around every page: navigation, the scope, the person.

mod nav;
mod read_only;
mod scope_switcher;
mod user_menu;

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;
use nephoscope_model::Scope;

pub(crate) use self::read_only::read_only_notice;
use self::{nav::NavLinks, scope_switcher::ScopeSwitcher, user_menu::UserMenu};
use super::{
    dynamic::{dynamic, nothing, text},
    error_notice::ErrorNotice,
    icons::{Glyph, Icon, Mark},
    menu::Menu,
    page_header::PageHeader,
    theme::ThemeSwitch,
};
use crate::{
    paths,
    scope::{includes_red, use_scope, use_scope_result},
    session::use_session,
};

/// The frame: a side bar (a menu on narrow screens), a top bar, and the page in `<main>`. When the scope in the URL makes no
/// sense, it says so instead of showing the page.
///
/// ```ignore
/// view! { <Frame><Outlet/></Frame> }
/// ```
#[component]
pub fn Frame(
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    let session = use_session();
    let scope = use_scope();
    // The person is renewed every few minutes; that there is one does not change.
    let logged_in = Memo::new(move |_| session.viewer.get().is_some());
    let main: NodeRef<html::Main> = NodeRef::new();
    let focus_main = move || {
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    // After a link was followed, the keyboard and screen readers go on at the new page, not at the old link.
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            focus_main();
        }
        now
    });
    let red = Signal::derive(move || includes_red(&scope.get(), &session.accounts.get()));
    view! {
        <a class="skip-link" href="#main" on:click=move |_| focus_main()>
            "Skip to content"
        </a>
        <div class="frame">
            <aside class="sidebar">
                <Brand/>
                <nav aria-label="Main">
                    <NavLinks/>
                </nav>
                <div class="sidebar-foot">
                    <ThemeSwitch/>
                </div>
            </aside>
            <div class="frame-main">
                <header class="topbar" class:has-red=red>
                    <Menu
                        label="Menu"
                        class="nav-drawer"
                        button_class="btn btn-sm btn-ghost btn-square"
                        summary=|| view! { <Icon glyph=Glyph::Menu/> }
                    >
                        <nav aria-label="Main">
                            <NavLinks/>
                        </nav>
                        <ThemeSwitch/>
                    </Menu>
                    {dynamic(move || {
                        if logged_in.get() { view! { <ScopeSwitcher/> }.into_any() } else { nothing() }
                    })}
                    {dynamic(move || {
                        if !red.get() {
                            return nothing();
                        }
                        view! {
                            <span class="red-note">
                                <Icon glyph=Glyph::Shield/>
                                <span>"Production in scope"</span>
                            </span>
                        }
                        .into_any()
                    })}
                    <span class="topbar-space"></span>
                    <UserMenu/>
                </header>
                <main id="main" tabindex="-1" node_ref=main>
                    {read_only_notice()}
                    <Content children=children/>
                </main>
            </div>
        </div>
    }
}

/// The page, or why the scope is not one.
#[component]
fn Content(children: ChildrenFn) -> impl IntoView {
    let scope = use_scope_result();
    let valid = Memo::new(move |_| scope.get().is_ok());
    let children = StoredValue::new(children);
    dynamic(move || {
        if valid.get() {
            return view! {
                <ErrorBoundary fallback=|_| {
                    view! { <ErrorNotice error=nephoscope_model::Error::internal()/> }
                }>{children.with_value(|children| children())}</ErrorBoundary>
            }
            .into_any();
        }
        let error = scope.get().err().unwrap_or_else(nephoscope_model::Error::internal);
        bad_request();
        view! {
            <PageHeader title="This address makes no sense"/>
            <ErrorNotice error=error>
                <a class="btn btn-sm" href=paths::dashboard(&Scope::default())>"Show the whole estate"</a>
            </ErrorNotice>
        }
        .into_any()
    })
}

#[cfg(feature = "ssr")]
fn bad_request() {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::BAD_REQUEST);
    }
}

#[cfg(not(feature = "ssr"))]
const fn bad_request() {}

/// The mark and the name, leading home.
#[component]
fn Brand() -> impl IntoView {
    let scope = use_scope();
    view! {
        <a class="brand" href=text(move || paths::dashboard(&scope.get()))>
            <Mark/>
            <span>"nephoscope"</span>
        </a>
    }
}
