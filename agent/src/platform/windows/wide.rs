//! Text as Windows takes and gives it: UTF-16 that ends in zero.

use std::os::windows::ffi::OsStrExt;
use std::path::Path;

use zeroize::{Zeroize, Zeroizing};

use crate::facts::Sensitive;

pub(super) fn of_path(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}

/// The text up to the first zero; nothing where it is empty or not Unicode. The units are overwritten.
pub(super) fn take(units: &mut [u16]) -> Option<Sensitive> {
    let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    let text = String::from_utf16(&units[..end]).ok();
    units.zeroize();
    text.filter(|text| !text.is_empty()).map(Sensitive::new)
}

/// A buffer that is overwritten when it is dropped.
pub(super) fn buffer<const N: usize>() -> Zeroizing<[u16; N]> {
    Zeroizing::new([0; N])
}
