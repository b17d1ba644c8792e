//! ECharts options, built with charming and tested as plain JSON.
//!
//! Only the parts of charming that are used are named (its `Chart` names every kind of series, and naming them puts all
//! their code into the browser's download). There are no functions in the options: a strict content security policy runs none.

use charming::{
    component::{Axis, Grid},
    datatype::{CompositeValue, DataPoint},
    element::{
        AreaStyle, AxisLabel, AxisLine, AxisPointer, AxisPointerType, AxisTick, AxisType, Color, ColorStop,
        ItemStyle, LineStyle, LineStyleType, SplitLine, Symbol, Tooltip, Trigger,
    },
    series::Line,
};
use nephoscope_model::metrics::Series;
use serde_json::{Value, json};

use super::data::{Span, scale_of, with_gaps};

/// The colours of a theme, as ECharts needs them on its canvas, where CSS does not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The line.
    pub line: &'static str,
    /// The area under it, at the line.
    pub area_top: &'static str,
    /// The area under it, at the axis.
    pub area_bottom: &'static str,
    /// Labels.
    pub text: &'static str,
    /// Axis lines.
    pub axis: &'static str,
    /// Lines across.
    pub rule: &'static str,
    /// The tooltip's ground.
    pub surface: &'static str,
    /// The tooltip's text.
    pub strong_text: &'static str,
}

impl Palette {
    /// For light pages.
    pub const LIGHT: Self = Self {
        line: "#0a66a8",
        area_top: "rgba(10,102,168,0.22)",
        area_bottom: "rgba(10,102,168,0.02)",
        text: "#475569",
        axis: "#94a3b8",
        rule: "#dde3eb",
        surface: "#ffffff",
        strong_text: "#16202e",
    };
    /// For dark pages.
    pub const DARK: Self = Self {
        line: "#62bdf5",
        area_top: "rgba(98,189,245,0.24)",
        area_bottom: "rgba(98,189,245,0.02)",
        text: "#94a3b8",
        axis: "#475569",
        rule: "#28344a",
        surface: "#131b27",
        strong_text: "#dce4ee",
    };
}

/// The options of a line chart of one metric over a span of time.
#[must_use]
pub fn series_options(series: &Series, span: Span, palette: &Palette) -> Value {
    let scale = scale_of(series);
    let points = with_gaps(series);
    let values = || points.iter().filter_map(|(_, value)| *value);
    let peak = scale.apply(values().fold(0.0, f64::max));
    let below_zero = values().any(|value| value < 0.0);

    let mut y_axis = Axis::new()
        .type_(AxisType::Value)
        .split_number(4.0)
        .axis_label(AxisLabel::new().color(palette.text).formatter(label_template(scale.suffix()).as_str()))
        .split_line(SplitLine::new().line_style(LineStyle::new().color(palette.rule)));
    if !below_zero {
        y_axis = y_axis.min(0.0);
    }
    if series.unit == "Percent" && (60.0..=100.0).contains(&peak) {
        y_axis = y_axis.max(100.0);
    } else if peak == 0.0 && !below_zero {
        y_axis = y_axis.max(1.0);
    }

    let x_axis = Axis::new()
        .type_(AxisType::Time)
        .min(span.from.as_millis())
        .max(span.to.as_millis())
        .axis_label(AxisLabel::new().color(palette.text))
        .axis_line(AxisLine::new().show(false))
        .axis_tick(AxisTick::new().show(false))
        .split_line(SplitLine::new().show(false));

    let pointer = AxisPointer::new()
        .type_(AxisPointerType::Line)
        .line_style(LineStyle::new().color(palette.axis).type_(LineStyleType::Dashed));
    let tooltip = Tooltip::new()
        .trigger(Trigger::Axis)
        .axis_pointer(pointer)
        .background_color(palette.surface)
        .border_color(palette.rule)
        .border_width(1.0);

    let area = Color::LinearGradient {
        x: 0.0,
        y: 0.0,
        x2: 0.0,
        y2: 1.0,
        color_stops: vec![ColorStop::new(0.0, palette.area_top), ColorStop::new(1.0, palette.area_bottom)],
    };
    let line = Line::new()
        .id("series")
        .name(series_name(series, scale.suffix()))
        .symbol(Symbol::Circle)
        .symbol_size(4.0)
        // A point between two holes has no line, and would not be seen without its symbol.
        .show_symbol(points.len() <= 40 || has_lonely_point(&points))
        .line_style(LineStyle::new().color(palette.line).width(1.75))
        .item_style(ItemStyle::new().color(palette.line))
        .area_style(AreaStyle::new().color(area))
        .data(
            points
                .iter()
                .map(|(at, value)| {
                    DataPoint::from(vec![
                        CompositeValue::from(at.as_millis()),
                        CompositeValue::from(value.map(|value| four_digits(scale.apply(value)))),
                    ])
                })
                .collect::<Vec<_>>(),
        );

    let mut tooltip = json!(tooltip);
    // What charming has no names for.
    tooltip["confine"] = json!(true);
    tooltip["textStyle"] = json!({"color": palette.strong_text, "fontSize": 12});
    tooltip["extraCssText"] = json!("box-shadow:0 4px 16px rgba(2,6,23,.18);border-radius:6px");
    let grid = Grid::new().left(8.0).right(16.0).top(16.0).bottom(4.0).contain_label(true);
    json!({
        "animation": false,
        "textStyle": {"fontFamily": "ui-sans-serif, system-ui, sans-serif"},
        "grid": grid,
        "tooltip": tooltip,
        "xAxis": x_axis,
        "yAxis": y_axis,
        "series": [line],
    })
}

