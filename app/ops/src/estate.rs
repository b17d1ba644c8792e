//! Accounts and scopes.

use futures::{StreamExt, stream};
use nephoscope_model::{Account, Error, Listing, Operation, Place, Result, Scope, Source};

use crate::{Caller, Ops, SharedListing, acting::Acting, cache::Known, record::Task};

/// How many places are asked at the same time for one listing.
const PLACES_AT_ONCE: usize = 32;

impl Ops {
    /// The accounts that are configured. Everybody who is logged in may see them.
    #[must_use]
    pub fn accounts(&self, _caller: &Caller) -> Vec<Account> {
        self.cloud().accounts()
    }

    /// The places of a scope.
    pub(crate) fn places(&self, scope: &Scope) -> Result<Vec<Place>> {
        scope.places(&self.cloud().accounts())
    }

    /// Makes sure that a place is one of ours: nobody makes the server call an account that it was not given.
    pub(crate) fn check_place(&self, place: &Place) -> Result<()> {
        let accounts = self.cloud().accounts();
        let Some(account) = accounts.iter().find(|account| account.id == place.account) else {
            return Err(Error::not_found(format!("Account {} is not configured here.", place.account)));
        };
        if !account.regions.contains(&place.region) {
            return Err(Error::not_found(format!(
                "Region {} is not configured for account {}.",
                place.region, account.name
            )));
        }
        Ok(())
    }

    /// The one place that a request means when it names an account, a region, both or none.
    ///
    /// # Errors
    /// `not_found` when it is not configured, `invalid_input` when more than one fits.
    pub fn resolve_place(&self, scope: &Scope) -> Result<Place> {
        let mut places = self.places(scope)?;
        match (places.pop(), places.is_empty()) {
            (Some(place), true) => Ok(place),
            (Some(_), false) => {
                Err(Error::invalid("More than one account or region is configured: say which one is meant.")
                    .with_hint("Add account=… and region=… to the request."))
            }
            (None, _) => Err(Error::not_found("No AWS account is configured.")
                .with_hint("Add one to the configuration of the server.")),
        }
    }

    /// Finds the place of something that a request for `operation` names by its id or name only. A failure is recorded as one of that
    /// operation.
    ///
    /// # Errors
    /// `forbidden` when the caller may not do the operation, and those of `find`.
    pub(crate) async fn locate(
        &self,
        caller: &Caller,
        operation: Operation,
        name: &str,
        find: impl Future<Output = Result<Place>>,
    ) -> Result<Place> {
        self.check_may(caller, operation, name).await?;
        match Acting::new(caller.name()).during(find).await {
            Ok(place) => Ok(place),
            Err(error) => {
                self.record_not_begun(caller, &Task::new(operation).on(name), &error).await?;
                Err(error.within_request(&caller.request_id))
            }
        }
    }

    /// Asks every place of a scope at the same time and merges what they say.
    pub(crate) async fn merge<T, A>(&self, scope: &Scope, ask: impl Fn(Place) -> A) -> Result<Listing<T>>
    where
        T: Clone,
        A: Future<Output = Result<Known<Vec<T>>>>,
    {
        self.merge_shared(scope, ask).await.map(Listing::from)
    }

    /// The same, with items that stay the caches'.
    pub(crate) async fn merge_shared<T, A>(
        &self,
        scope: &Scope,
        ask: impl Fn(Place) -> A,
    ) -> Result<SharedListing<T>>
    where
        A: Future<Output = Result<Known<Vec<T>>>>,
    {
        let asks: Vec<_> = self
            .places(scope)?
            .into_iter()
            .map(|place| {
                let answer = ask(place.clone());
                async { (place, answer.await) }
            })
            .collect();
        Ok(SharedListing::of(stream::iter(asks).buffered(PLACES_AT_ONCE).collect().await))
    }
}

/// A few words on a listing for the audit.
pub(crate) fn describe<T>(listing: &Listing<T>) -> String {
    describe_parts(listing.items.len(), &listing.sources)
}

/// The same of so many items from these sources.
pub(crate) fn describe_parts(items: usize, sources: &[Source]) -> String {
    let failed = sources.iter().filter(|source| source.error.is_some()).count();
    if failed == 0 {
        format!("{items} found")
    } else {
        format!("{items} found; {failed} of {} sources failed", sources.len())
    }
}
