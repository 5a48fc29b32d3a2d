//! Codes to be written down, for when the authenticator is lost. Each works once.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use ring::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::random;

/// How many there are.
const COUNT: usize = 10;
/// 80 random bits: too many to guess, also for whoever has the hash.
const BYTES: usize = 10;
/// Characters between two hyphens.
const GROUP: usize = 4;

/// One code.
pub struct RecoveryCode(Zeroizing<[u8; BYTES]>);

/// SHA-256 of a code, by which the store knows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryHash(pub [u8; 32]);

impl RecoveryCode {
    /// A new set.
    #[must_use]
    pub fn generate_all() -> Vec<Self> {
        (0..COUNT).map(|_| Self::generate()).collect()
    }

    pub(super) fn generate() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    /// Reads letters and digits without what separates them, in either case.
    pub(super) fn read(plain: &str) -> Option<Self> {
        let bytes = BASE32_NOPAD.decode(plain.to_ascii_uppercase().as_bytes()).ok()?;
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The code in groups, as it is to be written down.
    #[must_use]
    pub fn expose(&self) -> String {
        let text = BASE32_NOPAD.encode(&*self.0).to_ascii_lowercase();
        let groups: Vec<&str> = (0..text.len())
            .step_by(GROUP)
            .map(|at| &text[at..at + GROUP])
            .collect();
        groups.join("-")
    }

    /// What the store knows it by.
    #[must_use]
    pub fn hash(&self) -> RecoveryHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &*self.0).as_ref());
        RecoveryHash(hash)
    }
}

impl fmt::Debug for RecoveryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_of_eighty_bits_are_made_and_none_twice() {
        let codes = RecoveryCode::generate_all();
        assert_eq!(codes.len(), 10);
        for (at, code) in codes.iter().enumerate() {
            assert_eq!(code.expose().len(), 19);
            assert!(codes[..at].iter().all(|other| other.hash() != code.hash()));
        }
    }
}
