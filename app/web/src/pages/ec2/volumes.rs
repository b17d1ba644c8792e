//! The EBS volumes of an instance: on its page, and in the question before it is terminated.

use leptos::prelude::*;
use nephoscope_model::{
    Place, Scope,
    ec2::{BlockDevice, Instance, InstanceAction, InstanceDetails, InstanceId, Resource, ResourceKind, fate},
};
use serde::{Deserialize, Serialize};

use super::facts::resource_href;
use crate::{
    api::{ApiError, ApiResult, ec2::list_resources},
    components::{
        EmptyState, Glyph, Panel, dynamic, failure, key_value::or_dash, nothing, plain_table, wait_for,
    },
    scope::use_scope,
};

/// A volume as an instance has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Attached {
    device: BlockDevice,
    /// What EC2 says of its being attached, where that is unusual.
    state: Option<String>,
    /// May be empty.
    name: String,
    /// Nothing where the volume itself could not be read.
    size_gib: Option<i32>,
}

impl From<BlockDevice> for Attached {
    fn from(device: BlockDevice) -> Self {
        Self { device, state: None, name: String::new(), size_gib: None }
    }
}

impl Attached {
    /// What people call it.
    fn called(&self) -> String {
        match self.name.as_str() {
            "" => self.device.volume_id.clone(),
            name => format!("{} ({name})", self.device.volume_id),
        }
    }
}

/// What is known of the volumes. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Volumes {
    details: RwSignal<InstanceDetails>,
    /// As they stand among those of the place; nothing before that was read.
    read: RwSignal<Option<Vec<Attached>>>,
}

impl Volumes {
    /// As the instance itself tells of them.
    pub(super) fn new(details: RwSignal<InstanceDetails>) -> Self {
        Self { details, read: RwSignal::new(None) }
    }

    fn known(self) -> Vec<Attached> {
        self.read.get().unwrap_or_else(|| told_by(&self.details.get()))
    }

    /// What the person who is about to do it to the instance must know beside what all instances have in common.
    pub(super) fn about(self, action: InstanceAction) -> AnyView {
        if !matches!(action, InstanceAction::Terminate | InstanceAction::Stop) {
            return nothing();
        }
        let is_spot = self.details.with(|details| details.lifecycle.as_deref() == Some("spot"));
        let spot = is_spot.then(|| {
            view! { <p>"It is a spot instance: a request that persists launches another."</p> }.into_any()
        });
        let volumes = (action == InstanceAction::Terminate).then(|| {
            let words = fate_words(&self.known());
            let lines: Vec<AnyView> = words
                .into_iter()
                .map(|line| view! { <p class="wrap-anywhere">{line}</p> }.into_any())
                .collect();
            lines.into_any()
        });
        view! { {spot} {volumes} }.into_any()
    }
}

/// The volumes that the instance itself tells of.
fn told_by(details: &InstanceDetails) -> Vec<Attached> {
    details.devices.iter().cloned().map(Attached::from).collect()
}

/// Which volumes go with an instance that is terminated, and which stay.
fn fate_words(volumes: &[Attached]) -> Vec<String> {
    let line = |deleted: bool, verb: &str| {
        let of_it = volumes.iter().filter(|it| it.device.delete_on_termination == deleted);
        let called: Vec<String> = of_it.map(Attached::called).collect();
        (!called.is_empty()).then(|| format!("{verb}: {}.", called.join(", ")))
    };
    [line(true, "Deleted with it"), line(false, "Kept")].into_iter().flatten().collect()
}

