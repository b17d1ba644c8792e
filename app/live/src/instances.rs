//! Instances: one list for each account and region, and for each viewer what changed since it last looked.

use std::{collections::HashMap, sync::Arc};

use nephoscope_aws::Cloud;
use nephoscope_model::{
    Error, Place, Timestamp,
    ec2::{Instance, InstanceId},
};
use tokio::{sync::watch, time::Instant};

use crate::{
    OnInstances, Pacing,
    upstream::{Idle, Registry, Upstream},
};

/// How long an id that is gone is remembered, for viewers that were away.
const REMEMBER_GONE_MILLIS: i64 = 600_000;

/// A list of instances and when AWS gave it.
#[derive(Debug, Clone)]
pub struct KnownInstances {
    /// The instances.
    pub instances: Arc<Vec<Instance>>,
    /// When.
    pub at: Timestamp,
}

/// The instances of one account in one region.
#[derive(Default)]
pub(crate) struct InstancesState {
    current: HashMap<InstanceId, (Arc<Instance>, Timestamp)>,
    gone: HashMap<InstanceId, Timestamp>,
    /// Changes are known from this time on.
    tracked_since: Option<Timestamp>,
    at: Timestamp,
    trouble: Option<Error>,
}

impl InstancesState {
    fn from_known(known: Option<KnownInstances>) -> Self {
        let mut state = Self::default();
        if let Some(known) = known {
            state.update(&known.instances, known.at);
        }
        state
    }

    /// Takes the newest list and says whether anything changed.
    fn update(&mut self, instances: &[Instance], at: Timestamp) -> bool {
        let first = self.tracked_since.is_none();
        let mut previous = std::mem::take(&mut self.current);
        let mut changed = first;
        for instance in instances {
            let entry = match previous.remove(&instance.id) {
                Some((old, since)) if *old == *instance => (old, since),
                _ => {
                    changed = true;
                    (Arc::new(instance.clone()), at)
                }
            };
            self.gone.remove(&instance.id);
            self.current.insert(instance.id.clone(), entry);
        }
        for id in previous.into_keys() {
            changed = true;
            self.gone.insert(id, at);
        }
        let horizon = at.plus_millis(-REMEMBER_GONE_MILLIS);
        self.gone.retain(|_, since| *since >= horizon);
        self.tracked_since.get_or_insert(at);
        if self.tracked_since < Some(horizon) {
            self.tracked_since = Some(horizon);
        }
        self.at = at;
        changed
    }

    fn in_transition(&self) -> bool {
        self.current.values().any(|(instance, _)| instance.state.is_transitional())
    }
}

/// What changed in one account and region.
#[derive(Debug, Clone, PartialEq)]
pub enum InstancesUpdate {
    /// Instances that are new or different, and ids of those that are gone.
    Changed {
        /// As of when.
        at: Timestamp,
        /// New and different ones.
        changed: Vec<Arc<Instance>>,
        /// Those no longer listed.
        gone: Vec<InstanceId>,
        /// Whether `changed` is all there is: what else a viewer knows of this place is gone, too.
        complete: bool,
    },
    /// AWS does not answer.
    Trouble(Error),
    /// AWS answers again.
    Recovered,
    /// Nobody asks AWS any more.
    Ended(Error),
}

/// One viewer of the instances of an account in a region.
pub struct InstancesSubscription {
    upstream: Arc<Upstream<InstancesState>>,
    bell: watch::Receiver<u64>,
    since: Option<Timestamp>,
    in_trouble: bool,
    ended: bool,
}

impl InstancesSubscription {
    /// Waits for a change. Returns `None` after the end. Safe to cancel.
    pub async fn next(&mut self) -> Option<InstancesUpdate> {
        while !self.ended {
            self.bell.changed().await.ok()?;
            if let Some(update) = self.look() {
                // There may be more to tell than one update holds.
                self.bell.mark_changed();
                return Some(update);
            }
        }
        None
    }

    fn look(&mut self) -> Option<InstancesUpdate> {
        if let Some(reason) = self.upstream.ended() {
            self.ended = true;
            return Some(InstancesUpdate::Ended(reason.clone()));
        }
        let state = self.upstream.state();
        match &state.trouble {
            Some(error) if !self.in_trouble => {
                self.in_trouble = true;
                return Some(InstancesUpdate::Trouble(error.clone()));
            }
            None if self.in_trouble => {
                self.in_trouble = false;
                return Some(InstancesUpdate::Recovered);
            }
            _ => {}
        }
        let tracked_since = state.tracked_since?;
        // A page that was just refreshed knows more than this upstream does yet: a whole list of before would make it forget the newest
        // instances. A time that has not come yet was never a list's.
        if self.since.is_some_and(|since| since > state.at && since <= Timestamp::now()) {
            return None;
        }
        let since = self.since.filter(|since| (tracked_since..=state.at).contains(since));
        if since == Some(state.at) {
            return None;
        }
        let newer = |at: Timestamp| since.is_none_or(|since| at > since);
        let changed: Vec<_> = state
            .current
            .values()
            .filter(|(_, at)| newer(*at))
            .map(|(instance, _)| Arc::clone(instance))
            .collect();
        let gone: Vec<_> =
            state.gone.iter().filter(|(_, at)| newer(**at)).map(|(id, _)| id.clone()).collect();
        self.since = Some(state.at);
        if changed.is_empty() && gone.is_empty() && since.is_some() {
            return None;
        }
        Some(InstancesUpdate::Changed { at: state.at, changed, gone, complete: since.is_none() })
    }
}

/// Joins the upstream of a place. `known` is what a cache holds, so that a page that was made from it is told only what changed since.
pub(crate) fn subscribe(
    registry: &Arc<Registry<Place, InstancesState>>,
    cloud: &Cloud,
    pacing: Pacing,
    place: Place,
    since: Option<Timestamp>,
    known: Option<KnownInstances>,
    on_instances: OnInstances,
) -> InstancesSubscription {
    let (upstream, bell) = registry.join(
        &place.clone(),
        || InstancesState::from_known(known),
        |upstream| follow(Arc::clone(registry), cloud.clone(), pacing, place, upstream, on_instances),
    );
    InstancesSubscription { upstream, bell, since, in_trouble: false, ended: false }
}

async fn follow(
    registry: Arc<Registry<Place, InstancesState>>,
    cloud: Cloud,
    pacing: Pacing,
    place: Place,
    upstream: Arc<Upstream<InstancesState>>,
    on_instances: OnInstances,
) -> Result<(), Error> {
    let mut failures = 0;
    let mut idle = Idle::default();
    loop {
        // AWS's answer is at least as new as the moment it was asked.
        // A clock that steps back must not make changes look older than what viewers know.
        let at = Timestamp::now().max(upstream.state().at.plus_millis(1));
        let begun = Instant::now();
        let pause = match cloud.list_instances(&place).await {
            Ok(instances) => {
                failures = 0;
                let instances = Arc::new(instances);
                let (news, in_transition) = {
                    let mut state = upstream.state();
                    let recovered = state.trouble.take().is_some();
                    (state.update(&instances, at) || recovered, state.in_transition())
                };
                on_instances(&place, KnownInstances { instances, at });
                if news {
                    upstream.ring();
                }
                if in_transition { pacing.transitions } else { pacing.instances_after(begun.elapsed()) }
            }
            Err(error) => {
                failures += 1;
                upstream.state().trouble = Some(error);
                upstream.ring();
                pacing.backoff_after(failures)
            }
        };
        if registry.retire(&place, &mut idle, pacing.linger) {
            return Ok(());
        }
        upstream.rest(pause).await;
    }
}
