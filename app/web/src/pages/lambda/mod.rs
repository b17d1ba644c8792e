//! Lambda functions: the list (`/lambda`) and one of them (`/lambda/{name}`).

mod alias_form;
mod bulk;
pub mod columns;
mod deed;
mod deploy;
mod detail;
mod environment;
mod errors;
mod events;
pub mod filter;
mod invocation_log;
mod lines;
mod list;
mod manage;
mod parts;
pub mod query;
mod table;
mod test_run;
mod text_panel;
mod triggers;
mod version_words;
mod versions;

pub use detail::FunctionPage;
pub use list::FunctionsPage;
