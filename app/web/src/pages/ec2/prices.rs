//! What instances cost by AWS's price list: read beside the table, which never waits for it.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Account, Listing, Place, Scope, Source,
    ec2::{
        Instance, InstanceDetails, InstanceState, ListPrice, PriceKey, dollars, month_text, sum_text,
        unpriced,
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    api::ec2::{get_price, known_price, list_prices},
    hydration::use_hydrated,
};

/// What is known of one instance's price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Price {
    /// Nothing yet, or there is nothing to pay any more.
    None,
    /// Millionths of a dollar an hour.
    Hourly(i64),
    /// Nobody knows: the end of a sentence that says why.
    Unknown(String),
}

/// The prices of the list's kinds of instances.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// Sorted by kind, each once: thousands of rows are looked up without a copy.
    kinds: Vec<ListPrice>,
    /// Where the price list could not be read, and why.
    failures: Vec<(Place, String)>,
    /// Whether anything was read.
    read: bool,
}

impl Prices {
    /// As they were read; nothing before they were.
    #[must_use]
    pub fn new(listing: Option<&Listing<ListPrice>>) -> Self {
        let Some(listing) = listing else { return Self::default() };
        let mut kinds = listing.items.clone();
        kinds.sort_by(|a, b| a.key.cmp(&b.key));
        kinds.dedup_by(|a, b| a.key == b.key);
        let failed = |source: &Source| Some((source.place.clone(), source.error.as_ref()?.message.clone()));
        Self { kinds, failures: listing.sources.iter().filter_map(failed).collect(), read: true }
    }

    fn find(&self, instance: &Instance) -> Option<&ListPrice> {
        let wanted = PriceKey::parts_of(instance)?;
        let parts = |it: &ListPrice| {
            let key = &it.key;
            (&key.region, key.instance_type.as_str(), key.platform.as_str()).cmp(&wanted)
        };
        self.kinds.binary_search_by(parts).ok().and_then(|at| self.kinds.get(at))
    }

    /// Millionths of a dollar an hour, where that is known.
    #[must_use]
    pub fn hourly(&self, instance: &Instance) -> Option<i64> {
        self.find(instance)?.micros_per_hour
    }

    /// What is known of an instance's price, and why nothing is.
    #[must_use]
    pub fn of(&self, instance: &Instance) -> Price {
        if let Some(reason) = unpriced(instance) {
            return Price::Unknown(reason);
        }
        match self.find(instance) {
            Some(found) => found
                .micros_per_hour
                .map_or_else(|| Price::Unknown("AWS's price list does not tell".to_owned()), Price::Hourly),
            None => self.failure(instance).map_or(Price::None, |reason| Price::Unknown(reason.to_owned())),
        }
    }

    fn failure(&self, instance: &Instance) -> Option<&str> {
        PriceKey::parts_of(instance)?;
        let here = |(place, _): &&(Place, String)| {
            place.account == instance.account && place.region == instance.region
        };
        self.failures.iter().find(here).map(|(_, reason)| reason.trim_end_matches('.'))
    }

    /// Whether it was not asked for yet.
    fn lacks(&self, instance: &Instance) -> bool {
        PriceKey::parts_of(instance).is_some()
            && self.find(instance).is_none()
            && self.failure(instance).is_none()
    }
}

/// What runs, and what it costs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// How many run.
    pub running: usize,
    /// Of how many of them the price is known.
    pub priced: usize,
    /// Millionths of a dollar an hour for those.
    pub micros_per_hour: i64,
}

impl Bill {
    /// Of these instances.
    #[must_use]
    pub fn of(instances: &[&Instance], prices: &Prices) -> Self {
        let mut bill = Self::default();
        for instance in instances.iter().filter(|instance| instance.state == InstanceState::Running) {
            bill.running += 1;
            if let Some(micros) = prices.hourly(instance) {
                bill.priced += 1;
                bill.micros_per_hour = bill.micros_per_hour.saturating_add(micros);
            }
        }
        bill
    }

    /// In a sentence or two; empty when nothing runs.
    #[must_use]
    pub fn words(self, prices: &Prices, accounts: &[Account]) -> String {
        let Self { running, priced, micros_per_hour } = self;
        if running == 0 {
            return String::new();
        }
        if !prices.read {
            return format!("{running} running");
        }
        let sum = match priced {
            0 => "what they cost is unknown".to_owned(),
            _ => format!("about {} a month by list price", sum_text(micros_per_hour)),
        };
        let rest = match running - priced {
            0 => String::new(),
            _ if priced == 0 => prices.failure_words(accounts),
            unknown => format!("; the price of {unknown} is unknown{}", prices.failure_words(accounts)),
        };
        format!("{running} running, {sum}{rest}")
    }
}

