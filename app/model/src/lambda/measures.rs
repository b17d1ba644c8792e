//! What a function did in the last day, and how much of it may run at once.

use serde::{Deserialize, Serialize};

use super::FunctionName;
use crate::{AccountId, Error, ErrorCode, Place, Region, Result};

/// What CloudWatch counted of a function in about the last 24 hours. What it has no points of is not known: a function that was not
/// invoked has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionMeasures {
    /// The function.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "order-processor"))]
    pub name: FunctionName,
    /// The account it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// How often it was invoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invocations: Option<f64>,
    /// How often it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<f64>,
    /// How long 95 of 100 invocations took at most, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95_ms: Option<f64>,
}

impl FunctionMeasures {
    /// Of a function of which nothing is known.
    #[must_use]
    pub fn unknown(place: &Place, name: FunctionName) -> Self {
        Self {
            name,
            account: place.account.clone(),
            region: place.region.clone(),
            invocations: None,
            errors: None,
            p95_ms: None,
        }
    }

    /// Where the function is.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { account: self.account.clone(), region: self.region.clone() }
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.invocations.is_none() && self.errors.is_none() && self.p95_ms.is_none()
    }
}

/// How many invocations an account may have under way in a region at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountConcurrency {
    /// Of all functions together.
    pub limit: i32,
    /// What of it is not reserved for single functions. AWS keeps 100 of it for all the others.
    pub unreserved: i32,
}

/// Makes sure that so many invocations can be reserved.
///
/// # Errors
/// `invalid_input` for less than none.
pub fn check_reserved(reserved: Option<i32>) -> Result<()> {
    if reserved.is_some_and(|reserved| reserved < 0) {
        return Err(Error::new(ErrorCode::InvalidInput, "Less than no invocations cannot be reserved.")
            .with_hint("0 stops the function; leave it out to share what the account has."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_known_is_told_from_nothing_done() {
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "us-east-1".parse().expect("a region"),
        };
        let unknown = FunctionMeasures::unknown(&place, "f".parse().expect("a name"));
        assert!(unknown.is_unknown() && unknown.place() == place);
        assert!(!FunctionMeasures { errors: Some(0.0), ..unknown.clone() }.is_unknown());
        let json = serde_json::to_value(&unknown).expect("JSON");
        assert!(json.get("p95Ms").is_none(), "{json}");
    }

    #[test]
    fn none_and_zero_can_be_reserved_and_less_cannot() {
        assert!(check_reserved(None).is_ok() && check_reserved(Some(0)).is_ok());
        assert!(check_reserved(Some(-1)).is_err());
    }
}
