//! EC2 instances: the list (`/ec2`) and one of them (`/ec2/{id}`).

mod actions;
mod bulk;
mod cells;
pub mod columns;
mod detail;
pub mod filter;
mod list;
mod metrics;
pub mod query;
mod row_menu;
mod selection;
mod table;
mod tags;
mod toolbar;

pub use detail::InstancePage;
pub use list::InstancesPage;
