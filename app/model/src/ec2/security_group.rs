//! Security groups and their rules.

use serde::{Deserialize, Serialize};

use super::{ResourceId, Tag, openness::are_everybody};
use crate::{AccountId, Region};

/// Ports that may be open to everybody without a remark: those of web servers.
const PUBLIC_PORTS: [i32; 2] = [80, 443];

/// A security group ([SecurityGroup](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecurityGroup {
    /// The id.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "sg-0123456789abcdef0"))]
    pub id: ResourceId,
    /// The account in whose list it stands.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "111111111111"))]
    pub account: AccountId,
    /// The account that owns it, where that is another one, which shares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "222222222222"))]
    pub owner: Option<AccountId>,
    /// The region it is in.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "eu-west-1"))]
    pub region: Region,
    /// Its own name, which never changes; not a tag.
    pub name: String,
    /// What somebody wrote about it when it was made.
    pub description: String,
    /// Its network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
    /// What may come in.
    pub inbound: Vec<SecurityRule>,
    /// What may go out.
    pub outbound: Vec<SecurityRule>,
    /// All its tags, sorted by key.
    pub tags: Vec<Tag>,
}

impl SecurityGroup {
    /// Whether something may come in from ranges that are kept elsewhere, of which it is not known whether they are everybody.
    #[must_use]
    pub fn has_unseen_ranges(&self) -> bool {
        self.inbound.iter().flat_map(|rule| &rule.peers).any(|peer| peer.kind == PeerKind::PrefixList)
    }

    /// Whether everybody on the Internet is let in by a rule that is [`SecurityRule::open`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.inbound.iter().any(|rule| rule.open)
    }
}

/// What a security group lets pass
/// ([IpPermission](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SecurityRule {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, the number of another protocol, or `-1` for all of them.
    pub protocol: String,
    /// The first port, or the type of ICMP; `-1` or nothing for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_port: Option<i32>,
    /// The last port, or the code of ICMP; `-1` or nothing for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_port: Option<i32>,
    /// From or to where.
    pub peers: Vec<RulePeer>,
    /// Whether it lets everybody in to anything but port 80 or 443: by one range (`0.0.0.0/0`, `::/0`) or by several that are everybody
    /// together. Never so of what goes out. Prefix lists are not looked into.
    pub open: bool,
}

impl SecurityRule {
    /// Finds out of what comes in whether it is [`SecurityRule::open`].
    #[must_use]
    pub fn inbound(mut self) -> Self {
        let is_web = matches!(self.protocol.as_str(), "tcp" | "udp" | "6" | "17")
            && self.from_port == self.to_port
            && self.from_port.is_some_and(|port| PUBLIC_PORTS.contains(&port));
        for kind in [PeerKind::Ipv4, PeerKind::Ipv6] {
            let ranges =
                || self.peers.iter().filter(|peer| peer.kind == kind).map(|peer| peer.value.as_str());
            if !are_everybody(kind, ranges()) {
                continue;
            }
            // Where one range is everybody, the others say nothing more.
            let alone = |value: &str| are_everybody(kind, [value].into_iter());
            let some_alone = ranges().any(alone);
            for peer in self.peers.iter_mut().filter(|peer| peer.kind == kind) {
                peer.everybody = !some_alone || alone(&peer.value);
            }
        }
        self.open = !is_web && self.peers.iter().any(|peer| peer.everybody);
        self
    }

    /// The protocol in a person's word.
    #[must_use]
    pub fn protocol_text(&self) -> String {
        match self.protocol.as_str() {
            "-1" => "all".to_owned(),
            "1" | "icmp" => "ICMP".to_owned(),
            "58" | "icmpv6" => "ICMPv6".to_owned(),
            "6" | "tcp" => "TCP".to_owned(),
            "17" | "udp" => "UDP".to_owned(),
            other => other.to_owned(),
        }
    }

    /// The ports in a person's words: `443`, `8000–8100`, `all`, `type 8`.
    #[must_use]
    pub fn ports_text(&self) -> String {
        let known = |port: Option<i32>| port.filter(|port| *port >= 0);
        let is_icmp = matches!(self.protocol.as_str(), "1" | "58" | "icmp" | "icmpv6");
        match (known(self.from_port), known(self.to_port)) {
            _ if self.protocol == "-1" => "all".to_owned(),
            (Some(kind), Some(code)) if is_icmp => format!("type {kind}, code {code}"),
            (Some(kind), None) if is_icmp => format!("type {kind}"),
            (Some(from), Some(to)) if from == to => from.to_string(),
            (Some(from), Some(to)) => format!("{from}–{to}"),
            (Some(port), None) | (None, Some(port)) => port.to_string(),
            (None, None) => "all".to_owned(),
        }
    }

    /// The whole rule on one line: `TCP 22 from 10.0.0.0/8, sg-1`, with `word` for `from` or `to`.
    #[must_use]
    pub fn line(&self, word: &str) -> String {
        let peers: Vec<&str> = self.peers.iter().map(|peer| peer.value.as_str()).collect();
        let what = match self.protocol.as_str() {
            "-1" => "everything".to_owned(),
            _ => format!("{} {}", self.protocol_text(), self.ports_text()),
        };
        format!("{what} {word} {}", peers.join(", "))
    }
}

