//! The signature over a policy (Ed25519, RFC 8032), and the rule by which a holder adopts a new one.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::{InvalidPolicy, Policy};
use crate::log_safe_by_display;

/// Keeps a policy's signature from being one over anything else.
const CONTEXT: &[u8] = b"zeef policy v1\0";

/// A policy's exact text and the provider's signature over it, as published and as sent to agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignedPolicy {
    /// The TOML text that was signed, byte for byte.
    pub document: String,
    /// Ed25519 signature, base64url without padding.
    pub signature: String,
}

/// The public half of the provider's offline policy key, which agents pin at installation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PolicyKey([u8; 32]);

/// The private half. Belongs on a medium that is offline but when a policy is signed.
pub struct PolicySigningKey(Ed25519KeyPair);

/// Why a signed policy was not adopted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not signed by the pinned key.
    #[error(
        "the policy's signature is not by the policy key that this installation trusts; it was not adopted"
    )]
    BadSignature,
    /// Signed, but not a policy.
    #[error(transparent)]
    Invalid(#[from] InvalidPolicy),
    /// Older than what is held.
    #[error(
        "the policy has version {offered}, and version {held} is held already; a policy's version only rises"
    )]
    LowerVersion {
        /// The version that was held.
        held: u64,
        /// The version that was refused.
        offered: u64,
    },
    /// Two texts under one version.
    #[error(
        "the policy has version {0}, which is held already with another text; raise the version and sign again"
    )]
    SameVersion(u64),
    /// Not a key.
    #[error(
        "not a policy key: expected 43 characters of base64url (public) or a PKCS#8 Ed25519 key (private)"
    )]
    MalformedKey,
}

/// What became of an offered policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// It is newer and takes effect.
    Adopt(Box<Policy>),
    /// It is the one that is held.
    Unchanged,
}

impl SignedPolicy {
    /// Checks the signature, then reads the text.
    ///
    /// # Errors
    /// [`SignatureError::BadSignature`] or [`SignatureError::Invalid`].
    pub fn verify(&self, key: &PolicyKey) -> Result<Policy, SignatureError> {
        let signature = BASE64URL_NOPAD
            .decode(self.signature.as_bytes())
            .map_err(|_| SignatureError::BadSignature)?;
        UnparsedPublicKey::new(&ED25519, key.0)
            .verify(&signed_bytes(&self.document), &signature)
            .map_err(|_| SignatureError::BadSignature)?;
        Ok(Policy::parse(&self.document)?)
    }

    /// Decides whether this policy replaces `held`: only upwards.
    ///
    /// # Errors
    /// Those of [`Self::verify`], and [`SignatureError::LowerVersion`] or [`SignatureError::SameVersion`].
    pub fn adopt_over(&self, held: Option<&Self>, key: &PolicyKey) -> Result<Adoption, SignatureError> {
        let offered = self.verify(key)?;
        let Some(held_signed) = held else {
            return Ok(Adoption::Adopt(Box::new(offered)));
        };
        let held = held_signed.verify(key)?;
        match offered.version.cmp(&held.version) {
            std::cmp::Ordering::Greater => Ok(Adoption::Adopt(Box::new(offered))),
            std::cmp::Ordering::Equal if self.document == held_signed.document => Ok(Adoption::Unchanged),
            std::cmp::Ordering::Equal => Err(SignatureError::SameVersion(offered.version)),
            std::cmp::Ordering::Less => Err(SignatureError::LowerVersion {
                held: held.version,
                offered: offered.version,
            }),
        }
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.document.as_bytes()).as_ref());
        hash
    }

    /// SHA-256 of the text in lower-case hex: names this exact policy in receipts and on pages.
    #[must_use]
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&self.digest())
    }
}

impl PolicySigningKey {
    /// Takes a private key.
    ///
    /// # Errors
    /// [`SignatureError::MalformedKey`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, SignatureError> {
        Ed25519KeyPair::from_pkcs8(der)
            .map(Self)
            .map_err(|_| SignatureError::MalformedKey)
    }

    /// The half to pin.
    #[must_use]
    pub fn public(&self) -> PolicyKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        PolicyKey(bytes)
    }

    /// Signs a text that is a policy.
    ///
    /// # Errors
    /// [`SignatureError::Invalid`]: nothing is signed that no agent could read.
    pub fn sign(&self, document: &str) -> Result<SignedPolicy, SignatureError> {
        Policy::parse(document)?;
        let signature = self.0.sign(&signed_bytes(document));
        Ok(SignedPolicy {
            document: document.to_owned(),
            signature: BASE64URL_NOPAD.encode(signature.as_ref()),
        })
    }
}

fn signed_bytes(document: &str) -> Vec<u8> {
    [CONTEXT, document.as_bytes()].concat()
}

impl PolicyKey {
    /// Takes the raw 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for PolicyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyKey({self})")
    }
}

impl FromStr for PolicyKey {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let bytes = BASE64URL_NOPAD
            .decode(text.trim().as_bytes())
            .map_err(|_| SignatureError::MalformedKey)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| SignatureError::MalformedKey)
    }
}

impl Serialize for PolicyKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PolicyKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

log_safe_by_display!(PolicyKey, SignatureError);

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = include_str!("../../policies/vokus-1.1.toml");

    fn key() -> PolicySigningKey {
        let der = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
        PolicySigningKey::from_pkcs8(der.as_ref()).unwrap()
    }

    fn with_version(version: u64) -> String {
        REFERENCE.replacen("version = 1\n", &format!("version = {version}\n"), 1)
    }

    #[test]
    fn a_signed_policy_verifies_and_a_changed_byte_does_not() {
        let key = key();
        let signed = key.sign(REFERENCE).unwrap();
        assert_eq!(signed.verify(&key.public()).unwrap().version, 1);

        let mut changed = signed.clone();
        changed.document.push('\n');
        assert_eq!(changed.verify(&key.public()), Err(SignatureError::BadSignature));
        assert_eq!(
            signed.verify(&self::key().public()),
            Err(SignatureError::BadSignature)
        );
    }

    #[test]
    fn versions_only_rise() {
        let key = key();
        let one = key.sign(&with_version(1)).unwrap();
        let two = key.sign(&with_version(2)).unwrap();
        assert!(
            matches!(two.adopt_over(Some(&one), &key.public()), Ok(Adoption::Adopt(policy)) if policy.version == 2)
        );
        assert_eq!(two.adopt_over(Some(&two), &key.public()), Ok(Adoption::Unchanged));
        assert_eq!(
            one.adopt_over(Some(&two), &key.public()),
            Err(SignatureError::LowerVersion { held: 2, offered: 1 })
        );
        let other_two = key.sign(&(with_version(2) + "# more\n")).unwrap();
        assert_eq!(
            other_two.adopt_over(Some(&two), &key.public()),
            Err(SignatureError::SameVersion(2))
        );
    }

    #[test]
    fn what_is_no_policy_is_not_signed() {
        assert!(matches!(
            key().sign("version = 1"),
            Err(SignatureError::Invalid(_))
        ));
    }

    #[test]
    fn a_public_key_survives_its_text() {
        let public = key().public();
        assert_eq!(public.to_string().parse(), Ok(public));
    }
}
