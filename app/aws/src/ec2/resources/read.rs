//! What EC2 says of volumes, snapshots, addresses and security groups, in our words. What has no proper id is left out, since nothing
//! could be done with it.

use aws_sdk_ec2::types as sdk;
use aws_smithy_types::DateTime;
use nephoscope_model::{
    Place, Timestamp,
    ec2::{
        ElasticAddress, PeerKind, ResourceId, ResourceKind, RulePeer, SecurityGroup, SecurityRule, Snapshot,
        Volume, VolumeAttachment, name_in,
    },
};
use tracing::warn;

use super::super::tags;

fn id(place: &Place, kind: ResourceKind, text: Option<&str>) -> Option<ResourceId> {
    let id = text.and_then(|text| text.parse::<ResourceId>().ok()).filter(|id| id.kind() == Some(kind));
    if id.is_none() {
        warn!(%place, id = ?text, "left out a {} without a proper id", kind.noun());
    }
    id
}

fn time(at: Option<&DateTime>) -> Option<Timestamp> {
    at.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis)
}

/// A text, unless it is empty, by which some say that there is none.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn volume(place: &Place, it: sdk::Volume) -> Option<Volume> {
    let tags = tags::read(it.tags());
    Some(Volume {
        id: id(place, ResourceKind::Volume, it.volume_id())?,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name_in(&tags),
        state: it.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        size_gib: it.size().unwrap_or_default(),
        volume_type: it.volume_type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        iops: it.iops(),
        throughput_mib: it.throughput(),
        encrypted: it.encrypted().unwrap_or_default(),
        multi_attach: it.multi_attach_enabled().unwrap_or_default(),
        attachments: it.attachments().iter().map(attachment).collect(),
        created_at: time(it.create_time()),
        zone: it.availability_zone.unwrap_or_default(),
        kms_key: filled(it.kms_key_id),
        snapshot_id: filled(it.snapshot_id),
        tags,
    })
}

fn attachment(it: &sdk::VolumeAttachment) -> VolumeAttachment {
    VolumeAttachment {
        instance_id: it.instance_id().and_then(|id| id.parse().ok()),
        managed_resource: it.associated_resource().map(ToOwned::to_owned),
        device: it.device().unwrap_or_default().to_owned(),
        state: it.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        attached_at: time(it.attach_time()),
        delete_on_termination: it.delete_on_termination().unwrap_or_default(),
    }
}

pub(super) fn snapshot(place: &Place, it: sdk::Snapshot) -> Option<Snapshot> {
    let tags = tags::read(it.tags());
    Some(Snapshot {
        id: id(place, ResourceKind::Snapshot, it.snapshot_id())?,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name_in(&tags),
        state: it.state().map(|state| state.as_str().to_owned()).unwrap_or_default(),
        size_gib: it.volume_size().unwrap_or_default(),
        started_at: time(it.start_time()),
        full_bytes: it.full_snapshot_size_in_bytes(),
        encrypted: it.encrypted().unwrap_or_default(),
        tier: it.storage_tier().map_or("standard", |tier| tier.as_str()).to_owned(),
        state_reason: filled(it.state_message),
        progress: it.progress.unwrap_or_default(),
        volume_id: filled(it.volume_id),
        kms_key: filled(it.kms_key_id),
        description: it.description.unwrap_or_default(),
        tags,
    })
}

pub(super) fn address(place: &Place, it: sdk::Address) -> Option<ElasticAddress> {
    let tags = tags::read(it.tags());
    Some(ElasticAddress {
        id: id(place, ResourceKind::Address, it.allocation_id())?,
        account: place.account.clone(),
        region: place.region.clone(),
        name: name_in(&tags),
        instance_id: it.instance_id().and_then(|id| id.parse().ok()),
        service: it.service_managed().map(|service| service.as_str().to_owned()),
        // Addresses of Outposts and of Wavelength Zones have others in the place of a public one.
        public_ip: filled(it.public_ip)
            .or(filled(it.carrier_ip))
            .or(filled(it.customer_owned_ip))
            .unwrap_or_default(),
        association_id: filled(it.association_id),
        network_interface_id: filled(it.network_interface_id),
        private_ip: filled(it.private_ip_address),
        network_border_group: filled(it.network_border_group),
        tags,
    })
}

pub(super) fn security_group(place: &Place, it: sdk::SecurityGroup) -> Option<SecurityGroup> {
    Some(SecurityGroup {
        id: id(place, ResourceKind::SecurityGroup, it.group_id())?,
        account: place.account.clone(),
        region: place.region.clone(),
        inbound: it.ip_permissions().iter().map(|it| rule(place, it).inbound()).collect(),
        outbound: it.ip_permissions_egress().iter().map(|it| rule(place, it)).collect(),
        tags: tags::read(it.tags()),
        owner: it.owner_id().filter(|owner| *owner != place.account.as_str()).and_then(|id| id.parse().ok()),
        name: it.group_name.unwrap_or_default(),
        description: it.description.unwrap_or_default(),
        vpc_id: filled(it.vpc_id),
    })
}

fn rule(place: &Place, it: &sdk::IpPermission) -> SecurityRule {
    let peer = |kind: PeerKind, value: Option<&str>, description: Option<&str>| RulePeer {
        kind,
        value: value.unwrap_or_default().to_owned(),
        description: filled(description.map(ToOwned::to_owned)),
        everybody: false,
        stale: None,
    };
    let groups = it.user_id_group_pairs().iter().map(|pair| {
        let group = pair.group_id().or(pair.group_name()).unwrap_or_default();
        let owner = pair.user_id().filter(|owner| *owner != place.account.as_str());
        let value = owner.map_or_else(|| group.to_owned(), |owner| format!("{owner}/{group}"));
        let is_stale = pair.peering_status() == Some("deleted");
        let stale = is_stale.then(|| pair.vpc_peering_connection_id().unwrap_or_default().to_owned());
        RulePeer { stale, ..peer(PeerKind::Group, Some(&value), pair.description()) }
    });
    let ipv4 = it.ip_ranges().iter().map(|it| peer(PeerKind::Ipv4, it.cidr_ip(), it.description()));
    let ipv6 = it.ipv6_ranges().iter().map(|it| peer(PeerKind::Ipv6, it.cidr_ipv6(), it.description()));
    let lists = it.prefix_list_ids().iter();
    let lists = lists.map(|it| peer(PeerKind::PrefixList, it.prefix_list_id(), it.description()));
    SecurityRule {
        protocol: it.ip_protocol().unwrap_or("-1").to_owned(),
        from_port: it.from_port(),
        to_port: it.to_port(),
        peers: ipv4.chain(ipv6).chain(lists).chain(groups).collect(),
        open: false,
    }
}
