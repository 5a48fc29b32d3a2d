//! What the entries of a period add up to.

use std::collections::BTreeMap;
use std::ops::Range;

use zeef_proto::id::ReceiptId;
use zeef_proto::{OrganisationId, UnixTime};

use crate::access::Reach;
use crate::ledger::{Entry, Event, InstallationEvent, OrganisationEvent, read};
use crate::store::{Result, Store, StoreError};

/// Entries read at a time.
const PAGE: usize = 1_000;

/// An erasure that somebody asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erasure {
    /// When.
    pub at: UnixTime,
    /// Of whom.
    pub organisation: OrganisationId,
    /// Its receipt.
    pub receipt: ReceiptId,
}

/// What was done in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often each event happened, by its name.
    pub events: BTreeMap<&'static str, u64>,
    /// Policies that took effect, by version.
    pub policies: Vec<u64>,
    /// Values that the purge deleted because their term was over.
    pub purged_values: u64,
    /// All else that it deleted.
    pub purged_other: u64,
    /// Erasures, in order.
    pub erasures: Vec<Erasure>,
    /// When the last backup was begun.
    pub last_backup: Option<UnixTime>,
}

impl Tally {
    /// How often an event of that name happened.
    #[must_use]
    pub fn count(&self, event: &str) -> u64 {
        self.events.get(event).copied().unwrap_or(0)
    }

    /// All entries.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.events.values().sum()
    }

    fn take(&mut self, entry: &Entry) {
        *self.events.entry(entry.event.name()).or_default() += 1;
        match entry.event {
            Event::Of(organisation, OrganisationEvent::Erased { receipt, .. }) => {
                self.erasures.push(Erasure {
                    at: entry.at,
                    organisation,
                    receipt,
                });
            }
            Event::Installation(InstallationEvent::Purged { observations, other }) => {
                self.purged_values += observations;
                self.purged_other += other;
            }
            Event::Installation(InstallationEvent::PolicyPublished { version, .. }) => {
                self.policies.push(version);
            }
            Event::Installation(InstallationEvent::BackupBegun(_)) => self.last_backup = Some(entry.at),
            _ => {}
        }
    }
}

/// Adds up what the ledger says of a period, of organisations within reach; what concerns the installation counts where
/// all of it is.
///
/// # Errors
/// Those of the store; [`StoreError::Ledger`] where an entry cannot be read.
pub async fn tally(store: &dyn Store, period: Range<UnixTime>, reach: &Reach) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut next = read::begin_of(store, period.start).await?;
    loop {
        let page = store.ledger_from(next, PAGE).await?;
        let Some(last) = page.last() else { return Ok(tally) };
        next = last.index + 1;
        for stored in &page {
            let entry = Entry::from_bytes(&stored.bytes).map_err(|_| StoreError::Ledger)?;
            if read::is_past(&entry, period.end) {
                return Ok(tally);
            }
            let organisation = entry.event.organisation();
            let within = organisation.map_or(*reach == Reach::All, |id| reach.reaches(id));
            if within && period.contains(&entry.at) {
                tally.take(&entry);
            }
        }
    }
}
