//! Waiting for what another process does: bounded, and over as soon as it is there.

use std::time::{Duration, Instant};

/// How long anything may take that should be there at once. Generous, for machines with much else to do.
pub const SOON: Duration = Duration::from_secs(20);

const PAUSE: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer.
///
/// # Panics
/// After [`SOON`], saying what there was none of.
pub fn until<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    until_within(SOON, what, probe)
}

/// [`until`] with another bound.
///
/// # Panics
/// After `bound`, saying what there was none of.
pub fn until_within<T>(bound: Duration, what: &str, probe: impl FnMut() -> Option<T>) -> T {
    try_until(bound, probe).unwrap_or_else(|| panic!("waited {bound:?} in vain for: {what}"))
}

/// [`until_within`], for those who can say more: `None` after `bound`.
pub(crate) fn try_until<T>(bound: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + bound;
    loop {
        if let Some(answer) = probe() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        pause();
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "another process gives no event to wait for; the bound is above"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}
