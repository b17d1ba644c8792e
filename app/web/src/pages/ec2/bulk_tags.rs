//! Setting and removing the same tags of all that is selected: instances, volumes, snapshots, addresses and security groups.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use nephoscope_model::ec2::{ResourceId, Tag, TagChanges, TagResult, TagTarget};

use super::tag_rows::{TagRows, add_button, tag_rows};
use crate::{
    api::ec2::change_tags,
    components::{Kept, dynamic, nothing},
    listing::bulk::{Bulk, Outcome, Planned, Question, Report, bulk_dialog, counted},
};

/// What is asked, and what is written into the form. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct BulkTags {
    pub(super) bulk: Bulk,
    nouns: (&'static str, &'static str),
    targets: StoredValue<Vec<TagTarget>>,
    /// How many have each key, of those whose tags are to be changed.
    keys: RwSignal<Vec<(String, usize)>>,
    set: TagRows,
    remove: RwSignal<BTreeSet<String>>,
    /// Takes the tags that some have after a change.
    on_tags: Callback<Vec<(ResourceId, Vec<Tag>)>>,
}

impl BulkTags {
    /// For things that are called so.
    pub(super) fn new(
        nouns: (&'static str, &'static str),
        on_tags: Callback<Vec<(ResourceId, Vec<Tag>)>>,
    ) -> Self {
        Self {
            bulk: Bulk::new(),
            nouns,
            targets: StoredValue::new(Vec::new()),
            keys: RwSignal::new(Vec::new()),
            set: TagRows::new("many-tags"),
            remove: RwSignal::new(BTreeSet::new()),
            on_tags,
        }
    }

    /// Asks which tags to change. `all` are the things of the plan, in its order, with the tags that they have now.
    pub(super) fn ask(self, plan: Vec<Planned>, all: Vec<(TagTarget, Vec<Tag>)>) {
        let (targets, tags): (Vec<TagTarget>, Vec<Vec<Tag>>) =
            Planned::doable(&plan, all).into_iter().unzip();
        let asked = self.bulk.ask(Question {
            title: format!("Edit tags of {}", counted(targets.len(), self.nouns)),
            verb: "Save tags",
            consequence: "Each of them gets the tags that are written here, and loses those that are ticked. All others stay.",
            plan,
            ..Question::default()
        });
        if asked {
            self.keys.set(keys_of(&tags));
            self.targets.set_value(targets);
            self.set.set(std::iter::empty());
            self.set.add();
            self.remove.set(BTreeSet::new());
        }
    }

    fn perform(self) {
        let changes =
            TagChanges { set: self.set.wanted(), remove: self.remove.get_untracked().into_iter().collect() };
        if let Err(error) = changes.check() {
            return self.bulk.refuse(error);
        }
        self.bulk.perform(change_tags(self.targets.get_value(), changes), move |results| {
            let changed = results.iter().filter_map(|it| Some((it.id.clone(), it.tags.clone()?)));
            self.on_tags.run(changed.collect());
            let outcome = |result: TagResult| {
                let (name, id) = self.bulk.called(result.id.as_str());
                let words = match result.error {
                    None => Ok(counted(result.tags.map_or(0, |tags| tags.len()), ("tag", "tags")) + " now."),
                    Some(error) => Outcome::failed(error),
                };
                Outcome { name, id, words }
            };
            Report::new("Edit tags", self.nouns, results.into_iter().map(outcome).collect())
        });
    }
}

/// The keys that can be removed, with how many have each.
fn keys_of(tags: &[Vec<Tag>]) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for tag in tags.iter().flatten().filter(|tag| !tag.is_of_aws()) {
        *counts.entry(tag.key.clone()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

/// The form. Once on a page.
pub(super) fn bulk_tags_dialog(it: BulkTags) -> AnyView {
    let boxes = dynamic(move || {
        let keys = it.keys.get();
        if keys.is_empty() {
            return nothing();
        }
        let key_box = |(key, count): (String, usize)| {
            let on = {
                let key = key.clone();
                Signal::derive(move || it.remove.with(|remove| remove.contains(&key)))
            };
            let label = format!("{key} ({count})");
            let press = move |_| {
                it.remove.update(|remove| {
                    if !remove.remove(&key) {
                        remove.insert(key.clone());
                    }
                });
            };
            view! {
                <label class="check wrap-anywhere">
                    <input type="checkbox" class="checkbox checkbox-sm" prop:checked=Kept(on) on:click=press/>
                    {label}
                </label>
            }
            .into_any()
        };
        let boxes: Vec<AnyView> = keys.into_iter().map(key_box).collect();
        view! {
            <fieldset class="flex flex-col gap-1">
                <legend class="pb-1.5 font-medium">"Remove tags"</legend>
                <div class="flex max-h-40 flex-wrap gap-x-4 gap-y-1 overflow-auto">{boxes}</div>
            </fieldset>
        }
        .into_any()
    });
    let fields = view! {
        <fieldset class="flex flex-col gap-2">
            <legend class="pb-1.5 font-medium">"Set tags"</legend>
            {tag_rows(it.set)}
            <div>{add_button(it.set)}</div>
        </fieldset>
        {boxes}
    }
    .into_any();
    bulk_dialog(it.bulk, fields, Callback::new(move |_| it.perform()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_all_are_counted_but_for_those_of_aws() {
        let tag = |key: &str| Tag { key: key.to_owned(), value: "x".to_owned() };
        let all = [vec![tag("Team"), tag("aws:x")], vec![tag("Team"), tag("Env")], Vec::new()];
        assert_eq!(keys_of(&all), [("Env".to_owned(), 1), ("Team".to_owned(), 2)]);
    }
}
