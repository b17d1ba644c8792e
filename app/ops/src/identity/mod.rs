//! Who is who: passwords, keys, tokens, sessions and people.

pub(crate) mod login_limit;
mod me;
mod openid;
pub(crate) mod password;
mod rotation;
mod second_factor;
mod session;
pub(crate) mod signing_keys;
pub(crate) mod token;
mod users;
mod visitor;

pub use login_limit::LoginLimits;
pub use me::NewTokenRequest;
pub use openid::{ProviderAnswer, ProviderLogin, ProviderSettings, Providers};
pub use session::{LoggedIn, PersonChanged, Session};
pub use signing_keys::{SigningKey, SigningKeys};
pub use token::TOKEN_LIFETIME_SECS;
pub use visitor::Visitor;
