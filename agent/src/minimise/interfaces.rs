//! Which interfaces are the machine's own way to the network.

use super::Reason;
use crate::facts::{Interface, InterfaceKind, Routing};

/// Whether an interface's addresses count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    Counts,
    Not(Reason),
}

/// Counted are physical interfaces that carry a route, and bonds, bridges and VLANs over a physical one.
///
/// A container and some virtual machines in a cloud see no physical interface at all. There the virtual interface
/// with the default route is the machine's only way out, and counts; without that rule such a machine would have
/// no address in the inventory.
pub(super) fn choose(interfaces: &[Interface]) -> impl Iterator<Item = (&Interface, Choice)> {
    let has_hardware = interfaces
        .iter()
        .any(|interface| interface.kind == InterfaceKind::Physical);
    interfaces
        .iter()
        .map(move |interface| (interface, choice(interface, has_hardware)))
}

fn choice(interface: &Interface, has_hardware: bool) -> Choice {
    match (interface.kind, interface.routing) {
        (InterfaceKind::Loopback, _) => Choice::Not(Reason::LoopbackInterface),
        (InterfaceKind::Virtual, Routing::Default) if !has_hardware => Choice::Counts,
        (InterfaceKind::Virtual, _) => Choice::Not(Reason::VirtualInterface),
        (InterfaceKind::Physical | InterfaceKind::OverPhysical, Routing::None) => {
            Choice::Not(Reason::NoRoute)
        }
        (InterfaceKind::Physical | InterfaceKind::OverPhysical, _) => Choice::Counts,
    }
}
