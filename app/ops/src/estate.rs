//! Accounts and scopes.

use futures::{StreamExt, stream};
use nephoscope_model::{Account, Error, Listing, Place, Result, Scope, Source};

use crate::{Caller, Ops, cache::Known};

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

    /// Asks every place of a scope at the same time and merges what they say.
    pub(crate) async fn merge<T, A>(&self, scope: &Scope, ask: impl Fn(Place) -> A) -> Result<Listing<T>>
    where
        T: Clone,
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
        let answers: Vec<_> = stream::iter(asks).buffered(PLACES_AT_ONCE).collect().await;
        let mut listing = Listing::default();
        for (place, answer) in answers {
            listing.sources.push(match answer {
                Ok(known) => {
                    listing.items.extend(known.value.iter().cloned());
                    Source { place, fetched_at: Some(known.at), error: None }
                }
                Err(error) => Source { place, fetched_at: None, error: Some(error) },
            });
        }
        Ok(listing)
    }
}

/// A few words on a listing for the audit.
pub(crate) fn describe<T>(listing: &Listing<T>) -> String {
    let failed = listing.failures().count();
    if failed == 0 {
        format!("{} found", listing.items.len())
    } else {
        format!("{} found; {failed} of {} sources failed", listing.items.len(), listing.sources.len())
    }
}
