//! A network interface and its addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One network interface.
pub struct Interface {
    /// The system's name of it, such as `eth0`.
    pub name: String,
    /// What it is.
    pub kind: InterfaceKind,
    /// What the routing tables send over it.
    pub routing: Routing,
    /// Six bytes, where it has such an address.
    pub hardware: Option<[u8; 6]>,
    /// Its IP addresses.
    pub addresses: Vec<Address>,
}

/// What an interface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InterfaceKind {
    /// Hardware, or what a hypervisor presents as hardware.
    Physical,
    /// A bond, bridge or VLAN over a physical interface: it carries that interface's address.
    OverPhysical,
    /// The machine to itself.
    Loopback,
    /// Of containers, virtual machines, tunnels and VPNs.
    Virtual,
}

/// What is routed over an interface, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Routing {
    /// Nothing.
    None,
    /// A network.
    Network,
    /// All that has no other route.
    Default,
}

/// An IP address of an interface.
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// Made up for outgoing connections and dropped soon (RFC 8981).
    pub temporary: bool,
}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interface")
            .field("kind", &self.kind)
            .field("routing", &self.routing)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Drop for Interface {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.hardware.zeroize();
        for address in &mut self.addresses {
            address.ip = match address.ip {
                IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            };
            // Or the compiler would leave out a write that nobody reads.
            std::hint::black_box(&address.ip);
        }
    }
}
