//! The routes, in process: the real router, operations and SQLite, on a cloud that plays recorded answers. The modules mirror the URLs.

mod audit;
mod authenticate;
mod bad_input;
mod ec2;
mod live;
mod logs;
mod pages;
mod probes;
mod site;
mod world;
