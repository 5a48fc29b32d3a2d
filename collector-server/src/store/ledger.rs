//! The ledger: what pages add to it, and what is read of it. What transactions do they note themselves.

use std::collections::BTreeMap;

use async_trait::async_trait;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::Result;
use crate::ledger::{Actor, DeviceMark, Identity, SignedHead, StoredEntry};

/// Somebody looks at what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Who.
    pub by: Actor,
    /// At what.
    pub at: LookedAt,
}

/// What somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedAt {
    /// All that is held of one device.
    Device(OrganisationId, DeviceId),
    /// A list: how many devices of each organisation are in it.
    List(BTreeMap<OrganisationId, u64>),
    /// What a search for a value found: the same, of those that it found.
    Search(BTreeMap<OrganisationId, u64>),
    /// A list that is written to a file: the same.
    Export(BTreeMap<OrganisationId, u64>),
}

impl LookedAt {
    /// Counts devices by organisation, as found by a search or not.
    pub fn devices(of: impl Iterator<Item = OrganisationId>, searched: bool) -> Self {
        let counts = count(of);
        if searched {
            Self::Search(counts)
        } else {
            Self::List(counts)
        }
    }

    /// The same of what is written to a file. A search that found nothing is one here too.
    pub fn export(of: impl Iterator<Item = OrganisationId>, searched: bool) -> Self {
        let counts = count(of);
        if searched && counts.is_empty() {
            Self::Search(counts)
        } else {
            Self::Export(counts)
        }
    }
}

fn count(of: impl Iterator<Item = OrganisationId>) -> BTreeMap<OrganisationId, u64> {
    let mut counts = BTreeMap::new();
    of.for_each(|organisation| *counts.entry(organisation).or_default() += 1);
    counts
}

/// An access package that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageMade {
    /// By whom.
    pub by: Actor,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// What it tells of itself, as [`crate::package::Facts::digest`].
    pub digest: [u8; 32],
    /// How many devices are in it.
    pub devices: u64,
    /// Devices of which a look is noted each, where the package is not of the whole organisation.
    pub shown: Vec<DeviceId>,
}

/// What is noted beside transactions, and what is read.
#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Notes a look: one entry for each organisation, so that each can be shown its own. Durable when this returns;
    /// what was looked at may be shown then, and not before.
    async fn record_look(&self, look: Look, now: UnixTime) -> Result<()>;

    /// Notes that a package was made; the index of the entry with its digest. Durable when this returns; the package may
    /// be handed out then, and not before.
    async fn record_package(&self, made: PackageMade, now: UnixTime) -> Result<u64>;

    /// Drops a ledger that cannot be continued and begins another, whose first entry says how many were dropped;
    /// `None`, and nothing done, where it can be continued.
    async fn begin_ledger_anew(&self, now: UnixTime) -> Result<Option<u64>>;

    /// Which ledger this is.
    async fn ledger_identity(&self) -> Result<Identity>;

    /// The newest head, or `None` before the first entry.
    async fn ledger_head(&self) -> Result<Option<SignedHead>>;

    /// Entries from `index` on, in order, at most `limit`.
    async fn ledger_from(&self, index: u64, limit: usize) -> Result<Vec<StoredEntry>>;

    /// Entries before `index`, of one organisation or of all, newest first, at most `limit`.
    async fn ledger_before(
        &self,
        organisation: Option<OrganisationId>,
        index: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>>;

    /// Entries about one device before `index`, newest first, at most `limit`.
    async fn ledger_of_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        index: u64,
        limit: usize,
    ) -> Result<Vec<StoredEntry>>;

    /// How the ledger names a device, there still or not; `None` where there is no such organisation.
    async fn device_mark(&self, organisation: OrganisationId, device: DeviceId)
    -> Result<Option<DeviceMark>>;
}
