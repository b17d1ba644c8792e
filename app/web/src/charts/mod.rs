//! Charts. What a chart says is pure and tested ([`data`], [`unit`], [`options`], [`sketch`]); [`ChartHost`] alone owns
//! ECharts. Every chart is also four numbers, a table and a file, so nobody needs to see it to read it.

pub mod data;
#[cfg(feature = "hydrate")]
mod echarts;
#[cfg(test)]
mod fixtures;
mod host;
pub mod options;
mod series_chart;
pub mod sketch;
pub mod unit;

pub use host::ChartHost;
pub use series_chart::SeriesChart;
