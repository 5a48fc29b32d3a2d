//! Who is signed in, from the session manager of Windows.

use windows_sys::Win32::System::RemoteDesktop::{
    WTS_CONNECTSTATE_CLASS, WTS_CURRENT_SERVER_HANDLE, WTS_SESSION_INFOW, WTSActive, WTSDisconnected,
    WTSEnumerateSessionsW, WTSFreeMemory, WTSQuerySessionInformationW, WTSUserName,
};

use super::wide;
use crate::facts::{Sensitive, Session, SessionStanding};

/// The sessions with an account, at the console or over remote desktop.
#[allow(unsafe_code, reason = "the session API is of C functions")]
pub(crate) fn read() -> Vec<Session> {
    let mut first: *mut WTS_SESSION_INFOW = std::ptr::null_mut();
    let mut count = 0_u32;
    // SAFETY: both pointers are to live values; version 1 is the only one.
    let done =
        unsafe { WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &raw mut first, &raw mut count) };
    if done == 0 || first.is_null() {
        return Vec::new();
    }
    // SAFETY: on success `first` points at `count` entries, which live until they are freed below.
    let entries = unsafe { std::slice::from_raw_parts(first, count as usize) };
    let sessions = entries
        .iter()
        .filter_map(|entry| {
            Some(Session {
                account: account(entry.SessionId)?,
                source: "Windows session",
                standing: standing(entry.State),
            })
        })
        .collect();
    // SAFETY: it was allocated by the session API and is not used any more.
    unsafe { WTSFreeMemory(first.cast()) };
    sessions
}

const fn standing(state: WTS_CONNECTSTATE_CLASS) -> SessionStanding {
    if state == WTSActive {
        SessionStanding::SignedIn
    } else if state == WTSDisconnected {
        SessionStanding::Background
    } else {
        SessionStanding::NotInteractive
    }
}

/// The account of a session; sessions of services and those that wait for a sign-in have none.
#[allow(unsafe_code, reason = "the session API is of C functions")]
fn account(session: u32) -> Option<Sensitive> {
    let mut text: *mut u16 = std::ptr::null_mut();
    let mut bytes = 0_u32;
    // SAFETY: both pointers are to live values.
    let done = unsafe {
        WTSQuerySessionInformationW(
            WTS_CURRENT_SERVER_HANDLE,
            session,
            WTSUserName,
            &raw mut text,
            &raw mut bytes,
        )
    };
    if done == 0 || text.is_null() {
        return None;
    }
    // SAFETY: on success `text` points at so many bytes of UTF-16, which live until they are freed below.
    let units = unsafe { std::slice::from_raw_parts_mut(text, bytes as usize / 2) };
    let account = wide::take(units);
    // SAFETY: it was allocated by the session API and is not used any more.
    unsafe { WTSFreeMemory(text.cast()) };
    account
}
