//! Deleting all rows that are selected.

use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use nephoscope_model::{Place, bulk::Deletion};

use super::{
    bulk::{Bulk, BulkButton, Planned, Question, Report},
    chosen::Chosen,
    query::Row,
    selection::Selection,
};
use crate::{api::ApiResult, components::Glyph};

/// What became of each, in the order in which they were given.
pub type Answer = Pin<Box<dyn Future<Output = ApiResult<Vec<Deletion>>>>>;

/// What is deleted, and how.
#[expect(missing_debug_implementations, reason = "functions have nothing to show")]
pub struct Kind<T: 'static> {
    /// What one and many of them are called.
    pub nouns: (&'static str, &'static str),
    /// What happens with them.
    pub consequence: &'static str,
    /// What people call one.
    pub name: fn(&T) -> String,
    /// Where it is.
    pub place: fn(&T) -> Place,
    /// Deletes them, with what was typed.
    pub delete: fn(Vec<T>, String) -> Answer,
}

/// What is asked of all that is selected. Cheap to copy.
#[expect(missing_debug_implementations, reason = "functions have nothing to show")]
pub struct Deletions<T: Send + Sync + 'static> {
    /// The question and the report.
    pub bulk: Bulk,
    /// What is selected.
    pub chosen: Chosen<T>,
    kind: StoredValue<Kind<T>>,
    selection: Selection,
    items: RwSignal<Vec<T>>,
    /// Those that were asked about: what must be typed counts them.
    targets: StoredValue<Vec<T>>,
}

impl<T: Send + Sync> Clone for Deletions<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync> Copy for Deletions<T> {}

impl<T: Row + Send + Sync> Deletions<T> {
    /// For a selection among these.
    #[must_use]
    pub fn new(kind: Kind<T>, selection: Selection, items: RwSignal<Vec<T>>, chosen: Chosen<T>) -> Self {
        Self {
            bulk: Bulk::new(),
            chosen,
            kind: StoredValue::new(kind),
            selection,
            items,
            targets: StoredValue::new(Vec::new()),
        }
    }
}

impl<T: Row + PartialEq + Send + Sync> Deletions<T> {
    /// The button that asks.
    #[must_use]
    pub fn buttons(self) -> Vec<BulkButton> {
        vec![BulkButton {
            label: "Delete",
            title: "Delete what is selected",
            glyph: Glyph::Trash,
            reason: self.chosen.reason(|_| None),
            on_press: Callback::new(move |()| self.ask()),
        }]
    }

    fn ask(self) {
        let (nouns, consequence, name, place) =
            self.kind.with_value(|kind| (kind.nouns, kind.consequence, kind.name, kind.place));
        let plan = self.chosen.plan(|row| Planned {
            key: row.key(),
            name: name(row),
            id: String::new(),
            words: self.chosen.called(&place(row)),
            reason: None,
        });
        let targets = Planned::doable(&plan, self.chosen.map(|row, _| row.clone()));
        if self.bulk.ask(Question::deletion(nouns, consequence, plan)) {
            self.targets.set_value(targets);
        }
    }

    /// Deletes what was asked about.
    pub fn perform(self, typed: String) {
        let (nouns, delete) = self.kind.with_value(|kind| (kind.nouns, kind.delete));
        let targets = self.targets.get_value();
        let keys: Vec<String> = targets.iter().map(Row::key).collect();
        self.bulk.perform(delete(targets, typed), move |results| {
            let gone = results.iter().zip(keys).filter(|(result, _)| result.error.is_none());
            let gone: Vec<String> = gone.map(|(_, key)| key).collect();
            self.selection.set(&gone, false);
            self.items.update(|all| all.retain(|row| !gone.contains(&row.key())));
            Report::of_deletions(nouns, results, |place| self.chosen.called(place))
        });
    }
}
