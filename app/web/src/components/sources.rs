//! Accounts and regions that could not be asked.

use leptos::prelude::*;
use nephoscope_model::Source;

use super::{
    account_tag::PlaceTag,
    dynamic::{dynamic, nothing},
    icons::{Glyph, Icon},
};

/// Names each account and region that failed, and why. Shows nothing while all of them answer.
///
/// ```ignore
/// view! { <SourceFailures sources=move || listing.get().sources/> }
/// ```
#[component]
pub fn SourceFailures(
    /// All that were asked; those without an error are passed over.
    #[prop(into)]
    sources: Signal<Vec<Source>>,
    /// What was asked for (`The prices`), where that is not what the page is about.
    #[prop(optional)]
    what: &'static str,
) -> impl IntoView {
    dynamic(move || failures_view(sources.get(), what))
}

fn failures_view(all: Vec<Source>, what: &str) -> AnyView {
    let asked = all.len();
    let failed: Vec<_> = all.into_iter().filter_map(|source| Some((source.place, source.error?))).collect();
    if failed.is_empty() {
        return nothing();
    }
    let summary = summary(what, failed.len(), asked);
    let open = failed.len() <= 3;
    let items = failed
        .into_iter()
        .map(|(place, error)| {
            let code = error.aws.and_then(|aws| aws.code);
            view! {
                <li>
                    <PlaceTag place=place/>
                    <span>
                        {error.message} {error.hint.map(|hint| view! { <span class="quiet">" " {hint}</span> })}
                        {code.map(|code| view! { " " <code>{code}</code> })}
                    </span>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <details class="notice notice-warn source-failures" open=open>
            <summary>
                <Icon glyph=Glyph::Alert/>
                <span>{summary}</span>
            </summary>
            <ul>{items}</ul>
        </details>
    }
    .into_any()
}

fn summary(what: &str, failed: usize, asked: usize) -> String {
    if !what.is_empty() {
        return format!("{what} of {failed} of {asked} accounts and regions could not be read.");
    }
    if failed == asked {
        return "None of the accounts and regions could be asked.".to_owned();
    }
    format!("{failed} of {asked} accounts and regions could not be asked. What the others have is shown.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_failure_is_said_plainly() {
        assert!(summary("", 2, 2).starts_with("None"));
        assert!(summary("", 1, 6).starts_with("1 of 6"));
    }

    #[test]
    fn what_was_asked_beside_the_list_is_named() {
        let words = "The status checks of 1 of 1 accounts and regions could not be read.";
        assert_eq!(summary("The status checks", 1, 1), words);
    }
}
