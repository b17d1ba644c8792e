//! Deleting the functions that are selected.

use leptos::prelude::RwSignal;
use nephoscope_model::lambda::{Function, FunctionTarget};

use crate::{
    api::lambda::delete_functions,
    listing::{Chosen, Deletions, Selection, deletions::Kind},
};

/// What is asked of all that is selected among these.
pub(super) fn functions_bulk(
    selection: Selection,
    functions: RwSignal<Vec<Function>>,
) -> Deletions<Function> {
    let kind = Kind {
        nouns: ("function", "functions"),
        consequence: "All versions and aliases are deleted for ever. Whoever invokes them fails from then on.",
        name: |function: &Function| function.name.to_string(),
        place: Function::place,
        delete: |functions, typed| {
            let target = |it: Function| FunctionTarget { place: it.place(), name: it.name };
            Box::pin(delete_functions(functions.into_iter().map(target).collect(), typed))
        },
    };
    Deletions::new(kind, selection, functions, Chosen::new(selection, functions, |it| &it.account))
}
