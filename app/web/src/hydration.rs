//! The moment when the browser has taken over the page that the server rendered.
//!
//! Pages are lazy, so hydration waits for their code and takes a while, in which effects run already. Whatever makes the page differ
//! from what the server rendered (local times, live data, "reconnecting") must wait until it is over, or hydration would look for
//! nodes that are not there. On the server that moment never comes.

#[cfg(feature = "hydrate")]
use std::cell::RefCell;

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
type Waiting = Option<Vec<Box<dyn FnOnce()>>>;

#[cfg(feature = "hydrate")]
thread_local! {
    /// What waits for the moment; `None` when it has been.
    static WAITING: RefCell<Waiting> = const { RefCell::new(Some(Vec::new())) };
}

/// Does something when the page is hydrated, or at once when it is already. Does nothing on the server.
pub fn when_hydrated(work: impl FnOnce() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let now = WAITING.with_borrow_mut(|waiting| match waiting {
            Some(waiting) => {
                waiting.push(Box::new(work));
                None
            }
            None => Some(work),
        });
        if let Some(work) = now {
            work();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    drop(work);
}

/// Whether the page is hydrated.
#[must_use]
pub fn use_hydrated() -> RwSignal<bool> {
    let hydrated = RwSignal::new(false);
    when_hydrated(move || {
        let _ = hydrated.try_set(true);
    });
    hydrated
}

/// A button that nobody listens to yet was pressed: the last one is remembered, and pressed again when somebody does. Runs before all else.
#[cfg(feature = "ssr")]
pub const REMEMBER_CLICKS: &str = "addEventListener('click',event=>{\
if(!('hydrated'in document.documentElement.dataset))window.pressedEarly=event.target.closest('button.needs-js')??window.pressedEarly\
},true)";

/// Takes over the page.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    // Not leptos's own spawn_local, which works only once hydration has begun.
    js_sys::futures::spawn_local(async {
        let body = document().body().expect("a document has a body");
        leptos::mount::hydrate_from_async(body, crate::App).await.forget();
        for work in WAITING.take().unwrap_or_default() {
            work();
        }
        // For what remembers clicks, and for tests, which cannot see otherwise when a click does more than a link or a form does by itself.
        crate::browser::set_root_attribute("data-hydrated", Some(""));
        crate::browser::press_again("pressedEarly");
    });
}
