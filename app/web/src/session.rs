//! Who is looking, at which estate, and keeping them logged in.
//!
//! What every page needs before its first byte (the person, the accounts, the theme) is taken once on the server and
//! sent along with the page, so that it is there at once on both sides and nothing waits for it.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Account, AccountId, READ_ONLY_TEXT, Timestamp,
    identity::{Permission, Viewer},
    login::LoginProvider,
};
use serde::{Deserialize, Serialize};

use crate::{browser, components::theme::Theme, paths};

/// What the server knows before it renders.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct PageStart {
    viewer: Option<Viewer>,
    accounts: Vec<Account>,
    theme: Theme,
    /// Whether the whole server was switched to change nothing.
    read_only: bool,
    login_providers: Vec<LoginProvider>,
    /// The server's clock, since a browser's may be wrong.
    server_time: Timestamp,
}

/// The person, the estate and the theme, for every component.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Who is logged in.
    pub viewer: RwSignal<Option<Viewer>>,
    /// The accounts, in the order they were configured.
    pub accounts: RwSignal<Vec<Account>>,
    /// Light, dark, or what the system says.
    pub theme: RwSignal<Theme>,
    /// Whether the whole server was switched to change nothing, which does not change while a page is open.
    pub read_only: bool,
    /// The identity providers that people can log in with.
    pub login_providers: StoredValue<Vec<LoginProvider>>,
    server_time: Timestamp,
}

/// Makes the session known to everything below. Once, at the top of the app.
pub(crate) fn provide_session() -> Session {
    let start = SharedValue::new(page_start).into_inner();
    let session = Session {
        viewer: RwSignal::new(start.viewer),
        accounts: RwSignal::new(start.accounts),
        theme: RwSignal::new(start.theme),
        read_only: start.read_only,
        login_providers: StoredValue::new(start.login_providers),
        server_time: start.server_time,
    };
    provide_context(session);
    Effect::new(move |_| keep_alive(session));
    session
}

#[cfg(feature = "ssr")]
fn page_start() -> PageStart {
    let caller = use_context::<Option<nephoscope_ops::Caller>>().flatten();
    let ops = use_context::<nephoscope_ops::Ops>();
    let accounts = match (&caller, &ops) {
        (Some(caller), Some(ops)) => ops.accounts(caller),
        _ => Vec::new(),
    };
    PageStart {
        viewer: caller.map(|caller| caller.viewer()),
        accounts,
        theme: Theme::of_request(),
        read_only: ops.as_ref().is_some_and(nephoscope_ops::Ops::is_read_only),
        login_providers: ops.map(|ops| ops.login_providers()).unwrap_or_default(),
        server_time: Timestamp::now(),
    }
}

#[cfg(not(feature = "ssr"))]
fn page_start() -> PageStart {
    PageStart::default()
}

/// The session of this page.
#[must_use]
pub fn use_session() -> Session {
    use_context().unwrap_or_else(|| Session {
        viewer: RwSignal::new(None),
        accounts: RwSignal::new(Vec::new()),
        theme: RwSignal::new(Theme::System),
        read_only: false,
        login_providers: StoredValue::new(Vec::new()),
        server_time: Timestamp::default(),
    })
}

/// Who is logged in.
#[must_use]
pub fn use_viewer() -> Signal<Option<Viewer>> {
    use_session().viewer.into()
}

/// The accounts of the estate.
#[must_use]
pub fn use_accounts() -> Signal<Vec<Account>> {
    use_session().accounts.into()
}

/// What is known of an account: its name and colour.
#[must_use]
pub fn find_account(id: &AccountId) -> Option<Account> {
    use_session().accounts.get().into_iter().find(|account| account.id == *id)
}

/// Whether the person may do this kind of thing. The server checks again, always.
#[must_use]
pub fn may(permission: Permission) -> Signal<bool> {
    let viewer = use_session().viewer;
    Signal::derive(move || viewer.get().is_some_and(|viewer| viewer.role.may(permission)))
}

/// Whether the person may do this kind of thing in one account at least.
#[must_use]
pub fn may_somewhere(permission: Permission) -> Signal<bool> {
    let session = use_session();
    Signal::derive(move || {
        let may = |viewer: &Viewer| {
            viewer.role.may(permission) || viewer.grants.values().any(|role| role.may(permission))
        };
        !session.read_only && session.viewer.get().as_ref().is_some_and(may)
    })
}

/// Why the person may not do this kind of thing in any account, for a disabled button; `None` when they may in one at least.
#[must_use]
pub fn denied_everywhere(permission: Permission) -> Signal<Option<String>> {
    let (allowed, role, read_only) = (may_somewhere(permission), denial(permission), read_only_reason());
    Signal::derive(move || match (allowed.get(), read_only) {
        (true, _) => None,
        (false, Some(reason)) => Some(reason.to_owned()),
        (false, None) => role.get(),
    })
}

