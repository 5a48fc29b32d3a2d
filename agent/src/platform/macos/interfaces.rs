//! Network interfaces: names and addresses from sysinfo, hardware addresses from mac_address.

use std::net::{IpAddr, Ipv6Addr};

use crate::facts::{Address, Interface, InterfaceKind, Routing};

/// The interfaces of this machine.
pub(crate) fn read() -> Vec<Interface> {
    let Ok(networks) = sysinfo::Networks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let mut interfaces: Vec<Interface> = networks
        .iter()
        .filter_map(|(name, network)| {
            let name = name.to_str()?;
            let addresses: Vec<Address> = network
                .ip_networks()
                .iter()
                .map(|network| Address {
                    ip: network.addr,
                    temporary: is_temporary(name, network.addr),
                })
                .collect();
            Some(Interface {
                kind: kind(name),
                routing: routing(&addresses),
                hardware: mac_address::mac_address_by_name(name)
                    .ok()
                    .flatten()
                    .map(mac_address::MacAddress::bytes),
                addresses,
                name: name.to_owned(),
            })
        })
        .collect();
    interfaces.sort_by(|a, b| a.name.cmp(&b.name));
    interfaces
}

/// Hardware is named `en` and a number; tunnels, bridges, peer-to-peer links and virtual machines have names of their
/// own (`utun`, `bridge`, `awdl`, `llw`, `ap`, `vmenet` …).
fn kind(name: &str) -> InterfaceKind {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if numbered("lo") {
        InterfaceKind::Loopback
    } else if numbered("en") {
        InterfaceKind::Physical
    } else if numbered("bond") || numbered("vlan") {
        InterfaceKind::OverPhysical
    } else {
        InterfaceKind::Virtual
    }
}

/// An address that is not of the link alone brings the route to its network with it.
fn routing(addresses: &[Address]) -> Routing {
    let leads_on = |address: &Address| match address.ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_loopback(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_loopback(),
    };
    if addresses.iter().any(leads_on) {
        Routing::Network
    } else {
        Routing::None
    }
}

fn is_temporary(interface: &str, ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => address_flags(interface, ip).is_some_and(|flags| flags & TEMPORARY != 0),
    }
}

/// `IN6_IFF_TEMPORARY` of `netinet6/in6_var.h`.
const TEMPORARY: i32 = 0x80;
/// `SIOCGIFAFLAG_IN6`: `_IOWR('i', 73, struct in6_ifreq)`.
const GET_ADDRESS_FLAGS: libc::c_ulong = 0xc120_6949;

/// `struct in6_ifreq`, whose second part is a union as large as the counters of ICMPv6.
#[repr(C)]
union Answer {
    address: libc::sockaddr_in6,
    flags: libc::c_int,
    room: [u64; 34],
}

#[repr(C)]
struct AddressRequest {
    name: [u8; libc::IFNAMSIZ],
    answer: Answer,
}

const _: () = assert!(size_of::<AddressRequest>() == 288);

#[allow(unsafe_code, reason = "ioctl is a C function")]
fn address_flags(interface: &str, ip: Ipv6Addr) -> Option<i32> {
    let mut request = AddressRequest {
        name: [0; libc::IFNAMSIZ],
        answer: Answer { room: [0; 34] },
    };
    if interface.len() >= request.name.len() {
        return None;
    }
    request.name[..interface.len()].copy_from_slice(interface.as_bytes());
    // SAFETY: an all-zero sockaddr_in6 is a valid value.
    let mut address: libc::sockaddr_in6 = unsafe { std::mem::zeroed() };
    address.sin6_len = u8::try_from(size_of::<libc::sockaddr_in6>()).ok()?;
    address.sin6_family = u8::try_from(libc::AF_INET6).ok()?;
    address.sin6_addr.s6_addr = ip.octets();
    request.answer.address = address;
    // SAFETY: the request is live and has the size and form that this ioctl reads and writes; the socket is closed
    // on every path.
    unsafe {
        let socket = libc::socket(libc::AF_INET6, libc::SOCK_DGRAM, 0);
        if socket < 0 {
            return None;
        }
        let failed = libc::ioctl(socket, GET_ADDRESS_FLAGS, &raw mut request) < 0;
        libc::close(socket);
        (!failed).then_some(request.answer.flags)
    }
}
