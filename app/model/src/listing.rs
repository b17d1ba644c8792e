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

    /// The same, but for places of which something newer is held: an answer that waited for a slow place is older than what was heard of
    /// others meanwhile. What the answer says of failures stands.
    #[must_use]
    pub fn but_newer_of(mut self, held: &[T], sources: &[Source], place_of: impl Fn(&T) -> Place) -> Self
    where
        T: Clone,
    {
        let mut kept = Vec::new();
        for source in self.sources.iter_mut().filter(|source| source.error.is_none()) {
            let newer = |it: &&Source| it.place == source.place && it.fetched_at > source.fetched_at;
            if let Some(newer) = sources.iter().find(newer) {
                source.fetched_at = newer.fetched_at;
                kept.push(source.place.clone());
            }
        }
        if !kept.is_empty() {
            let is_kept = |item: &T| kept.contains(&place_of(item));
            self.items.retain(|item| !is_kept(item));
            self.items.extend(held.iter().filter(|item| is_kept(item)).cloned());
        }
        self
    }

    /// The age of the oldest part.
    #[must_use]
    pub fn oldest(&self) -> Option<Timestamp> {
        self.sources.iter().filter_map(|source| source.fetched_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    fn place(region: &str) -> Place {
        Place { account: "111111111111".parse().expect("an id"), region: region.parse().expect("a region") }
    }

    fn source(region: &str, at: Option<i64>) -> Source {
        Source { place: place(region), fetched_at: at.map(Timestamp::from_millis), error: None }
    }

    #[test]
    fn an_answer_takes_back_nothing_that_is_newer() {
        let refused =
            Source { error: Some(Error::new(ErrorCode::AwsDenied, "no")), ..source("us-west-2", None) };
        let answer = Listing {
            items: vec![
                ("eu-west-1", "old"),
                ("us-east-1", "new"),
                ("us-west-2", "cached"),
                ("eu-west-1", "gone"),
            ],
            sources: vec![source("eu-west-1", Some(5)), source("us-east-1", Some(5)), refused.clone()],
        };
        let held = [("eu-west-1", "newer"), ("us-east-1", "older"), ("us-west-2", "before it was refused")];
        let sources =
            [source("eu-west-1", Some(6)), source("us-east-1", Some(4)), source("us-west-2", Some(9))];
        let merged = answer.but_newer_of(&held, &sources, |(region, _)| place(region));
        let expected = [("us-east-1", "new"), ("us-west-2", "cached"), ("eu-west-1", "newer")];
        assert_eq!(merged.items, expected);
        assert_eq!(merged.sources, [source("eu-west-1", Some(6)), source("us-east-1", Some(5)), refused]);
    }
}
