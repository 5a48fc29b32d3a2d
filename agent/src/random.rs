//! Random bytes from the operating system.

use ring::rand::{SecureRandom, SystemRandom};

/// `N` unpredictable bytes.
///
/// # Panics
/// If the operating system has no randomness to give: nothing safe can be done then.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness no key may be made")]
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}

/// A random number, for jitter.
#[must_use]
pub fn number() -> u64 {
    u64::from_le_bytes(bytes())
}
