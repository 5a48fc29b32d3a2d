//! A receipt as a file: facts, the ledger's entry with their hash, the proof that the entry is in the ledger, and the
//! ledger's signed head. The head's signature reaches every byte: the head holds the tree's root, the root the entry,
//! the entry the facts' hash; and the whole has one spelling.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::facts::{Facts, canonical};
use crate::ledger::read::Inclusion;
use crate::ledger::{Entry, Event, Hash, LedgerKey, OrganisationEvent, SignedHead, proof};

/// The form of a receipt.
const VERSION: u32 = 1;

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The ledger's entry, in hex.
    entry: String,
    /// What was erased.
    pub facts: Facts,
    /// The ledger's head.
    pub head: SignedHead,
    /// The hashes that lead from the entry to the head's root.
    path: Vec<Hash>,
    version: u32,
}

/// Why a file is no receipt to rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not the form.
    #[error("it is not a receipt in its one form: it was changed, cut off, or is of another version")]
    Form,
    /// By another key than the known one.
    #[error(
        "it is by another key than the one that is known; ask for the installation's key, or for another receipt"
    )]
    OtherKey,
    /// The signature does not hold.
    #[error("the head in it is not signed by its key: it was changed")]
    Signature,
    /// The entry is not in the ledger.
    #[error("the ledger's entry in it is not in the tree that was signed: it was changed")]
    Proof,
    /// The entry tells of something else.
    #[error("what it tells is not what the ledger's entry holds: it was changed")]
    Facts,
}

impl Receipt {
    /// Of facts, and the proof of their entry.
    #[must_use]
    pub fn new(facts: Facts, proven: Inclusion) -> Self {
        Self {
            entry: HEXLOWER.encode(&proven.entry.bytes),
            facts,
            head: proven.head,
            path: proven.path,
            version: VERSION,
        }
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical(self);
        bytes.push(b'\n');
        bytes
    }

    /// Reads a receipt and checks all of it; `known` is the ledger's key, as known from elsewhere.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(file: &[u8], known: Option<LedgerKey>) -> Result<Self, ReceiptError> {
        let receipt: Self = serde_json::from_slice(file).map_err(|_| ReceiptError::Form)?;
        if receipt.version != VERSION || receipt.to_bytes() != file {
            return Err(ReceiptError::Form);
        }
        let named = receipt.head.identity;
        if known.is_some_and(|known| known != named.key) {
            return Err(ReceiptError::OtherKey);
        }
        let head = *receipt.head.verify(&named).map_err(|_| ReceiptError::Signature)?;
        let bytes = HEXLOWER
            .decode(receipt.entry.as_bytes())
            .map_err(|_| ReceiptError::Form)?;
        let entry = Entry::from_bytes(&bytes).map_err(|_| ReceiptError::Form)?;
        let leaf = Hash::of_leaf(&bytes);
        if !proof::includes(&head.root, head.size, entry.index, &leaf, &receipt.path) {
            return Err(ReceiptError::Proof);
        }
        let facts = &receipt.facts;
        let event = OrganisationEvent::Erased {
            receipt: facts.receipt,
            digest: facts.digest(),
        };
        if entry.event != Event::Of(facts.organisation, event) || entry.at.0 != facts.erased_at {
            return Err(ReceiptError::Facts);
        }
        Ok(receipt)
    }
}
