//! EC2 instances: the list (`/ec2`) and one of them (`/ec2/{id}`).

mod actions;
pub mod columns;
mod detail;
pub mod filter;
mod list;
mod metrics;
pub mod query;
mod row_menu;
mod table;
mod toolbar;

pub use detail::InstancePage;
pub use list::InstancesPage;