/// Why the person may not do this kind of thing, which is in no account, for a disabled button; `None` when they may.
#[must_use]
pub fn denial(permission: Permission) -> Signal<Option<String>> {
    let viewer = use_session().viewer;
    Signal::derive(move || match viewer.get() {
        Some(viewer) if viewer.role.may(permission) => None,
        Some(viewer) => {
            Some(format!("Your role is {}; this needs {}.", viewer.role, permission.least_role()))
        }
        None => Some("You are not logged in.".to_owned()),
    })
}

/// Why this person may not do this kind of thing in an account, for a disabled button; `None` when they may.
#[must_use]
pub fn denial_in(viewer: Option<&Viewer>, permission: Permission, account: &AccountId) -> Option<String> {
    match viewer {
        Some(viewer) if viewer.role_in(account).may(permission) => None,
        Some(viewer) => Some(denial_text(viewer, permission, account)),
        None => Some("You are not logged in.".to_owned()),
    }
}

fn denial_text(viewer: &Viewer, permission: Permission, account: &AccountId) -> String {
    let here = if viewer.grants.contains_key(account) { " in this account" } else { "" };
    format!("Your role{here} is {}; this needs {}.", viewer.role_in(account), permission.least_role())
}

/// Why nobody can change anything now; `None` while the server is as usual. To be taken while a page is made.
#[must_use]
pub fn read_only_reason() -> Option<&'static str> {
    use_session().read_only.then_some(READ_ONLY_TEXT)
}

/// How long before its end a token is renewed.
const MARGIN_MILLIS: i64 = 60_000;
/// Where tabs tell each other until when the token is good.
const SHARED_KEY: &str = "nephoscope.session";

/// Renews the token before it ends, also after the machine slept, and sends the person to the log-in when that is refused.
fn keep_alive(session: Session) {
    if session.viewer.with_untracked(Option::is_none) {
        return;
    }
    let skew = StoredValue::new(session.server_time.as_millis() - browser::now_millis());
    let busy = StoredValue::new(false);
    // Tabs of one browser share their cookies: each waits a little differently, and looks whether another was first.
    #[expect(clippy::cast_possible_truncation, reason = "at most fifteen thousand")]
    let jitter = (browser::random() * 15_000.0) as i64;

    let check = move || {
        let now = browser::now_millis() + skew.get_value();
        let left = |viewer: &Option<Viewer>| {
            viewer.as_ref().map_or(i64::MAX, |viewer| viewer.token_expires_at.as_millis() - now)
        };
        if busy.get_value() || session.viewer.with_untracked(left) > MARGIN_MILLIS + jitter {
            return;
        }
        if let Some(until) = shared_expiry().filter(|until| until.as_millis() - now > MARGIN_MILLIS + jitter)
        {
            session.viewer.update(|viewer| {
                if let Some(viewer) = viewer {
                    viewer.token_expires_at = until;
                }
            });
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            match browser::post("/api/session/refresh").await {
                Some((200, body)) => {
                    if let Ok(viewer) = serde_json::from_str::<Viewer>(&body) {
                        browser::shared_set(SHARED_KEY, &viewer.token_expires_at.to_string());
                        session.viewer.set(Some(viewer));
                    }
                }
                Some((401 | 403, _)) => browser::go(&paths::login(&browser::here())),
                // The server is restarting or the network is away: the next tick tries again.
                _ => {}
            }
            busy.set_value(false);
        });
    };
    check();
    let tick = set_interval_with_handle(check, Duration::from_secs(5)).ok();
    let visible = window_event_listener_untyped("visibilitychange", move |_| check());
    let focus = window_event_listener_untyped("focus", move |_| check());
    let online = window_event_listener_untyped("online", move |_| check());
    on_cleanup(move || {
        if let Some(tick) = tick {
            tick.clear();
        }
        visible.remove();
        focus.remove();
        online.remove();
    });
}

fn shared_expiry() -> Option<Timestamp> {
    Timestamp::parse(&browser::shared_get(SHARED_KEY)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_both_roles_and_counts_in_its_account() {
        use nephoscope_model::identity::{AccountRoles, Role};
        let account = |id: &str| id.parse::<AccountId>().expect("an id");
        let (dev, prod) = (account("111111111111"), account("222222222222"));
        let mut viewer = Viewer {
            name: "vera".parse().expect("a name"),
            role: Role::Viewer,
            grants: AccountRoles::from([(dev.clone(), Role::Operator)]),
            token_expires_at: Timestamp::default(),
        };
        let denial = |viewer: &Viewer, account| denial_in(Some(viewer), Permission::Operate, account);
        assert_eq!(denial(&viewer, &prod).as_deref(), Some("Your role is viewer; this needs operator."));
        assert_eq!(denial(&viewer, &dev), None);
        viewer.role = Role::Admin;
        viewer.grants = AccountRoles::from([(prod.clone(), Role::Viewer)]);
        let words = "Your role in this account is viewer; this needs operator.";
        assert_eq!(denial(&viewer, &prod).as_deref(), Some(words));
        assert!(denial_in(None, Permission::Read, &dev).is_some());
    }
}
