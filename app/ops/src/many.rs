//! One request for many resources: the single operation for each of them, a few at a time, each with its own permission, its own records
//! and its own result.

use std::{
    collections::BTreeSet,
    fmt::Display,
    future::{Future, ready},
    sync::Arc,
};

use futures::{StreamExt, future::Either, stream};
use nephoscope_model::{
    Operation, Place, Result, Scope,
    bulk::{Deletion, Destruction, check_confirmation, check_count},
};

use crate::{Caller, Ops, record::Task};

/// How many resources are being changed at the same time. More would only wait for each other's turn at AWS.
const AT_ONCE: usize = 8;

/// Where something is, or where to look for it.
#[derive(Clone, Debug)]
pub(crate) enum Whereabouts {
    Known(Place),
    Within(Scope),
}

impl Whereabouts {
    /// Where it is, if that is known.
    pub(crate) fn place(&self) -> Option<&Place> {
        match self {
            Self::Known(place) => Some(place),
            Self::Within(_) => None,
        }
    }
}

impl Ops {
    /// Makes sure that the caller may do it somewhere, that so many can be changed at once, and whatever else `check` demands. One record
    /// says that it was not done, rather than one for each, where nothing can come of it.
    ///
    /// # Errors
    /// `forbidden`; `invalid_input` for none and for too many; those of `check`.
    pub(crate) async fn check_many(
        &self,
        caller: &Caller,
        operation: Operation,
        (count, nouns): (usize, &str),
        check: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let all = format!("{count} {nouns}");
        self.check_may(caller, operation, &all).await?;
        match check_count(count, nouns).and_then(|()| check()) {
            Ok(()) => Ok(()),
            Err(error) => {
                self.record_not_begun(caller, &Task::new(operation).on(&all), &error).await?;
                Err(error.within_request(&caller.request_id))
            }
        }
    }

    /// Does something to each of many, to the end, also when whoever asked for it goes away: first `find` says where each is, and only
    /// then `change` changes the first, since a change makes what is known of a place unknown. What comes of it is in the order of the
    /// targets.
    ///
    /// # Errors
    /// Only if it could not be done at all: what fails for one stands in its result.
    pub(crate) async fn for_each<T, R, F, C>(
        &self,
        caller: &Caller,
        targets: Vec<(T, Whereabouts)>,
        find: impl Fn(Self, Caller, T, Scope) -> F + Send + Sync + 'static,
        change: impl Fn(Self, Caller, T, Result<Place>) -> C + Send + Sync + 'static,
    ) -> Result<Vec<R>>
    where
        T: Clone + Send + 'static,
        R: Send + 'static,
        F: Future<Output = Result<Place>> + Send + 'static,
        C: Future<Output = R> + Send + 'static,
    {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move {
            let found = targets.into_iter().map(|(target, at)| {
                let looking = match at {
                    Whereabouts::Known(place) => Either::Left(ready(Ok(place))),
                    Whereabouts::Within(scope) => {
                        Either::Right(find(ops.clone(), caller.clone(), target.clone(), scope))
                    }
                };
                async move { (target, looking.await) }
            });
            let found: Vec<(T, Result<Place>)> = stream::iter(found).buffered(AT_ONCE).collect().await;
            let changes =
                found.into_iter().map(|(target, place)| change(ops.clone(), caller.clone(), target, place));
            Ok(stream::iter(changes).buffered(AT_ONCE).collect().await)
        })
        .await
    }

    /// Deletes each of many that have names: `find` says where one is, and `delete` deletes it as if its name had been typed, which one
    /// confirmation stands for, that of [`confirmation_of`](nephoscope_model::bulk::confirmation_of). One that is there twice counts once.
    ///
    /// # Errors
    /// Those of [`Self::check_many`], and `confirmation_required`. What fails for one stands in its result.
    pub(crate) async fn delete_each<N, F, D>(
        &self,
        caller: &Caller,
        (operation, nouns): (Operation, &str),
        mut targets: Vec<(N, Whereabouts)>,
        confirmation: Option<&str>,
        find: impl Fn(Self, Caller, N, Scope) -> F + Send + Sync + 'static,
        delete: impl Fn(Self, Caller, N, Place) -> D + Send + Sync + 'static,
    ) -> Result<Vec<Deletion>>
    where
        N: Clone + Ord + Display + Send + Sync + 'static,
        F: Future<Output = Result<Place>> + Send + 'static,
        D: Future<Output = Result<()>> + Send + 'static,
    {
        let mut seen = BTreeSet::new();
        targets.retain(|(name, at)| seen.insert((name.clone(), at.place().cloned())));
        let names: Vec<String> = targets.iter().map(|(name, _)| name.to_string()).collect();
        let confirmed = || check_confirmation(Destruction::Delete, &names, nouns, confirmation);
        self.check_many(caller, operation, (names.len(), nouns), confirmed).await?;
        let delete = Arc::new(delete);
        self.for_each(caller, targets, find, move |ops, caller, name, place| {
            let delete = delete.clone();
            async move {
                let (place, error) = match place {
                    Ok(place) => {
                        let deleted = delete(ops, caller, name.clone(), place.clone()).await;
                        (Some(place), deleted.err())
                    }
                    Err(error) => (None, Some(error)),
                };
                Deletion { name: name.to_string(), place, error }
            }
        })
        .await
    }
}
