//! Lists as the caches hold them, for those who pass them on whole: nothing is copied.

use std::sync::Arc;

use nephoscope_model::{Listing, Place, Source, Timestamp};
use serde::{
    Serialize, Serializer,
    ser::{SerializeSeq, SerializeStruct},
};

use crate::{cache::Known, estate::describe_parts};

/// The same as a [`Listing`], and on the wire, too; its items belong to the caches.
#[derive(Debug)]
pub struct SharedListing<T> {
    parts: Vec<Arc<Vec<T>>>,
    sources: Vec<Source>,
}

impl<T> SharedListing<T> {
    /// What each place answered, in the estate's order.
    pub(crate) fn of(answers: Vec<(Place, nephoscope_model::Result<Known<Vec<T>>>)>) -> Self {
        let (mut parts, mut sources) = (Vec::new(), Vec::new());
        for (place, answer) in answers {
            sources.push(match answer {
                Ok(known) => {
                    parts.push(known.value);
                    Source { place, fetched_at: Some(known.at), error: None }
                }
                Err(error) => Source { place, fetched_at: None, error: Some(error) },
            });
        }
        Self { parts, sources }
    }

    /// What tells this list from one of another time or another scope; nothing when a place failed, since that is told anew each time.
    #[must_use]
    pub fn version(&self) -> Option<Vec<(Place, Timestamp)>> {
        self.sources.iter().map(|source| Some((source.place.clone(), source.fetched_at?))).collect()
    }

    /// A few words for the audit.
    pub(crate) fn describe(&self) -> String {
        describe_parts(self.len(), &self.sources)
    }

    /// The items, in the order of their sources.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// What came of asking each place.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Clone> From<SharedListing<T>> for Listing<T> {
    fn from(shared: SharedListing<T>) -> Self {
        let items = shared.items().cloned().collect();
        Self { items, sources: shared.sources }
    }
}

impl<T: Serialize> Serialize for SharedListing<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut listing = serializer.serialize_struct("Listing", 2)?;
        listing.serialize_field("items", &Items(&self.parts))?;
        listing.serialize_field("sources", &self.sources)?;
        listing.end()
    }
}

struct Items<'a, T>(&'a [Arc<Vec<T>>]);

impl<T: Serialize> Serialize for Items<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(None)?;
        for item in self.0.iter().flat_map(|part| part.iter()) {
            items.serialize_element(item)?;
        }
        items.end()
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{Error, ErrorCode};

    use super::*;

    #[test]
    fn it_is_the_same_as_a_listing_that_owns_its_items() {
        let place = |region: &str| Place {
            account: "111111111111".parse().expect("an account"),
            region: region.parse().expect("a region"),
        };
        let known = |items: Vec<u8>| Ok(Known { value: Arc::new(items), at: Timestamp::from_millis(7) });
        let answers = vec![(place("eu-west-1"), known(vec![1, 2])), (place("us-east-1"), known(vec![3]))];
        let shared = SharedListing::of(answers.clone());
        assert_eq!(shared.len(), 3);
        assert_eq!(shared.version().map(|version| version.len()), Some(2));
        let written = serde_json::to_value(&shared).expect("JSON");
        assert_eq!(written, serde_json::to_value(Listing::from(shared)).expect("JSON"));
        let failed = (place("eu-west-2"), Err(Error::new(ErrorCode::AwsDenied, "no")));
        let shared = SharedListing::of(answers.into_iter().chain([failed]).collect());
        assert_eq!(shared.version(), None);
        assert_eq!(shared.len(), 3, "a place that fails empties nothing");
    }
}
