//! Network interfaces, from the IP helper of Windows.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use windows_sys::Win32::Foundation::{ERROR_BUFFER_OVERFLOW, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GAA_FLAG_INCLUDE_GATEWAYS, GAA_FLAG_SKIP_ANYCAST, GAA_FLAG_SKIP_DNS_SERVER, GAA_FLAG_SKIP_FRIENDLY_NAME,
    GAA_FLAG_SKIP_MULTICAST, GetAdaptersAddresses, GetIfEntry2, IF_TYPE_SOFTWARE_LOOPBACK,
    IP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_UNICAST_ADDRESS_LH, MIB_IF_ROW2,
};
use windows_sys::Win32::NetworkManagement::Ndis::IfOperStatusUp;
use windows_sys::Win32::Networking::WinSock::{
    AF_INET, AF_INET6, AF_UNSPEC, IpSuffixOriginRandom, SOCKADDR_IN, SOCKADDR_IN6, SOCKET_ADDRESS,
};

use crate::facts::{Address, Interface, InterfaceKind, Routing};

/// `HardwareInterface` among the flags of an interface's row.
const HARDWARE: u8 = 0b1;

/// The interfaces of this machine. They go by number: their names are people's to choose.
#[allow(unsafe_code, reason = "the IP helper is of C functions")]
pub(crate) fn read() -> Vec<Interface> {
    let Some(buffer) = adapters() else {
        return Vec::new();
    };
    let mut interfaces = Vec::new();
    let mut next: *const IP_ADAPTER_ADDRESSES_LH = buffer.as_ptr().cast();
    // SAFETY: the buffer holds the list, whose pointers lead within it, and outlives this loop.
    while let Some(adapter) = unsafe { next.as_ref() } {
        interfaces.push(interface(adapter));
        next = adapter.Next;
    }
    mark_those_over_hardware(&mut interfaces);
    interfaces
}

/// The list of adapters, in a buffer of the alignment that it needs.
#[allow(unsafe_code, reason = "the IP helper is of C functions")]
fn adapters() -> Option<Vec<u64>> {
    const FLAGS: u32 = GAA_FLAG_INCLUDE_GATEWAYS
        | GAA_FLAG_SKIP_ANYCAST
        | GAA_FLAG_SKIP_MULTICAST
        | GAA_FLAG_SKIP_DNS_SERVER
        | GAA_FLAG_SKIP_FRIENDLY_NAME;
    let mut bytes = 16 * 1024_u32;
    // Adapters may come between the question for the size and the answer, so a few tries.
    for _ in 0..4 {
        let mut buffer = vec![0_u64; bytes as usize / 8 + 1];
        // SAFETY: the pointer is to a live buffer of at least `bytes` bytes.
        let result = unsafe {
            GetAdaptersAddresses(
                u32::from(AF_UNSPEC),
                FLAGS,
                std::ptr::null(),
                buffer.as_mut_ptr().cast(),
                &raw mut bytes,
            )
        };
        match result {
            NO_ERROR => return Some(buffer),
            ERROR_BUFFER_OVERFLOW => {}
            _ => return None,
        }
    }
    None
}

#[allow(
    unsafe_code,
    reason = "the lists of the IP helper are of C pointers and unions"
)]
fn interface(adapter: &IP_ADAPTER_ADDRESSES_LH) -> Interface {
    let mut addresses = Vec::new();
    let mut next: *const IP_ADAPTER_UNICAST_ADDRESS_LH = adapter.FirstUnicastAddress;
    // SAFETY: the list's pointers lead within the buffer that holds the adapter.
    while let Some(entry) = unsafe { next.as_ref() } {
        addresses.extend(ip(&entry.Address).map(|ip| Address {
            ip,
            temporary: ip.is_ipv6() && entry.SuffixOrigin == IpSuffixOriginRandom,
        }));
        next = entry.Next;
    }
    let six = adapter.PhysicalAddressLength == 6;
    // SAFETY: both readings of the union are plain numbers.
    let number = unsafe { adapter.Anonymous1.Anonymous.IfIndex };
    let number = if number == 0 { adapter.Ipv6IfIndex } else { number };
    Interface {
        name: number.to_string(),
        kind: kind(adapter),
        routing: routing(adapter, &addresses),
        hardware: six
            .then(|| adapter.PhysicalAddress[..6].try_into().ok())
            .flatten(),
        addresses,
    }
}

#[allow(unsafe_code, reason = "GetIfEntry2 is a C function")]
fn kind(adapter: &IP_ADAPTER_ADDRESSES_LH) -> InterfaceKind {
    if adapter.IfType == IF_TYPE_SOFTWARE_LOOPBACK {
        return InterfaceKind::Loopback;
    }
    let mut row = MIB_IF_ROW2 {
        InterfaceLuid: adapter.Luid,
        ..MIB_IF_ROW2::default()
    };
    // SAFETY: the row is live and names its interface.
    let found = unsafe { GetIfEntry2(&raw mut row) } == NO_ERROR;
    if found && row.InterfaceAndOperStatusFlags._bitfield & HARDWARE != 0 {
        InterfaceKind::Physical
    } else {
        InterfaceKind::Virtual
    }
}

/// A team of adapters, or the machine's own end of a virtual switch over one, has that adapter's hardware address.
fn mark_those_over_hardware(interfaces: &mut [Interface]) {
    let hardware: Vec<[u8; 6]> = interfaces
        .iter()
        .filter(|interface| interface.kind == InterfaceKind::Physical)
        .filter_map(|interface| interface.hardware)
        .collect();
    for interface in interfaces {
        let over = interface
            .hardware
            .is_some_and(|address| hardware.contains(&address));
        if interface.kind == InterfaceKind::Virtual && over {
            interface.kind = InterfaceKind::OverPhysical;
        }
    }
}

/// An address that is not of the link alone brings the route to its network with it.
fn routing(adapter: &IP_ADAPTER_ADDRESSES_LH, addresses: &[Address]) -> Routing {
    let leads_on = |address: &Address| match address.ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    };
    if adapter.OperStatus != IfOperStatusUp || !addresses.iter().any(leads_on) {
        Routing::None
    } else if adapter.FirstGatewayAddress.is_null() {
        Routing::Network
    } else {
        Routing::Default
    }
}

#[allow(unsafe_code, reason = "a socket address is what its family says")]
fn ip(address: &SOCKET_ADDRESS) -> Option<IpAddr> {
    // SAFETY: every socket address begins with its family, and one of these families has the form that goes with it.
    unsafe {
        let family = address.lpSockaddr.as_ref()?.sa_family;
        match family {
            AF_INET => {
                let address = &*address.lpSockaddr.cast::<SOCKADDR_IN>();
                Some(Ipv4Addr::from(u32::from_be(address.sin_addr.S_un.S_addr)).into())
            }
            AF_INET6 => {
                let address = &*address.lpSockaddr.cast::<SOCKADDR_IN6>();
                Some(Ipv6Addr::from(address.sin6_addr.u.Byte).into())
            }
            _ => None,
        }
    }
}
