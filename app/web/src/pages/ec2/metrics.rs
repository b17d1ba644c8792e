//! The metrics of an instance: one chart, with its metric, statistic and range in the URL, going on live.

use leptos::prelude::*;
use nephoscope_model::{
    Place, Scope, Timestamp,
    ec2::InstanceId,
    live::MetricRequest,
    metrics::{Metric, Series, Statistic, TimeRange},
};
use serde::{Deserialize, Serialize};

use crate::{
    api::{
        ApiResult,
        metrics::{get_series, list_metrics},
    },
    charts::{
        SeriesChart,
        data::{Span, merge},
    },
    components::{Kept, LiveDot, Panel, QueryForm, Segmented, TabLink, failure, text, wait_for},
    hydration::use_hydrated,
    live::{LiveUpdate, Topic, Trouble, use_live},
    params::{Params, use_params},
    paths::Link,
    scope::use_scope,
};

/// The names of the chart's own parameters.
mod param {
    pub(super) const METRIC: &str = "metric";
    pub(super) const STATISTIC: &str = "stat";
    pub(super) const RANGE: &str = "range";
}

/// What is shown before anybody chooses.
const FIRST_METRIC: &str = "CPUUtilization";

/// What the chart shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChartQuery {
    /// The metric's name.
    pub(super) metric: String,
    /// How samples are folded.
    pub(super) statistic: Statistic,
    /// How far back.
    pub(super) range: TimeRange,
}

impl ChartQuery {
    /// Reads it from the URL. What makes no sense is as if it were not there.
    #[must_use]
    pub(super) fn from_params(params: &Params) -> Self {
        let metric = params.get(param::METRIC);
        Self {
            metric: if metric.is_empty() { FIRST_METRIC.to_owned() } else { metric },
            statistic: params.get(param::STATISTIC).parse().unwrap_or_default(),
            range: params.get(param::RANGE).parse().unwrap_or(TimeRange::ThreeHours),
        }
    }

    /// The address of an instance's page that shows it.
    #[must_use]
    pub(super) fn href(&self, place: &Place, id: &InstanceId, scope: &Scope) -> String {
        Link::new("/ec2")
            .segment(id.as_str())
            .query(param::METRIC, if self.metric == FIRST_METRIC { "" } else { &self.metric })
            .query(
                param::STATISTIC,
                if self.statistic == Statistic::Average { "" } else { self.statistic.as_str() },
            )
            .query(param::RANGE, if self.range == TimeRange::ThreeHours { "" } else { self.range.as_str() })
            .at(place)
            .scope(scope)
            .build()
    }
}

/// A series and the moment it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Loaded {
    series: Series,
    at: Timestamp,
}

async fn load(place: Place, id: InstanceId, query: ChartQuery) -> ApiResult<Loaded> {
    let series = get_series(place, id, query.metric, query.statistic, query.range).await?;
    Ok(Loaded { series, at: now() })
}

fn now() -> Timestamp {
    #[cfg(feature = "ssr")]
    return Timestamp::now();
    #[cfg(not(feature = "ssr"))]
    Timestamp::from_millis(crate::browser::now_millis())
}

/// The metrics of an instance.
#[component]
pub(super) fn InstanceMetrics(
    /// Where it is.
    place: Place,
    /// Which it is.
    id: InstanceId,
) -> impl IntoView {
    let params = use_params();
    let query = Memo::new(move |_| params.with(ChartQuery::from_params));
    let scope = use_scope();
    let trouble = RwSignal::new(None::<Trouble>);
    let live = use_live();
    let metrics = {
        let (place, id) = (place.clone(), id.clone());
        Resource::new(|| (), move |()| list_metrics(place.clone(), id.clone()))
    };
    let series = {
        let (place, id) = (place.clone(), id.clone());
        Resource::new(move || query.get(), move |query| load(place.clone(), id.clone(), query))
    };
    let ranges = {
        let (place, id) = (place.clone(), id.clone());
        Signal::derive(move || {
            let query = query.get();
            let scope = scope.get();
            TimeRange::ALL
                .into_iter()
                .map(|range| {
                    let href = ChartQuery { range, ..query.clone() }.href(&place, &id, &scope);
                    TabLink::new(range.as_str(), href, range == query.range)
                })
                .collect::<Vec<_>>()
        })
    };
    let form = wait_for("Loading metrics", move || {
        Box::pin(async move {
            let known = metrics.await.unwrap_or_default();
            view! { <MetricForm known=known query=query/> }.into_any()
        })
    });
    let retry = Callback::new(move |()| series.refetch());
    let chart = wait_for("Loading metric", move || {
        let (place, id) = (place.clone(), id.clone());
        Box::pin(async move {
            match series.await {
                Ok(loaded) => {
                    let query = query.get_untracked();
                    view! { <LiveChart loaded=loaded place=place id=id query=query trouble=trouble/> }
                        .into_any()
                }
                Err(error) => failure(error.0, retry),
            }
        })
    });
    view! {
        <Panel
            title="Metrics"
            actions=move || view! { <LiveDot status=live.status_of(trouble) notice=live.notice_of(trouble)/> }
        >
            <div class="panel-body flex flex-col gap-4">
                <div class="flex flex-wrap items-end justify-between gap-3">
                    {form}
                    <Segmented label="Time range" links=ranges/>
                </div>
                {chart}
            </div>
        </Panel>
    }
}

