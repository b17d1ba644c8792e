//! What lists have in common. An address ([`Address`]) says which rows and columns are shown and in which order ([`Query`]), one pure function
//! answers it ([`show`]), the whole list lives in the browser ([`Items`]), [`table`] draws the rows and [`parts`] what stands around
//! them, and [`bulk`] does something to all that are selected ([`Selection`]). A page brings its columns, its filter, its cells and what can be done.

pub mod address;
pub mod bulk;
pub mod chosen;
pub mod deletions;
pub mod items;
pub mod order;
pub mod parts;
pub mod query;
pub mod selection;
pub mod table;

pub use address::{Address, use_address};
pub use chosen::Chosen;
pub use deletions::Deletions;
pub use items::{Items, Loaded};
pub use order::{Sort, arranged, order, use_order};
pub use query::{Column, PAGE, Query, Row, Shown, bounds, param, show};
pub use selection::Selection;
pub use table::{Table, table_or};
