//! Deleting the functions that are selected.

use leptos::prelude::*;
use nephoscope_model::{
    bulk::Deletion,
    lambda::{Function, FunctionTarget},
};

use crate::{
    api::lambda::delete_functions,
    components::Glyph,
    listing::{
        Chosen, Row, Selection,
        bulk::{Bulk, BulkButton, Planned, Question, Report},
    },
};

const NOUNS: (&str, &str) = ("function", "functions");

/// What is asked of all that is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct FunctionsBulk {
    pub(super) bulk: Bulk,
    pub(super) chosen: Chosen<Function>,
    selection: Selection,
    functions: RwSignal<Vec<Function>>,
}

impl FunctionsBulk {
    /// For a selection among these.
    pub(super) fn new(selection: Selection, functions: RwSignal<Vec<Function>>) -> Self {
        let chosen = Chosen::new(selection, functions, |function| &function.account);
        Self { bulk: Bulk::new(), chosen, selection, functions }
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
        let plan = self.chosen.plan(|function| Planned {
            key: function.key(),
            name: function.name.to_string(),
            id: String::new(),
            words: self.chosen.called(&function.place()),
            reason: None,
        });
        let consequence =
            "All versions and aliases are deleted for ever. Whoever invokes them fails from then on.";
        self.bulk.ask(Question::deletion(NOUNS, consequence, plan));
    }

    /// Deletes those that nothing speaks against.
    pub(super) fn perform(self, typed: String) {
        let target = |it: &Function| FunctionTarget { place: it.place(), name: it.name.clone() };
        let targets = self.chosen.of_keys(&self.bulk.doable(), target);
        self.bulk.perform(delete_functions(targets, typed), move |results: Vec<Deletion>| {
            let key = |it: &Deletion| it.place.as_ref().map(|place| format!("{place}/{}", it.name));
            let gone: Vec<String> = results.iter().filter(|it| it.error.is_none()).filter_map(key).collect();
            self.selection.set(&gone, false);
            self.functions.update(|all| all.retain(|function| !gone.contains(&function.key())));
            Report::of_deletions(NOUNS, results, |place| self.chosen.called(place))
        });
    }
}
