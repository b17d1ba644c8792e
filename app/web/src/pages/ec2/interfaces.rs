//! The network interfaces of an instance, with all their addresses.

use leptos::prelude::*;
use nephoscope_model::{
    Place, Scope,
    ec2::{InstanceDetails, NetworkInterface},
};

use super::facts::group_links;
use crate::{
    components::{Panel, dynamic, key_value::or_dash, nothing, plain_table},
    scope::use_scope,
};

const TITLE: &str = "Network interfaces";
const HEADINGS: [&str; 6] = ["Interface", "Private IPs", "Public IPs", "IPv6", "Subnet", "Security groups"];

/// A table of them; nothing where AWS tells of none.
pub(super) fn interfaces_panel(details: RwSignal<InstanceDetails>, place: Place) -> AnyView {
    let scope = use_scope();
    let interfaces = Memo::new(move |_| details.with(|details| details.interfaces.clone()));
    dynamic(move || {
        let interfaces = interfaces.get();
        if interfaces.is_empty() {
            return nothing();
        }
        let scope = scope.get();
        let rows: Vec<AnyView> = interfaces.iter().map(|it| row(it, &place, &scope)).collect();
        let table = plain_table(TITLE, &HEADINGS, rows);
        view! { <Panel title=TITLE>{table}</Panel> }.into_any()
    })
    .into_any()
}

fn row(it: &NetworkInterface, place: &Place, scope: &Scope) -> AnyView {
    let lists: Vec<AnyView> = [&it.private_ips, &it.public_ips, &it.ipv6]
        .map(|list| view! { <td class="wrap tabular-nums">{or_dash(Some(list.join(", ")))}</td> }.into_any())
        .into();
    view! {
        <tr>
            <td class="mono">{it.id.clone()}</td>
            {lists}
            <td class="mono">{or_dash(it.subnet_id.clone())}</td>
            <td class="wrap">{group_links(&it.groups, place, scope)}</td>
        </tr>
    }
    .into_any()
}
