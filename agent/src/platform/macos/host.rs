//! The host's own name and identifier.

use zeroize::Zeroizing;

use crate::facts::Sensitive;

/// The name that the kernel holds.
#[must_use]
#[allow(unsafe_code, reason = "gethostname is a C function")]
pub fn name() -> Option<Sensitive> {
    let mut buffer = Zeroizing::new([0_u8; 256]);
    // SAFETY: the pointer and the length are of one live buffer.
    let failed = unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len()) } != 0;
    let end = buffer.iter().position(|byte| *byte == 0)?;
    let name = std::str::from_utf8(&buffer[..end]).ok()?;
    (!failed && !name.is_empty()).then(|| Sensitive::new(name.to_owned()))
}

/// The hardware's UUID (gethostuuid(3)): another on another Mac. Never leaves the machine.
#[must_use]
#[allow(unsafe_code, reason = "gethostuuid is a C function")]
pub fn machine_identifier() -> Option<Zeroizing<Vec<u8>>> {
    let mut identifier = Zeroizing::new(vec![0_u8; 16]);
    let at_once = libc::timespec {
        tv_sec: 1,
        tv_nsec: 0,
    };
    // SAFETY: the buffer has the sixteen bytes that the function writes, and both pointers are to live values.
    let failed = unsafe { libc::gethostuuid(identifier.as_mut_ptr(), &raw const at_once) } != 0;
    (!failed).then_some(identifier)
}
