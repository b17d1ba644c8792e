//! `/activity/usage`: how often AWS was called, for whom, and what that cost.

use leptos::prelude::*;
use nephoscope_model::{
    AccountId,
    usage::{UsageReport, UsageRow, dollars},
};

use super::AreaTabs;
use crate::{
    api::{ApiResult, fails_page, usage::read_usage},
    components::{
        AccountTag, EmptyState, ErrorNotice, Glyph, PageHeader, Segmented, StatTile, TabLink, wait_for,
    },
    params::use_params,
    paths::{self, Link},
    scope::use_scope,
};

/// The parameter of the URL.
const DAYS: &str = "days";
/// What can be chosen, in days.
const RANGES: [u16; 4] = [1, 7, 30, 90];
/// What is shown when nothing is chosen.
const DEFAULT: u16 = 7;
/// Lines that a page shows; the API has all.
const MOST: usize = 500;

/// Calls of one kind, well or not.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    day: String,
    user: String,
    account: AccountId,
    call: String,
    calls: i64,
    failed: i64,
    cost_micros: i64,
}

/// The page; administrators only have it.
#[component]
pub fn UsagePage() -> impl IntoView {
    let params = use_params();
    let scope = use_scope();
    let days = Memo::new(move |_| {
        let chosen = params.with(|params| params.get(DAYS)).parse().unwrap_or(DEFAULT);
        if RANGES.contains(&chosen) { chosen } else { DEFAULT }
    });
    let report =
        Resource::new(move || days.get(), |days| async move { read_usage(days).await.map_err(fails_page) });
    let ranges = Signal::derive(move || {
        let at = paths::usage(&scope.get());
        RANGES
            .into_iter()
            .map(|range| {
                let label = if range == 1 { "Today".to_owned() } else { format!("{range} days") };
                let href = Link::new(&at).query(DAYS, &range.to_string()).build();
                TabLink::new(label, href, range == days.get())
            })
            .collect::<Vec<_>>()
    });
    view! {
        <PageHeader
            title="AWS calls"
            text="How often AWS was called, for whom, and what it charges for that by its list prices. Days are in UTC."
        >
            <Segmented label="Days" links=ranges/>
        </PageHeader>
        <AreaTabs usage=true/>
        {wait_for("Reading the counts", move || Box::pin(async move { report_view(report.await) }))}
    }
}

fn report_view(report: ApiResult<UsageReport>) -> AnyView {
    let report = match report {
        Ok(report) => report,
        Err(error) => return view! { <ErrorNotice error=error.0/> }.into_any(),
    };
    if report.rows.is_empty() {
        return view! {
            <section class="panel">
                <EmptyState
                    title="AWS was not called"
                    text="Calls are counted as they end, and shown within a few seconds."
                    glyph=Glyph::Activity
                />
            </section>
        }
        .into_any();
    }
    let failed: i64 = report.rows.iter().filter(|row| row.error.is_some()).map(|row| row.calls).sum();
    let (calls, cost) = (report.calls, report.cost_micros);
    let mut lines = lines_of(report.rows);
    let cut = report.is_cut || lines.len() > MOST;
    lines.truncate(MOST);
    view! {
        <section class="stat-row" aria-label="Sums">
            <StatTile label="Calls" value=calls.to_string()/>
            <StatTile label="Failed" value=failed.to_string()/>
            <StatTile label="Cost" value=dollars(cost)/>
        </section>
        <section class="panel">
            <div class="table-scroll" tabindex="0" role="region" aria-label="AWS calls">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Day"</th>
                            <th scope="col">"Who"</th>
                            <th scope="col">"Account"</th>
                            <th scope="col">"Call"</th>
                            <th scope="col" class="num">"Calls"</th>
                            <th scope="col" class="num">"Failed"</th>
                            <th scope="col" class="num">"Cost"</th>
                        </tr>
                    </thead>
                    <tbody>{lines.into_iter().map(line_view).collect::<Vec<_>>()}</tbody>
                </table>
            </div>
            {cut
                .then(|| {
                    view! {
                        <p class="panel-body quiet">
                            "Only the newest are shown. GET /api/usage has more, for the days you ask for."
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}

fn line_view(line: Line) -> AnyView {
    view! {
        <tr>
            <td class="nowrap">{line.day}</td>
            <td class="clip">{line.user}</td>
            <td class="nowrap"><AccountTag account=line.account/></td>
            <td class="mono nowrap">{line.call}</td>
            <td class="num">{line.calls.to_string()}</td>
            <td class="num">{line.failed.to_string()}</td>
            <td class="num">{if line.cost_micros == 0 { "–".to_owned() } else { dollars(line.cost_micros) }}</td>
        </tr>
    }
    .into_any()
}

/// Puts together what differs only in how it ended; the rows come in that order.
fn lines_of(rows: Vec<UsageRow>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in rows {
        let call = format!("{}:{}", row.service, row.operation);
        let failed = if row.error.is_some() { row.calls } else { 0 };
        match lines.last_mut() {
            Some(last)
                if last.day == row.day
                    && last.user == row.user
                    && last.account == row.account
                    && last.call == call =>
            {
                last.calls += row.calls;
                last.failed += failed;
                last.cost_micros += row.cost_micros;
            }
            _ => lines.push(Line {
                day: row.day,
                user: row.user,
                account: row.account,
                call,
                calls: row.calls,
                failed,
                cost_micros: row.cost_micros,
            }),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use nephoscope_model::ErrorCode;

    use super::*;

    fn row(operation: &str, error: Option<ErrorCode>, calls: i64) -> UsageRow {
        UsageRow {
            day: "2026-11-20".to_owned(),
            user: "ada".to_owned(),
            account: "111111111111".parse().expect("an account"),
            service: "ec2".to_owned(),
            operation: operation.to_owned(),
            error,
            calls,
            cost_micros: calls * 10,
        }
    }

    #[test]
    fn outcomes_of_one_call_are_one_line() {
        let lines = lines_of(vec![
            row("StopInstances", None, 3),
            row("StopInstances", Some(ErrorCode::AwsDenied), 2),
            row("TerminateInstances", None, 1),
        ]);
        let lines: Vec<_> = lines
            .iter()
            .map(|line| (line.call.as_str(), line.calls, line.failed, line.cost_micros))
            .collect();
        assert_eq!(lines, [("ec2:StopInstances", 5, 2, 50), ("ec2:TerminateInstances", 1, 0, 10)]);
    }
}
