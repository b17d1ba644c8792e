//! A metric as a picture, as four numbers, as a table and as a file.

use leptos::prelude::*;
use nephoscope_model::metrics::{Point, Series};

use super::{
    ChartHost,
    data::{Span, Summary, describe, scale_of, to_csv},
    options::{Palette, series_options},
    sketch::sketch,
};
use crate::{
    components::{dynamic, text},
    csv,
};

/// The chart of one metric, which may change while it is shown.
#[component]
pub fn SeriesChart(
    /// The points.
    #[prop(into)]
    series: Signal<Series>,
    /// The stretch of time to show.
    #[prop(into)]
    span: Signal<Span>,
    /// The name of the file that the CSV button saves.
    #[prop(into)]
    file_name: Signal<String>,
) -> impl IntoView {
    let options = Callback::new(move |palette: &'static Palette| {
        series.with(|series| series_options(series, span.get(), palette).to_string())
    });
    let label = text(move || series.with(describe));
    let is_empty = Signal::derive(move || series.with(|series| series.points.is_empty()));
    view! {
        <figure class="flex flex-col gap-3">
            <SummaryNumbers series=series />
            <div class="relative">
                <ChartHost options=options label=label>
                    <SketchOf series=series span=span />
                </ChartHost>
                <p
                    class="quiet absolute inset-0 flex items-center justify-center"
                    hidden=Signal::derive(move || !is_empty.get())
                >
                    "No data points in this range."
                </p>
            </div>
            <PointsTable series=series is_empty=is_empty file_name=file_name />
        </figure>
    }
}

/// Last, minimum, average and maximum.
#[component]
fn SummaryNumbers(series: Signal<Series>) -> impl IntoView {
    let entry = move |label: &'static str, pick: fn(Summary) -> f64| {
        let number = text(move || {
            series.with(|series| {
                Summary::of(series).map_or_else(|| "–".to_owned(), |all| scale_of(series).format(pick(all)))
            })
        });
        view! {
            <div class="flex items-baseline gap-1.5">
                <dt class="quiet text-xs">{label}</dt>
                <dd class="font-semibold tabular-nums">{number}</dd>
            </div>
        }
        .into_any()
    };
    view! {
        <dl class="flex flex-wrap gap-x-6 gap-y-1">
            {entry("Last", |all| all.last)} {entry("Minimum", |all| all.min)} {entry("Average", |all| all.average)}
            {entry("Maximum", |all| all.max)}
        </dl>
    }
}

/// The picture that needs no script.
#[component]
fn SketchOf(series: Signal<Series>, span: Signal<Span>) -> impl IntoView {
    let drawn = Memo::new(move |_| series.with(|series| sketch(series, span.get(), 1000.0, 240.0)));
    view! {
        <svg viewBox="0 0 1000 240" preserveAspectRatio="none" class="h-full w-full text-primary" aria-hidden="true">
            <path d=text(move || drawn.get().area) fill="currentColor" fill-opacity="0.14"></path>
            <path
                d=text(move || drawn.get().line)
                fill="none"
                stroke="currentColor"
                stroke-width="1.75"
                stroke-linecap="round"
                stroke-linejoin="round"
                vector-effect="non-scaling-stroke"
            ></path>
        </svg>
    }
}

/// Every point, newest first, and the button that saves them.
#[component]
fn PointsTable(series: Signal<Series>, is_empty: Signal<bool>, file_name: Signal<String>) -> impl IntoView {
    let save = move |_| csv::save(&file_name.get_untracked(), &series.with_untracked(to_csv));
    let rows = dynamic(move || {
        let series = series.get();
        let scale = scale_of(&series);
        let row = |point: &Point| {
            view! {
                <tr>
                    <td class="tabular-nums">
                        <time datetime=point.at.to_string()>{point.at.to_utc_text()}</time>
                    </td>
                    <td class="num">{scale.format(point.value)}</td>
                </tr>
            }
            .into_any()
        };
        series.points.iter().rev().map(row).collect::<Vec<_>>().into_any()
    });
    view! {
        <div class="flex flex-wrap items-start justify-between gap-2">
            <details class="min-w-0 flex-1">
                <summary class="quiet w-fit cursor-pointer">
                    "Data table"
                    <span class="ml-1 tabular-nums">
                        {text(move || format!("({})", series.with(|series| series.points.len())))}
                    </span>
                </summary>
                <div
                    class="mt-2 max-h-80 overflow-auto rounded-box border border-base-300"
                    tabindex="0"
                    role="region"
                    aria-label="Data points"
                >
                    <table class="data-table is-plain">
                        <thead>
                            <tr>
                                <th scope="col">"Time"</th>
                                <th scope="col" class="num">
                                    {text(move || series.with(|series| series.statistic.as_str().to_owned()))}
                                </th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
            <button
                type="button"
                class="btn btn-ghost btn-xs needs-js"
                disabled=is_empty
                on:click=save
            >
                "Download CSV"
            </button>
        </div>
    }
}
