//! A whole list in the browser: read once, and anew when somebody asks.

use std::{future::Future, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{Error, Listing, Source, Timestamp};
use serde::{Deserialize, Serialize};

use crate::api::ApiResult;

/// More than this is not sent along with the first HTML.
#[cfg(feature = "ssr")]
const MOST_IN_HTML: usize = 300;

/// How long after a failure the rest of a long list is asked for again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// A list as it is first known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loaded<T, F> {
    listing: Listing<T>,
    /// The answer to the page's query, when there are so many that the list was left out of the first HTML: the browser then reads it
    /// behind the first rows.
    first: Option<F>,
}

impl<T, F> Loaded<T, F> {
    /// A list; on the server without its items when there are many, but with what `first` makes of them.
    pub fn new(listing: Listing<T>, first: impl FnOnce(&[T]) -> F) -> Self {
        #[cfg(feature = "ssr")]
        if listing.items.len() > MOST_IN_HTML {
            let first = Some(first(&listing.items));
            return Self { listing: Listing { items: Vec::new(), ..listing }, first };
        }
        let _ = first;
        Self { listing, first: None }
    }

    /// What stands for a list that was left out.
    #[must_use]
    pub const fn first(&self) -> Option<&F> {
        self.first.as_ref()
    }
}

/// A list that lives. Cheap to copy. `F` is what a page shows until the whole list is there.
#[derive(Debug)]
pub struct Items<T: 'static, F: 'static> {
    /// All that there are; empty while [`first`](Self::first) stands for them.
    pub all: RwSignal<Vec<T>>,
    /// Where was looked.
    pub sources: RwSignal<Vec<Source>>,
    /// What is shown until the whole list is there.
    pub first: RwSignal<Option<F>>,
    /// Whether it is being read.
    pub busy: RwSignal<bool>,
}

impl<T, F> Clone for Items<T, F> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, F> Copy for Items<T, F> {}

impl<T: Send + Sync + 'static, F: Send + Sync + 'static> Items<T, F> {
    /// From what is first known.
    #[must_use]
    pub fn new(loaded: Loaded<T, F>) -> Self {
        Self {
            all: RwSignal::new(loaded.listing.items),
            sources: RwSignal::new(loaded.listing.sources),
            first: RwSignal::new(loaded.first),
            busy: RwSignal::new(false),
        }
    }

    /// As of when the oldest part of it is known.
    #[must_use]
    pub fn oldest(self) -> Option<Timestamp> {
        self.sources.with(|sources| sources.iter().filter_map(|source| source.fetched_at).min())
    }

    /// Whether every place failed, so that an empty list says nothing.
    #[must_use]
    pub fn all_failed(self) -> bool {
        self.sources
            .with(|sources| !sources.is_empty() && sources.iter().all(|source| source.error.is_some()))
    }

    /// Asks, and takes the answer when it comes; the list stays as it is when there is none. Where only its first rows are there, the rest is
    /// asked for until it comes, since nothing can be filtered before.
    pub fn read<A>(self, ask: impl Fn() -> A + Clone + 'static, on_error: impl Fn(&Error) + 'static)
    where
        A: Future<Output = ApiResult<Listing<T>>> + 'static,
    {
        self.busy.set(true);
        spawn_local(async move {
            let outcome = ask().await;
            // The page may be gone.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(listing) => {
                    self.all.set(listing.items);
                    self.sources.set(listing.sources);
                    self.first.set(None);
                }
                Err(error) => {
                    on_error(&error.0);
                    self.ask_for_the_rest(ask);
                }
            }
        });
    }

    fn ask_for_the_rest<A>(self, ask: impl Fn() -> A + Clone + 'static)
    where
        A: Future<Output = ApiResult<Listing<T>>> + 'static,
    {
        let again = move || {
            if self.first.try_with_untracked(Option::is_some) == Some(true) {
                // Why it did not come was said the first time.
                self.read(ask.clone(), |_| ());
            }
        };
        set_timeout(again, ASK_AGAIN);
    }
}
