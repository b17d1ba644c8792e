//! Whether ranges of addresses are everybody when they are put together: `0.0.0.0/1` and `128.0.0.0/1` are.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::PeerKind;

/// The first and the last address of IPv6 that are on the Internet: `2000::/3`.
const PUBLIC_IPV6: (u128, u128) = (0x2000 << 112, (0x4000 << 112) - 1);
const ALL_IPV4: (u128, u128) = (0, 0xffff_ffff);

/// A range of addresses in CIDR notation as its first and its last one; nothing when it is something else.
fn range(kind: PeerKind, cidr: &str) -> Option<(u128, u128)> {
    let (address, length) = cidr.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    let (address, bits) = match kind {
        PeerKind::Ipv4 => (u32::from(address.parse::<Ipv4Addr>().ok()?).into(), 32),
        PeerKind::Ipv6 => (u128::from(address.parse::<Ipv6Addr>().ok()?), 128),
        PeerKind::PrefixList | PeerKind::Group => return None,
    };
    // All bits behind the prefix; shifting by all 128 at once would be none.
    let rest = match u32::checked_sub(bits, length)? {
        0 => 0,
        free => u128::MAX >> (128 - free),
    };
    Some((address & !rest, address | rest))
}

/// Whether ranges of one kind hold every address of the Internet together. What is no range counts for nothing.
pub(super) fn are_everybody<'a>(kind: PeerKind, ranges: impl Iterator<Item = &'a str>) -> bool {
    let (mut next, last) = match kind {
        PeerKind::Ipv4 => ALL_IPV4,
        PeerKind::Ipv6 => PUBLIC_IPV6,
        PeerKind::PrefixList | PeerKind::Group => return false,
    };
    let mut ranges: Vec<(u128, u128)> = ranges.filter_map(|cidr| range(kind, cidr)).collect();
    ranges.sort_unstable();
    for (from, to) in ranges {
        if from > next {
            return false;
        }
        if to >= last {
            return true;
        }
        next = next.max(to + 1);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(ranges: &[&str]) -> bool {
        are_everybody(PeerKind::Ipv4, ranges.iter().copied())
    }

    fn v6(ranges: &[&str]) -> bool {
        are_everybody(PeerKind::Ipv6, ranges.iter().copied())
    }

    #[test]
    fn ranges_that_are_everybody_together_are_found_in_any_order() {
        assert!(v4(&["0.0.0.0/0"]) && v4(&["10.0.0.0/8", "0.0.0.0/0"]));
        assert!(v4(&["128.0.0.0/1", "0.0.0.0/1"]));
        assert!(v4(&["192.0.0.0/2", "0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/2", "1.2.3.4/32"]));
        assert!(v6(&["::/0"]) && v6(&["2000::/3"]) && v6(&["8000::/1", "::/1"]));
        assert!(v6(&["3000::/4", "2000::/4"]));
    }

    #[test]
    fn a_gap_is_enough_and_nonsense_is_nobody() {
        assert!(!v4(&[]) && !v4(&["0.0.0.0/1"]) && !v4(&["128.0.0.0/1"]));
        assert!(!v4(&["0.0.0.0/1", "128.0.0.0/2", "193.0.0.0/8"]));
        assert!(!v6(&["2000::/4"]) && !v6(&["fc00::/7", "::/3"]));
        for odd in ["", "0.0.0.0", "0.0.0.0/", "0.0.0.0/33", "x/0", "::/0", "0.0.0.0/-1"] {
            assert!(!v4(&[odd]), "{odd}");
        }
        assert!(!v6(&["0.0.0.0/0", "::/129"]));
        assert!(!are_everybody(PeerKind::Group, ["0.0.0.0/0"].into_iter()));
    }
}
