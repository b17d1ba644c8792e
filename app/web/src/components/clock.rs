//! One clock for the whole page. It stands still while the page is rendered and hydrated, so that both sides render the same.

use std::time::Duration;

use leptos::prelude::*;

use crate::{browser, hydration::use_hydrated};

/// Whether times may be shown in the browser's zone, and what time it is there.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The browser's time in milliseconds, every few seconds; `None` until the page is hydrated.
    pub now: RwSignal<Option<i64>>,
    /// Set once, when the page is hydrated: no time needs to be rendered again for every tick.
    pub local: RwSignal<bool>,
}

/// Starts the clock. Once, at the top of the app.
pub(crate) fn provide_clock() {
    let clock = Clock { now: RwSignal::new(None), local: RwSignal::new(false) };
    provide_context(clock);
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        if !hydrated.get() {
            return;
        }
        clock.local.set(true);
        let tick = move || clock.now.set(Some(browser::now_millis()));
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(5)) {
            on_cleanup(move || handle.clear());
        }
    });
}

/// The page's clock.
#[must_use]
pub fn use_clock() -> Clock {
    use_context().unwrap_or_else(|| Clock { now: RwSignal::new(None), local: RwSignal::new(false) })
}
