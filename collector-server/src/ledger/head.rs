//! The tree's state under the installation's signature (Ed25519, RFC 8032): small enough to keep and to compare.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use zeef_proto::UnixTime;

use super::Hash;

/// Keeps a head's signature from being one over anything else.
const CONTEXT: &[u8] = b"zeef ledger head v1\0";

/// The form of a head as JSON.
const VERSION: u32 = 1;

/// Which ledger it is: the installation's id, and the public half of its ledger key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The installation's id.
    pub installation: [u8; 16],
    /// The key that its heads are signed with.
    pub key: LedgerKey,
}

/// The tree over the first `size` entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are.
    pub size: u64,
    /// The tree's root.
    pub root: Hash,
    /// When the newest entry was written.
    pub time: UnixTime,
}

/// A head, the ledger that it is of, and the signature. As JSON the form of `docs/ledger.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Text", try_from = "Text")]
pub struct SignedHead {
    /// What is signed.
    pub head: Head,
    /// Whose it says to be.
    pub identity: Identity,
    /// The signature.
    pub signature: [u8; 64],
}

/// Why a head is not one of this ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Of another installation.
    #[error("the head is of another installation's ledger; compare it with that one")]
    Foreign,
    /// By another key.
    #[error(
        "the head is not signed with this ledger's key: it was changed, or the key store is not the one that it was signed with"
    )]
    Signature,
}

/// The public half of an installation's ledger key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LedgerKey(pub [u8; 32]);

/// The private half. Wrapped in the key store.
pub struct LedgerSigningKey(Ed25519KeyPair);

impl LedgerSigningKey {
    /// Takes the 32 bytes that the key is made of; `None` where there is no such key.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// The half that others need.
    #[must_use]
    pub fn public(&self) -> LedgerKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.0.public_key().as_ref());
        LedgerKey(bytes)
    }

    /// Signs a head of this installation's ledger.
    #[must_use]
    pub fn sign(&self, installation: [u8; 16], head: Head) -> SignedHead {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(&signed_bytes(&installation, &head)).as_ref());
        let key = self.public();
        SignedHead {
            head,
            identity: Identity { installation, key },
            signature,
        }
    }
}

impl SignedHead {
    /// The head, if it is one of that ledger.
    ///
    /// # Errors
    /// [`HeadError`].
    pub fn verify(&self, identity: &Identity) -> Result<&Head, HeadError> {
        if self.identity.installation != identity.installation {
            return Err(HeadError::Foreign);
        }
        // By the key that is known, not by the one that the head brings along.
        UnparsedPublicKey::new(&ED25519, identity.key.0)
            .verify(&signed_bytes(&identity.installation, &self.head), &self.signature)
            .map_err(|_| HeadError::Signature)?;
        Ok(&self.head)
    }
}

fn signed_bytes(installation: &[u8; 16], head: &Head) -> Vec<u8> {
    [
        CONTEXT,
        installation,
        &head.size.to_be_bytes(),
        &head.time.0.to_be_bytes(),
        &head.root.0,
    ]
    .concat()
}

/// A head as text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    installation: String,
    size: u64,
    root: Hash,
    time: String,
    key: String,
    signature: String,
}

impl From<SignedHead> for Text {
    fn from(signed: SignedHead) -> Self {
        Self {
            version: VERSION,
            installation: HEXLOWER.encode(&signed.identity.installation),
            size: signed.head.size,
            root: signed.head.root,
            time: signed.head.time.to_string(),
            key: signed.identity.key.to_string(),
            signature: BASE64URL_NOPAD.encode(&signed.signature),
        }
    }
}

impl TryFrom<Text> for SignedHead {
    type Error = &'static str;

    fn try_from(text: Text) -> Result<Self, Self::Error> {
        if text.version != VERSION {
            return Err("a head of a ledger in a version that this program does not know");
        }
        let base64 = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        let installation = HEXLOWER.decode(text.installation.as_bytes()).unwrap_or_default();
        Ok(Self {
            head: Head {
                size: text.size,
                root: text.root,
                time: text.time.parse().map_err(|_| "the head's time is none")?,
            },
            identity: Identity {
                installation: installation
                    .try_into()
                    .map_err(|_| "the head's installation is none")?,
                key: LedgerKey(
                    base64(&text.key)
                        .try_into()
                        .map_err(|_| "the head's key is none")?,
                ),
            },
            signature: base64(&text.signature)
                .try_into()
                .map_err(|_| "the head's signature is none")?,
        })
    }
}

impl fmt::Display for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Head = Head {
        size: 5,
        root: Hash([3; 32]),
        time: UnixTime(1_785_924_000),
    };

    fn signed() -> SignedHead {
        LedgerSigningKey::from_seed(&[7; 32]).unwrap().sign([1; 16], HEAD)
    }

    #[test]
    fn a_head_survives_its_text_and_verifies() {
        let text = serde_json::to_string(&signed()).unwrap();
        let read: SignedHead = serde_json::from_str(&text).unwrap();
        assert_eq!(read, signed());
        assert_eq!(read.verify(&signed().identity), Ok(&HEAD));
    }

    #[test]
    fn a_head_with_anything_changed_does_not_verify() {
        let identity = signed().identity;
        for head in [
            Head { size: 6, ..HEAD },
            Head {
                time: HEAD.time.plus(1),
                ..HEAD
            },
            Head {
                root: Hash([4; 32]),
                ..HEAD
            },
        ] {
            let changed = SignedHead { head, ..signed() };
            assert_eq!(changed.verify(&identity), Err(HeadError::Signature));
        }
        let mut other = signed();
        other.signature[9] ^= 1;
        assert_eq!(other.verify(&identity), Err(HeadError::Signature));
        other.identity.installation = [2; 16];
        assert_eq!(other.verify(&identity), Err(HeadError::Foreign));
    }

    #[test]
    fn a_head_by_another_key_does_not_verify_whatever_key_it_names() {
        let other = LedgerSigningKey::from_seed(&[8; 32]).unwrap();
        let forged = other.sign([1; 16], HEAD);
        assert_eq!(forged.verify(&signed().identity), Err(HeadError::Signature));
    }

    #[test]
    fn text_that_is_no_head_is_refused() {
        let text = serde_json::to_string(&signed()).unwrap();
        for (from, to) in [
            ("\"version\":1", "\"version\":2"),
            ("\"size\":5", "\"size\":5,\"more\":1"),
            ("2026-", "soon-"),
            ("0101", "01"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(serde_json::from_str::<SignedHead>(&changed).is_err(), "{from}");
        }
    }
}
