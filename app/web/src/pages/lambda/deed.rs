//! What the function's page asks of the server.

pub(super) use crate::components::deed::{Deed, reason_in};
