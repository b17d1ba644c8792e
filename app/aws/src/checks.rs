//! Which of the actions that nephoscope uses an account's credentials may do: found out without changing anything.

use aws_sdk_cloudwatch::types as cloudwatch;
use aws_sdk_cloudwatchlogs::types as logs;
use aws_smithy_types::DateTime;
use nephoscope_model::{
    AccountId, Error, ErrorCode, Result, Timestamp,
    account::{ActionCheck, CheckOutcome},
    ec2::{InstanceAction, InstanceId, StopOptions, Tag, TagChanges},
};

use crate::{
    Cloud,
    calls::{
        ALL, CREATE_TAGS, Call, DELETE_TAGS, DESCRIBE_INSTANCES, DESCRIBE_LOG_GROUPS, DESCRIBE_LOG_STREAMS,
        DESCRIBE_REGIONS, FILTER_LOG_EVENTS, GET_METRIC_DATA, GET_METRIC_STATISTICS, GET_PRODUCTS,
        LIST_ACCOUNTS, LIST_METRICS, REBOOT_INSTANCES, START_INSTANCES, STOP_INSTANCES, TERMINATE_INSTANCES,
        With,
    },
    ec2::{self, send_action, send_tags, spared},
    lambda,
    site::Site,
};

/// What there is to try actions on.
struct Trial<'a> {
    site: &'a Site,
    /// An instance that exists, or why there is none to try.
    instance: Result<InstanceId, &'static str>,
    /// A log group, which need not exist: who may not see it is told so before AWS looks.
    group: String,
}

/// A namespace, and a log group, that nobody has.
const NOWHERE: &str = "nephoscope/connection-test";

impl Cloud {
    /// Tries each action in the account's first region: with `DryRun` where EC2 has it, and by the smallest call that changes nothing
    /// elsewhere. One of them, `GetMetricData`, costs a hundred-thousandth of a dollar.
    ///
    /// # Errors
    /// `not_found` for an account that is not configured. What AWS says to a single action stands in its check.
    pub async fn check_actions(&self, account: &AccountId) -> Result<Vec<ActionCheck>> {
        let site = self.first_site(account)?;
        let trial = Trial::prepare(&site).await;
        let mut checks = Vec::new();
        for call in ALL.iter().copied() {
            let With::Account(needed_to) = call.with() else { continue };
            let (outcome, reason) = match trial.attempt(call).await {
                Err(why) => (CheckOutcome::NotCheckable, Some(why.to_owned())),
                Ok(answer) => judge(answer),
            };
            checks.push(ActionCheck { action: call.to_string(), needed_to, outcome, reason });
        }
        Ok(checks)
    }
}

/// What AWS's answer to an attempt says of the permission.
fn judge(answer: Result<()>) -> (CheckOutcome, Option<String>) {
    match answer {
        Ok(()) => (CheckOutcome::Allowed, None),
        // AWS looked, and so it would have acted.
        Err(error) if matches!(error.code, ErrorCode::NotFound | ErrorCode::Conflict) => {
            (CheckOutcome::Allowed, None)
        }
        Err(error) if error.code == ErrorCode::AwsDenied => (CheckOutcome::Denied, Some(error.message)),
        Err(error) => (CheckOutcome::NotCheckable, Some(error.message)),
    }
}

impl<'a> Trial<'a> {
    async fn prepare(site: &'a Site) -> Self {
        // Emulators exist that ignore DryRun and act; what does not honour it here is asked for no change.
        let instance = if honours_dry_run(site).await {
            find_instance(site).await.ok_or("There is no instance in the first region to try it on.")
        } else {
            Err("Whether a dry run is honoured is not certain, so it is not tried.")
        };
        let groups = site.logs().describe_log_groups().limit(1);
        let groups = site.call(DESCRIBE_LOG_GROUPS, groups.send()).await;
        let group = groups.ok().and_then(|answer| answer.log_groups?.pop()?.log_group_name);
        Self { site, instance, group: group.unwrap_or_else(|| NOWHERE.to_owned()) }
    }

