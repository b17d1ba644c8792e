//! Who is who: passwords, tokens, sessions and users.

pub(crate) mod login_limit;
pub(crate) mod password;
mod session;
pub(crate) mod token;
mod users;

pub use login_limit::LoginLimits;
pub use session::Session;
pub use token::{SigningKey, TOKEN_LIFETIME_SECS};
