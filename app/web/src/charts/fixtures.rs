//! Series for the tests of this module.

use nephoscope_model::{
    Timestamp,
    metrics::{Point, Series, Statistic},
};

/// A series of `(second, value)`.
pub(super) fn series(unit: &str, period: i32, points: &[(i64, f64)]) -> Series {
    Series {
        metric: "CPUUtilization".to_owned(),
        statistic: Statistic::Average,
        period,
        unit: unit.to_owned(),
        points: points
            .iter()
            .map(|(second, value)| Point { at: Timestamp::from_millis(second * 1000), value: *value })
            .collect(),
    }
}
