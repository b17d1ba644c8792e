//! CloudWatch metrics.

use serde::{Deserialize, Serialize};

use crate::{Error, Result, Timestamp};

/// What a metric is measured of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dimension {
    /// Such as `InstanceId`.
    pub name: String,
    /// Such as `i-0123456789abcdef0`.
    pub value: String,
}

/// A metric's identity: namespace, name and dimensions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metric {
    /// Such as `AWS/EC2`.
    pub namespace: String,
    /// Such as `CPUUtilization`.
    pub name: String,
    /// What it is measured of.
    pub dimensions: Vec<Dimension>,
}

/// How the samples of one period become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "CloudWatch's own names")]
pub enum Statistic {
    #[default]
    Average,
    Minimum,
    Maximum,
    Sum,
    SampleCount,
}

impl Statistic {
    /// All statistics.
    pub const ALL: [Self; 5] = [Self::Average, Self::Minimum, Self::Maximum, Self::Sum, Self::SampleCount];

    /// CloudWatch's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::Sum => "Sum",
            Self::SampleCount => "SampleCount",
        }
    }
}

impl std::str::FromStr for Statistic {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|statistic| statistic.as_str().eq_ignore_ascii_case(text)).ok_or_else(
            || {
                Error::invalid(format!(
                    "{:?} is not a statistic: Average, Minimum, Maximum, Sum or SampleCount.",
                    crate::error::shorten(text, 40)
                ))
            },
        )
    }
}

/// A stretch of time that a chart shows, ending now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TimeRange {
    /// One hour.
    #[default]
    #[serde(rename = "1h")]
    Hour,
    /// Three hours.
    #[serde(rename = "3h")]
    ThreeHours,
    /// Twelve hours.
    #[serde(rename = "12h")]
    TwelveHours,
    /// One day.
    #[serde(rename = "1d")]
    Day,
    /// Three days.
    #[serde(rename = "3d")]
    ThreeDays,
    /// One week.
    #[serde(rename = "1w")]
    Week,
    /// Two weeks.
    #[serde(rename = "2w")]
    TwoWeeks,
}

impl TimeRange {
    /// All ranges, shortest first.
    pub const ALL: [Self; 7] = [
        Self::Hour,
        Self::ThreeHours,
        Self::TwelveHours,
        Self::Day,
        Self::ThreeDays,
        Self::Week,
        Self::TwoWeeks,
    ];

    /// As it stands in a URL and on a button.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::ThreeHours => "3h",
            Self::TwelveHours => "12h",
            Self::Day => "1d",
            Self::ThreeDays => "3d",
            Self::Week => "1w",
            Self::TwoWeeks => "2w",
        }
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::ThreeHours => 10_800,
            Self::TwelveHours => 43_200,
            Self::Day => 86_400,
            Self::ThreeDays => 259_200,
            Self::Week => 604_800,
            Self::TwoWeeks => 1_209_600,
        }
    }

    /// The period, in seconds, that gives a chart of this range between 60 and 340 points. Basic EC2 metrics come every five
    /// minutes, so nothing finer is asked for except in the shortest range, where detailed monitoring shows.
    #[must_use]
    pub const fn period(self) -> i32 {
        match self {
            Self::Hour => 60,
            Self::ThreeHours | Self::TwelveHours | Self::Day => 300,
            Self::ThreeDays => 900,
            Self::Week => 3_600,
            Self::TwoWeeks => 7_200,
        }
    }
}

impl std::str::FromStr for TimeRange {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == text).ok_or_else(|| {
            Error::invalid(format!(
                "{:?} is not a range: 1h, 3h, 12h, 1d, 3d, 1w or 2w.",
                crate::error::shorten(text, 40)
            ))
        })
    }
}

/// What to read of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatsQuery {
    /// Such as `CPUUtilization`.
    pub metric: String,
    /// How to fold samples.
    pub statistic: Statistic,
    /// From when, inclusive.
    pub from: Timestamp,
    /// Until when, exclusive.
    pub to: Timestamp,
    /// Seconds in a point: 1, 5, 10, 30 or a multiple of 60.
    pub period: i32,
}

impl StatsQuery {
    /// The most points that one answer may have; CloudWatch gives at most 1,440 for a call of `GetMetricStatistics`.
    pub const MAX_POINTS: i64 = 1_440;

    /// The query of a chart: a range that ends now. Both ends are rounded to the period, so that every viewer of the same chart
    /// asks the same question and one answer serves them all.
    #[must_use]
    pub fn for_range(metric: &str, statistic: Statistic, range: TimeRange, now: Timestamp) -> Self {
        let period = range.period();
        let step = i64::from(period);
        let end = (now.as_secs() / step + 1) * step;
        Self {
            metric: metric.to_owned(),
            statistic,
            from: Timestamp::from_millis((end - range.seconds()) * 1000),
            to: Timestamp::from_millis(end * 1000),
            period,
        }
    }

    /// Checks what CloudWatch would refuse.
    ///
    /// # Errors
    /// `invalid_input`, saying what to change.
    pub fn check(&self) -> Result<()> {
        if self.metric.is_empty() || self.metric.chars().count() > 255 {
            return Err(Error::invalid("The metric's name must have 1 to 255 characters."));
        }
        if !(matches!(self.period, 1 | 5 | 10 | 30) || (self.period > 0 && self.period % 60 == 0)) {
            return Err(Error::invalid("The period must be 1, 5, 10, 30 or a multiple of 60 seconds."));
        }
        let seconds = self.to.as_secs() - self.from.as_secs();
        if seconds <= 0 {
            return Err(Error::invalid("The start must lie before the end."));
        }
        if seconds / i64::from(self.period) > Self::MAX_POINTS {
            return Err(Error::invalid(format!(
                "That is more than {} points: choose a longer period or a shorter time.",
                Self::MAX_POINTS
            )));
        }
        Ok(())
    }
}

/// One number of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Point {
    /// The start of its period.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// In the series' unit.
    pub value: f64,
}

/// The statistics of one metric over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    /// How samples were folded.
    pub statistic: Statistic,
    /// Seconds in a point.
    pub period: i32,
    /// CloudWatch's unit, such as `Percent`; empty when there are no points to tell.
    pub unit: String,
    /// Oldest first; a period without samples has no point.
    pub points: Vec<Point>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_asks_for_a_readable_number_of_points_and_passes_its_own_check() {
        let now = Timestamp::from_millis(1_795_174_448_250);
        for range in TimeRange::ALL {
            let query = StatsQuery::for_range("CPUUtilization", Statistic::Average, range, now);
            assert_eq!(query.check(), Ok(()));
            let points = range.seconds() / i64::from(query.period);
            assert!((36..=340).contains(&points), "{range:?}: {points}");
            assert!(query.to > now && query.to.as_secs() % i64::from(query.period) == 0);
            assert_eq!(range.as_str().parse(), Ok(range));
        }
    }

    #[test]
    fn what_cloudwatch_would_refuse_is_refused_here() {
        let now = Timestamp::from_millis(1_795_174_448_250);
        let good = StatsQuery::for_range("CPUUtilization", Statistic::Sum, TimeRange::Day, now);
        assert!(StatsQuery { period: 45, ..good.clone() }.check().is_err());
        assert!(StatsQuery { period: 0, ..good.clone() }.check().is_err());
        assert!(StatsQuery { period: 1, ..good.clone() }.check().is_err());
        assert!(StatsQuery { to: good.from, ..good.clone() }.check().is_err());
        assert!(StatsQuery { metric: String::new(), ..good }.check().is_err());
    }
}
