//! A table whose headings are words: nothing is sorted or selected in it.

use leptos::prelude::*;

/// The rows below their headings, which scroll sideways where they are wider than the screen. `label` says what they are of.
///
/// ```ignore
/// plain_table("Volumes", &["Volume", "Size"], rows)
/// ```
#[must_use]
pub fn plain_table(label: &'static str, headings: &'static [&'static str], rows: Vec<AnyView>) -> AnyView {
    let headings: Vec<AnyView> =
        headings.iter().map(|heading| view! { <th scope="col">{*heading}</th> }.into_any()).collect();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=label>
            <table class="data-table">
                <thead>
                    <tr>{headings}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
