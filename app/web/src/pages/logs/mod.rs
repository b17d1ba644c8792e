//! CloudWatch Logs: the groups of the scope (`/logs`), and the lines of one of them as they come (`/logs?at=…&group=…`).

pub mod buffer;
pub mod filter;
mod groups;
pub mod json;
mod line_view;
mod page;
pub mod query;
pub mod severity;
mod streams;
pub mod text;
mod viewer;

pub use page::LogsPage;
