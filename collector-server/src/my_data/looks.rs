//! Who looked, as the ledger tells it.

use zeef_proto::wire::LooksCounted;
use zeef_proto::{OrganisationId, UnixTime};

use crate::ledger::{Actor, DeviceMark, Entry, Event, OrganisationEvent, StoredEntry};
use crate::store::ledger::LedgerStore;
use crate::store::{Result, StoreError};

/// Entries that are read at once.
const PAGE: usize = 500;

/// One look at what is held of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: UnixTime,
    /// Who.
    pub by: Actor,
    /// At what.
    pub sight: Sight,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// All that is held of one device.
    Device(DeviceMark),
    /// So many devices in a list.
    List(u64),
    /// So many devices that a search found.
    Search(u64),
}

impl Look {
    /// The look that an entry tells of, if it tells of one.
    fn of(entry: &Entry) -> Option<Self> {
        use OrganisationEvent as E;
        let Event::Of(_, event) = entry.event else {
            return None;
        };
        let sight = match event {
            E::DeviceRead(mark) => Sight::Device(mark),
            // What is taken away as a file was looked at too.
            E::DevicesListed(devices) | E::DevicesExported(devices) | E::PackageMade { devices, .. } => {
                Sight::List(devices)
            }
            E::DevicesSearched(devices) => Sight::Search(devices),
            // Named one by one: whoever adds an event decides here whether it is a look.
            E::OrganisationAdded
            | E::SubscriptionAdded(_)
            | E::SubscriptionEnded(..)
            | E::TokenMade(..)
            | E::TokenRevoked(_)
            | E::DeviceEnrolled(_)
            | E::DeviceRevoked(_)
            | E::DeviceEnded(_)
            | E::HoldBegun(..)
            | E::HoldEnded(_)
            | E::SilenceSet(_)
            | E::DeviceKept(_)
            | E::SiteAllowed(_)
            | E::SiteDenied(_)
            | E::Erased { .. }
            | E::ErasureLifted(_)
            | E::RequestOpened(..)
            | E::RequestStep(..)
            | E::RequestExtended(..)
            | E::RequestClosed(..)
            | E::RequestRead(_)
            | E::ValueCorrected(_)
            | E::CorrectionTakenBack(_)
            | E::DeviceRestricted(_)
            | E::RestrictionLifted(_) => return None,
        };
        Some(Self {
            at: entry.at,
            by: entry.actor,
            sight,
        })
    }
}

/// Looks at one organisation, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looks {
    /// The looks.
    pub found: Vec<Look>,
    /// Where to read on, before this entry; `None` where there is no more.
    pub next: Option<u64>,
    /// The oldest moment of which this tells.
    since: UnixTime,
}

impl Looks {
    /// Reads the looks at an organisation since `since` from entries before `before`, until `most` were found or
    /// `entries` were read.
    ///
    /// # Errors
    /// Those of the store; [`StoreError::Ledger`] where an entry cannot be read.
    pub async fn read<S: LedgerStore + ?Sized>(
        store: &S,
        organisation: OrganisationId,
        (since, before): (UnixTime, u64),
        most: usize,
        entries: usize,
    ) -> Result<Self> {
        let mut looks = Self {
            found: Vec::new(),
            next: Some(before),
            since,
        };
        let mut read = 0;
        let mut oldest = None;
        while let Some(before) = looks.next {
            let page = store.ledger_before(Some(organisation), before, PAGE).await?;
            if page.is_empty() {
                looks.next = None;
                break;
            }
            for stored in &page {
                let entry = entry(stored)?;
                if entry.at < since {
                    looks.next = None;
                    return Ok(looks);
                }
                looks.next = Some(entry.index);
                oldest = Some(entry.at);
                looks.found.extend(Look::of(&entry));
                read += 1;
                if looks.found.len() == most || read == entries {
                    looks.since = entry.at;
                    return Ok(looks);
                }
            }
        }
        looks.since = oldest.map_or(since, |oldest| oldest.max(since));
        Ok(looks)
    }

    /// Those that concern one device: looks at it, and lists in which it may have stood.
    #[must_use]
    pub fn concerning(mut self, device: DeviceMark) -> Self {
        self.found
            .retain(|look| !matches!(look.sight, Sight::Device(other) if other != device));
        self
    }

    /// Counts what concerns one device. What the device asked itself is no look of a person.
    #[must_use]
    pub fn counted(&self, device: DeviceMark) -> LooksCounted {
        let of_device = |look: &&Look| look.sight == Sight::Device(device);
        let (own, others): (Vec<&Look>, Vec<&Look>) = self
            .found
            .iter()
            .filter(of_device)
            .partition(|look| look.by == Actor::Device);
        let lists = self
            .found
            .iter()
            .filter(|look| !matches!(look.sight, Sight::Device(_)));
        LooksCounted {
            since: self.since,
            of_device: others.len() as u64,
            last_of_device: others.first().map(|look| look.at),
            of_lists: lists.count() as u64,
            by_device: own.len() as u64,
        }
    }
}

fn entry(stored: &StoredEntry) -> Result<Entry> {
    Entry::from_bytes(&stored.bytes).map_err(|_| StoreError::Ledger)
}

/// The first entry of the whole ledger that is not older than `at`; how many there are where all are older. Time
/// rises along the ledger, so a few reads find it.
///
/// # Errors
/// Those of the store; [`StoreError::Ledger`] where an entry cannot be read.
pub async fn first_entry_at<S: LedgerStore + ?Sized>(store: &S, at: UnixTime) -> Result<u64> {
    let head = store.ledger_head().await?;
    let (mut low, mut high) = (0, head.map_or(0, |head| head.head.size));
    while low < high {
        let middle = low + (high - low) / 2;
        let found = store.ledger_from(middle, 1).await?;
        let older = match found.first() {
            Some(stored) => entry(stored)?.at < at,
            None => false,
        };
        if older {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