/// From or to where a rule lets something pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RulePeer {
    /// What kind it is.
    pub kind: PeerKind,
    /// The range, or the id of the list or group, with the account before it where it is another's: `222222222222/sg-…`.
    #[cfg_attr(feature = "openapi", schema(example = "10.0.0.0/16"))]
    pub value: String,
    /// What somebody wrote about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is everybody on the Internet who comes in, alone or together with other ranges of the rule.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everybody: bool,
    /// The peering by which a group was reached that cannot be reached any more, since the peering was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "pcx-0123456789abcdef0"))]
    pub stale: Option<String>,
}

/// What kind of peer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PeerKind {
    /// A range of IPv4 addresses.
    Ipv4,
    /// A range of IPv6 addresses.
    Ipv6,
    /// A list of ranges that is kept elsewhere.
    PrefixList,
    /// Whatever is in a security group.
    Group,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn group() -> SecurityGroup {
        SecurityGroup {
            id: "sg-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
            owner: None,
            name: "web".to_owned(),
            description: "Web servers".to_owned(),
            vpc_id: Some("vpc-1".to_owned()),
            inbound: Vec::new(),
            outbound: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn peer_of(kind: PeerKind, value: &str) -> RulePeer {
        RulePeer { kind, value: value.to_owned(), description: None, everybody: false, stale: None }
    }

    fn rule(protocol: &str, ports: (Option<i32>, Option<i32>), kind: PeerKind, peer: &str) -> SecurityRule {
        let peers = vec![peer_of(kind, peer)];
        let (from_port, to_port) = ports;
        SecurityRule { protocol: protocol.to_owned(), from_port, to_port, peers, open: false }
    }

    #[test]
    fn everybody_may_come_to_web_servers_and_to_nothing_else_without_a_remark() {
        use PeerKind::{Group, Ipv4, Ipv6};
        let one = |port| (Some(port), Some(port));
        for (rule, open) in [
            (rule("tcp", one(443), Ipv4, "0.0.0.0/0"), false),
            (rule("udp", one(443), Ipv6, "::/0"), false),
            (rule("tcp", one(80), Ipv6, "::/0"), false),
            (rule("tcp", one(22), Ipv4, "0.0.0.0/0"), true),
            (rule("tcp", one(22), Ipv6, "::/0"), true),
            (rule("tcp", (Some(80), Some(443)), Ipv4, "0.0.0.0/0"), true),
            (rule("tcp", (None, None), Ipv4, "0.0.0.0/0"), true),
            (rule("-1", (None, None), Ipv4, "0.0.0.0/0"), true),
            (rule("icmp", (Some(8), Some(-1)), Ipv4, "0.0.0.0/0"), true),
            (rule("tcp", one(22), Ipv4, "10.0.0.0/8"), false),
            (rule("-1", (None, None), Group, "sg-1"), false),
        ] {
            let rule = rule.inbound();
            assert_eq!(rule.open, open, "{}", rule.line("from"));
            let group = SecurityGroup { inbound: vec![rule.clone()], ..group() };
            assert_eq!(group.is_open(), open);
            assert!(!SecurityGroup { outbound: vec![rule], inbound: Vec::new(), ..group }.is_open());
        }
    }

    #[test]
    fn ranges_that_are_everybody_together_are_open_and_lists_are_not_looked_into() {
        let ssh = |peers| SecurityRule { peers, ..rule("tcp", (Some(22), Some(22)), PeerKind::Ipv4, "") };
        let halves = ["0.0.0.0/1", "128.0.0.0/1"].map(|range| peer_of(PeerKind::Ipv4, range));
        let both = ssh(halves.to_vec()).inbound();
        assert!(both.open && both.peers.iter().all(|peer| peer.everybody));
        let private = peer_of(PeerKind::Ipv4, "10.0.0.0/8");
        let all = ssh(vec![private.clone(), peer_of(PeerKind::Ipv4, "0.0.0.0/0")]).inbound();
        assert!(all.open && !all.peers[0].everybody && all.peers[1].everybody);
        assert!(ssh(vec![private, peer_of(PeerKind::Ipv6, "2000::/3")]).inbound().open);
        let list = ssh(vec![peer_of(PeerKind::PrefixList, "pl-1")]).inbound();
        assert!(!list.open);
        assert!(SecurityGroup { inbound: vec![list], ..group() }.has_unseen_ranges());
        assert!(!SecurityGroup { inbound: vec![both], ..group() }.has_unseen_ranges());
    }

    #[test]
    fn a_rule_is_a_line_that_people_read() {
        use PeerKind::Ipv4;
        for (rule, line) in [
            (rule("tcp", (Some(22), Some(22)), Ipv4, "10.0.0.0/8"), "TCP 22 from 10.0.0.0/8"),
            (rule("udp", (Some(8000), Some(8100)), Ipv4, "x"), "UDP 8000–8100 from x"),
            (rule("-1", (Some(1), Some(2)), Ipv4, "x"), "everything from x"),
            (rule("icmp", (Some(8), Some(-1)), Ipv4, "x"), "ICMP type 8 from x"),
            (rule("58", (Some(1), Some(4)), Ipv4, "x"), "ICMPv6 type 1, code 4 from x"),
            (rule("50", (None, None), Ipv4, "x"), "50 all from x"),
        ] {
            assert_eq!(rule.line("from"), line);
        }
    }
}
