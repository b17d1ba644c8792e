//! The tabs that all lists of EC2 have in common.

use leptos::prelude::*;
use nephoscope_model::ec2::ResourceKind;

use crate::{
    components::{TabLink, Tabs},
    paths,
    scope::use_scope,
};

/// Links to the lists of EC2, each keeping the scope. `current` is what is looked at; nothing for instances.
pub(super) fn ec2_tabs(current: Option<ResourceKind>) -> AnyView {
    let scope = use_scope();
    let links = Signal::derive(move || {
        let scope = scope.get();
        let instances = TabLink::new("Instances", paths::ec2(&scope), current.is_none());
        let others = ResourceKind::ALL.map(|kind| {
            TabLink::new(tab_label(kind), paths::ec2_resources(kind, &scope), current == Some(kind))
        });
        std::iter::once(instances).chain(others).collect::<Vec<_>>()
    });
    view! { <Tabs label="EC2" links=links/> }.into_any()
}

/// What a list is called on its tab, and its table.
pub(super) const fn tab_label(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Volume => "Volumes",
        ResourceKind::Snapshot => "Snapshots",
        ResourceKind::Address => "Addresses",
        ResourceKind::SecurityGroup => "Security groups",
    }
}
