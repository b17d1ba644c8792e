//! EC2: the list of instances (`/ec2`), one of them (`/ec2/{id}`), and what belongs to them (`/ec2/volumes`, …).

mod action_dialog;
mod actions;
pub mod beside;
mod bulk;
mod bulk_tags;
mod cells;
mod checks;
pub mod columns;
mod console;
mod departed;
mod detail;
mod facts;
pub mod filter;
mod interfaces;
mod launch;
mod list;
mod metrics;
pub mod prices;
pub mod query;
pub mod resources;
mod row_menu;
mod status;
mod table;
mod tabs;
mod tag_rows;
mod tags;
mod terminations;
mod toolbar;
mod type_change;
mod volumes;

pub use detail::InstancePage;
pub use launch::LaunchPage;
pub use list::InstancesPage;
pub use resources::ResourcesPage;
