//! The routes, in process: the real router, operations and SQLite, on a cloud that plays recorded answers. The modules mirror the URLs.

mod accounts;
mod audit;
mod authenticate;
mod bad_input;
mod csrf;
mod ec2;
mod headers;
mod limits;
mod live;
mod logs;
mod me;
mod openid;
mod pages;
mod people;
mod permissions;
mod probes;
mod proxy;
mod read_only;
mod second_factor;
mod secrets;
mod site;
mod tls;
mod world;
