//! One request for many resources: the single operation for each of them, a few at a time, each with its own permission, its own records
//! and its own result.

use std::future::{Future, ready};

use futures::{StreamExt, future::Either, stream};
use nephoscope_model::{Operation, Place, Result, Scope, bulk::check_count};

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
}
