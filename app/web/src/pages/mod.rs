//! The pages, one module for each area.

mod activity;
pub mod api_docs;
mod dashboard;
pub mod ec2;
pub mod lambda;
pub mod login;
pub mod logs;
mod not_found;
pub mod s3;
pub mod settings;

pub use activity::{ActivityPage, UsagePage};
pub use api_docs::ApiDocsPage;
pub use dashboard::DashboardPage;
pub use login::LoginPage;
pub use not_found::NotFoundPage;
