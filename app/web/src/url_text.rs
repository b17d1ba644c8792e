//! A text field that works at once on the page, and a moment later stands in the URL.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use leptos_router::hooks::use_location;

use crate::navigation::use_navigator;

/// The text, which a field shows and sets. It is written into the URL (in place of the entry before, so that Back does not
/// go letter by letter) a moment after the last key; links, Back and Forward change it from there.
///
/// `in_url` reads the text from the URL, `href` makes the address that holds a text.
pub fn use_url_text(in_url: Memo<String>, href: impl Fn(&str) -> String + Send + Sync + 'static) -> UrlText {
    let text = RwSignal::new(in_url.get_untracked());
    let navigator = use_navigator();
    // What this field put into the URL last: the URL may be behind what is typed meanwhile.
    let written = StoredValue::new(in_url.get_untracked());
    let path = use_location().pathname;
    let own_path = StoredValue::new(path.get_untracked());
    let write = Callback::new(move |()| {
        // Whoever is on the way to another page must not be called back.
        if path.get_untracked() != own_path.get_value() {
            return;
        }
        let wanted = text.get_untracked();
        written.set_value(wanted.clone());
        if in_url.get_untracked() != wanted {
            navigator.go(&href(&wanted), true);
        }
    });
    Effect::new(move |before: Option<String>| {
        let now = in_url.get();
        if before.is_some_and(|before| before != now) && written.with_value(|written| *written != now) {
            written.set_value(now.clone());
            text.set(now.clone());
        }
        now
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let field = UrlText { text, timer, write };
    on_cleanup(move || field.cancel());
    field
}

/// The text of a field, and its way into the URL.
#[derive(Clone, Copy, Debug)]
pub struct UrlText {
    /// What is typed now.
    pub text: RwSignal<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    write: Callback<()>,
}

impl UrlText {
    /// Takes what was typed.
    pub fn typed(self, text: String) {
        self.text.set(text);
        self.cancel();
        let write = self.write;
        let later = move || {
            let _ = write.try_run(());
        };
        self.timer.set_value(set_timeout_with_handle(later, Duration::from_millis(250)).ok());
    }

    fn cancel(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }
}
