//! The secret that all collectors of an installation share, and the keys that are made of it: one collector takes what
//! another one gave.

use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use ring::hmac;

use super::key::{open, seal};

/// Separates these keys from whatever else may be made of a secret by HKDF.
const SALT: &[u8] = b"zeef session tickets";
/// The key of challenges. It is longer than an epoch, which names a key of tickets.
const CHALLENGES: &[u8] = b"zeef recovery challenges";

/// Seals session tickets, under a key of its own for each epoch (HKDF, RFC 5869), and marks challenges.
pub struct SharedSecret(pub(super) Prk);

impl SharedSecret {
    /// Takes the raw bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Salt::new(HKDF_SHA256, SALT).extract(bytes))
    }

    /// Seals a ticket for an epoch.
    #[must_use]
    pub fn seal(&self, epoch: i64, ticket: &[u8]) -> Vec<u8> {
        seal(&self.key(epoch), &epoch.to_be_bytes(), ticket)
    }

    /// Opens what [`Self::seal`] gave for that epoch; `None` for another secret, another epoch or changed bytes.
    #[must_use]
    pub fn open(&self, epoch: i64, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&self.key(epoch), &epoch.to_be_bytes(), sealed).map(|ticket| ticket.to_vec())
    }

    /// Marks the challenges of a recovery.
    #[must_use]
    pub fn challenges(&self) -> hmac::Key {
        #[expect(
            clippy::expect_used,
            reason = "HKDF gives up to 255 times 32 bytes, and 32 are asked for"
        )]
        self.0
            .expand(&[CHALLENGES], hmac::HMAC_SHA256)
            .map(hmac::Key::from)
            .expect("HKDF gives 32 bytes")
    }

    fn key(&self, epoch: i64) -> LessSafeKey {
        #[expect(
            clippy::expect_used,
            reason = "HKDF gives up to 255 times 32 bytes, and 32 are asked for"
        )]
        let key = self
            .0
            .expand(&[&epoch.to_be_bytes()], &AES_256_GCM)
            .map(UnboundKey::from)
            .expect("HKDF gives 32 bytes");
        LessSafeKey::new(key)
    }
}
