//! What the small EC2 of the [`crate::world`] has beside instances: one of each kind, of which the tags can be changed.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};

pub(crate) const VOLUME: &str = "vol-0000000000000000a";
pub(crate) const SNAPSHOT: &str = "snap-0000000000000000a";
pub(crate) const ADDRESS: &str = "eipalloc-0000000000000000a";
pub(crate) const GROUP: &str = "sg-0000000000000000a";

/// For each list: the set in its answer, the parameter of its ids, the id, and the fields.
const KINDS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "DescribeVolumes",
        "volumeSet",
        "VolumeId.1",
        VOLUME,
        "<volumeId>vol-0000000000000000a</volumeId><size>100</size><status>available</status>\
         <volumeType>gp3</volumeType><encrypted>false</encrypted><availabilityZone>us-east-1a</availabilityZone>",
    ),
    (
        "DescribeSnapshots",
        "snapshotSet",
        "SnapshotId.1",
        SNAPSHOT,
        "<snapshotId>snap-0000000000000000a</snapshotId><volumeId>vol-0000000000000000a</volumeId>\
         <status>completed</status><progress>100%</progress><volumeSize>100</volumeSize>\
         <description>&lt;i&gt;nightly&lt;/i&gt;</description>",
    ),
    (
        "DescribeAddresses",
        "addressesSet",
        "AllocationId.1",
        ADDRESS,
        "<allocationId>eipalloc-0000000000000000a</allocationId><publicIp>203.0.113.7</publicIp>",
    ),
    (
        "DescribeSecurityGroups",
        "securityGroupInfo",
        "GroupId.1",
        GROUP,
        "<groupId>sg-0000000000000000a</groupId><groupName>bastion</groupName><groupDescription>SSH</groupDescription>\
         <ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges><item>\
         <cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissions>",
    ),
];

/// The tags of each id.
#[derive(Debug)]
pub(crate) struct Memory(Mutex<HashMap<&'static str, BTreeMap<String, String>>>);

impl Default for Memory {
    fn default() -> Self {
        let named = |id| (id, BTreeMap::from([("Name".to_owned(), format!("<b>{id}</b>"))]));
        Self(Mutex::new([VOLUME, SNAPSHOT, ADDRESS, GROUP].map(named).into()))
    }
}

impl Memory {
    /// What EC2 says; nothing to what is not of these kinds.
    pub(crate) fn play(&self, request: &ReplayRequest, denied: bool) -> Option<ReplayResponse> {
        let mut tags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(request.operation(), "CreateTags" | "DeleteTags") {
            let id = request.form("ResourceId.1").unwrap_or_default();
            let (_, tags) = tags.iter_mut().find(|(known, _)| **known == id)?;
            return Some(change(tags, request, denied));
        }
        let (operation, set, parameter, id, fields) =
            KINDS.iter().find(|(operation, ..)| *operation == request.operation())?;
        if request.form(parameter).is_some_and(|wanted| wanted != *id) {
            return Some(wire::ec2_error(400, "InvalidVolume.NotFound", "It does not exist"));
        }
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        let tags: String = tags
            .get(id)
            .into_iter()
            .flatten()
            .map(|(key, value)| {
                format!("<item><key>{}</key><value>{}</value></item>", escaped(key), escaped(value))
            })
            .collect();
        let item = format!("<item>{fields}<tagSet>{tags}</tagSet></item>");
        Some(wire::xml(200, format!("<{operation}Response><{set}>{item}</{set}></{operation}Response>")))
    }
}

fn change(tags: &mut BTreeMap<String, String>, request: &ReplayRequest, denied: bool) -> ReplayResponse {
    if denied {
        return wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized");
    }
    if request.form("DryRun").as_deref() == Some("true") {
        return wire::ec2_error(412, "DryRunOperation", "Request would have succeeded");
    }
    for number in 1.. {
        let Some(key) = request.form(&format!("Tag.{number}.Key")) else { break };
        if request.operation() == "CreateTags" {
            tags.insert(key, request.form(&format!("Tag.{number}.Value")).unwrap_or_default());
        } else {
            tags.remove(&key);
        }
    }
    wire::done(request.operation())
}
