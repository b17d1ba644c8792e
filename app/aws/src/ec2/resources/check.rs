//! Trying whether an account's credentials may list volumes, snapshots, addresses and security groups.

use nephoscope_model::Result;

use crate::{
    calls::{Call, DESCRIBE_ADDRESSES, DESCRIBE_SECURITY_GROUPS, DESCRIBE_SNAPSHOTS, DESCRIBE_VOLUMES},
    site::Site,
};

/// What is tried here.
pub(crate) const CALLS: [Call; 4] =
    [DESCRIBE_VOLUMES, DESCRIBE_SNAPSHOTS, DESCRIBE_ADDRESSES, DESCRIBE_SECURITY_GROUPS];

/// What AWS says to an attempt, or why it is not made. As few are asked for as AWS allows.
pub(crate) async fn attempt(site: &Site, call: Call) -> Result<Result<()>, &'static str> {
    let ec2 = site.ec2();
    Ok(match call {
        DESCRIBE_VOLUMES => site.call(call, ec2.describe_volumes().max_results(5).send()).await.map(drop),
        DESCRIBE_SNAPSHOTS => {
            let request = ec2.describe_snapshots().owner_ids("self").max_results(5);
            site.call(call, request.send()).await.map(drop)
        }
        DESCRIBE_ADDRESSES => site.call(call, ec2.describe_addresses().send()).await.map(drop),
        DESCRIBE_SECURITY_GROUPS => {
            site.call(call, ec2.describe_security_groups().max_results(5).send()).await.map(drop)
        }
        _ => return Err("There is no test for it."),
    })
}
