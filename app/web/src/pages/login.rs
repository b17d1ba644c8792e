//! Logging in: a plain form to the server, with or without JavaScript.

use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::{
    components::{Glyph, Icon, dynamic, flag, icons::Mark, nothing, text, theme::ThemeSwitch},
    paths::{self, param},
};

/// The log-in page. `error=` says why the last attempt failed, `next=` where to go afterwards.
#[component]
pub fn LoginPage() -> impl IntoView {
    let query = use_query_map();
    let error = Signal::derive(move || query.get().get_str("error").and_then(error_text));
    let invalid = flag(Signal::derive(move || error.get().is_some()));
    let described = Signal::derive(move || error.get().map(|_| "login-error"));
    let next =
        text(move || query.get().get(param::NEXT).filter(|next| paths::is_local(next)).unwrap_or_default());
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
                    {dynamic(move || error_view(error.get()))}
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

/// Why the last attempt failed; nothing when there was none.
fn error_view(error: Option<(&'static str, &'static str)>) -> AnyView {
    let Some((title, text)) = error else { return nothing() };
    view! {
        <div class="notice notice-error" role="alert" id="login-error">
            <Icon glyph=Glyph::Alert/>
            <div class="notice-body">
                <p class="notice-title">{title}</p>
                <p>{text}</p>
            </div>
        </div>
    }
    .into_any()
}

/// Words for the `error=` that the server sends back; anything else says nothing.
fn error_text(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "invalid" => Some(("That did not work", "The name and the password do not belong together.")),
        "limited" => Some((
            "Too many attempts",
            "Wait a minute before you try again. Your administrator can reset a password.",
        )),
        "unavailable" => Some((
            "Logging in does not work now",
            "The server cannot reach its store. Try again in a moment.",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_errors_say_something() {
        assert!(["invalid", "limited", "unavailable"].iter().all(|code| error_text(code).is_some()));
        assert_eq!(error_text("<script>"), None);
    }
}
