//! Volumes, snapshots, elastic addresses and security groups: listed, and found by their ids.

use std::sync::Arc;

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, ErrorCode, Listing, Operation, Place, Result, Scope, Timestamp,
    ec2::{ElasticAddress, Resource, ResourceId, ResourceKind, SecurityGroup, Snapshot, Volume},
};

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

/// Lists of one kind, which differ in nothing but that.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $kind:ident, $cache:ident;)+) => {
        impl Ops {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
                pub async fn $name(
                    &self,
                    caller: &Caller,
                    scope: &Scope,
                    fresh: bool,
                ) -> Result<Listing<$type>> {
                    let task = Task::new(ResourceKind::$kind.list_operation());
                    self.perform(caller, task, async |_: Grant<Read>| {
                        let (cloud, known) = (&self.cloud_for(caller), &self.caches().$cache);
                        let ask = |place: Place| async move {
                            known.get(place.clone(), fresh, cloud.$name(&place)).await
                        };
                        let listing = self.merge(scope, ask).await?;
                        let words = describe(&listing);
                        Ok(Done::with(listing, words))
                    })
                    .await
                }
            )+
        }
    };
}

lists! {
    /// All EBS volumes of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    list_volumes: Volume, Volume, volumes;
    /// The snapshots that the accounts of a scope own themselves, by account and region, then name. With `fresh`, asks AWS even if
    /// something is known.
    list_snapshots: Snapshot, Snapshot, snapshots;
    /// All elastic addresses of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    list_addresses: ElasticAddress, Address, addresses;
    /// All security groups of a scope, by account and region, then name. With `fresh`, asks AWS even if something is known.
    list_security_groups: SecurityGroup, SecurityGroup, security_groups;
}

impl Ops {
    /// The lists of all kinds behind one door.
    ///
    /// # Errors
    /// Those of [`Ops::list_volumes`].
    pub async fn list_resources(
        &self,
        caller: &Caller,
        kind: ResourceKind,
        scope: &Scope,
        fresh: bool,
    ) -> Result<Listing<Resource>> {
        fn any<T>(listing: Listing<T>, wrap: fn(T) -> Resource) -> Listing<Resource> {
            Listing { items: listing.items.into_iter().map(wrap).collect(), sources: listing.sources }
        }
        Ok(match kind {
            ResourceKind::Volume => {
                any(Box::pin(self.list_volumes(caller, scope, fresh)).await?, Resource::Volume)
            }
            ResourceKind::Snapshot => {
                any(Box::pin(self.list_snapshots(caller, scope, fresh)).await?, Resource::Snapshot)
            }
            ResourceKind::Address => {
                any(Box::pin(self.list_addresses(caller, scope, fresh)).await?, Resource::Address)
            }
            ResourceKind::SecurityGroup => {
                any(Box::pin(self.list_security_groups(caller, scope, fresh)).await?, Resource::SecurityGroup)
            }
        })
    }

    /// The place where a volume, snapshot, address or security group is, when a request for `operation` names only its id. A failure is
    /// recorded as one of that operation.
    ///
    /// # Errors
    /// `forbidden` when the caller may not do the operation; `not_found` when no place of the scope has it; the failure of a place that
    /// could not be asked comes before that, since it may be there.
    pub async fn locate_resource(
        &self,
        caller: &Caller,
        operation: Operation,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Place> {
        let cloud = self.cloud_for(caller);
        self.locate(caller, operation, id.as_str(), self.find_resource(&cloud, scope, id)).await
    }

    /// Looks first at what is known, then asks every place for this one id: an id that does not exist must not cost whole lists.
    async fn find_resource(&self, cloud: &Cloud, scope: &Scope, id: &ResourceId) -> Result<Place> {
        let mut known = Vec::new();
        for place in self.places(scope)? {
            if self.is_known_at(&place, id).await {
                known.push(place);
            }
        }
        if !known.is_empty() {
            return only(known, id);
        }
        let ask = |place: Place| async move {
            let at = Timestamp::now();
            let found = match Box::pin(cloud.get_resource(&place, id)).await {
                Ok(_) => vec![place],
                Err(error) if error.code == ErrorCode::NotFound => Vec::new(),
                Err(error) => return Err(error),
            };
            Ok(Known { value: Arc::new(found), at })
        };
        let mut listing = self.merge(scope, ask).await?;
        if !listing.items.is_empty() {
            return only(std::mem::take(&mut listing.items), id);
        }
        Err(listing.failures().next().map_or_else(
            || {
                let noun = id.kind().map_or("thing", ResourceKind::noun);
                Error::not_found(format!("There is no {noun} {id} in the chosen accounts and regions."))
                    .with_hint("It may have been deleted, or be in another account or region.")
            },
            |(_, error)| error.clone(),
        ))
    }

    async fn is_known_at(&self, place: &Place, id: &ResourceId) -> bool {
        macro_rules! has {
            ($cache:ident) => {
                self.caches()
                    .$cache
                    .peek(place)
                    .await
                    .is_some_and(|known| known.value.iter().any(|resource| resource.id == *id))
            };
        }
        match id.kind() {
            Some(ResourceKind::Volume) => has!(volumes),
            Some(ResourceKind::Snapshot) => has!(snapshots),
            Some(ResourceKind::Address) => has!(addresses),
            Some(ResourceKind::SecurityGroup) => has!(security_groups),
            None => false,
        }
    }

    /// Forgets what is known of a place's list that something stands in, after a change of it.
    pub(super) async fn forget_list_of(&self, place: &Place, id: &ResourceId) {
        let caches = self.caches();
        match id.kind() {
            Some(ResourceKind::Volume) => caches.volumes.forget(place).await,
            Some(ResourceKind::Snapshot) => caches.snapshots.forget(place).await,
            Some(ResourceKind::Address) => caches.addresses.forget(place).await,
            Some(ResourceKind::SecurityGroup) => caches.security_groups.forget(place).await,
            None => {
                caches.instances.forget(place).await;
                self.hub().expect_change(place);
            }
        }
    }
}

/// The only place that has something; an error when there are several, as of a security group that is shared.
fn only(mut places: Vec<Place>, id: &ResourceId) -> Result<Place> {
    match (places.pop(), places.is_empty()) {
        (Some(place), true) => Ok(place),
        _ => Err(Error::invalid(format!("Several accounts or regions have {id}."))
            .with_hint("Say which one is meant with account and region.")),
    }
}
