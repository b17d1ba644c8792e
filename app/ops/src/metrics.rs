//! CloudWatch metrics of instances.

use nephoscope_model::{
    Operation, Place, Result, Timestamp,
    ec2::InstanceId,
    metrics::{Dimension, Metric, Series, Statistic, StatsQuery, TimeRange},
};

use crate::{Caller, Grant, Ops, Read, record::Task};

/// The namespace of what EC2 itself measures.
const EC2_NAMESPACE: &str = "AWS/EC2";

/// The metric of that name of an instance.
pub(crate) fn instance_metric(id: &InstanceId, name: &str) -> Metric {
    Metric {
        namespace: EC2_NAMESPACE.to_owned(),
        name: name.to_owned(),
        dimensions: vec![instance_dimension(id)],
    }
}

fn instance_dimension(id: &InstanceId) -> Dimension {
    Dimension { name: "InstanceId".to_owned(), value: id.to_string() }
}

impl Ops {
    /// The metrics that CloudWatch has of an instance.
    ///
    /// # Errors
    /// `not_found` for a place that is not configured, and those of AWS.
    pub async fn list_metrics(&self, caller: &Caller, place: &Place, id: &InstanceId) -> Result<Vec<Metric>> {
        let task = Task::new(Operation::ListMetrics).at(place).on(id.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            self.check_place(place)?;
            let dimension = instance_dimension(id);
            let cloud = self.cloud_for(caller);
            let ask = cloud.list_metrics(place, EC2_NAMESPACE, Some(&dimension));
            let known = self.caches().metrics.get((place.clone(), id.clone()), false, ask).await?;
            Ok(known.value.to_vec())
        })
        .await
    }

    /// Statistics of one metric of an instance.
    ///
    /// # Errors
    /// `invalid_input` for what CloudWatch would refuse, and those of AWS.
    pub async fn get_stats(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        query: &StatsQuery,
    ) -> Result<Series> {
        let task = Task::new(Operation::GetStats).at(place).on(id.as_str()).detail(query.metric.as_str());
        self.perform(caller, task, async |_: Grant<Read>| {
            query.check()?;
            self.check_place(place)?;
            let metric = instance_metric(id, &query.metric);
            let key = (place.clone(), metric.clone(), query.clone());
            let cloud = self.cloud_for(caller);
            let ask = cloud.get_series(place, &metric, query);
            let known = self.caches().series.get(key, false, ask).await?;
            Ok(Series::clone(&known.value))
        })
        .await
    }

    /// A metric of an instance over a range that ends now.
    ///
    /// # Errors
    /// As [`Self::get_stats`].
    pub async fn get_range(
        &self,
        caller: &Caller,
        place: &Place,
        id: &InstanceId,
        metric: &str,
        statistic: Statistic,
        range: TimeRange,
    ) -> Result<Series> {
        let query = StatsQuery::for_range(metric, statistic, range, Timestamp::now());
        self.get_stats(caller, place, id, &query).await
    }
}
