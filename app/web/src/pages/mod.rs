//! The pages, one module for each area.

mod activity;
pub mod api_docs;
mod dashboard;
pub mod ec2;
mod login;
pub mod logs;
mod not_found;

pub use activity::ActivityPage;
pub use api_docs::ApiDocsPage;
pub use dashboard::DashboardPage;
pub use login::LoginPage;
pub use not_found::NotFoundPage;
