//! What EC2 says of one instance beyond what the lists need.
//! [Instance](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html)

use aws_sdk_ec2::types as sdk;
use nephoscope_model::{
    Timestamp,
    ec2::{BlockDevice, GroupName, InstanceDetails, NetworkInterface},
};

/// All but the Auto Scaling group, which stands in the tags.
pub(super) fn read(it: &sdk::Instance) -> InstanceDetails {
    let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    let message = it.state_reason().and_then(sdk::StateReason::message);
    let reason = owned(it.state_transition_reason());
    let tokens = it.metadata_options().and_then(sdk::InstanceMetadataOptionsResponse::http_tokens);
    let endpoint = it.metadata_options().and_then(sdk::InstanceMetadataOptionsResponse::http_endpoint);
    let is_off = endpoint == Some(&sdk::InstanceMetadataEndpointState::Disabled);
    InstanceDetails {
        groups: groups(it.security_groups()),
        auto_scaling_group: None,
        lifecycle: owned(it.instance_lifecycle().map(sdk::InstanceLifecycleType::as_str)),
        outpost_arn: owned(it.outpost_arn()),
        root_device_type: owned(it.root_device_type().map(sdk::DeviceType::as_str)),
        root_device_name: owned(it.root_device_name()),
        devices: it.block_device_mappings().iter().filter_map(device).collect(),
        interfaces: it.network_interfaces().iter().map(interface).collect(),
        metadata_without_token: tokens.map(|tokens| *tokens == sdk::HttpTokensState::Optional && !is_off),
        transitioned_at: reason.as_deref().and_then(time_in),
        // Where there is no message it is the reason that the lists tell.
        transition_reason: reason.filter(|reason| message.is_some_and(|message| message != reason)),
    }
}

fn groups(told: &[sdk::GroupIdentifier]) -> Vec<GroupName> {
    let group = |it: &sdk::GroupIdentifier| GroupName {
        id: it.group_id().unwrap_or_default().to_owned(),
        name: it.group_name().unwrap_or_default().to_owned(),
    };
    told.iter().map(group).collect()
}

fn device(it: &sdk::InstanceBlockDeviceMapping) -> Option<BlockDevice> {
    let ebs = it.ebs()?;
    Some(BlockDevice {
        device: it.device_name().unwrap_or_default().to_owned(),
        volume_id: ebs.volume_id()?.to_owned(),
        delete_on_termination: ebs.delete_on_termination().unwrap_or_default(),
    })
}

fn interface(it: &sdk::InstanceNetworkInterface) -> NetworkInterface {
    let public = |of: Option<&sdk::InstanceNetworkInterfaceAssociation>| {
        of.and_then(sdk::InstanceNetworkInterfaceAssociation::public_ip).map(ToOwned::to_owned)
    };
    let mut private_ips = Vec::new();
    let mut public_ips: Vec<String> = public(it.association()).into_iter().collect();
    for address in it.private_ip_addresses() {
        private_ips.extend(address.private_ip_address().map(ToOwned::to_owned));
        // That of the first private address is told of the interface, too.
        public_ips.extend(public(address.association()).filter(|ip| !public_ips.contains(ip)));
    }
    if private_ips.is_empty() {
        private_ips.extend(it.private_ip_address().map(ToOwned::to_owned));
    }
    let ipv6 = it.ipv6_addresses().iter().filter_map(|it| it.ipv6_address().map(ToOwned::to_owned));
    NetworkInterface {
        id: it.network_interface_id().unwrap_or_default().to_owned(),
        subnet_id: it.subnet_id().map(ToOwned::to_owned),
        private_ips,
        public_ips,
        ipv6: ipv6.collect(),
        groups: groups(it.groups()),
    }
}

/// The time in `User initiated (2026-11-27 21:34:30 GMT)`, which AWS tells nowhere else.
fn time_in(reason: &str) -> Option<Timestamp> {
    let (_, told) = reason.rsplit_once('(')?;
    let (day, time) = told.strip_suffix(" GMT)").or_else(|| told.strip_suffix(" UTC)"))?.split_once(' ')?;
    Timestamp::parse(&format!("{day}T{time}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_tells_when_or_does_no_harm() {
        let told = |reason| time_in(reason).map(|at| at.to_string());
        let at = Some("2026-11-27T21:34:30.000Z".to_owned());
        assert_eq!(told("User initiated (2026-11-27 21:34:30 GMT)"), at);
        assert_eq!(told("Service initiated (2026-11-27 21:34:30 UTC)"), at);
        for odd in ["", "User initiated", "(", "( GMT)", "(2026-99-27 21:34:30 GMT)", "(a b c GMT)"] {
            assert_eq!(told(odd), None, "{odd}");
        }
    }
}