/// Those of an instance among the volumes of its place, which the server knows for a while.
async fn load(place: Place, id: InstanceId) -> ApiResult<Vec<Attached>> {
    let scope = Scope { accounts: vec![place.account], regions: vec![place.region] };
    let listing = list_resources(ResourceKind::Volume, scope, false).await?;
    if let Some(error) = listing.sources.into_iter().find_map(|source| source.error) {
        return Err(ApiError(error));
    }
    let mut found = Vec::new();
    for volume in listing.items {
        let Resource::Volume(volume) = volume else { continue };
        let Some(to) = volume.attachments.iter().find(|to| to.instance_id.as_ref() == Some(&id)) else {
            continue;
        };
        let device = BlockDevice {
            device: to.device.clone(),
            volume_id: volume.id.to_string(),
            delete_on_termination: to.delete_on_termination,
        };
        let state = to.unusual_state().map(ToOwned::to_owned);
        found.push(Attached { device, state, size_gib: Some(volume.size_gib), name: volume.name });
    }
    found.sort_by(|a, b| a.device.device.cmp(&b.device.device));
    Ok(found)
}

/// A table of them. Where they cannot be read, what the instance itself tells is shown with the reason.
pub(super) fn volumes_panel(volumes: Volumes, instance: RwSignal<Instance>) -> AnyView {
    let scope = use_scope();
    let (place, id) = instance.with_untracked(|instance| (instance.place(), instance.id.clone()));
    let state = Memo::new(move |_| instance.with(|instance| instance.state));
    let loaded = {
        let place = place.clone();
        leptos::prelude::Resource::new(
            move || state.get(),
            move |_| {
                let (place, id) = (place.clone(), id.clone());
                Box::pin(load(place, id))
            },
        )
    };
    let retry = Callback::new(move |()| loaded.refetch());
    let content = wait_for("Loading volumes", move || {
        let place = place.clone();
        Box::pin(async move {
            let (shown, notice) = match loaded.await {
                Ok(found) => {
                    let _ = volumes.read.try_set(Some(found.clone()));
                    (found, nothing())
                }
                Err(error) => (volumes.details.with_untracked(told_by), failure(error.0, retry)),
            };
            let table = dynamic(move || table(&shown, &place, &scope.get()));
            view! { {notice} {table} }.into_any()
        })
    });
    view! { <Panel title="Volumes">{content}</Panel> }.into_any()
}

fn table(volumes: &[Attached], place: &Place, scope: &Scope) -> AnyView {
    if volumes.is_empty() {
        return view! { <EmptyState title="No volumes" text="No EBS volume is attached." glyph=Glyph::Server/> }
            .into_any();
    }
    let rows: Vec<AnyView> = volumes.iter().map(|it| row(it, place, scope)).collect();
    plain_table("Volumes", &["Volume", "Device", "Size", "With the instance"], rows)
}

fn row(it: &Attached, place: &Place, scope: &Scope) -> AnyView {
    let id = it.device.volume_id.clone();
    let volume = match id.parse().ok().and_then(|id| resource_href(&id, place, scope)) {
        Some(href) => view! {
            <a class="mono" href=href>
                {id}
            </a>
        }
        .into_any(),
        None => id.into_any(),
    };
    let fate = fate(it.device.delete_on_termination);
    let words = it.state.as_ref().map_or_else(|| fate.to_owned(), |state| format!("{state} · {fate}"));
    view! {
        <tr>
            <td>
                {volume}
                <span class="quiet block text-xs">{it.name.clone()}</span>
            </td>
            <td class="mono">{or_dash(Some(it.device.device.clone()))}</td>
            <td class="tabular-nums">{or_dash(it.size_gib.map(|size| format!("{size} GiB")))}</td>
            <td>{words}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_volumes_go_and_which_stay_is_said_of_each() {
        let volume = |id: &str, name: &str, deleted: bool| Attached {
            name: name.to_owned(),
            ..BlockDevice { device: String::new(), volume_id: id.to_owned(), delete_on_termination: deleted }
                .into()
        };
        let all = [volume("vol-1", "root", true), volume("vol-2", "", false), volume("vol-3", "", true)];
        assert_eq!(fate_words(&all), ["Deleted with it: vol-1 (root), vol-3.", "Kept: vol-2."]);
        assert_eq!(fate_words(&all[1..2]), ["Kept: vol-2."]);
        assert!(fate_words(&[]).is_empty());
    }
}
