//! What lists have in common. An address says which rows and columns are shown and in which order ([`Query`]), one pure function
//! answers it ([`show`]), the whole list lives in the browser ([`Items`]), and [`parts`] draws what stands around the rows. A page
//! brings its columns, its filter and its cells.

pub mod items;
pub mod parts;
pub mod query;

pub use items::{Items, Loaded};
pub use query::{Column, PAGE, Query, Shown, bounds, param, show};