impl Prices {
    /// Where the list could not be read and why, to be added to a sentence.
    fn failure_words(&self, accounts: &[Account]) -> String {
        let Some((place, reason)) = self.failures.first() else { return String::new() };
        let account = accounts.iter().find(|account| account.id == place.account);
        let name = account.map_or(place.account.as_str(), |account| account.name.as_str());
        let others = match self.failures.len() {
            1 => String::new(),
            many => format!(" (and {} more)", many - 1),
        };
        format!(": {name} · {}{others}: {reason}", place.region)
    }
}

/// A price as a cell says it, and what the tooltip says.
#[must_use]
pub fn price_texts(instance: &Instance, price: &Price) -> (String, String) {
    match price {
        Price::None => ("–".to_owned(), String::new()),
        Price::Unknown(reason) => ("unknown".to_owned(), format!("Unknown: {reason}.")),
        Price::Hourly(micros) => {
            let hourly = format!("{} an hour on demand, by AWS's price list", dollars(*micros));
            let title = if instance.state == InstanceState::Running {
                hourly
            } else {
                format!("{hourly}, while it runs; it is {}", instance.state.as_str())
            };
            (month_text(*micros), title)
        }
    }
}

/// The prices of the list's instances. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct ListPrices {
    pub(super) known: RwSignal<Prices>,
    sources: RwSignal<Vec<Source>>,
}

impl ListPrices {
    /// As they are first known, if they are.
    pub(super) fn new(first: Option<Listing<ListPrice>>) -> Self {
        let known = RwSignal::new(Prices::new(first.as_ref()));
        Self { known, sources: RwSignal::new(first.map(|first| first.sources).unwrap_or_default()) }
    }

    /// Reads them. What cannot be read stays as it was known; the list of instances tells of a connection that is lost.
    pub(super) fn read(self, scope: Scope) {
        spawn_local(async move {
            let Ok(listing) = list_prices(scope).await else { return };
            if self.known.try_set(Prices::new(Some(&listing))).is_none() {
                self.sources.set(listing.sources);
            }
        });
    }

    /// Reads them whenever the list has a kind whose price was not asked for.
    pub(super) fn follow(self, scope: Memo<Scope>, items: RwSignal<Vec<Instance>>) {
        let hydrated = use_hydrated();
        let lacking = Memo::new(move |_| {
            let prices = self.known.read();
            let lacking = |instance: &&Instance| prices.lacks(instance);
            let mut kinds: Vec<PriceKey> =
                items.with(|items| items.iter().filter(lacking).filter_map(PriceKey::of).collect());
            kinds.sort();
            kinds.dedup();
            kinds
        });
        Effect::new(move |_| {
            // The same kinds are not asked for again: what is still lacking then is so for a reason.
            if hydrated.get() && !lacking.read().is_empty() {
                self.read(scope.get());
            }
        });
    }

    /// The places of which the list knows the instances and not their prices.
    pub(super) fn failures(self, listed: RwSignal<Vec<Source>>) -> Vec<Source> {
        let is_listed = |source: &&Source| {
            let here = |other: &Source| other.place == source.place && other.error.is_none();
            listed.with(|listed| listed.iter().any(here))
        };
        self.sources.with(|sources| sources.iter().filter(is_listed).cloned().collect())
    }
}

/// What is known of one instance's price when its page is loaded.
pub(super) async fn first_price(instance: &Instance) -> Option<ListPrice> {
    known_price(instance.place(), PriceKey::of(instance)?).await
}

/// A price in words, the sentence below it, and whether it is being paid.
pub(super) type PriceWords = (String, String, bool);

/// The list price of an instance that is looked at, read beside its page.
pub(super) fn use_price(
    instance: RwSignal<Instance>,
    details: RwSignal<InstanceDetails>,
    first: Option<ListPrice>,
) -> Memo<PriceWords> {
    let known = RwSignal::new(first.map(|price| Listing { items: vec![price], sources: Vec::new() }));
    let key = Memo::new(move |_| instance.with(PriceKey::of));
    let hydrated = use_hydrated();
    Effect::new(move |_| {
        let Some(key) = key.get().filter(|_| hydrated.get()) else { return };
        if known.with_untracked(|known| known.iter().flat_map(|all| &all.items).any(|it| it.key == key)) {
            return;
        }
        let place = instance.with_untracked(Instance::place);
        spawn_local(async move {
            let listing = match get_price(place.clone(), key).await {
                Ok(price) => Listing { items: vec![price], sources: Vec::new() },
                Err(error) => {
                    let source = Source { place, fetched_at: None, error: Some(error.0) };
                    Listing { items: Vec::new(), sources: vec![source] }
                }
            };
            let _ = known.try_set(Some(listing));
        });
    });
    Memo::new(move |_| {
        let prices = known.with(|known| Prices::new(known.as_ref()));
        instance.with(|instance| {
            let refusal = details.with(InstanceDetails::price_refusal);
            let price = match refusal.filter(|_| instance.state != InstanceState::Terminated) {
                Some(reason) => Price::Unknown(reason),
                None => prices.of(instance),
            };
            let (shown, title) = price_texts(instance, &price);
            let by = if matches!(price, Price::Hourly(_)) { " a month" } else { "" };
            (format!("{shown}{by}"), title, instance.state == InstanceState::Running)
        })
    })
}

