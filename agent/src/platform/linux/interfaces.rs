//! Network interfaces: names and addresses from sysinfo, hardware addresses from mac_address, kind and routes
//! from the kernel's own tables.

use std::path::Path;

use super::{routes, small_text, sysfs};
use crate::facts::{Address, Interface};

/// The interfaces of this machine, or of this container where it is one.
pub(crate) fn read() -> Vec<Interface> {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let table = |path| small_text(Path::new(path)).unwrap_or_default();
    let (ipv4, ipv6) = (table("/proc/net/route"), table("/proc/net/ipv6_route"));
    let temporary = routes::temporary_addresses(&table("/proc/net/if_inet6"));
    let mut interfaces: Vec<Interface> = networks
        .iter()
        .filter_map(|(name, network)| {
            let name = name.to_str()?;
            Some(Interface {
                kind: sysfs::kind(Path::new("/sys/class/net"), name),
                routing: routes::routing(name, &ipv4, &ipv6),
                hardware: mac_address::mac_address_by_name(name)
                    .ok()
                    .flatten()
                    .map(mac_address::MacAddress::bytes),
                addresses: network
                    .ip_networks()
                    .iter()
                    .map(|network| Address {
                        ip: network.addr,
                        temporary: temporary.contains(&network.addr),
                    })
                    .collect(),
                name: name.to_owned(),
            })
        })
        .collect();
    interfaces.sort_by(|a, b| a.name.cmp(&b.name));
    interfaces
}
