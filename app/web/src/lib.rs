//! What people see: pages, components, charts, the live connection, and the server functions behind them.
//!
//! [`App`] is the same on the server, which renders it into the first HTML, and in the browser, which takes that HTML over.
//! A page gets its data from [`api`] alone, its links from [`paths`], its look from [`components`] and `style/main.css`.

#![expect(
    unreachable_pub,
    reason = "#[component] makes the types of the properties public in private modules too"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties, whether or not it keeps them"
)]

#[expect(
    missing_docs,
    reason = "#[server] makes public fields of the arguments; the functions say what they are"
)]
pub mod api;
mod app;
pub mod browser;
pub mod charts;
pub mod components;
pub mod csv;
pub mod hydration;
pub mod listing;
pub mod live;
pub mod navigation;
pub mod pages;
pub mod params;
pub mod paths;
pub mod scope;
pub mod session;
mod sorting;
pub mod url_text;

pub use app::App;
#[cfg(feature = "ssr")]
pub use app::shell;
