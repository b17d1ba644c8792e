//! Fields of forms, and what they show without taking from anybody what they wrote or ticked before the page was hydrated.

use leptos::{
    prelude::*,
    tachys::{html::property::IntoProperty, renderer::types::Element},
    wasm_bindgen::JsValue,
};

/// The value of `prop:value` or `prop:checked`, beside an attribute (`value`, `checked`, `selected`) with which the first HTML shows it
/// already. Leptos sets properties anew when it hydrates a page, and so would undo what was done to the field meanwhile; this leaves the
/// field alone until the value changes.
///
/// ```ignore
/// view! { <input name="user" value=user.get_untracked() prop:value=Kept(user)/> }
/// ```
#[derive(Clone, Debug)]
pub struct Kept<T: Send + Sync + 'static>(pub Signal<T>);

impl<T> IntoProperty for Kept<T>
where
    T: IntoProperty<State = (Element, JsValue)> + Clone + Send + Sync + 'static,
{
    type State = RenderEffect<T::State>;
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn hydrate<const FROM_SERVER: bool>(self, element: &Element, key: &str) -> Self::State {
        let (element, key) = (element.clone(), key.to_owned());
        RenderEffect::new(move |state: Option<T::State>| {
            let value = self.0.get();
            match state {
                Some(mut state) => {
                    value.rebuild(&mut state, &key);
                    state
                }
                None => (element.clone(), JsValue::UNDEFINED),
            }
        })
    }

    fn build(self, element: &Element, key: &str) -> Self::State {
        self.0.build(element, key)
    }

    fn rebuild(self, state: &mut Self::State, key: &str) {
        self.0.rebuild(state, key);
    }

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }
}

/// A field in which one of some options, each a (value, label), is chosen. The first one is when none has the value `chosen`.
#[must_use]
pub fn choice(
    label: &'static str,
    name: &'static str,
    options: Vec<(String, String)>,
    chosen: &str,
) -> AnyView {
    let options = options.into_iter().map(|(value, label)| {
        let selected = value == chosen;
        view! {
            <option value=value selected=selected>
                {label}
            </option>
        }
        .into_any()
    });
    let options = options.collect_view();
    view! {
        <label class="field">
            <span>{label}</span>
            <select class="select select-sm" name=name>
                {options}
            </select>
        </label>
    }
    .into_any()
}
