//! Going to another address from an event handler.

#[cfg(feature = "hydrate")]
use leptos::prelude::{LocalStorage, StoredValue, WithValue};
use leptos_router::NavigateOptions;

#[cfg(feature = "hydrate")]
type Go = StoredValue<Box<dyn Fn(&str, NavigateOptions)>, LocalStorage>;

/// Goes to another address. Cheap to copy into handlers. On the server it is nothing at all: what is bound to one thread there must not
/// be kept, since a page may be finished by another thread than the one that began it.
#[derive(Clone, Copy)]
pub struct Navigator {
    #[cfg(feature = "hydrate")]
    go: Go,
}

/// The navigator; call it while a component is made.
#[must_use]
pub fn use_navigator() -> Navigator {
    Navigator {
        #[cfg(feature = "hydrate")]
        go: StoredValue::new_local(Box::new(leptos_router::hooks::use_navigate())),
    }
}

impl Navigator {
    /// Goes to an address of ours and keeps the scroll position; with `replace`, in place of the entry before, so that Back skips it.
    pub fn go(self, href: &str, replace: bool) {
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        #[cfg(feature = "hydrate")]
        // The page may be gone when a timer fires.
        let _ = self.go.try_with_value(|go| go(href, options));
        #[cfg(not(feature = "hydrate"))]
        let _ = (href, options);
    }
}
