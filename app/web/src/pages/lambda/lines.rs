//! Lines of a function's log, where only a few are shown.

use leptos::prelude::*;
use nephoscope_model::{Place, Scope, logs::LogRow};

use crate::{
    components::{Time, nothing, plain_table},
    pages::logs::{
        query::Chosen,
        text::{beginning, visible},
    },
};

/// The address of one stream of a log.
pub(super) fn stream_href(place: &Place, group: &str, stream: &str, scope: &Scope) -> String {
    let streams = if stream.is_empty() { Vec::new() } else { vec![stream.to_owned()] };
    Chosen { place: place.clone(), group: group.to_owned(), streams }.href("", scope)
}

/// A table of lines: their times, each leading to its stream where `href` knows one, and their texts.
pub(super) fn lines_table<'a>(
    label: &'static str,
    rows: impl Iterator<Item = &'a LogRow>,
    href: impl Fn(&LogRow) -> Option<String>,
) -> AnyView {
    plain_table(label, &["Time", "Line"], rows.map(|row| line(row, href(row))).collect())
}

fn line(row: &LogRow, href: Option<String>) -> AnyView {
    let at = view! { <Time at=row.timestamp/> }.into_any();
    let at = match href {
        Some(href) => view! { <a href=href>{at}</a> }.into_any(),
        None => at,
    };
    let all = visible(&row.message).into_owned();
    let (shown, left_out) = beginning(&all);
    let shown = shown.to_owned();
    let more = match left_out {
        0 => nothing(),
        _ => view! { <span class="quiet">{format!(" … {left_out} more characters")}</span> }.into_any(),
    };
    view! {
        <tr>
            <td class="tabular-nums align-top">{at}</td>
            <td class="wrap">
                <span class="font-mono text-xs whitespace-pre-wrap break-all">{shown}</span>
                {more}
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_an_address_whatever_it_is_called() {
        let place = crate::paths::parse_place("111111111111/us-east-1").expect("a place");
        let href = stream_href(&place, "/aws/lambda/f", "2026/11/20/[$LATEST]ab", &Scope::default());
        assert_eq!(
            href,
            "/logs?at=111111111111/us-east-1&group=/aws/lambda/f&stream=2026/11/20/%5B%24LATEST%5Dab"
        );
        assert!(!stream_href(&place, "g", "", &Scope::default()).contains("stream"));
    }
}
