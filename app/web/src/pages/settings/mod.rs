//! Settings: one's own account, AWS accounts, and people. Their forms are plain ones, which the server answers by itself.

mod accounts;
mod me;
mod parts;
mod people;
mod person;

pub use accounts::AccountsPage;
pub use me::MePage;
pub use people::PeoplePage;
pub use person::PersonPage;
