//! Logging in: a plain form to the server, with or without JavaScript.

use leptos::{html, prelude::*};
use leptos_meta::Title;

use crate::{
    components::{
        Glyph, Icon, dynamic, flag, icons::Mark, layout::read_only_notice, nothing, text, theme::ThemeSwitch,
    },
    params::use_params,
    paths::{self, Link, param},
    session::use_session,
};

/// The log-in page. `error=` says why the last attempt to log in or out failed, `next=` where to go afterwards.
#[component]
pub fn LoginPage() -> impl IntoView {
    let params = use_params();
    let failure = Memo::new(move |_| params.with(|params| Failure::from_word(&params.get("error"))));
    let wait = Memo::new(move |_| params.with(|params| params.get("wait").parse::<u32>().ok()));
    let invalid = flag(Signal::derive(move || failure.get() == Some(Failure::Invalid)));
    let described = Signal::derive(move || failure.get().map(|_| "login-error"));
    let next = text(move || {
        let next = params.with(|params| params.get(param::NEXT));
        if paths::is_local(&next) { next } else { String::new() }
    });
    let shown = RwSignal::new(false);
    let sending = RwSignal::new(false);
    let name: NodeRef<html::Input> = NodeRef::new();
    // Browsers ignore `autofocus` when the page was reached by a link inside the app.
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            let _ = name.focus();
        }
    });
    view! {
        <Title text="Log in"/>
        <div class="login">
            <header class="login-top">
                <span class="brand">
                    <Mark/>
                    <span>"nephoscope"</span>
                </span>
                <ThemeSwitch/>
            </header>
            <main class="login-main" id="main">
                <div class="login-card">
                    <h1>"Log in"</h1>
                    <p class="quiet">"Your window onto the AWS estate."</p>
                    {read_only_notice()}
                    {dynamic(move || failure.get().map_or_else(nothing, |failure| failure_view(failure, wait.get())))}
                    {providers_view(next)}
                    <form method="post" action="/login" on:submit=move |_| sending.set(true)>
                        <input type="hidden" name="next" value=next/>
                        <label class="field">
                            <span>"Name"</span>
                            <input
                                class="input"
                                type="text"
                                name="name"
                                required
                                maxlength="64"
                                autocomplete="username"
                                autocapitalize="none"
                                spellcheck="false"
                                autofocus
                                node_ref=name
                                aria-invalid=invalid
                                aria-describedby=described
                            />
                        </label>
                        <div class="field">
                            <label for="password">"Password"</label>
                            <span class="password-box">
                                <input
                                    class="input"
                                    id="password"
                                    type=text(move || if shown.get() { "text" } else { "password" }.to_owned())
                                    name="password"
                                    required
                                    maxlength="1024"
                                    autocomplete="current-password"
                                    aria-invalid=invalid
                                />
                                <button
                                    type="button"
                                    class="btn btn-ghost btn-sm btn-square needs-js"
                                    aria-label=text(move || if shown.get() { "Hide password" } else { "Show password" }.to_owned())aria-pressed=text(move || shown.get().to_string())
                                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                                >
                                    {dynamic(move || {
                                        let glyph = if shown.get() { Glyph::EyeOff } else { Glyph::Eye };
                                        view! { <Icon glyph=glyph/> }.into_any()
                                    })}
                                </button>
                            </span>
                        </div>
                        <button
                            type="submit"
                            class="btn btn-primary login-submit"
                            aria-busy=flag(sending.into())
                        >
                            "Log in"
                        </button>
                    </form>
                    <p class="login-help quiet">"No account yet? Your administrator makes one for you."</p>
                </div>
            </main>
            <Instrument/>
        </div>
    }
}