    /// What AWS says to an action, or why it is not asked.
    async fn attempt(&self, call: Call) -> Result<Result<()>, &'static str> {
        let site = self.site;
        Ok(match call {
            START_INSTANCES => self.change(InstanceAction::Start).await?,
            STOP_INSTANCES => self.change(InstanceAction::Stop).await?,
            REBOOT_INSTANCES => self.change(InstanceAction::Reboot).await?,
            TERMINATE_INSTANCES => self.change(InstanceAction::Terminate).await?,
            CREATE_TAGS | DELETE_TAGS => self.tags(call).await?,
            DESCRIBE_INSTANCES => {
                site.call(call, site.ec2().describe_instances().max_results(5).send()).await.map(drop)
            }
            DESCRIBE_REGIONS => site.call(call, site.ec2().describe_regions().send()).await.map(drop),
            GET_PRODUCTS => {
                let request = site.pricing().get_products().service_code("AmazonEC2").max_results(1);
                site.call(call, request.send()).await.map(drop)
            }
            LIST_METRICS => {
                site.call(call, site.cloudwatch().list_metrics().namespace(NOWHERE).send()).await.map(drop)
            }
            GET_METRIC_STATISTICS => self.statistics(call).await,
            GET_METRIC_DATA => self.metric_data(call).await,
            DESCRIBE_LOG_GROUPS => {
                site.call(call, site.logs().describe_log_groups().limit(1).send()).await.map(drop)
            }
            DESCRIBE_LOG_STREAMS => {
                let request = site.logs().describe_log_streams().log_group_name(&self.group).limit(1);
                let request = request.order_by(logs::OrderBy::LastEventTime);
                site.call(call, request.send()).await.map(drop)
            }
            FILTER_LOG_EVENTS => {
                let (from, to) = last_minutes();
                let request = site.logs().filter_log_events().log_group_name(&self.group).limit(1);
                let request = request.start_time(from.as_millis()).end_time(to.as_millis());
                site.call(call, request.send()).await.map(drop)
            }
            LIST_ACCOUNTS => {
                site.call(call, site.organizations().list_accounts().max_results(1).send()).await.map(drop)
            }
            _ if ec2::check::CALLS.contains(&call) => {
                let instance = self.instance.as_ref().map_err(|why| *why);
                ec2::check::attempt(site, call, instance).await?
            }
            _ if ec2::resources::check::CALLS.contains(&call) => {
                ec2::resources::check::attempt(site, call).await?
            }
            _ if call.service() == "lambda" => {
                lambda::check::attempt(site, call).await.ok_or("There is no test for it.")?
            }
            _ => return Err("There is no test for it."),
        })
    }

    async fn change(&self, action: InstanceAction) -> Result<Result<()>, &'static str> {
        let instance = self.instance.as_ref().map_err(|why| *why)?;
        Ok(send_action(self.site, instance, action, StopOptions::default(), true).await.map(drop))
    }

    /// A tag that nobody has, on an instance that there is.
    async fn tags(&self, call: Call) -> Result<Result<()>, &'static str> {
        let instance = self.instance.as_ref().map_err(|why| *why)?;
        let key = NOWHERE.to_owned();
        let changes = if call == CREATE_TAGS {
            TagChanges { set: vec![Tag { key, value: String::new() }], ..TagChanges::default() }
        } else {
            TagChanges { remove: vec![key], ..TagChanges::default() }
        };
        Ok(send_tags(self.site, &instance.clone().into(), &changes, true).await)
    }

    async fn statistics(&self, call: Call) -> Result<()> {
        let (from, to) = last_minutes();
        let request = self
            .site
            .cloudwatch()
            .get_metric_statistics()
            .namespace(NOWHERE)
            .metric_name("nothing")
            .statistics(cloudwatch::Statistic::Sum)
            .start_time(DateTime::from_millis(from.as_millis()))
            .end_time(DateTime::from_millis(to.as_millis()))
            .period(300);
        self.site.call(call, request.send()).await.map(drop)
    }

    async fn metric_data(&self, call: Call) -> Result<()> {
        let (from, to) = last_minutes();
        let metric = cloudwatch::Metric::builder().namespace(NOWHERE).metric_name("nothing").build();
        let statistic = cloudwatch::MetricStat::builder().metric(metric).period(300).stat("Sum").build();
        let query = cloudwatch::MetricDataQuery::builder().id("m").metric_stat(statistic).build();
        let request = self
            .site
            .cloudwatch()
            .get_metric_data()
            .metric_data_queries(query)
            .start_time(DateTime::from_millis(from.as_millis()))
            .end_time(DateTime::from_millis(to.as_millis()));
        self.site.call(call.requesting(1), request.send()).await.map(drop)
    }
}

/// Whether a dry run is one: AWS answers it with an error that says so.
async fn honours_dry_run(site: &Site) -> bool {
    let request = site.ec2().describe_instances().dry_run(true);
    let answer = site.call(DESCRIBE_INSTANCES, spared(true, request.send())).await;
    answer.is_ok_and(|answer| answer.0.is_none())
}

async fn find_instance(site: &Site) -> Option<InstanceId> {
    let request = site.ec2().describe_instances().max_results(50);
    let answer: Result<_, Error> = site.call(DESCRIBE_INSTANCES, request.send()).await;
    let instances = answer
        .ok()?
        .reservations
        .unwrap_or_default()
        .into_iter()
        .flat_map(|it| it.instances.unwrap_or_default());
    let alive = |it: &aws_sdk_ec2::types::Instance| {
        let state = it.state().and_then(|state| state.name());
        !matches!(
            state.map(aws_sdk_ec2::types::InstanceStateName::as_str),
            Some("terminated" | "shutting-down")
        )
    };
    instances.filter(alive).find_map(|it| it.instance_id?.parse().ok())
}

fn last_minutes() -> (Timestamp, Timestamp) {
    let now = Timestamp::now();
    (now.plus_millis(-600_000), now)
}
