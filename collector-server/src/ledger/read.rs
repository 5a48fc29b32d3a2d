//! The ledger of a store, read page by page: checked, and proven to others.

use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::{Checked, Checker, Entry, Fault, Hash, Head, HeadError, SignedHead, StoredEntry, proof};
use crate::store::{Result, Store, StoreError};

/// Entries read at a time.
const PAGE: usize = 1_000;

/// Why a ledger did not pass.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger's own newest head is not by its key.
    #[error("the newest head cannot be trusted: {0}")]
    Newest(HeadError),
    /// Something is wrong with the entries.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such entry.
    #[error("there is no entry {0}; see `zeef-collector ledger head` for how many there are")]
    NotThere(u64),
    /// The ledger is not what its heads say.
    #[error(
        "the ledger does not fit its head, so nothing can be proven from it; run `zeef-collector ledger verify`"
    )]
    Broken,
}

/// That an entry is in the ledger of a head.
pub struct Inclusion {
    /// The entry.
    pub entry: StoredEntry,
    /// The head.
    pub head: SignedHead,
    /// The proof's hashes.
    pub path: Vec<Hash>,
}

/// Looks at every entry, at the newest head, and at heads that others kept, whose signatures were checked.
///
/// # Errors
/// [`CheckError`].
pub async fn check(store: &dyn Store, kept: Vec<Head>) -> std::result::Result<Checked, CheckError> {
    let identity = store.ledger_identity().await?;
    let mut checker = Checker::new(kept);
    let newest = loop {
        // The head first: what is written between the two reads is on the page then, and read with the next head.
        let newest = store.ledger_head().await?;
        let page = store.ledger_from(checker.size(), PAGE).await?;
        if page.is_empty() {
            break newest;
        }
        page.iter().try_for_each(|stored| checker.take(stored))?;
    };
    let newest = newest.as_ref().map(|newest| newest.verify(&identity)).transpose();
    Ok(checker.finish(newest.map_err(CheckError::Newest)?)?)
}

/// Proves that an entry is in the ledger of the newest head.
///
/// # Errors
/// [`ProofError`].
pub async fn inclusion(store: &dyn Store, index: u64) -> std::result::Result<Inclusion, ProofError> {
    let newest = store
        .ledger_head()
        .await?
        .filter(|newest| index < newest.head.size);
    let signed = newest.ok_or(ProofError::NotThere(index))?;
    let head = &signed.head;
    let path = roots(store, head.size, proof::inclusion_parts(index, head.size)).await?;
    let entry = store
        .ledger_from(index, 1)
        .await?
        .pop()
        .ok_or(ProofError::Broken)?;
    let leaf = Hash::of_leaf(&entry.bytes);
    if !proof::includes(&head.root, head.size, index, &leaf, &path) {
        return Err(ProofError::Broken);
    }
    Ok(Inclusion {
        entry,
        head: signed,
        path,
    })
}

/// Proves that the ledger of the newest head begins with that of an older one, whose signature was checked.
///
/// # Errors
/// [`ProofError`].
pub async fn consistency(
    store: &dyn Store,
    old: &Head,
    newest: &Head,
) -> std::result::Result<Vec<Hash>, ProofError> {
    let path = roots(
        store,
        newest.size,
        proof::consistency_parts(old.size, newest.size),
    )
    .await?;
    let proven = proof::extends(old.size, &old.root, newest.size, &newest.root, &path);
    proven.then_some(path).ok_or(ProofError::Broken)
}

/// How much earlier than the one before it an entry may say to be: a clock can be set right. Seconds.
const SET_RIGHT: i64 = DAY;

/// An index before which no entry is of `since` or later, as far as clocks were set back by a day at most.
///
/// # Errors
/// Those of the store.
pub async fn begin_of(store: &dyn Store, since: UnixTime) -> Result<u64> {
    first(store, |entry| !is_before(entry, since)).await
}

/// An index from which on no entry is before `until`, in the same way.
///
/// # Errors
/// Those of the store.
pub async fn end_of(store: &dyn Store, until: UnixTime) -> Result<u64> {
    first(store, |entry| is_past(entry, until)).await
}

/// The first entry for which something holds that holds for all after it.
async fn first(store: &dyn Store, holds: impl Fn(&Entry) -> bool) -> Result<u64> {
    let size = store.ledger_head().await?.map_or(0, |newest| newest.head.size);
    let (mut before, mut from) = (0, size);
    while before < from {
        let middle = before + (from - before) / 2;
        let stored = store
            .ledger_from(middle, 1)
            .await?
            .pop()
            .ok_or(StoreError::Ledger)?;
        let entry = Entry::from_bytes(&stored.bytes).map_err(|_| StoreError::Ledger)?;
        if holds(&entry) {
            from = middle;
        } else {
            before = middle + 1;
        }
    }
    Ok(before)
}

/// Whether an entry is so much later than `until` that none after it is earlier.
#[must_use]
pub fn is_past(entry: &Entry, until: UnixTime) -> bool {
    entry.at.plus(-SET_RIGHT) > until
}

/// Whether an entry is so much earlier than `since` that none before it is later.
#[must_use]
pub fn is_before(entry: &Entry, since: UnixTime) -> bool {
    entry.at.plus(SET_RIGHT) < since
}

async fn roots(store: &dyn Store, size: u64, parts: Vec<std::ops::Range<u64>>) -> Result<Vec<Hash>> {
    let mut roots = proof::Roots::of(parts);
    let mut next = 0;
    while next < size {
        let page = store.ledger_from(next, PAGE).await?;
        let Some(last) = page.last() else { break };
        next = last.index + 1;
        page.iter().for_each(|stored| roots.push(stored.leaf));
    }
    Ok(roots.finish())
}