/// The ways in that identity providers offer, above the form: nothing when there are none.
fn providers_view(next: Signal<String>) -> AnyView {
    let providers = use_session().login_providers.get_value();
    if providers.is_empty() {
        return nothing();
    }
    let next = next.get_untracked();
    let links = providers
        .into_iter()
        .map(|provider| {
            let path = format!("/login/openid/{}", provider.id);
            let href = Link::new(&path).query(param::NEXT, &next).build();
            let words = format!("Continue with {}", provider.name);
            view! {
                <a class="btn login-provider" href=href rel="external">
                    {words}
                </a>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <div class="login-providers">{links}</div>
        <p class="login-or quiet">
            <span>"or with a password"</span>
        </p>
    }
    .into_any()
}

/// The reflecting disc of a nephoscope, with a cloud drifting across its rings.
#[component]
fn Instrument() -> impl IntoView {
    view! {
        <svg class="login-art" viewBox="0 0 600 600" aria-hidden="true" focusable="false">
            <g class="art-rings">
                <circle cx="300" cy="300" r="70"></circle>
                <circle cx="300" cy="300" r="140"></circle>
                <circle cx="300" cy="300" r="210"></circle>
                <circle class="art-rim" cx="300" cy="300" r="280"></circle>
            </g>
            <path
                class="art-lines"
                d="M300 8v584M8 300h584M93.500 93.500l413 413M506.500 93.500l-413 413"
            ></path>
            <circle class="art-ticks" cx="300" cy="300" r="272"></circle>
            <path
                class="art-cloud"
                d="M214 356a58 58 0 01-6-115.700 82 82 0 01157-8A62 62 0 01361 356z"
            ></path>
            <path
                class="art-cloud art-cloud-far"
                d="M388 214a27 27 0 01-3-54 38 38 0 0173-4 29 29 0 01-2 58z"
            ></path>
        </svg>
    }
}

/// What the server sends back as `error=` when logging in or out failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Wrong name or password.
    Invalid,
    /// Too many attempts.
    Limited,
    /// The store is away.
    Unavailable,
    /// The store was away when somebody logged out: their session may still live, and this browser can try again for a while.
    NotLoggedOut,
    /// The same, but nothing is left in this browser to try again with.
    CannotLogOut,
}

impl Failure {
    const ALL: [Self; 5] =
        [Self::Invalid, Self::Limited, Self::Unavailable, Self::NotLoggedOut, Self::CannotLogOut];

    /// The word in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Limited => "limited",
            Self::Unavailable => "unavailable",
            Self::NotLoggedOut => "not-logged-out",
            Self::CannotLogOut => "cannot-log-out",
        }
    }

    /// The address of the log-in page that says it; `next` is where to go after logging in, empty for the dashboard.
    #[must_use]
    pub fn href(self, next: &str) -> String {
        Link::new("/login").query("error", self.as_str()).query(param::NEXT, next).build()
    }

    /// Reads the word; anything else says nothing.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == word)
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Invalid => "That did not work",
            Self::Limited => "Too many attempts",
            Self::Unavailable => "Logging in does not work now",
            Self::NotLoggedOut | Self::CannotLogOut => "Your session may still live",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Invalid => "The name and the password do not belong together.",
            Self::Limited => {
                "Each further attempt makes you wait longer. Your administrator can help you to a new password."
            }
            Self::Unavailable => "The server cannot reach its store. Try again in a moment.",
            Self::NotLoggedOut => {
                "This browser has forgotten you, but the server could not reach its store to end the session, which matters if somebody \
                 has a copy of it. Try again in a moment; it can be ended from here for ten minutes."
            }
            Self::CannotLogOut => {
                "The server could not reach its store to end the session, and this browser has nothing left to end it with. It ends by \
                 itself when it was not used for 12 hours; your administrator ends it at once by setting a new password."
            }
        }
    }
}

/// How long somebody waits, from the seconds in the address.
fn wait_text(seconds: u32) -> String {
    match seconds {
        0..=1 => "Try again in a second. ".to_owned(),
        2..120 => format!("Try again in {seconds} seconds. "),
        _ => format!("Try again in {} minutes. ", seconds.div_ceil(60)),
    }
}

fn failure_view(failure: Failure, wait: Option<u32>) -> AnyView {
    let words =
        wait.filter(|_| failure == Failure::Limited).map(wait_text).unwrap_or_default() + failure.text();
    let again = if failure == Failure::NotLoggedOut {
        view! {
            <form method="post" action=paths::LOG_OUT_AGAIN class="notice-actions">
                <button type="submit" class="btn btn-sm">
                    "Log out again"
                </button>
            </form>
        }
        .into_any()
    } else {
        nothing()
    };
    view! {
        <div class="notice notice-error" role="alert" id="login-error">
            <Icon glyph=Glyph::Alert/>
            <div class="notice-body">
                <p class="notice-title">{failure.title()}</p>
                <p>{words}</p>
                {again}
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_errors_say_something() {
        for failure in Failure::ALL {
            assert_eq!(Failure::from_word(failure.as_str()), Some(failure));
        }
        for word in ["", "<script>", "INVALID"] {
            assert_eq!(Failure::from_word(word), None, "{word}");
        }
        assert_eq!(Failure::Limited.href("/ec2?q=50%41"), "/login?error=limited&next=/ec2%3Fq%3D50%2541");
    }
}
