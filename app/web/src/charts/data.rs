//! What a series says without a picture: its summary, its table and its file; and how live points join it.

use std::fmt::Write as _;

use nephoscope_model::{
    Timestamp,
    metrics::{Point, Series},
};

use super::unit::Scale;
use crate::csv;

/// The stretch of time that a chart shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its left edge.
    pub from: Timestamp,
    /// Its right edge.
    pub to: Timestamp,
}

impl Span {
    /// So many seconds that end at a time.
    #[must_use]
    pub fn ending_at(to: Timestamp, seconds: i64) -> Self {
        Self { from: to.plus_millis(seconds.saturating_mul(-1000)), to }
    }
}

/// A few numbers about a series, in its raw unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The smallest.
    pub min: f64,
    /// The mean of all points.
    pub average: f64,
    /// The largest.
    pub max: f64,
    /// The newest.
    pub last: f64,
}

impl Summary {
    /// Of a series; `None` when it has no points.
    #[must_use]
    pub fn of(series: &Series) -> Option<Self> {
        let values = || series.points.iter().map(|point| point.value).filter(|value| value.is_finite());
        let last = values().next_back()?;
        #[expect(clippy::cast_precision_loss, reason = "there are at most a few thousand points")]
        let count = values().count() as f64;
        Some(Self {
            min: values().fold(f64::INFINITY, f64::min),
            average: values().sum::<f64>() / count,
            max: values().fold(f64::NEG_INFINITY, f64::max),
            last,
        })
    }
}

/// The scale that suits all points of a series.
#[must_use]
pub fn scale_of(series: &Series) -> Scale {
    let largest = series
        .points
        .iter()
        .map(|point| point.value.abs())
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    Scale::choose(&series.unit, largest)
}

/// The sentence that stands for the chart when it cannot be seen.
#[must_use]
pub fn describe(series: &Series) -> String {
    let scale = scale_of(series);
    match Summary::of(series) {
        None => format!("{}: no data in this range.", series.metric),
        Some(summary) => format!(
            "{} ({}): last {}, minimum {}, average {}, maximum {}; {} points.",
            series.metric,
            series.statistic.as_str(),
            scale.format(summary.last),
            scale.format(summary.min),
            scale.format(summary.average),
            scale.format(summary.max),
            series.points.len()
        ),
    }
}

/// Joins what is new or changed with what is known, and lets go of what has left the span.
pub fn merge(series: &mut Series, update: Series, span: Span) {
    if series.unit.is_empty() {
        series.unit = update.unit;
    }
    for point in update.points {
        match series.points.binary_search_by_key(&point.at, |known| known.at) {
            Ok(index) => series.points[index] = point,
            Err(index) => series.points.insert(index, point),
        }
    }
    series.points.retain(|point| point.at >= span.from);
}

/// The points with a hole (`None`) wherever periods are missing, so that a line is not drawn over what was not measured. CloudWatch's
/// basic metrics come every five minutes even when a shorter period is asked for, so a hole is what is longer than the
/// usual distance of this series.
#[must_use]
pub fn with_gaps(series: &Series) -> Vec<(Timestamp, Option<f64>)> {
    let step = usual_step(&series.points, i64::from(series.period.max(1)) * 1000);
    let mut out: Vec<(Timestamp, Option<f64>)> = Vec::with_capacity(series.points.len());
    for point in &series.points {
        if let Some((before, Some(_))) = out.last().copied()
            && point.at.as_millis() - before.as_millis() > step + step / 2
        {
            out.push((before.plus_millis(step), None));
        }
        out.push((point.at, point.value.is_finite().then_some(point.value)));
    }
    out
}

/// The median distance of two points, at least the period.
fn usual_step(points: &[Point], period_millis: i64) -> i64 {
    let mut steps: Vec<i64> =
        points.windows(2).map(|pair| pair[1].at.as_millis() - pair[0].at.as_millis()).collect();
    if steps.is_empty() {
        return period_millis;
    }
    let middle = steps.len() / 2;
    let (_, median, _) = steps.select_nth_unstable(middle);
    (*median).max(period_millis)
}

/// The series as a file that spreadsheets read. Names come from outside, so cells that a spreadsheet would run as a formula
/// are defused.
#[must_use]
pub fn to_csv(series: &Series) -> String {
    let mut out =
        format!("time,{},unit\r\n", csv::cell(&format!("{} ({})", series.metric, series.statistic.as_str())));
    let unit = csv::cell(&series.unit);
    for point in &series.points {
        // Writing to a String cannot fail.
        let _ = write!(out, "{},{},{unit}\r\n", point.at, point.value);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::series;
    use super::*;

    #[test]
    fn a_summary_has_the_four_numbers_and_none_of_nothing() {
        let series = series("Percent", 300, &[(0, 10.0), (300, 30.0), (600, 20.0)]);
        assert_eq!(Summary::of(&series), Some(Summary { min: 10.0, average: 20.0, max: 30.0, last: 20.0 }));
        assert_eq!(
            describe(&series),
            "CPUUtilization (Average): last 20 %, minimum 10 %, average 20 %, maximum 30 %; 3 points."
        );
        let empty = Series { points: Vec::new(), ..series };
        assert_eq!(Summary::of(&empty), None);
        assert_eq!(describe(&empty), "CPUUtilization: no data in this range.");
    }

    #[test]
    fn missing_periods_become_holes_but_a_coarser_rhythm_does_not() {
        let series_with_hole = series("Percent", 300, &[(0, 1.0), (300, 2.0), (1_500, 3.0), (1_800, 4.0)]);
        let holes: Vec<_> = with_gaps(&series_with_hole).into_iter().filter(|(_, v)| v.is_none()).collect();
        assert_eq!(holes, [(Timestamp::from_millis(600_000), None)]);
        let coarse = series("Percent", 60, &[(0, 1.0), (300, 2.0), (600, 3.0), (900, 4.0)]);
        assert!(with_gaps(&coarse).iter().all(|(_, value)| value.is_some()));
        assert!(with_gaps(&series("Percent", 0, &[])).is_empty());
    }

    #[test]
    fn live_points_replace_append_and_push_the_old_ones_out() {
        let mut known = series("", 60, &[(0, 1.0), (60, 2.0)]);
        let update = series("Percent", 60, &[(60, 2.5), (120, 3.0)]);
        merge(&mut known, update, Span::ending_at(Timestamp::from_millis(180_000), 120));
        assert_eq!(known.points, series("", 60, &[(60, 2.5), (120, 3.0)]).points);
        assert_eq!(known.unit, "Percent");
    }

    #[test]
    fn a_file_is_plain_and_runs_no_formula() {
        let mut series = series("Percent", 60, &[(0, 1.5)]);
        series.metric = "=cmd|' /C calc'!A0,\"x\"".to_owned();
        assert_eq!(
            to_csv(&series),
            "time,\"'=cmd|' /C calc'!A0,\"\"x\"\" (Average)\",unit\r\n1970-01-01T00:00:00.000Z,1.5,Percent\r\n"
        );
    }
}
