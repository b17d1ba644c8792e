//! Looks around in a running cloud with everything this crate can do without changing anything that matters:
//! `cargo run --example look_around -- http://127.0.0.1:8466 111111111111 eu-west-1`, by default the demo cloud (`make demo`).
//! For the real AWS give an empty address; the account is then entered with the SDK's default credentials.

#![expect(clippy::print_stdout, reason = "it is a command")]

use std::time::Instant;

use nephoscope_aws::{AccountConfig, Cloud, CredentialsSource, Patience};
use nephoscope_model::{
    Account, Place, Result, Timestamp,
    ec2::{InstanceAction, StopOptions},
    logs::LogTail,
    metrics::{Dimension, Statistic, StatsQuery, TimeRange},
    scope::AccountColor,
};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().unwrap_or_else(|| "http://127.0.0.1:8466".to_owned());
    let place = Place {
        account: arguments.next().as_deref().unwrap_or("111111111111").parse()?,
        region: arguments.next().as_deref().unwrap_or("eu-west-1").parse()?,
    };
    let demo = !endpoint.is_empty();
    let credentials = if demo {
        CredentialsSource::Role {
            role_arn: format!("arn:aws:iam::{}:role/NephoscopeConsole", place.account).parse()?,
            external_id: None,
            from: None,
        }
    } else {
        CredentialsSource::Default
    };
    let account = Account {
        id: place.account.clone(),
        name: "demo".to_owned(),
        color: AccountColor::Teal,
        regions: vec![place.region.clone()],
    };
    let mut builder = Cloud::builder()
        .accounts(vec![AccountConfig::new(account, credentials)])
        .endpoint_url(demo.then_some(endpoint))
        .patience(Patience::default());
    if demo {
        builder = builder.base_credentials("test", "test");
    }
    look_around(&builder.build().await, &place).await
}

async fn look_around(cloud: &Cloud, place: &Place) -> Result<()> {
    let now = Timestamp::now();
    println!("{:?}", cloud.caller_identity(&place.account).await?);

    let begun = Instant::now();
    let instances = cloud.list_instances(place).await?;
    println!("{} instances in {:?}", instances.len(), begun.elapsed());
    if let Some(instance) = instances.iter().find(|instance| !instance.name.is_empty()) {
        let same = cloud.get_instance(place, &instance.id).await?;
        println!("{} {} {}: the same alone: {}", same.id, same.name, same.state.as_str(), same == *instance);
        for action in InstanceAction::ALL {
            println!(
                "  may {}: {:?}",
                action.verb(),
                cloud.check_instance_change(place, &same.id, action, StopOptions::default()).await
            );
        }
        let dimension = Dimension { name: "InstanceId".to_owned(), value: same.id.to_string() };
        let metrics = cloud.list_metrics(place, "AWS/EC2", Some(&dimension)).await?;
        println!("  {} metrics", metrics.len());
        for metric in &metrics {
            let query = StatsQuery::for_range(&metric.name, Statistic::Average, TimeRange::Day, now);
            let series = cloud.get_series(place, metric, &query).await?;
            println!("  {}: {} points in {:?}", metric.name, series.points.len(), series.unit);
        }
        if let Some(metric) = metrics.first() {
            let day = StatsQuery::for_range(&metric.name, Statistic::Average, TimeRange::TwoWeeks, now);
            let series = cloud.get_series(place, metric, &StatsQuery { period: 300, ..day }).await?;
            println!("  {}: {} points of two weeks by GetMetricData", metric.name, series.points.len());
        }
    }
    println!("unknown: {:?}", cloud.get_instance(place, &"i-00000000000000000".parse()?).await);

    for group in cloud.list_log_groups(place, None).await? {
        let streams = cloud.list_log_streams(place, &group.name, None, 5).await?.items;
        let tail = LogTail::new(place.clone(), &group.name, vec![])?;
        let begun = Instant::now();
        let last = cloud.last_log_rows(&tail, 100, now).await?;
        let took = begun.elapsed();
        let from = last.first().map_or(now, |row| row.timestamp);
        let again = cloud.filter_log_events(&tail, from, 10_000).await?;
        println!(
            "{}: {} streams, {} last lines from {} to {} in {took:?}; read forward {} (complete: {})",
            group.name,
            streams.len(),
            last.len(),
            from.to_utc_text(),
            last.last().map_or(now, |row| row.timestamp).to_utc_text(),
            again.rows.len(),
            again.complete,
        );
    }
    Ok(())
}
