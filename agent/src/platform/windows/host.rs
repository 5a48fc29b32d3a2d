//! The host's own name and identifier.

use windows_sys::Win32::System::Registry::{
    HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RRF_SUBKEY_WOW6464KEY, RegGetValueW,
};
use windows_sys::Win32::System::SystemInformation::{ComputerNamePhysicalDnsHostname, GetComputerNameExW};
use windows_sys::w;
use zeroize::Zeroizing;

use super::wide;
use crate::facts::Sensitive;

/// The computer's name, without the domain.
#[must_use]
#[allow(unsafe_code, reason = "GetComputerNameExW is a C function")]
pub fn name() -> Option<Sensitive> {
    let mut units = wide::buffer::<256>();
    let mut length = 256_u32;
    // SAFETY: the pointer and the length are of one live buffer.
    let done = unsafe {
        GetComputerNameExW(
            ComputerNamePhysicalDnsHostname,
            units.as_mut_ptr(),
            &raw mut length,
        )
    };
    (done != 0).then(|| wide::take(units.as_mut_slice())).flatten()
}

/// `MachineGuid`, made when Windows was installed. Never leaves the machine.
#[must_use]
#[allow(unsafe_code, reason = "RegGetValueW is a C function")]
pub fn machine_identifier() -> Option<Zeroizing<Vec<u8>>> {
    let mut units = wide::buffer::<64>();
    let mut bytes = 128_u32;
    // SAFETY: the names are literals that end in zero; the pointer and the length are of one live buffer.
    let failed = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            w!("SOFTWARE\\Microsoft\\Cryptography"),
            w!("MachineGuid"),
            RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY,
            std::ptr::null_mut(),
            units.as_mut_ptr().cast(),
            &raw mut bytes,
        )
    };
    if failed != 0 {
        return None;
    }
    let identifier = wide::take(units.as_mut_slice())?;
    Some(Zeroizing::new(identifier.expose().as_bytes().to_vec()))
}
