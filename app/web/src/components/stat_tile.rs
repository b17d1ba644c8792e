//! One number.

use leptos::prelude::*;

use super::{
    badge::Tone,
    dynamic::{dynamic, nothing},
};

/// A number with its name; a link when there is more behind it.
///
/// ```ignore
/// view! { <StatTile label="Running" value="31" tone=Tone::Good href=paths::ec2_in_state(state, &scope)/> }
/// ```
#[component]
pub fn StatTile(
    /// What is counted.
    #[prop(into)]
    label: Signal<String>,
    /// The number, as text.
    #[prop(into)]
    value: Signal<String>,
    /// What its colour means.
    #[prop(optional)]
    tone: Tone,
    /// Where more of it is.
    #[prop(optional, into)]
    href: MaybeProp<String>,
    /// A few words below.
    #[prop(optional, into)]
    text: MaybeProp<String>,
) -> impl IntoView {
    let inner = move || {
        view! {
            <span class=format!("stat-label {}", tone.class())>{label}</span>
            <span class="stat-value">{value}</span>
            {dynamic(move || match text.get() {
                Some(text) => view! { <span class="stat-text">{text}</span> }.into_any(),
                None => nothing(),
            })}
        }
        .into_any()
    };
    dynamic(move || match href.get() {
        Some(href) => view! { <a class="stat-tile" href=href>{inner()}</a> }.into_any(),
        None => view! { <div class="stat-tile">{inner()}</div> }.into_any(),
    })
}