/// `{value}` and the unit. The unit may come from outside: braces in it would be read as a template.
fn label_template(suffix: &str) -> String {
    if suffix.is_empty() { "{value}".to_owned() } else { format!("{{value}} {}", without_braces(suffix)) }
}

fn series_name(series: &Series, suffix: &str) -> String {
    let statistic = series.statistic.as_str();
    let unit = if suffix.is_empty() { String::new() } else { format!(", {suffix}") };
    format!("{} ({statistic}{unit})", series.metric)
}

fn without_braces(text: &str) -> String {
    text.replace(['{', '}'], "")
}

fn has_lonely_point<T>(points: &[(T, Option<f64>)]) -> bool {
    let is_some = |index: Option<usize>| {
        index.and_then(|index| points.get(index)).is_some_and(|(_, value)| value.is_some())
    };
    (0..points.len())
        .any(|index| is_some(Some(index)) && !is_some(index.checked_sub(1)) && !is_some(Some(index + 1)))
}

/// Four significant digits: what a tooltip should show, and a third of the bytes.
fn four_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the exponent of a finite number")]
    let digits = 3 - value.abs().log10().floor() as i32;
    if !(0..=12).contains(&digits) {
        return value.round();
    }
    let factor = 10_f64.powi(digits);
    (value * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::series;
    use super::*;
    use nephoscope_model::Timestamp;

    fn span() -> Span {
        Span::ending_at(Timestamp::from_millis(3_600_000), 3_600)
    }

    fn options(series: &Series) -> Value {
        series_options(series, span(), &Palette::LIGHT)
    }

    #[test]
    fn the_axes_show_the_whole_span_and_the_unit() {
        let json = options(&series("Bytes", 300, &[(0, 1_500_000.0), (300, 2_000_000.0)]));
        assert_eq!((&json["xAxis"]["min"], &json["xAxis"]["max"]), (&json!(0), &json!(3_600_000)));
        assert_eq!(json["xAxis"]["type"], "time");
        assert_eq!(json["yAxis"]["axisLabel"]["formatter"], "{value} MB");
        assert_eq!(json["yAxis"]["min"], json!(0.0));
        assert_eq!(json["series"][0]["data"], json!([[0, 1.5], [300_000, 2.0]]));
        assert_eq!(json["series"][0]["type"], "line");
        assert_eq!(json["series"][0]["name"], "CPUUtilization (Average, MB)");
    }

    #[test]
    fn missing_periods_are_null() {
        let json = options(&series("Percent", 60, &[(0, 1.0), (60, 2.0), (600, 3.0), (660, 4.0)]));
        assert_eq!(json["series"][0]["data"][2], json!([120_000, null]));
        assert!(json["series"][0].get("connectNulls").is_none());
    }

    #[test]
    fn high_percentages_are_seen_against_a_hundred_and_low_ones_up_close() {
        let high = options(&series("Percent", 60, &[(0, 93.0)]));
        assert_eq!(high["yAxis"]["max"], json!(100.0));
        assert!(options(&series("Percent", 60, &[(0, 2.0)]))["yAxis"].get("max").is_none());
        assert_eq!(options(&series("Count", 60, &[(0, 0.0)]))["yAxis"]["max"], json!(1.0));
        let negative = options(&series("Count", 60, &[(0, -5.0), (60, 3.0)]));
        assert!(negative["yAxis"].get("min").is_none());
    }

    #[test]
    fn the_colours_follow_the_theme_and_nothing_is_a_function() {
        let points = series("Percent", 60, &[(0, 1.234_567)]);
        let dark = series_options(&points, span(), &Palette::DARK).to_string();
        assert!(dark.contains(Palette::DARK.line) && !dark.contains(Palette::LIGHT.line));
        assert!(!dark.contains("function"));
        assert!(dark.contains("1.235") && !dark.contains("1.2345"));
    }

    #[test]
    fn a_hostile_unit_is_not_read_as_a_template() {
        let json = options(&series("{b}<b>", 60, &[(0, 1.0)]));
        assert_eq!(json["yAxis"]["axisLabel"]["formatter"], "{value} b<b>");
    }

    #[test]
    fn lonely_points_are_shown() {
        let mut many: Vec<(i64, f64)> = (0..60).map(|n| (n * 60, 1.0)).collect();
        assert_eq!(options(&series("Percent", 60, &many))["series"][0]["showSymbol"], json!(false));
        many.push((100_000, 1.0));
        assert_eq!(options(&series("Percent", 60, &many))["series"][0]["showSymbol"], json!(true));
    }
}
