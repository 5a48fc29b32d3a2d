//! The kernel's routing tables, as text.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};

use crate::facts::Routing;

const UP: u32 = 0x1; // RTF_UP
const REJECT: u32 = 0x200; // RTF_REJECT
const LOCAL: u32 = 0x8000_0000; // RTF_LOCAL
const TEMPORARY: u32 = 0x01; // IFA_F_TEMPORARY

/// What `/proc/net/route` (IPv4) and `/proc/net/ipv6_route` send over an interface.
pub(super) fn routing(interface: &str, ipv4: &str, ipv6: &str) -> Routing {
    let fourth = ipv4
        .lines()
        .filter_map(parse_ipv4)
        .filter(|(name, _)| *name == interface);
    let sixth = ipv6
        .lines()
        .filter_map(parse_ipv6)
        .filter(|(name, _)| *name == interface);
    fourth
        .chain(sixth)
        .map(|(_, routing)| routing)
        .max()
        .unwrap_or(Routing::None)
}

/// `Iface Destination Gateway Flags RefCnt Use Metric Mask …`; the head of the table has no hexadecimal flags.
fn parse_ipv4(line: &str) -> Option<(&str, Routing)> {
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let [name, destination, _, flags, _, _, _, mask, ..] = columns.as_slice() else {
        return None;
    };
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let everything = *destination == "00000000" && *mask == "00000000";
    (flags & UP != 0 && flags & REJECT == 0).then_some((*name, kind(everything)))
}

/// Destination, prefix length, source, its prefix length, next hop, metric, references, use, flags, interface.
fn parse_ipv6(line: &str) -> Option<(&str, Routing)> {
    let columns: Vec<&str> = line.split_ascii_whitespace().collect();
    let [destination, prefix, _, _, _, _, _, _, flags, name] = columns.as_slice() else {
        return None;
    };
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let destination = Ipv6Addr::from(u128::from_str_radix(destination, 16).ok()?);
    // Every interface has routes to its link and to multicast groups; they lead nowhere.
    let leads_on = !destination.is_unicast_link_local() && !destination.is_multicast();
    let usable = flags & UP != 0 && flags & (REJECT | LOCAL) == 0;
    let everything = destination.is_unspecified() && *prefix == "00";
    (usable && leads_on).then_some((*name, kind(everything)))
}

const fn kind(everything: bool) -> Routing {
    if everything {
        Routing::Default
    } else {
        Routing::Network
    }
}

/// The temporary addresses of `/proc/net/if_inet6`: address, index, prefix length, scope, flags, interface.
pub(super) fn temporary_addresses(table: &str) -> HashSet<IpAddr> {
    table
        .lines()
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_ascii_whitespace().collect();
            let [address, _, _, _, flags, _] = columns.as_slice() else {
                return None;
            };
            let temporary = u32::from_str_radix(flags, 16).ok()? & TEMPORARY != 0;
            let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
            temporary.then_some(IpAddr::V6(address))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IPV4: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
        wlan0\t000010AC\t00000000\t0001\t0\t0\t600\t0000FFFF\t0\t0\t0\n\
        eth2\t00000A0A\t00000000\t0200\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
    const IPV6: &str = "\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003 eth1\n\
        fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000002 00000000 00000001 eth3\n\
        ff000000000000000000000000000000 08 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000003 00000000 00000001 eth3\n\
        fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001 eth3\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 eth3\n";

    #[test]
    fn an_interface_carries_what_the_tables_send_over_it() {
        let of = |name| routing(name, IPV4, IPV6);
        assert_eq!(of("eth0"), Routing::Default);
        assert_eq!(of("wlan0"), Routing::Network);
        assert_eq!(of("eth1"), Routing::Default);
        assert_eq!(of("eth4"), Routing::None);
    }

    #[test]
    fn refused_local_link_and_multicast_routes_carry_nothing() {
        assert_eq!(routing("eth2", IPV4, IPV6), Routing::None);
        assert_eq!(routing("eth3", IPV4, IPV6), Routing::None);
        assert_eq!(routing("eth0", "eth0 zz", "garbage"), Routing::None);
    }

    #[test]
    fn temporary_addresses_are_known_by_their_flag() {
        let table = "fd000000000000000000000000000002 04 40 00 82 eth0\n\
            fd00000000000000a1b2c3d4e5f60708 04 40 00 01 eth0\nnonsense\n";
        let temporary = temporary_addresses(table);
        assert_eq!(
            temporary,
            HashSet::from(["fd00::a1b2:c3d4:e5f6:708".parse().unwrap()])
        );
    }
}