/// Which metric, and how it is folded.
#[component]
fn MetricForm(known: Vec<Metric>, query: Memo<ChartQuery>) -> impl IntoView {
    let present = query.get_untracked();
    let names = choices(known, &present.metric);
    let hydrated = use_hydrated();
    let metric = Kept(text(move || query.get().metric));
    let statistic = Kept(text(move || query.get().statistic.as_str().to_owned()));
    view! {
        <QueryForm
            own=&[param::METRIC, param::STATISTIC]
            class="flex flex-wrap items-end gap-2"
            label="Choose a metric"
            instant=true
        >
            <label class="field">
                <span>"Metric"</span>
                <select class="select select-sm" name=param::METRIC prop:value=metric>
                    {names.into_iter().map(|name| option(name.clone(), name == present.metric)).collect::<Vec<_>>()}
                </select>
            </label>
            <label class="field">
                <span>"Statistic"</span>
                <select class="select select-sm" name=param::STATISTIC prop:value=statistic>
                    {Statistic::ALL
                        .into_iter()
                        .map(|one| option(one.as_str().to_owned(), one == present.statistic))
                        .collect::<Vec<_>>()}
                </select>
            </label>
            <button type="submit" class="btn btn-sm" hidden=hydrated>
                "Show"
            </button>
        </QueryForm>
    }
}

fn option(name: String, chosen: bool) -> AnyView {
    view! { <option value=name.clone() selected=chosen>{name.clone()}</option> }.into_any()
}

/// The names to choose from: what CloudWatch has, what is shown, and the one that every instance has.
fn choices(known: Vec<Metric>, present: &str) -> Vec<String> {
    let mut names: Vec<String> = known.into_iter().map(|metric| metric.name).collect();
    names.push(FIRST_METRIC.to_owned());
    names.push(present.to_owned());
    names.sort_unstable();
    names.dedup();
    names
}

/// The chart, going on live.
#[component]
fn LiveChart(
    loaded: Loaded,
    place: Place,
    id: InstanceId,
    query: ChartQuery,
    trouble: RwSignal<Option<Trouble>>,
) -> impl IntoView {
    let seconds = query.range.seconds();
    let end = RwSignal::new(span_end(&loaded.series, loaded.at));
    let span = Signal::derive(move || Span::ending_at(end.get(), seconds));
    let series = RwSignal::new(loaded.series);
    let file_name = format!("{id}-{}-{}.csv", file_part(&query.metric), query.range.as_str());
    let live = use_live();
    Effect::new(move |_| {
        let request = MetricRequest {
            id: String::new(),
            instance_id: id.clone(),
            account: Some(place.account.clone()),
            region: Some(place.region.clone()),
            metric: query.metric.clone(),
            statistic: query.statistic,
            range: query.range,
        };
        trouble.set(None);
        live.subscribe(Topic::Metric(request), move |update| match update {
            LiveUpdate::Metric(update) => {
                trouble.set(None);
                end.set(span_end(&update, now()).max(end.get_untracked()));
                let span = span.get_untracked();
                series.update(|series| merge(series, update, span));
            }
            LiveUpdate::Trouble(what) => trouble.set(Some(what)),
            LiveUpdate::Recovered => trouble.set(None),
            LiveUpdate::Logs { .. } | LiveUpdate::Instances { .. } | LiveUpdate::Resumed => {}
        });
    });
    view! { <SeriesChart series=series span=span file_name=Signal::stored(file_name)/> }
}

/// Where a chart ends: now, or with the last period if the clocks disagree.
fn span_end(series: &Series, now: Timestamp) -> Timestamp {
    let last =
        series.points.last().map_or(now, |point| point.at.plus_millis(i64::from(series.period) * 1000));
    now.max(last.min(now.plus_millis(7_200_000)))
}

/// The part of a text that may stand in a file's name.
fn file_part(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_chart_leaves_a_plain_address_and_others_survive_a_round_trip() {
        let place = crate::paths::parse_place("111111111111/us-east-1").expect("a place");
        let id: InstanceId = "i-0123456789abcdef0".parse().expect("an id");
        let read = |search: &str| ChartQuery::from_params(&Params::parse(search));
        let plain = read("range=a+year&stat=p99");
        assert_eq!(plain, read(""));
        let href = |query: &ChartQuery| query.href(&place, &id, &Scope::default());
        assert_eq!(href(&plain), "/ec2/i-0123456789abcdef0?at=111111111111/us-east-1");
        let other = read("metric=Disk/Read+Ops&range=2w&stat=Maximum");
        assert_eq!(
            href(&other),
            "/ec2/i-0123456789abcdef0?metric=Disk/Read%20Ops&stat=Maximum&range=2w&at=111111111111/us-east-1"
        );
    }

    #[test]
    fn the_metric_that_is_shown_can_always_be_chosen() {
        let known = ["NetworkIn", "CPUUtilization", "NetworkIn"].map(|name| Metric {
            namespace: "AWS/EC2".to_owned(),
            name: name.to_owned(),
            dimensions: Vec::new(),
        });
        assert_eq!(choices(known.to_vec(), "Gone"), ["CPUUtilization", "Gone", "NetworkIn"]);
        assert_eq!(file_part("../..\\a b<c>"), "....abc");
    }

    #[test]
    fn a_chart_ends_now_unless_the_last_period_lies_a_little_ahead() {
        let at = |second: i64| Timestamp::from_millis(second * 1000);
        let mut series = Series {
            metric: "m".to_owned(),
            statistic: Statistic::Average,
            period: 300,
            unit: String::new(),
            points: vec![nephoscope_model::metrics::Point { at: at(900), value: 1.0 }],
        };
        assert_eq!(span_end(&series, at(1_000)), at(1_200));
        assert_eq!(span_end(&series, at(5_000)), at(5_000));
        series.points.clear();
        assert_eq!(span_end(&series, at(1_000)), at(1_000));
    }
}
