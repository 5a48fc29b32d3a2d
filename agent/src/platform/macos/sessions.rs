//! Who is signed in: whoever owns the console. At the login window that is root.

use std::ffi::CStr;
use std::os::unix::fs::MetadataExt;

use zeroize::Zeroizing;

use crate::facts::{Sensitive, Session, SessionStanding};

/// Accounts below are made by the system for itself.
const FIRST_PERSON: u32 = 500;

/// The session at the console, if anybody is signed in there.
pub(crate) fn read() -> Vec<Session> {
    let owner = std::fs::metadata("/dev/console").map(|console| console.uid());
    owner
        .ok()
        .filter(|account| *account != 0)
        .and_then(session)
        .into_iter()
        .collect()
}

fn session(account: u32) -> Option<Session> {
    Some(Session {
        account: name_of(account)?,
        source: "console user",
        standing: if account < FIRST_PERSON {
            SessionStanding::SystemAccount
        } else {
            SessionStanding::SignedIn
        },
    })
}

#[allow(unsafe_code, reason = "getpwuid_r is a C function")]
fn name_of(account: u32) -> Option<Sensitive> {
    let mut buffer = Zeroizing::new(vec![0_u8; 4096]);
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut found: *mut libc::passwd = std::ptr::null_mut();
    // SAFETY: all pointers are to live values, and the length is the buffer's.
    let failed = unsafe {
        libc::getpwuid_r(
            account,
            entry.as_mut_ptr(),
            buffer.as_mut_ptr().cast(),
            buffer.len(),
            &raw mut found,
        )
    } != 0;
    if failed || found.is_null() {
        return None;
    }
    // SAFETY: on success `found` points at the filled entry, whose name is a C string within the live buffer.
    let name = unsafe { CStr::from_ptr((*found).pw_name) };
    Some(Sensitive::new(name.to_str().ok()?.to_owned()))
}
