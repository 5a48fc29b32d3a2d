//! A provider's public keys (JSON Web Key Set, RFC 7517), of the kinds that are checked: RSA, P-256, Ed25519.

use data_encoding::BASE64URL_NOPAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

/// An algorithm of signatures (RFC 7518, RFC 8037). `none` and those with a shared key are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Algorithm {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// The keys of a provider.
#[derive(Clone)]
pub struct Keys(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: Option<String>,
    public: Public,
}

#[derive(Clone)]
enum Public {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256([u8; 65]),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a set, and leaves out keys of other kinds and for other uses.
    ///
    /// # Errors
    /// Those of JSON.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let set: Set = serde_json::from_slice(json)?;
        let written = set
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(written.filter_map(Key::read).collect()))
    }

    /// Whether a key of that name, or where none is named any, made the signature.
    pub(super) fn verify(
        &self,
        name: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.named(name)
            .any(|key| key.verifies(algorithm, message, signature))
    }

    /// Whether there is a key of that name.
    pub(super) fn have(&self, name: Option<&str>) -> bool {
        self.named(name).next().is_some()
    }

    fn named(&self, name: Option<&str>) -> impl Iterator<Item = &Key> {
        self.0
            .iter()
            .filter(move |key| name.is_none() || key.id.as_deref() == name)
    }
}

impl Key {
    fn read(written: Written) -> Option<Self> {
        if written.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| BASE64URL_NOPAD.decode(text?.as_bytes()).ok();
        let public = match (written.kty.as_str(), written.crv.as_deref()) {
            ("RSA", _) => Public::Rsa {
                modulus: bytes(written.n)?,
                exponent: bytes(written.e)?,
            },
            ("EC", Some("P-256")) => {
                let point = [&[4], &bytes(written.x)?[..], &bytes(written.y)?[..]].concat();
                Public::P256(point.try_into().ok()?)
            }
            ("OKP", Some("Ed25519")) => Public::Ed25519(bytes(written.x)?),
            _ => return None,
        };
        Some(Self {
            id: written.kid,
            public,
        })
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verified = match (&self.public, algorithm) {
            (Public::Rsa { modulus, exponent }, Algorithm::Rs256) => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            (Public::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Public::Ed25519(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}
