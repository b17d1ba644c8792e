//! Tagging the volumes, snapshots, addresses or security groups that are selected.

use leptos::prelude::*;
use nephoscope_model::ec2::{Resource, ResourceId, ResourceKind, Tag, TagTarget};

use super::super::bulk_tags::BulkTags;
use crate::{
    components::Glyph,
    listing::{
        Chosen, Row, Selection,
        bulk::{BulkButton, Planned},
    },
};

/// What is asked of all that is selected. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct ResourcesBulk {
    pub(super) tags: BulkTags,
    pub(super) chosen: Chosen<Resource>,
}

impl ResourcesBulk {
    /// For a selection among these. `on_tags` takes the tags that some have after a change.
    pub(super) fn new(
        kind: ResourceKind,
        selection: Selection,
        items: RwSignal<Vec<Resource>>,
        on_tags: Callback<Vec<(ResourceId, Vec<Tag>)>>,
    ) -> Self {
        Self {
            tags: BulkTags::new((kind.noun(), kind.plural()), on_tags),
            chosen: Chosen::new(selection, items, Resource::account),
        }
    }

    /// What can be done to them.
    pub(super) fn buttons(self) -> Vec<BulkButton> {
        vec![BulkButton {
            label: "Edit tags",
            title: "Edit tags of what is selected",
            glyph: Glyph::Tag,
            reason: self.chosen.reason(|_| None),
            on_press: Callback::new(move |()| self.ask()),
        }]
    }

    fn ask(self) {
        let plan = self.chosen.plan(|resource| Planned {
            key: resource.key(),
            name: resource.name().to_owned(),
            id: resource.id().to_string(),
            words: self.chosen.called(&resource.place()),
            reason: None,
        });
        let targets = self.chosen.map(|resource, _| {
            let target = TagTarget { place: resource.place(), id: resource.id().clone() };
            (target, resource.tags().to_vec())
        });
        self.tags.ask(plan, targets);
    }
}
