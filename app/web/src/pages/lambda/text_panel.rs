//! A text that a function gave.

use leptos::prelude::*;

use crate::{
    components::{CopyButton, Panel, nothing},
    pages::logs::json,
};

/// No more of an answer is shown; the whole of it can be copied.
const MOST_SHOWN: usize = 64 << 10;

/// A text from a function: shown as it is, or laid out when it is JSON; above it, what is to be known of it.
pub(super) fn text_panel(
    title: &'static str,
    copy: &'static str,
    text: Option<String>,
    note: AnyView,
) -> AnyView {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return nothing() };
    let shown = shown_text(&text);
    view! {
        <Panel title=title actions=move || view! { <CopyButton text=text.clone() label=copy/> }>
            {note}
            <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                <pre class="px-4 py-3 font-mono text-xs whitespace-pre-wrap break-all">{shown}</pre>
            </div>
        </Panel>
    }
    .into_any()
}

/// What of a text is shown.
fn shown_text(text: &str) -> String {
    if text.len() > MOST_SHOWN {
        let end = text.floor_char_boundary(MOST_SHOWN);
        return format!("{}\n… {} bytes more", &text[..end], text.len() - end);
    }
    match json::open(text) {
        Some(opened) if opened.before.is_empty() => opened.json,
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_laid_out_when_it_is_json_and_never_megabytes_long() {
        assert_eq!(shown_text(r#"{"a":1}"#), "{\n  \"a\": 1\n}");
        assert_eq!(shown_text("<b>hi</b>"), "<b>hi</b>");
        let long = shown_text(&"é".repeat(MOST_SHOWN));
        assert!(long.len() < MOST_SHOWN + 100 && long.ends_with("bytes more"), "{}", long.len());
    }
}
