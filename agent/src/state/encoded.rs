//! Bytes as they stand in the state's files: base64url without padding, as on the wire.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A certificate in DER.
#[derive(Clone, PartialEq, Eq)]
pub struct Der(pub Vec<u8>);

/// A private key, PKCS#8 in DER. Overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl SecretKey {
    /// Takes a key.
    #[must_use]
    pub fn new(pkcs8: Vec<u8>) -> Self {
        Self(Zeroizing::new(pkcs8))
    }

    /// The key. Named so that every use is easy to find and to question.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Zeroizing::new(String::deserialize(deserializer)?);
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| serde::de::Error::custom("not base64url"))
}

impl Serialize for Der {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Der {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode(deserializer).map(Self)
    }
}

impl Serialize for SecretKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(BASE64URL_NOPAD.encode(&self.0)))
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decode(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Der {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Der({} bytes)", self.0.len())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}
