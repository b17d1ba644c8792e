//! What is told of one volume, snapshot, address or security group, with its rules and its tags.

use leptos::{html, prelude::*, web_sys};
use nephoscope_model::{
    Scope,
    ec2::{
        ElasticAddress, PeerKind, Resource, ResourceId, RulePeer, SecurityGroup, SecurityRule, Snapshot, Tag,
        Volume,
    },
};

use super::{
    super::tags::TagPanel,
    query::ListQuery,
    table::{badge, instance_link, link, state_tone, time, unattached, volume_link},
};
use crate::{
    charts::unit::bytes,
    components::{
        AccountTag, CopyButton, EmptyState, Glyph, Icon, KeyValue, KeyValueList, Panel, Tone, dynamic,
        key_value::or_dash, text,
    },
    hydration::use_hydrated,
    paths,
    scope::use_scope,
};

/// A pair of the facts.
type Fact = (&'static str, AnyView);

fn fact(label: &'static str, value: impl Into<String>) -> Fact {
    (label, or_dash(Some(value.into())).into_any())
}

/// Everything that is known of one, and the panel of its tags. `on_tags` takes its tags after a change.
pub(super) fn details_view(
    resource: &Resource,
    query: Memo<ListQuery>,
    on_tags: Callback<(ResourceId, Vec<Tag>)>,
) -> AnyView {
    let scope = use_scope();
    let (id, place) = (resource.id().clone(), resource.place());
    let title = match resource.name() {
        "" => id.to_string(),
        name => name.to_owned(),
    };
    let close = text(move || query.get().opened(None).href(&scope.get()));
    let history = {
        let id = id.clone();
        text(move || paths::activity_of(id.as_str(), &scope.get()))
    };
    let console = paths::aws_console(&place, "ec2/home", &console_fragment(resource));
    let actions = move || {
        let (history, console, close) = (history, console.clone(), close);
        view! {
            <a class="btn btn-ghost btn-xs" href=history>
                <Icon glyph=Glyph::Activity/>
                "History"
            </a>
            <a class="btn btn-ghost btn-xs" href=console target="_blank" rel="noreferrer noopener">
                <Icon glyph=Glyph::External/>
                "Open in AWS Console"
            </a>
            <a class="btn btn-ghost btn-xs" href=close>
                <Icon glyph=Glyph::Close/>
                "Close"
            </a>
        }
    };
    let tags = Signal::stored(resource.tags().to_vec());
    let saved = {
        let id = id.clone();
        Callback::new(move |tags| on_tags.run((id.clone(), tags)))
    };
    let facts = {
        let resource = resource.clone();
        dynamic(move || facts_view(&resource, &scope.get()))
    };
    let rules = match resource {
        Resource::SecurityGroup(group) => rules_panels(group),
        _ => ().into_any(),
    };
    let label = format!("Details of {title}");
    view! {
        <section class="flex flex-col gap-4" aria-label=label tabindex="-1" node_ref=focused_when_opened()>
            <Panel title=title actions=actions>
                {facts}
            </Panel>
            {rules}
            <TagPanel place=place id=id tags=tags on_saved=saved/>
        </section>
    }
    .into_any()
}

/// Takes the focus to what was opened by a link, which stands above the list. A page that was loaded with it leaves the focus alone.
fn focused_when_opened() -> NodeRef<html::Section> {
    let node = NodeRef::new();
    if use_hydrated().get_untracked() {
        Effect::new(move |_| {
            if let Some(section) = node.get() {
                let section: web_sys::HtmlElement = section;
                let _ = section.focus();
            }
        });
    }
    node
}

fn console_fragment(resource: &Resource) -> String {
    let id = resource.id();
    match resource {
        Resource::Volume(_) => format!("VolumeDetails:volumeId={id}"),
        Resource::Snapshot(_) => format!("SnapshotDetails:snapshotId={id}"),
        Resource::Address(_) => format!("ElasticIpDetails:AllocationId={id}"),
        Resource::SecurityGroup(_) => format!("SecurityGroup:groupId={id}"),
    }
}

fn facts_view(resource: &Resource, scope: &Scope) -> AnyView {
    let own = match resource {
        Resource::Volume(it) => volume_facts(it, resource, scope),
        Resource::Snapshot(it) => snapshot_facts(it, scope),
        Resource::Address(it) => address_facts(it, resource, scope),
        Resource::SecurityGroup(it) => {
            let owner = it.owner.clone().map(|account| {
                (
                    "Owner",
                    view! { <AccountTag account=account/> <span class="quiet">" shares it"</span> }
                        .into_any(),
                )
            });
            let own = [
                fact("Description", it.description.clone()),
                fact("VPC", it.vpc_id.clone().unwrap_or_default()),
            ];
            own.into_iter().chain(owner).collect()
        }
    };
    let own =
        own.into_iter().map(|(label, value)| view! { <KeyValue label=label>{value}</KeyValue> }.into_any());
    let own = own.collect_view();
    let (id, arn) = (resource.id().to_string(), resource.arn());
    let (account, region) = (resource.account().clone(), resource.region().to_string());
    view! {
        <KeyValueList>
            <KeyValue label="ID">
                <span class="mono">{id.clone()}</span>
                <CopyButton text=id label="Copy ID"/>
            </KeyValue>
            {own}
            <KeyValue label="Account">
                <AccountTag account=account/>
            </KeyValue>
            <KeyValue label="Region">{region}</KeyValue>
            <KeyValue label="ARN">
                <span class="mono break-all">{arn.clone()}</span>
                <CopyButton text=arn label="Copy ARN"/>
            </KeyValue>
        </KeyValueList>
    }
    .into_any()
}

fn volume_facts(it: &Volume, resource: &Resource, scope: &Scope) -> Vec<Fact> {
    let number =
        |number: Option<i32>, unit: &str| number.map(|number| format!("{number}{unit}")).unwrap_or_default();
    let attached = if it.attachments.is_empty() {
        unattached(it)
    } else {
        let each = it.attachments.iter().map(|to| {
            let target = match &to.instance_id {
                Some(id) => instance_link(resource, id, scope),
                None => to.target().to_owned().into_any(),
            };
            let words = format!("{} · {} · {}", or_dash(Some(to.device.clone())), to.state, to.fate());
            view! { {target} <span class="quiet block text-xs">{words}</span> }.into_any()
        });
        each.collect_view().into_any()
    };
    vec![
        ("State", badge(&it.state, state_tone(&it.state))),
        fact("Size", format!("{} GiB", it.size_gib)),
        fact("Type", it.volume_type.clone()),
        fact("IOPS", number(it.iops, "")),
        fact("Throughput", number(it.throughput_mib, " MiB/s")),
        fact("Encrypted", if it.encrypted { "yes" } else { "no" }),
        fact("KMS key", it.kms_key.clone().unwrap_or_default()),
        fact("Multi-attach", if it.multi_attach { "enabled" } else { "not enabled" }),
        ("Attached to", attached),
        fact("Availability zone", it.zone.clone()),
        ("Snapshot", snapshot_link(it.snapshot_id.as_deref(), scope)),
        ("Created", time(it.created_at)),
    ]
}

/// The way to the snapshot that a volume was made from, which may be another account's or gone.
fn snapshot_link(id: Option<&str>, scope: &Scope) -> AnyView {
    match id.and_then(|id| paths::ec2_resource(&id.parse().ok()?, scope)) {
        Some(href) => link(id.unwrap_or_default(), href),
        None => or_dash(id.map(ToOwned::to_owned)).into_any(),
    }
}

fn snapshot_facts(it: &Snapshot, scope: &Scope) -> Vec<Fact> {
    vec![
        ("State", badge(&it.state, state_tone(&it.state))),
        fact("Reason", it.state_reason.clone().unwrap_or_default()),
        fact("Progress", it.progress.clone()),
        ("Volume", volume_link(it.volume_id.as_deref(), scope)),
        fact("Size of the volume", format!("{} GiB", it.size_gib)),
        fact("Full size", it.full_bytes.map(bytes).unwrap_or_default()),
        fact("Encrypted", if it.encrypted { "yes" } else { "no" }),
        fact("KMS key", it.kms_key.clone().unwrap_or_default()),
        fact("Tier", it.tier.clone()),
        ("Started", time(it.started_at)),
        fact("Description", it.description.clone()),
    ]
}

fn address_facts(it: &ElasticAddress, resource: &Resource, scope: &Scope) -> Vec<Fact> {
    let instance = match &it.instance_id {
        Some(id) => instance_link(resource, id, scope),
        None if it.is_unassociated() => badge("not associated", Tone::Warn),
        None => "–".into_any(),
    };
    let ip = it.public_ip.clone();
    vec![
        (
            "Public IP",
            view! { <span>{ip.clone()}</span> <CopyButton text=ip label="Copy public IP"/> }.into_any(),
        ),
        ("Instance", instance),
        fact("Managed by", it.service_text().unwrap_or_default()),
        fact("Network interface", it.network_interface_id.clone().unwrap_or_default()),
        fact("Private IP", it.private_ip.clone().unwrap_or_default()),
        fact("Association", it.association_id.clone().unwrap_or_default()),
        fact("Network border group", it.network_border_group.clone().unwrap_or_default()),
    ]
}

fn rules_panels(group: &SecurityGroup) -> AnyView {
    view! {
        {rules_panel("Inbound rules", "From", group.inbound.clone())}
        {rules_panel("Outbound rules", "To", group.outbound.clone())}
    }
    .into_any()
}

fn rules_panel(title: &'static str, peers: &'static str, rules: Vec<SecurityRule>) -> AnyView {
    let scope = use_scope();
    let count = Some(rules.len().to_string());
    let body = if rules.is_empty() {
        view! { <EmptyState title="No rules" text="Nothing passes." glyph=Glyph::Shield/> }.into_any()
    } else {
        let rows = dynamic(move || {
            let scope = scope.get();
            rules.iter().map(|rule| rule_row(rule, &scope)).collect_view().into_any()
        });
        view! {
            <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Protocol"</th>
                            <th scope="col">"Ports"</th>
                            <th scope="col">{peers}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <Panel title=title count=MaybeProp::from(count)>
            {body}
        </Panel>
    }
    .into_any()
}

fn rule_row(rule: &SecurityRule, scope: &Scope) -> AnyView {
    let peers = rule.peers.iter().map(|peer| {
        let value = peer_view(peer, scope);
        let remark = match &peer.stale {
            Some(peering) => badge(&format!("stale, {}", or_dash(Some(peering.clone()))), Tone::Warn),
            None if rule.open && peer.everybody => badge("everybody", Tone::Bad),
            None if peer.kind == PeerKind::PrefixList => badge("prefix list, not looked into", Tone::Neutral),
            None => ().into_any(),
        };
        view! {
            <span class="flex flex-wrap items-center gap-2">
                {value} {remark} <span class="quiet">{peer.description.clone()}</span>
            </span>
        }
        .into_any()
    });
    view! {
        <tr>
            <td>{rule.protocol_text()}</td>
            <td class="tabular-nums">{rule.ports_text()}</td>
            <td class="wrap">{peers.collect_view()}</td>
        </tr>
    }
    .into_any()
}

/// A peer; a security group of the same account is a link to it.
fn peer_view(peer: &RulePeer, scope: &Scope) -> AnyView {
    let group = (peer.kind == PeerKind::Group).then(|| peer.value.parse().ok()).flatten();
    match group.and_then(|id| paths::ec2_resource(&id, scope)) {
        Some(href) => link(&peer.value, href),
        None => view! { <span class="mono">{peer.value.clone()}</span> }.into_any(),
    }
}
