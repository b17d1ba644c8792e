//! Lambda functions: the list (`/lambda`) and one of them (`/lambda/{name}`).

mod deploy;
mod detail;
mod environment;
pub mod filter;
mod list;
mod parts;
pub mod query;
mod test_run;

pub use detail::FunctionPage;
pub use list::FunctionsPage;
