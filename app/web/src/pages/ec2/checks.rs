//! The status checks of the list's instances: read once beside the table, which names what is impaired or about to be retired, and as often
//! as EC2 checks where all of them are shown.

use std::{collections::HashMap, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Listing, Scope, Source,
    ec2::{CheckStatus, Instance, InstanceId, StatusChecks},
};

use crate::{
    api::instance::list_status_checks,
    components::{Badge, Tone, key_value::or_dash, nothing},
    hydration::use_hydrated,
};

/// How often they are read again while somebody looks. The server asks AWS once for all who do.
const READ_EVERY: Duration = Duration::from_secs(30);
/// The same where only what is impaired, or about to be retired, is shown: AWS is not asked more than that needs.
const READ_SELDOM: Duration = Duration::from_secs(300);

/// The colour of a check.
#[must_use]
pub(super) const fn tone(status: CheckStatus) -> Tone {
    match status {
        CheckStatus::Ok => Tone::Good,
        CheckStatus::Impaired => Tone::Bad,
        CheckStatus::InsufficientData => Tone::Warn,
        CheckStatus::Initializing => Tone::Busy,
        CheckStatus::NotApplicable | CheckStatus::Unknown => Tone::Neutral,
    }
}

/// What all checks of an instance say together.
pub(super) fn checks_badge(checks: Option<&StatusChecks>) -> AnyView {
    let tone = checks.map_or(Tone::Neutral, |checks| tone(checks.overall()));
    let words = or_dash(checks.map(StatusChecks::summary));
    view! { <Badge tone=tone>{words}</Badge> }.into_any()
}

/// That an instance is impaired, or what AWS is going to do to it; nothing while all is well.
pub(super) fn warnings_line(instance: &Instance, checks: Option<&StatusChecks>) -> AnyView {
    let warnings = checks.map(|checks| checks.warnings(instance.state)).unwrap_or_default();
    if warnings.is_empty() {
        return nothing();
    }
    view! { <span class="block text-xs text-error">{warnings.join(", ")}</span> }.into_any()
}

/// The checks as the list knows them. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct ListChecks {
    pub(super) known: RwSignal<HashMap<InstanceId, StatusChecks>>,
    /// Where was asked; nothing before anything was read.
    sources: RwSignal<Vec<Source>>,
    /// Whether they are those of the whole list.
    whole: StoredValue<bool>,
}

impl ListChecks {
    /// As they are first known, if they are: those of the whole list, or of the first rows.
    pub(super) fn new(first: Option<Listing<StatusChecks>>, whole: bool) -> Self {
        let whole = StoredValue::new(whole && first.is_some());
        let Listing { items, sources } = first.unwrap_or_default();
        Self { known: RwSignal::new(by_id(items)), sources: RwSignal::new(sources), whole }
    }

    /// Reads them. What cannot be read stays as it was known; the list of instances tells of a connection that is lost.
    pub(super) fn read(self, scope: Scope, fresh: bool) {
        spawn_local(async move {
            let Ok(listing) = list_status_checks(scope, fresh).await else { return };
            if self.known.try_set(by_id(listing.items)).is_none() {
                self.sources.set(listing.sources);
                self.whole.set_value(true);
            }
        });
    }

    /// Reads them, and again while somebody looks: often where they are `needed`.
    pub(super) fn follow(self, scope: Memo<Scope>, needed: Memo<bool>) {
        let hydrated = use_hydrated();
        Effect::new(move |before: Option<Option<bool>>| {
            if !hydrated.get() {
                return None;
            }
            let needed = needed.get();
            let scope = scope.get();
            // What was read seldom is too old for those who look at nothing else.
            if !self.whole.get_value() || (needed && before.flatten() == Some(false)) {
                self.read(scope.clone(), false);
            }
            let again = move || self.read(scope.clone(), false);
            let every = if needed { READ_EVERY } else { READ_SELDOM };
            if let Ok(handle) = set_interval_with_handle(again, every) {
                on_cleanup(move || handle.clear());
            }
            Some(needed)
        });
    }

    /// The places of which the list knows the instances and not their checks.
    pub(super) fn failures(self, listed: RwSignal<Vec<Source>>) -> Signal<Vec<Source>> {
        Signal::derive(move || {
            let is_listed = |source: &Source| {
                let here = |other: &Source| other.place == source.place && other.error.is_none();
                listed.with(|listed| listed.iter().any(here))
            };
            self.sources.with(|sources| sources.iter().filter(|source| is_listed(source)).cloned().collect())
        })
    }
}

fn by_id(checks: Vec<StatusChecks>) -> HashMap<InstanceId, StatusChecks> {
    checks.into_iter().map(|checks| (checks.id.clone(), checks)).collect()
}
