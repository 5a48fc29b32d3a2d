//! Keyed digests: what is recognised again without being written down.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 96 bits of HMAC-SHA-256 under a key that never leaves this machine. In files as base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 12]);

/// The key of digests. `Debug` does not show it.
#[derive(Clone)]
pub struct Digester(hmac::Key);

impl Digester {
    /// Takes a key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The digest of these parts, of which none can be taken for two.
    #[must_use]
    pub fn digest(&self, parts: &[&[u8]]) -> Digest {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut digest = [0; 12];
        for (to, from) in digest.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        Digest(digest)
    }
}

impl Digest {
    /// Its first 64 bits, for tables in memory.
    #[must_use]
    pub fn short(&self) -> u64 {
        self.0[..8]
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| serde::de::Error::custom("not a digest"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digester(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart_and_another_key_gives_another_digest() {
        let digester = Digester::new(&[1; 32]);
        let digest = digester.digest(&[b"ab", b"c"]);
        assert_eq!(digest, digester.digest(&[b"ab", b"c"]));
        assert_ne!(digest, digester.digest(&[b"a", b"bc"]));
        assert_ne!(digest, Digester::new(&[2; 32]).digest(&[b"ab", b"c"]));
    }

    #[test]
    fn a_digest_survives_its_text() {
        let digest = Digester::new(&[1; 32]).digest(&[b"x"]);
        let text = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), digest);
        assert!(serde_json::from_str::<Digest>("\"short\"").is_err());
    }
}
