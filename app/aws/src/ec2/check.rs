//! Trying what an account's credentials may do with single instances: with `DryRun`, which is known to be honoured where there is an
//! instance to try it on.

use nephoscope_model::{
    Result,
    ec2::{InstanceId, Protection},
};

use super::{attributes::send_protection, spared};
use crate::{
    calls::{
        Call, DESCRIBE_INSTANCE_ATTRIBUTE, DESCRIBE_INSTANCE_STATUS, DESCRIBE_INSTANCE_TYPES,
        GET_CONSOLE_OUTPUT, GET_CONSOLE_SCREENSHOT, MODIFY_INSTANCE_ATTRIBUTE,
    },
    site::Site,
};

/// What is tried here.
pub(crate) const CALLS: [Call; 6] = [
    DESCRIBE_INSTANCE_ATTRIBUTE,
    MODIFY_INSTANCE_ATTRIBUTE,
    DESCRIBE_INSTANCE_TYPES,
    DESCRIBE_INSTANCE_STATUS,
    GET_CONSOLE_OUTPUT,
    GET_CONSOLE_SCREENSHOT,
];

/// What AWS says to an attempt, or why it is not made.
pub(crate) async fn attempt(
    site: &Site,
    call: Call,
    instance: Result<&InstanceId, &'static str>,
) -> Result<Result<()>, &'static str> {
    let ec2 = site.ec2();
    Ok(match call {
        DESCRIBE_INSTANCE_TYPES => {
            site.call(call, ec2.describe_instance_types().max_results(5).send()).await.map(drop)
        }
        DESCRIBE_INSTANCE_STATUS => {
            site.call(call, ec2.describe_instance_status().max_results(5).send()).await.map(drop)
        }
        DESCRIBE_INSTANCE_ATTRIBUTE => {
            let request = ec2.describe_instance_attribute().instance_id(instance?.as_str()).dry_run(true);
            let request = request.attribute(super::attributes::TERMINATION);
            site.call(call, spared(true, request.send())).await.map(drop)
        }
        MODIFY_INSTANCE_ATTRIBUTE => {
            send_protection(site, instance?, Protection { termination: true }, true).await
        }
        GET_CONSOLE_OUTPUT => {
            let request = ec2.get_console_output().instance_id(instance?.as_str()).dry_run(true);
            site.call(call, spared(true, request.send())).await.map(drop)
        }
        GET_CONSOLE_SCREENSHOT => {
            let request = ec2.get_console_screenshot().instance_id(instance?.as_str()).dry_run(true);
            site.call(call, spared(true, request.send())).await.map(drop)
        }
        _ => return Err("There is no test for it."),
    })
}
