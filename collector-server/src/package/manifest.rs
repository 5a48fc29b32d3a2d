//! The manifest: the package's facts, the ledger's entry with their digest, the proof that the entry is in the ledger,
//! and the ledger's signed head, as in a receipt of an erasure.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::erasure::canonical;
use crate::ledger::read::Inclusion;
use crate::ledger::{Entry, Event, Hash, LedgerKey, OrganisationEvent, SignedHead, proof};

/// The form of a manifest.
const VERSION: u32 = 1;

/// A package's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The ledger's entry, in hex.
    entry: String,
    /// What the package tells of itself.
    pub facts: Facts,
    /// The ledger's head.
    pub head: SignedHead,
    /// The hashes that lead from the entry to the head's root.
    path: Vec<Hash>,
    version: u32,
}

/// Why a manifest proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Not the form.
    #[error("its manifest is not in the one form: it was changed, or is of another version")]
    Form,
    /// By another key than the known one.
    #[error("it is by another key than the one that is known; ask for the installation's key")]
    OtherKey,
    /// The signature does not hold.
    #[error("the head in its manifest is not signed by its key: it was changed")]
    Signature,
    /// The entry is not in the ledger.
    #[error("the ledger's entry in its manifest is not in the tree that was signed: it was changed")]
    Proof,
    /// The entry tells of something else.
    #[error("what its manifest tells is not what the ledger's entry holds: it was changed")]
    Facts,
}

impl Manifest {
    /// Of facts, and the proof of their entry.
    pub(super) fn new(facts: Facts, proven: Inclusion) -> Self {
        Self {
            entry: HEXLOWER.encode(&proven.entry.bytes),
            facts,
            head: proven.head,
            path: proven.path,
            version: VERSION,
        }
    }

    /// The file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical(self);
        bytes.push(b'\n');
        bytes
    }

    /// Reads a manifest and checks all that it says of itself; `known` is the ledger's key, as known from elsewhere.
    pub(super) fn verify(file: &[u8], known: Option<LedgerKey>) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_slice(file).map_err(|_| ManifestError::Form)?;
        if manifest.version != VERSION || manifest.to_bytes() != file {
            return Err(ManifestError::Form);
        }
        let named = manifest.head.identity;
        if known.is_some_and(|known| known != named.key) {
            return Err(ManifestError::OtherKey);
        }
        let head = *manifest
            .head
            .verify(&named)
            .map_err(|_| ManifestError::Signature)?;
        let bytes = HEXLOWER
            .decode(manifest.entry.as_bytes())
            .map_err(|_| ManifestError::Form)?;
        let entry = Entry::from_bytes(&bytes).map_err(|_| ManifestError::Form)?;
        let leaf = Hash::of_leaf(&bytes);
        if !proof::includes(&head.root, head.size, entry.index, &leaf, &manifest.path) {
            return Err(ManifestError::Proof);
        }
        let facts = &manifest.facts;
        let event = OrganisationEvent::PackageMade {
            digest: facts.digest(),
            devices: facts.counts.devices,
        };
        if entry.event != Event::Of(facts.organisation, event) || entry.at.0 != facts.made_at {
            return Err(ManifestError::Facts);
        }
        Ok(manifest)
    }
}
