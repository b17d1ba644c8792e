//! Volumes, snapshots, elastic addresses and security groups (`/ec2/volumes`, …): one page for all four, which differ in their columns
//! and in what is told of one.

mod bulk;
pub mod columns;
mod details;
pub mod filter;
mod page;
pub mod query;
mod table;

pub use page::ResourcesPage;