/// The list price on an instance's page. What it would cost if it ran is said quietly.
pub(super) fn price_view(words: PriceWords) -> AnyView {
    let (shown, title, running) = words;
    view! {
        <span class=if running { "" } else { "quiet" }>{shown}</span>
        <span class="quiet block text-xs">{title}</span>
    }
    .into_any()
}

/// The cell of the column: what a month costs, and the hour in the tooltip.
pub(super) fn price_cell(instance: &Instance, prices: &Prices) -> AnyView {
    let (shown, title) = price_texts(instance, &prices.of(instance));
    let quiet = if instance.state == InstanceState::Running { "" } else { " quiet" };
    view! {
        <td class=format!("tabular-nums{quiet}") title=title>
            {shown}
        </td>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nephoscope_model::Error;

    use super::{super::query::tests::instance, *};

    fn linux(number: u32, kind: &str, state: &str) -> Instance {
        let mut made = instance(number, &format!("web-{number}"), state);
        kind.clone_into(&mut made.instance_type);
        made.platform = Some("Linux/UNIX".to_owned());
        made
    }

    fn listing_of(items: Vec<ListPrice>, source: Option<Source>) -> Listing<ListPrice> {
        Listing { items, sources: source.into_iter().collect() }
    }

    fn price(of: &Instance, micros_per_hour: Option<i64>) -> ListPrice {
        ListPrice { key: PriceKey::of(of).expect("a kind"), micros_per_hour }
    }

    #[test]
    fn only_what_runs_is_added_up_and_what_is_unknown_is_said() {
        let all = [
            linux(1, "t3.micro", "running"),
            linux(2, "t3.micro", "running"),
            linux(3, "t3.micro", "stopped"),
            linux(4, "z9.huge", "running"),
            linux(5, "m5.large", "running"),
        ];
        let all_of = |count: usize| all.iter().take(count).collect::<Vec<_>>();
        let known = listing_of(vec![price(&all[3], None), price(&all[0], Some(10_400))], None);
        let prices = Prices::new(Some(&known));
        let words = |count| Bill::of(&all_of(count), &prices).words(&prices, &[]);
        assert_eq!(words(3), "2 running, about $15.18 a month by list price");
        assert_eq!(words(4), "3 running, about $15.18 a month by list price; the price of 1 is unknown");
        let none = Prices::default();
        assert_eq!(Bill::of(&all_of(3), &none).words(&none, &[]), "2 running");
        assert_eq!(Bill::of(&[&all[2]], &prices).words(&prices, &[]), "");
        assert_eq!(prices.of(&all[0]), Price::Hourly(10_400));
        assert!(matches!(prices.of(&all[3]), Price::Unknown(_)));
        assert!(prices.of(&all[4]) == Price::None && prices.lacks(&all[4]) && !prices.lacks(&all[3]));
    }

    #[test]
    fn a_place_that_failed_and_hardware_of_ones_own_say_why() {
        let one = linux(1, "t3.micro", "running");
        let error = Error::invalid("AWS denied pricing:GetProducts.");
        let failed = Source { place: one.place(), fetched_at: None, error: Some(error) };
        let prices = Prices::new(Some(&listing_of(Vec::new(), Some(failed))));
        let account = super::super::query::tests::beside().accounts;
        assert_eq!(
            Bill::of(&[&one], &prices).words(&prices, &account),
            "1 running, what they cost is unknown: production · us-east-1: AWS denied pricing:GetProducts."
        );
        assert_eq!(prices.of(&one), Price::Unknown("AWS denied pricing:GetProducts".to_owned()));
        let mut own = one.clone();
        own.tenancy = Some("dedicated".to_owned());
        let (shown, title) = price_texts(&own, &prices.of(&own));
        assert!(shown == "unknown" && title.contains("dedicated"), "{title}");
    }

    #[test]
    fn the_month_is_shown_and_the_hour_in_the_tooltip() {
        let mut one = linux(1, "t3.micro", "running");
        let (shown, title) = price_texts(&one, &Price::Hourly(10_400));
        assert!(shown == "$7.59" && title.starts_with("$0.0104 an hour"), "{shown} {title}");
        one.state = InstanceState::Stopped;
        assert!(price_texts(&one, &Price::Hourly(10_400)).1.ends_with("while it runs; it is stopped"));
    }
}
