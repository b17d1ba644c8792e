//! One request for many resources: the single operation for each of them, a few at a time, each with its own permission, its own records
//! and its own result.

use std::future::Future;

use futures::{StreamExt, stream};
use nephoscope_model::{Operation, Place, Result, Scope, bulk::check_count};

use crate::{Caller, Ops};

/// How many resources are being changed at the same time. More would only wait for each other's turn at AWS.
const AT_ONCE: usize = 8;

/// Where something is, or where to look for it.
#[derive(Clone, Debug)]
pub(crate) enum Whereabouts {
    Known(Place),
    Within(Scope),
}

impl Ops {
    /// Makes sure that so many can be changed at once, and that the caller may do it somewhere. There is one record of a refusal, rather
    /// than one for each, where nothing can come of it.
    ///
    /// # Errors
    /// `invalid_input` for none and for too many; `forbidden`.
    pub(crate) async fn check_many(
        &self,
        caller: &Caller,
        operation: Operation,
        count: usize,
        nouns: &str,
    ) -> Result<()> {
        check_count(count, nouns)?;
        self.check_may(caller, operation, &format!("{count} {nouns}")).await
    }

    /// Does something to each of many, to the end, also when whoever asked for it goes away. What comes of it is in the order of the
    /// targets.
    ///
    /// # Errors
    /// Only if it could not be done at all: what fails for one stands in its result.
    pub(crate) async fn for_each<T, R, F>(
        &self,
        caller: &Caller,
        targets: Vec<T>,
        one: impl Fn(Self, Caller, T) -> F + Send + 'static,
    ) -> Result<Vec<R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Future<Output = R> + Send + 'static,
    {
        let (ops, caller) = (self.clone(), caller.clone());
        self.to_the_end(async move {
            let each = targets.into_iter().map(move |target| one(ops.clone(), caller.clone(), target));
            Ok(stream::iter(each).buffered(AT_ONCE).collect().await)
        })
        .await
    }
}
