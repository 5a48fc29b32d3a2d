//! The host's own name and identifier.

use std::path::Path;

use zeroize::Zeroizing;

use super::small_text;
use crate::facts::Sensitive;

/// The name that the kernel holds, of this container where it is one.
#[must_use]
pub fn name() -> Option<Sensitive> {
    let name = small_text(Path::new("/proc/sys/kernel/hostname"))?;
    Some(Sensitive::new(name.trim().to_owned()))
}

/// What stays the same on this installation and differs on another: `machine-id`, made at the first start
/// (machine-id(5)). Never leaves the machine.
#[must_use]
pub fn machine_identifier() -> Option<Zeroizing<Vec<u8>>> {
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .filter_map(|path| small_text(Path::new(path)))
        .map(|text| Zeroizing::new(text.trim().as_bytes().to_vec()))
        .find(|identifier| identifier.len() >= 32)
}
