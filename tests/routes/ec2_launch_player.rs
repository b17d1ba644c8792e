//! What the small EC2 of the [`crate::world`] has to launch with, and launching.

use nephoscope_aws::replay::{ReplayRequest, ReplayResponse, wire};

pub(crate) const IMAGE: &str = "ami-0123456789abcdef0";
pub(crate) const SUBNET: &str = "subnet-0123456789abcdef0";

fn answer(operation: &str, content: &str) -> ReplayResponse {
    wire::xml(200, format!("<{operation}Response>{content}</{operation}Response>"))
}

/// The answer to a request about launching; nothing to another.
pub(crate) fn play(request: &ReplayRequest, denied: bool) -> Option<ReplayResponse> {
    let operation = request.operation();
    let content = match operation {
        "DescribeLaunchTemplates" => {
            "<launchTemplates><item><launchTemplateId>lt-0123456789abcdef0</launchTemplateId>\
             <launchTemplateName>web</launchTemplateName><defaultVersionNumber>3</defaultVersionNumber>\
             <latestVersionNumber>4</latestVersionNumber></item></launchTemplates>"
                .to_owned()
        }
        "DescribeLaunchTemplateVersions" => {
            assert_eq!(request.form("LaunchTemplateVersion.1").as_deref(), Some("$Latest"));
            format!(
                "<launchTemplateVersionSet><item><versionNumber>4</versionNumber><launchTemplateData><imageId>{IMAGE}</imageId>\
                 <instanceType>t3.micro</instanceType></launchTemplateData></item></launchTemplateVersionSet>"
            )
        }
        "DescribeImages" if request.form("ImageId.1").is_none_or(|id| id == IMAGE) => format!(
            "<imagesSet><item><imageId>{IMAGE}</imageId><name>base</name><architecture>x86_64</architecture>\
             <platformDetails>Linux/UNIX</platformDetails><creationDate>2026-11-02T04:10:00.000Z</creationDate></item></imagesSet>"
        ),
        "DescribeImages" => "<imagesSet/>".to_owned(),
        "DescribeKeyPairs" => "<keySet><item><keyName>ops</keyName></item></keySet>".to_owned(),
        "DescribeSubnets" if denied => {
            return Some(wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized"));
        }
        "DescribeSubnets" => format!(
            "<subnetSet><item><subnetId>{SUBNET}</subnetId><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/24</cidrBlock>\
             <availabilityZone>us-east-1a</availabilityZone><availableIpAddressCount>250</availableIpAddressCount></item></subnetSet>"
        ),
        "RunInstances" if denied => {
            return Some(wire::ec2_error(403, "UnauthorizedOperation", "You are not authorized"));
        }
        "RunInstances" if request.form("DryRun").as_deref() == Some("true") => {
            return Some(wire::ec2_error(412, "DryRunOperation", "Request would have succeeded"));
        }
        "RunInstances" => {
            let count =
                request.form("MaxCount").and_then(|count| count.parse::<u32>().ok()).unwrap_or_default();
            let items: String = (1..=count)
                .map(|number| {
                    format!(
                        "<item><instanceId>i-{number:017x}</instanceId><instanceState><name>pending</name></instanceState>\
                         <instanceType>{}</instanceType></item>",
                        request.form("InstanceType").unwrap_or_default()
                    )
                })
                .collect();
            format!("<instancesSet>{items}</instancesSet>")
        }
        _ => return None,
    };
    Some(answer(operation, &content))
}
