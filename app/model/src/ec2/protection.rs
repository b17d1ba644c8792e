//! What an instance is protected against.

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, Result};

use super::InstanceId;

/// What an instance is protected against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// Whether AWS refuses to terminate it, whoever asks.
    pub termination: bool,
}

impl Protection {
    /// Makes sure that an instance may be terminated.
    ///
    /// # Errors
    /// `conflict` while it is protected.
    pub fn check_termination(self, id: &InstanceId) -> Result<()> {
        if !self.termination {
            return Ok(());
        }
        Err(Error::new(ErrorCode::Conflict, format!("Termination protection of {id} is on."))
            .with_hint("Lift it first, on the instance's page or with PUT /api/ec2/{id}/protection."))
    }
}
