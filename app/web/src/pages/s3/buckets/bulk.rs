//! Deleting the buckets that are selected, if they are empty.

use leptos::prelude::*;
use nephoscope_model::{Scope, bulk::Deletion, s3::Bucket};

use crate::{
    api::s3::delete_buckets,
    components::Glyph,
    listing::{
        Chosen, Row, Selection,
        bulk::{Bulk, BulkButton, Planned, Question, Report},
    },
};

const NOUNS: (&str, &str) = ("bucket", "buckets");

/// What is asked of all that is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct BucketsBulk {
    pub(super) bulk: Bulk,
    pub(super) chosen: Chosen<Bucket>,
    selection: Selection,
    buckets: RwSignal<Vec<Bucket>>,
    scope: Memo<Scope>,
}

impl BucketsBulk {
    /// For a selection among these, which are those of a scope.
    pub(super) fn new(selection: Selection, buckets: RwSignal<Vec<Bucket>>, scope: Memo<Scope>) -> Self {
        let chosen = Chosen::new(selection, buckets, |bucket| &bucket.account);
        Self { bulk: Bulk::new(), chosen, selection, buckets, scope }
    }

    /// What can be done to them.
    pub(super) fn buttons(self) -> Vec<BulkButton> {
        vec![BulkButton {
            label: "Delete",
            title: "Delete what is selected",
            glyph: Glyph::Trash,
            reason: self.chosen.reason(|_| None),
            on_press: Callback::new(move |()| self.ask()),
        }]
    }

    fn ask(self) {
        let plan = self.chosen.plan(|bucket| Planned {
            key: bucket.key(),
            name: bucket.name.to_string(),
            id: String::new(),
            words: self.chosen.called(&bucket.place()),
            reason: None,
        });
        let consequence = "Those that are not empty stay: empty them first, on their page. The names may then be taken by anybody.";
        self.bulk.ask(Question::deletion(NOUNS, consequence, plan));
    }

    /// Deletes those that nothing speaks against.
    pub(super) fn perform(self, typed: String) {
        let names = self.chosen.of_keys(&self.bulk.doable(), |bucket| bucket.name.clone());
        let work = delete_buckets(self.scope.get_untracked(), names, typed);
        self.bulk.perform(work, move |results: Vec<Deletion>| {
            let gone = results.iter().filter(|it| it.error.is_none());
            let gone: Vec<String> = gone.map(|it| it.name.clone()).collect();
            self.selection.set(&gone, false);
            self.buckets.update(|all| all.retain(|bucket| !gone.contains(&bucket.key())));
            Report::of_deletions(NOUNS, results, |place| self.chosen.called(place))
        });
    }
}
