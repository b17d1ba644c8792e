//! A chart as an SVG path: what the first HTML shows, before ECharts is there or without JavaScript at all, and what small
//! tiles use.

use std::fmt::Write as _;

use nephoscope_model::metrics::Series;

use super::data::{Span, with_gaps};

/// The two paths of a sketch in a box of the given size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// The line.
    pub line: String,
    /// The area under it.
    pub area: String,
}

/// Draws a series into a box of `width` × `height`. Nothing to draw gives empty paths.
#[must_use]
pub fn sketch(series: &Series, span: Span, width: f64, height: f64) -> Sketch {
    let points = with_gaps(series);
    let values = || points.iter().filter_map(|(_, value)| *value);
    let low = values().fold(0.0, f64::min);
    let high = values().fold(low, f64::max);
    let reach = if high > low { (high - low) * 1.08 } else { 1.0 };
    #[expect(clippy::cast_precision_loss, reason = "a span is a few weeks at most")]
    let length = (span.to.as_millis() - span.from.as_millis()).max(1) as f64;

    let mut out = Sketch::default();
    let mut run: Vec<(f64, f64)> = Vec::new();
    for (at, value) in points {
        if let Some(value) = value {
            #[expect(clippy::cast_precision_loss, reason = "inside the span")]
            let x = (at.as_millis() - span.from.as_millis()) as f64 / length * width;
            run.push((x.clamp(0.0, width), height - (value - low) / reach * height));
        } else {
            finish_run(&mut out, &mut run, height);
        }
    }
    finish_run(&mut out, &mut run, height);
    out
}

fn finish_run(out: &mut Sketch, run: &mut Vec<(f64, f64)>, height: f64) {
    let (Some(first), Some(last)) = (run.first().copied(), run.last().copied()) else { return };
    let mut path = String::new();
    for (index, (x, y)) in run.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    if run.len() == 1 {
        // A line of no length is drawn as a dot by round caps.
        path.push_str("h0");
    }
    let _ = write!(out.area, "{path}L{:.1} {height:.1}L{:.1} {height:.1}Z", last.0, first.0);
    out.line.push_str(&path);
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::series;
    use super::*;
    use nephoscope_model::Timestamp;

    #[test]
    fn a_line_is_drawn_in_runs_and_stays_in_its_box() {
        let span = Span::ending_at(Timestamp::from_millis(1_000_000), 1_000);
        let drawn = sketch(
            &series("Percent", 100, &[(0, 0.0), (100, 50.0), (500, 100.0), (600, 25.0)]),
            span,
            100.0,
            50.0,
        );
        assert_eq!(drawn.line.matches('M').count(), 2);
        assert!(drawn.line.starts_with("M0.0 50.0L10.0 "));
        assert_eq!(drawn.area.matches('Z').count(), 2);
        assert_eq!(sketch(&series("Percent", 60, &[]), span, 100.0, 50.0), Sketch::default());
        let dot = sketch(&series("Percent", 60, &[(500, 3.0)]), span, 100.0, 50.0);
        assert!(dot.line.ends_with("h0"));
    }
}
