//! What is sent and answered where many things are deleted with one request.

use nephoscope_model::{Error, bulk::Deletion};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The confirmation of what deletes many things.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct ManyConfirmation {
    /// Of a single one its name; of three functions `delete 3 functions`, and of three buckets `delete 3 buckets`.
    #[param(required, example = "order-processor")]
    pub(super) confirm: Option<String>,
}

/// What to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct DeleteNamesRequest {
    /// The names, at most 100; one that is there twice counts once.
    #[schema(min_items = 1, max_items = 100, example = json!(["order-processor"]))]
    names: Vec<String>,
}

impl DeleteNamesRequest {
    /// The names, each in the form that it must have.
    pub(super) fn parse<T: std::str::FromStr<Err = Error>>(&self) -> Result<Vec<T>, Error> {
        self.names.iter().map(|name| name.parse()).collect()
    }
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::server) struct DeletionsAnswer {
    /// How many are gone.
    deleted: usize,
    /// How many are not.
    failed: usize,
    /// In the order in which they were named.
    results: Vec<Deletion>,
}

impl From<Vec<Deletion>> for DeletionsAnswer {
    fn from(results: Vec<Deletion>) -> Self {
        let failed = results.iter().filter(|result| result.error.is_some()).count();
        Self { deleted: results.len() - failed, failed, results }
    }
}
