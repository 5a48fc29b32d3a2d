//! What an interface is, by the kernel's own description of it below `/sys/class/net`.

use std::path::Path;

use super::small_text;
use crate::facts::InterfaceKind;

/// ARPHRD_LOOPBACK of `linux/if_arp.h`.
const LOOPBACK: &str = "772";

/// Hardware has a `device`; a bond, bridge or VLAN lists the interfaces below it as `lower_…`.
pub(super) fn kind(interfaces: &Path, name: &str) -> InterfaceKind {
    let interface = interfaces.join(name);
    let is_physical = |interface: &Path| interface.join("device").exists();
    if small_text(&interface.join("type")).is_some_and(|kind| kind.trim() == LOOPBACK) {
        InterfaceKind::Loopback
    } else if is_physical(&interface) {
        InterfaceKind::Physical
    } else if stands_for_others(&interface)
        && lower(&interface).any(|lower| is_physical(&interfaces.join(lower)))
    {
        InterfaceKind::OverPhysical
    } else {
        InterfaceKind::Virtual
    }
}

/// A macvlan or a tunnel has a physical interface below it too, but is not the machine's own address on it.
fn stands_for_others(interface: &Path) -> bool {
    small_text(&interface.join("uevent")).is_some_and(|uevent| {
        uevent
            .lines()
            .any(|line| matches!(line, "DEVTYPE=bond" | "DEVTYPE=bridge" | "DEVTYPE=vlan"))
    })
}

fn lower(interface: &Path) -> impl Iterator<Item = String> {
    std::fs::read_dir(interface)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_prefix("lower_")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(root: &Path, name: &str, uevent: &str, entries: &[&str]) {
        let directory = root.join(name);
        std::fs::create_dir(&directory).unwrap();
        std::fs::write(directory.join("type"), if name == "lo" { "772\n" } else { "1\n" }).unwrap();
        std::fs::write(directory.join("uevent"), uevent).unwrap();
        for entry in entries {
            std::fs::create_dir(directory.join(entry)).unwrap();
        }
    }

    #[test]
    fn hardware_is_told_from_what_is_made_of_software() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        interface(root, "lo", "", &[]);
        interface(root, "eth0", "", &["device"]);
        interface(root, "br0", "DEVTYPE=bridge\nINTERFACE=br0\n", &["lower_eth0"]);
        interface(root, "docker0", "DEVTYPE=bridge\n", &["lower_veth1"]);
        interface(root, "veth1", "", &[]);
        interface(root, "macvlan0", "DEVTYPE=macvlan\n", &["lower_eth0"]);
        interface(root, "wg0", "DEVTYPE=wireguard\n", &[]);
        for (name, expected) in [
            ("lo", InterfaceKind::Loopback),
            ("eth0", InterfaceKind::Physical),
            ("br0", InterfaceKind::OverPhysical),
            ("docker0", InterfaceKind::Virtual),
            ("veth1", InterfaceKind::Virtual),
            ("macvlan0", InterfaceKind::Virtual),
            ("wg0", InterfaceKind::Virtual),
            ("gone", InterfaceKind::Virtual),
        ] {
            assert_eq!(kind(root, name), expected, "{name}");
        }
    }
}
