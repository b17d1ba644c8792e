//! Light, dark, or what the system says. The choice is a cookie, so that the server paints it into the first byte and
//! nothing flashes.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    dynamic::text,
    icons::{Glyph, Icon},
};
use crate::{browser, session::use_session};

/// The name of the cookie.
pub const COOKIE: &str = "theme";

/// How pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Always light.
    Light,
    /// Always dark.
    Dark,
    /// As the system says.
    #[default]
    System,
}

impl Theme {
    const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::System];

    /// The cookie's value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// The `data-theme` of `<html>`; none lets the browser decide.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Light => Some("nephoscope-light"),
            Self::Dark => Some("nephoscope-dark"),
            Self::System => None,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Light => "Light theme",
            Self::Dark => "Dark theme",
            Self::System => "System theme",
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Self::Light => Glyph::Sun,
            Self::Dark => Glyph::Moon,
            Self::System => Glyph::Monitor,
        }
    }

    /// From the `Cookie` header; anything unknown is `System`.
    #[must_use]
    pub fn from_cookies(header: &str) -> Self {
        header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE)
            .and_then(|(_, value)| Self::ALL.into_iter().find(|theme| theme.as_str() == value))
            .unwrap_or_default()
    }

    /// The theme that the request being answered asks for.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn of_request() -> Self {
        use_context::<http::request::Parts>()
            .map(|parts| {
                let cookies = parts.headers.get_all(http::header::COOKIE);
                let text: Vec<&str> = cookies.iter().filter_map(|value| value.to_str().ok()).collect();
                Self::from_cookies(&text.join(";"))
            })
            .unwrap_or_default()
    }
}

/// Three joined buttons. Needs JavaScript; without it the system's choice holds.
///
/// ```ignore
/// view! { <ThemeSwitch/> }
/// ```
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let current = use_session().theme;
    let choose = move |theme: Theme| {
        current.set(theme);
        browser::set_cookie(COOKIE, theme.as_str());
        browser::set_root_attribute("data-theme", theme.attribute());
    };
    view! {
        <div class="theme-switch needs-js" role="group" aria-label="Theme">
            {Theme::ALL
                .into_iter()
                .map(|theme| {
                    view! {
                        <button
                            type="button"
                            title=theme.label()
                            aria-label=theme.label()
                            aria-pressed=text(move || (current.get() == theme).to_string())
                            on:click=move |_| choose(theme)
                        >
                            <Icon glyph=theme.glyph()/>
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_nonsense_is_the_system() {
        assert_eq!(Theme::from_cookies("a=b; theme=dark; c=d"), Theme::Dark);
        assert_eq!(Theme::from_cookies("theme=\"><script>"), Theme::System);
        assert_eq!(Theme::from_cookies("xtheme=dark"), Theme::System);
        assert_eq!(Theme::from_cookies(""), Theme::System);
    }
}
