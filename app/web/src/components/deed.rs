//! What a page asks of the server: one thing at a time, with what kept it from being done.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{AccountId, Error, identity::Permission};

use super::{ErrorNotice, dynamic, nothing};
use crate::{
    api::ApiResult,
    session::{denial_in, read_only_reason, use_viewer},
};

/// Something that is asked for and under way, or that failed. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Deed {
    /// Whether it is under way.
    pub busy: RwSignal<bool>,
    /// What kept the last one from being done.
    pub error: RwSignal<Option<Error>>,
}

impl Default for Deed {
    fn default() -> Self {
        Self::new()
    }
}

impl Deed {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { busy: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Asks, unless something is under way already, and does `done` with the answer. When the page is gone meanwhile, nobody hears of it.
    pub fn ask<T: 'static>(
        self,
        work: impl Future<Output = ApiResult<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let outcome = work.await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(answer) => done(answer),
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// What kept the last one from being done.
    #[must_use]
    pub fn notice(self) -> AnyView {
        dynamic(move || match self.error.get() {
            Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
            None => nothing(),
        })
        .into_any()
    }
}

/// Why this person cannot change anything in an account; nothing when they can.
#[must_use]
pub fn reason_in(account: AccountId) -> Signal<Option<String>> {
    let (viewer, read_only) = (use_viewer(), read_only_reason());
    Signal::derive(move || {
        viewer
            .with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &account))
            .or_else(|| read_only.map(str::to_owned))
    })
}
