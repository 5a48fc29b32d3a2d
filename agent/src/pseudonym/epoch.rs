//! One secret of a key, in use from its making until the rotation after the next.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use zeef_proto::UnixTime;
use zeroize::Zeroizing;

use super::{Input, Scope};

/// Goes into every hash, so that a later way of hashing cannot give the same token for another input.
const VERSION: u8 = 1;
/// Half of SHA-256: 128 bits.
const HASH_BYTES: usize = 16;

/// 32 bytes that nobody can guess. Overwritten when dropped.
pub struct Secret(pub(super) Zeroizing<[u8; 32]>);

impl Secret {
    /// A new one from the operating system's random bytes.
    #[must_use]
    pub fn random() -> Self {
        Self(Zeroizing::new(crate::random::bytes()))
    }
}

impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A numbered secret.
#[derive(Debug)]
pub(super) struct Epoch {
    pub(super) number: u64,
    pub(super) made: UnixTime,
    pub(super) secret: Secret,
    hmac: hmac::Key,
}

impl Epoch {
    pub(super) fn new(number: u64, made: UnixTime, secret: Secret) -> Self {
        Self {
            number,
            made,
            hmac: hmac::Key::new(hmac::HMAC_SHA256, &*secret.0),
            secret,
        }
    }

    /// HMAC-SHA-256 (RFC 2104) over `version | field | 0 | scope | 0 | length | value`: the version one byte, the
    /// length eight, most significant first. Neither field nor scope holds a zero, so that no two inputs are alike.
    pub(super) fn hash(&self, scope: Scope, input: Input<'_>, canonical: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.hmac);
        context.update(&[VERSION]);
        for text in [&*input.label(), scope.as_str()] {
            context.update(text.as_bytes());
            context.update(&[0]);
        }
        context.update(&(canonical.len() as u64).to_be_bytes());
        context.update(canonical);
        BASE64URL_NOPAD.encode(&context.sign().as_ref()[..HASH_BYTES])
    }
}

/// Whether a text has the form of a hash.
pub(super) fn is_hash(text: &str) -> bool {
    let decoded = BASE64URL_NOPAD.decode(text.as_bytes());
    decoded.is_ok_and(|bytes| bytes.len() == HASH_BYTES)
}
