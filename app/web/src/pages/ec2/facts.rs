//! Everything that AWS says about an instance, in pairs.

use leptos::prelude::*;
use nephoscope_model::{
    Place, Scope,
    ec2::{GroupName, Instance, InstanceDetails, InstanceState, ResourceId},
};

use super::prices::{PriceWords, price_view};
use crate::{
    components::{
        AccountTag, Badge, CopyButton, KeyValue, KeyValueList, Time, Tone, dynamic, key_value::or_dash,
        nothing, state_badge,
    },
    paths,
    scope::use_scope,
};

/// The facts. All of them are made again when anything changes: they are few, and change seldom.
pub(super) fn facts(
    instance: RwSignal<Instance>,
    details: RwSignal<InstanceDetails>,
    price: Memo<PriceWords>,
) -> AnyView {
    let scope = use_scope();
    dynamic(move || facts_view(instance.get(), details.get(), price, &scope.get())).into_any()
}

fn facts_view(now: Instance, details: InstanceDetails, price: Memo<PriceWords>, scope: &Scope) -> AnyView {
    let arn = now.arn();
    let price = dynamic(move || price_view(price.get()));
    let state = state_view(&now, &details);
    let groups = if details.groups.is_empty() {
        or_dash(Some(now.security_groups.join(", "))).into_any()
    } else {
        group_links(&details.groups, &now.place(), scope)
    };
    let more = more_facts(&now, details);
    view! {
        <KeyValueList>
            <KeyValue label="Instance ID">
                <span class="mono">{now.id.to_string()}</span>
                <CopyButton text=now.id.to_string() label="Copy instance ID"/>
            </KeyValue>
            <KeyValue label="State">{state}</KeyValue>
            <KeyValue label="Type">{now.instance_type}</KeyValue>
            <KeyValue label="List price">{price}</KeyValue>
            <KeyValue label="Tenancy">{now.tenancy.unwrap_or_else(|| "shared".to_owned())}</KeyValue>
            <KeyValue label="Account"><AccountTag account=now.account/></KeyValue>
            <KeyValue label="Region">{now.region.to_string()}</KeyValue>
            <KeyValue label="Availability zone">{or_dash(Some(now.zone))}</KeyValue>
            <KeyValue label="Private IP"><Address address=now.private_ip name="private"/></KeyValue>
            <KeyValue label="Public IP"><Address address=now.public_ip name="public"/></KeyValue>
            <KeyValue label="Launched">
                {match now.launched_at {
                    Some(at) => view! { <Time at=at/> }.into_any(),
                    None => "–".into_any(),
                }}
            </KeyValue>
            <KeyValue label="Platform">{or_dash(now.platform)}</KeyValue>
            <KeyValue label="Architecture">{or_dash(now.architecture)}</KeyValue>
            <KeyValue label="Image">
                <span class="mono">{or_dash(now.image_id)}</span>
            </KeyValue>
            <KeyValue label="VPC">
                <span class="mono">{or_dash(now.vpc_id)}</span>
            </KeyValue>
            <KeyValue label="Subnet">
                <span class="mono">{or_dash(now.subnet_id)}</span>
            </KeyValue>
            <KeyValue label="Security groups">{groups}</KeyValue>
            <KeyValue label="Hibernation">
                {if now.hibernation { "enabled" } else { "not enabled" }}
            </KeyValue>
            <KeyValue label="Key pair">{or_dash(now.key_name)}</KeyValue>
            <KeyValue label="Instance profile">
                <span class="mono break-all">{or_dash(now.iam_profile)}</span>
            </KeyValue>
            {more}
            <KeyValue label="ARN">
                <span class="mono break-all">{arn.clone()}</span>
                <CopyButton text=arn label="Copy ARN"/>
            </KeyValue>
        </KeyValueList>
    }
    .into_any()
}

