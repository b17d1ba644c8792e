//! The newest errors of a function's log.

use leptos::prelude::*;
use nephoscope_model::{Place, lambda::FunctionDetails, logs::LogRow};

use super::lines::{lines_table, stream_href};
use crate::{
    api::{ApiResult, lambda::function_errors},
    components::{EmptyState, Glyph, Icon, Panel, Segmented, TabLink, failure, text, wait_for},
    params::use_params,
    paths::{self, Link, param},
    scope::use_scope,
};

/// How far back can be looked, in hours, and what the choice says.
const RANGES: [(u32, &str); 4] = [(1, "1h"), (3, "3h"), (24, "1d"), (168, "1w")];

/// The parameter of the address that says how far back.
const RANGE: &str = "range";

/// The hours that the address says; the first choice when it says none.
fn hours_of(word: &str) -> u32 {
    RANGES.iter().find(|(_, label)| *label == word).map_or(RANGES[0].0, |(hours, _)| *hours)
}

/// The lines, and how far back is looked.
pub(super) fn errors_view(details: &FunctionDetails) -> AnyView {
    let (place, name) = (details.function.place(), details.function.name.clone());
    let scope = use_scope();
    let params = use_params();
    let hours = Memo::new(move |_| params.with(|params| hours_of(&params.get(RANGE))));
    let rows: Resource<ApiResult<Vec<LogRow>>> = {
        let (place, name) = (place.clone(), name.clone());
        Resource::new(move || hours.get(), move |hours| function_errors(place.clone(), name.clone(), hours))
    };
    let retry = Callback::new(move |()| rows.refetch());
    let links = {
        let base = Link::new("/lambda").segment(name.as_str()).at(&place).query(param::PART, "errors");
        Signal::derive(move || {
            let link = |(hours_back, label): (u32, &'static str)| {
                let range = if hours_back == RANGES[0].0 { "" } else { label };
                let href = base.clone().query(RANGE, range).scope(&scope.get()).build();
                TabLink::new(label, href, hours.get() == hours_back)
            };
            RANGES.map(link).to_vec()
        })
    };
    let group = details.log_group.clone();
    let logs = {
        let (place, group) = (place.clone(), group.clone());
        text(move || paths::log_group(&place, &group, &scope.get()))
    };
    let actions = move || {
        view! {
            <Segmented label="Time range" links=links/>
            <a class="btn btn-ghost btn-xs" href=logs>
                <Icon glyph=Glyph::Logs/>
                "Logs"
            </a>
        }
    };
    let body = wait_for("Loading errors", move || {
        let (place, group) = (place.clone(), group.clone());
        Box::pin(async move {
            match rows.await {
                Ok(rows) => rows_view(&rows, &place, &group),
                Err(error) => failure(error.0, retry),
            }
        })
    });
    view! {
        <Panel title="Recent errors" actions=actions>
            {body}
        </Panel>
    }
    .into_any()
}

fn rows_view(rows: &[LogRow], place: &Place, group: &str) -> AnyView {
    if rows.is_empty() {
        return view! {
            <EmptyState
                title="No errors"
                text="No line of its log tells of an error in this time."
                glyph=Glyph::Check
            />
        }
        .into_any();
    }
    let scope = use_scope().get_untracked();
    let href = |row: &LogRow| Some(stream_href(place, group, &row.log_stream_name, &scope));
    // The newest is what people look for.
    lines_table("Recent errors", rows.iter().rev(), href)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_how_far_back() {
        assert_eq!((hours_of(""), hours_of("1w"), hours_of("99y")), (1, 168, 1));
    }
}
