//! Deleting the buckets that are selected, if they are empty.

use leptos::prelude::RwSignal;
use nephoscope_model::s3::{Bucket, BucketTarget};

use crate::{
    api::s3::delete_buckets,
    listing::{Chosen, Deletions, Selection, deletions::Kind},
};

/// What is asked of all that is selected among these.
pub(super) fn buckets_bulk(selection: Selection, buckets: RwSignal<Vec<Bucket>>) -> Deletions<Bucket> {
    let kind = Kind {
        nouns: ("bucket", "buckets"),
        consequence: "Those that are not empty stay: empty them first, on their page. The names may then be taken by anybody.",
        name: |bucket: &Bucket| bucket.name.to_string(),
        place: Bucket::place,
        delete: |buckets, typed| {
            let target = |it: Bucket| BucketTarget { place: it.place(), name: it.name };
            Box::pin(delete_buckets(buckets.into_iter().map(target).collect(), typed))
        },
    };
    Deletions::new(kind, selection, buckets, Chosen::new(selection, buckets, |it| &it.account))
}