/// What no list tells.
fn more_facts(instance: &Instance, details: InstanceDetails) -> AnyView {
    let group = instance.auto_scaling_group().map(ToOwned::to_owned);
    let root: Vec<String> =
        [details.root_device_type, details.root_device_name].into_iter().flatten().collect();
    let metadata = match details.metadata_without_token {
        Some(true) => view! { <Badge tone=Tone::Warn>"IMDSv1 allowed"</Badge> }.into_any(),
        Some(false) => "with a token only (IMDSv2)".into_any(),
        None => "–".into_any(),
    };
    let lifecycle = details.lifecycle.unwrap_or_else(|| "on demand".to_owned());
    let optional = [("Auto Scaling group", group), ("Outpost", details.outpost_arn)].map(|(label, value)| {
        value.map(|value| {
            view! { <KeyValue label=label><span class="break-all">{value}</span></KeyValue> }.into_any()
        })
    });
    view! {
        <KeyValue label="Lifecycle">{lifecycle}</KeyValue>
        {Vec::from(optional)}
        <KeyValue label="Root device">{or_dash(Some(root.join(" · ")))}</KeyValue>
        <KeyValue label="Metadata">{metadata}</KeyValue>
    }
    .into_any()
}

/// The state, why it is so, and since when, where AWS tells.
fn state_view(instance: &Instance, details: &InstanceDetails) -> AnyView {
    let reasons: Vec<AnyView> = [&instance.state_reason, &details.transition_reason]
        .into_iter()
        .flatten()
        .map(|reason| view! { <span class="quiet block text-xs">{reason.clone()}</span> }.into_any())
        .collect();
    let is_up = matches!(instance.state, InstanceState::Pending | InstanceState::Running);
    let since = match details.transitioned_at.filter(|_| !is_up) {
        Some(at) => view! { <span class="text-xs">" since " <Time at=at/></span> }.into_any(),
        None => nothing(),
    };
    view! { {state_badge(instance.state)} {since} {reasons} }.into_any()
}

/// Security groups, each a link to its rules.
pub(super) fn group_links(groups: &[GroupName], place: &Place, scope: &Scope) -> AnyView {
    let links: Vec<AnyView> = groups
        .iter()
        .map(|group| {
            let words = if group.name.is_empty() { group.id.clone() } else { group.name.clone() };
            let id = (group.id != words).then(|| group.id.clone());
            match group.id.parse().ok().and_then(|id| resource_href(&id, place, scope)) {
                Some(href) => view! {
                    <a class="block" href=href>
                        {words} " " <span class="mono text-xs">{id}</span>
                    </a>
                }
                .into_any(),
                None => view! { <span class="block">{words}</span> }.into_any(),
            }
        })
        .collect();
    links.into_any()
}

/// The address of something that is in a place: within the scope, where that covers it.
pub(super) fn resource_href(id: &ResourceId, place: &Place, scope: &Scope) -> Option<String> {
    let covers = (scope.accounts.is_empty() || scope.accounts.contains(&place.account))
        && (scope.regions.is_empty() || scope.regions.contains(&place.region));
    let there = Scope { accounts: vec![place.account.clone()], regions: vec![place.region.clone()] };
    paths::ec2_resource(id, if covers { scope } else { &there })
}

#[component]
fn Address(address: Option<String>, name: &'static str) -> impl IntoView {
    match address {
        Some(address) => view! {
            <span class="tabular-nums">{address.clone()}</span>
            <CopyButton text=address label=format!("Copy {name} IP")/>
        }
        .into_any(),
        None => "–".into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_kept_where_it_covers_the_place() {
        let place = Place {
            account: "111111111111".parse().expect("an id"),
            region: "eu-west-1".parse().expect("a region"),
        };
        let id: ResourceId = "sg-01234567".parse().expect("an id");
        let href = |account: Option<&str>, region: Option<&str>| {
            let scope = Scope::from_query(account, region).expect("a scope");
            resource_href(&id, &place, &scope).unwrap_or_default()
        };
        assert!(!href(None, None).contains("account"));
        assert!(!href(None, Some("eu-west-1")).contains("account"));
        assert!(href(Some("222222222222"), None).contains("account=111111111111"));
    }
}
