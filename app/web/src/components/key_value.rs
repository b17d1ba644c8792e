//! Key–value pairs of a detail page.

use leptos::prelude::*;

/// A list of [`KeyValue`]s, in as many columns as fit.
///
/// ```ignore
/// view! {
///     <KeyValueList>
///         <KeyValue label="Type">{instance.instance_type}</KeyValue>
///     </KeyValueList>
/// }
/// ```
#[component]
pub fn KeyValueList(
    /// The pairs.
    children: Children,
) -> impl IntoView {
    view! { <dl class="key-values">{children()}</dl> }
}

/// One pair. For a value that may be missing, give [`or_dash`] of it.
#[component]
pub fn KeyValue(
    /// What it is.
    #[prop(into)]
    label: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="key-value">
            <dt>{label}</dt>
            <dd>{children()}</dd>
        </div>
    }
}

/// A text, or a dash where there is none.
#[must_use]
pub fn or_dash(text: Option<String>) -> String {
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "–".to_owned())
}
