//! What instances cost by the price list. The list is the same for every account, so that what one has asked serves all; it is kept a day
//! in the store, for every server and over restarts.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::{StreamExt, future::BoxFuture, stream};
use nephoscope_aws::Cloud;
use nephoscope_model::{
    ErrorCode, Listing, Operation, Place, Result, Scope, Timestamp,
    ec2::{ListPrice, PriceKey},
};
use tracing::warn;

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

/// How long a price is good.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(86_400);
/// How long a page waits for what it can do without at first.
const SOON: Duration = Duration::from_millis(100);
/// How many kinds are asked for at the same time, for one place.
const KINDS_AT_ONCE: usize = 4;

impl Ops {
    /// The list prices of every kind of instance that a scope has, each kind once, by region, type and platform. A kind of which the list
    /// says nothing is there without a price.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn list_prices(&self, caller: &Caller, scope: &Scope) -> Result<Listing<ListPrice>> {
        self.perform(caller, Task::new(Operation::ListPrices), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let mut listing = self.merge(scope, |place| self.prices_of_place(&cloud, place)).await?;
            listing.items.sort_by(|a, b| a.key.cmp(&b.key));
            listing.items.dedup();
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    /// The same, where it is known in a moment: a page must not wait for it. What takes longer goes on, and is known the next time.
    pub async fn list_prices_soon(&self, caller: &Caller, scope: &Scope) -> Option<Listing<ListPrice>> {
        let (ops, caller, scope) = (self.clone(), caller.clone(), scope.clone());
        self.soon(Box::pin(async move { ops.list_prices(&caller, &scope).await })).await
    }

    /// The same as [`Self::get_price`], where it is known in a moment.
    pub async fn get_price_soon(&self, caller: &Caller, place: &Place, key: &PriceKey) -> Option<ListPrice> {
        let (ops, caller, place, key) = (self.clone(), caller.clone(), place.clone(), key.clone());
        self.soon(Box::pin(async move { ops.get_price(&caller, &place, &key).await })).await
    }

    /// What is known in a moment; what takes longer goes on without whoever asked.
    pub(super) async fn soon<T: Send + 'static>(&self, work: BoxFuture<'static, Result<T>>) -> Option<T> {
        tokio::time::timeout(SOON, self.to_the_end(work)).await.ok()?.ok()
    }

    /// The list price of one kind, read with the credentials of a place.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and those of AWS.
    pub async fn get_price(&self, caller: &Caller, place: &Place, key: &PriceKey) -> Result<ListPrice> {
        let task = Task::new(Operation::ListPrices).at(place).on(&key.instance_type);
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            self.known_price(&self.cloud_for(caller), place, key.clone()).await
        })
        .await
    }

    async fn prices_of_place(&self, cloud: &Cloud, place: Place) -> Result<Known<Vec<ListPrice>>> {
        let instances = self.known_instances(cloud, place.clone(), false).await?;
        let kinds: BTreeSet<PriceKey> = instances.value.iter().filter_map(PriceKey::of).collect();
        let asks: Vec<_> = kinds.into_iter().map(|kind| self.known_price(cloud, &place, kind)).collect();
        let answers: Vec<Result<ListPrice>> = stream::iter(asks).buffered(KINDS_AT_ONCE).collect().await;
        let (mut prices, mut failure) = (Vec::new(), None);
        for answer in answers {
            match answer {
                Ok(price) => prices.push(price),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            // One that failed for now hides no other; it is asked for again with the next page.
            Some(error) if prices.is_empty() || error.code == ErrorCode::AwsDenied => Err(error),
            _ => Ok(Known { value: Arc::new(prices), at: instances.at }),
        }
    }

    pub(super) async fn known_price(&self, cloud: &Cloud, place: &Place, key: PriceKey) -> Result<ListPrice> {
        let refusals = &self.caches().price_refusals;
        let ask = async {
            let now = Timestamp::now();
            let since = now.plus_millis(-i64::try_from(GOOD_FOR.as_millis()).unwrap_or(i64::MAX));
            if let Some(price) = self.store().find_price(&key, since).await? {
                return Ok(price.micros_per_hour);
            }
            // What could not be read is not asked for again with each page, but after a while.
            if let Some(error) = refusals.get(place).await {
                return Err(error);
            }
            let micros_per_hour = match cloud.find_price(place, &key).await {
                Ok(micros_per_hour) => micros_per_hour,
                Err(error) => {
                    refusals.insert(place.clone(), error.clone()).await;
                    return Err(error);
                }
            };
            let price = ListPrice { key: key.clone(), micros_per_hour };
            if let Err(error) = self.store().save_prices(vec![price], now).await {
                warn!("the price of {} cannot be stored now: {error}", key.instance_type);
            }
            Ok(micros_per_hour)
        };
        let known = self.caches().prices.get(key.clone(), false, ask).await?;
        Ok(ListPrice { key, micros_per_hour: *known.value })
    }
}
