//! Lists that were merged over a scope, with the fate of each of their sources.

use serde::{Deserialize, Serialize};

use crate::{Error, Place, Timestamp, live::KnownAt};

/// What came of asking one account in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Where was asked.
    pub place: Place,
    /// When AWS gave the answer: older than now when a cache or another viewer had already paid for it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub fetched_at: Option<Timestamp>,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// A list merged over accounts × regions. A source that failed is named and never empties the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing<T> {
    /// What was found.
    pub items: Vec<T>,
    /// Where was looked, in the estate's order.
    pub sources: Vec<Source>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { items: Vec::new(), sources: Vec::new() }
    }
}

impl<T> Listing<T> {
    /// The sources that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Place, &Error)> {
        self.sources.iter().filter_map(|source| Some((&source.place, source.error.as_ref()?)))
    }

    /// As of when each place is known: what to tell the live connection, so that it sends only what changed since.
    #[must_use]
    pub fn known_at(&self) -> Vec<KnownAt> {
        self.sources
            .iter()
            .filter_map(|source| Some(KnownAt { place: source.place.clone(), at: source.fetched_at? }))
            .collect()
    }

    /// The age of the oldest part.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.sources.iter().filter_map(|source| source.fetched_at).min()
    }
}
