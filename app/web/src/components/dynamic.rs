//! Parts of a page that change, in a box.
//!
//! Every closure in a `view!` is a type of its own, and for each such type the compiler writes two kilobytes of WASM that
//! build, hydrate and update it. In a box all of them are one type. The same holds for texts and attributes: a
//! `Signal<String>` or `Signal<bool>` made with `Signal::derive` costs a tenth of a closure.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;

use super::panel::Loading;

/// A part of a page that is rendered again when a signal in it changes.
pub type Dynamic = Box<dyn FnMut() -> AnyView + Send>;

/// Boxes a part that changes.
///
/// ```ignore
/// view! { <p>{dynamic(move || view! { <b>{count.get()}</b> }.into_any())}</p> }
/// ```
pub fn dynamic(part: impl FnMut() -> AnyView + Send + 'static) -> Dynamic {
    Box::new(part)
}

/// A text that changes.
///
/// ```ignore
/// view! { <p>{text(move || format!("{} rows", count.get()))}</p> }
/// ```
pub fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// Nothing, as a view.
#[must_use]
pub fn nothing() -> AnyView {
    ().into_any()
}

/// The value of an attribute such as `aria-busy` that is there, and true, or not there.
#[must_use]
pub fn flag(on: Signal<bool>) -> Signal<Option<&'static str>> {
    Signal::derive(move || on.get().then_some("true"))
}

/// A view that is not there yet.
pub type FutureView = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// Shows what a future gives, which is made again when a resource in it changes; meanwhile what was there before stays, and
/// grey bars stand where nothing was.
///
/// ```ignore
/// wait_for("Counting instances", move || Box::pin(async move { counts_view(instances.await) }))
/// ```
pub fn wait_for(label: &'static str, make: impl Fn() -> FutureView + Send + Sync + 'static) -> AnyView {
    let make: Box<dyn Fn() -> FutureView + Send + Sync> = Box::new(make);
    transition(label, make)
}

fn transition(label: &'static str, make: Box<dyn Fn() -> FutureView + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=move || view! { <Loading label=label/> }>{move || Suspend::new(make())}</Transition>
    }
    .into_any()
}
