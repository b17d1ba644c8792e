//! What functions did in the last day.

use nephoscope_aws::{Cloud, Fold, Stretch};
use nephoscope_model::{
    Listing, Operation, Place, Result, Scope, Timestamp,
    lambda::{FunctionMeasures, FunctionName},
    metrics::{Dimension, Metric},
};

use crate::{
    Caller, Grant, Ops, Read,
    cache::Known,
    estate::describe,
    record::{Done, Task},
};

/// The metric of that name of a function.
fn function_metric(function: &FunctionName, name: &str) -> Metric {
    Metric {
        namespace: "AWS/Lambda".to_owned(),
        name: name.to_owned(),
        dimensions: vec![Dimension { name: "FunctionName".to_owned(), value: function.to_string() }],
    }
}

impl Ops {
    /// Invocations, errors and the 95th percentile of the duration of every function of a scope, over about the last day. CloudWatch charges
    /// for each number, so what was read in the last five minutes is not read again, whoever asks.
    ///
    /// # Errors
    /// `not_found` for a scope that is not configured. Places that fail are named in the listing.
    pub async fn function_metrics(
        &self,
        caller: &Caller,
        scope: &Scope,
    ) -> Result<Listing<FunctionMeasures>> {
        self.perform(caller, Task::new(Operation::ReadFunctionMetrics), async |_: Grant<Read>| {
            let cloud = self.cloud_for(caller);
            let listing = self.merge(scope, |place| self.known_measures(&cloud, place)).await?;
            let words = describe(&listing);
            Ok(Done::with(listing, words))
        })
        .await
    }

    async fn known_measures(&self, cloud: &Cloud, place: Place) -> Result<Known<Vec<FunctionMeasures>>> {
        let ask = async {
            let functions = self.known_functions(cloud, place.clone(), false).await?.value;
            let names = functions.iter().map(|function| function.name.clone()).collect();
            read_measures(cloud, &place, names, Stretch::last_day(Timestamp::now())).await
        };
        self.caches().function_measures.get(place.clone(), false, Box::pin(ask)).await
    }
}

/// Asks first how often each was invoked, and the rest only of those that were: of most estates that is a small part.
async fn read_measures(
    cloud: &Cloud,
    place: &Place,
    names: Vec<FunctionName>,
    day: Stretch,
) -> Result<Vec<FunctionMeasures>> {
    let questions: Vec<_> =
        names.iter().map(|name| (function_metric(name, "Invocations"), Fold::Sum)).collect();
    let invocations = cloud.get_figures(place, &questions, day).await?;
    let mut measures: Vec<FunctionMeasures> = names
        .into_iter()
        .zip(invocations)
        .map(|(name, invocations)| FunctionMeasures { invocations, ..FunctionMeasures::unknown(place, name) })
        .collect();
    let mut active: Vec<&mut FunctionMeasures> =
        measures.iter_mut().filter(|it| it.invocations.is_some()).collect();
    let questions: Vec<_> = active
        .iter()
        .flat_map(|it| {
            [
                (function_metric(&it.name, "Errors"), Fold::Sum),
                (function_metric(&it.name, "Duration"), Fold::P95),
            ]
        })
        .collect();
    let figures = cloud.get_figures(place, &questions, day).await?;
    for (measure, pair) in active.iter_mut().zip(figures.chunks(2)) {
        measure.errors = pair.first().copied().flatten();
        measure.p95_ms = pair.get(1).copied().flatten();
    }
    Ok(measures)
}
