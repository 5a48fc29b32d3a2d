//! Who looked, as the ledger tells it.

use std::collections::HashMap;

use serde::Serialize;
use zeef_proto::{DeviceId, OrganisationId};

use super::PackageError;
use super::facts::Asked;
use crate::ledger::{DeviceMark, Entry, Event, OrganisationEvent};
use crate::store::Store;

/// Entries read at a time.
const PAGE: usize = 1_000;

/// An entry of the ledger about somebody who looked.
#[derive(Serialize)]
pub(super) struct Look {
    /// Its place in the ledger.
    pub(super) entry: u64,
    pub(super) at: String,
    /// What kind of actor.
    pub(super) by: &'static str,
    pub(super) what: &'static str,
    /// The device, where it was one alone.
    pub(super) device: Option<DeviceId>,
    /// How many there were, where they were more.
    pub(super) devices: Option<u64>,
}

/// Reads the looks of a package, the newest first.
pub(super) struct Looks<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) organisation: OrganisationId,
    pub(super) asked: Asked,
    /// The package's devices, as the ledger names them.
    pub(super) marks: &'a HashMap<DeviceMark, DeviceId>,
    /// Entries before this one are still to be read.
    pub(super) before: u64,
}

impl Looks<'_> {
    /// Some more of them; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Look>>, PackageError> {
        let page = self
            .store
            .ledger_before(Some(self.organisation), self.before, PAGE)
            .await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.before = last.index;
        let entries = page
            .iter()
            .filter_map(|stored| Entry::from_bytes(&stored.bytes).ok());
        Ok(Some(entries.filter_map(|entry| self.look(&entry)).collect()))
    }

    fn look(&self, entry: &Entry) -> Option<Look> {
        use OrganisationEvent as E;
        let Event::Of(_, event) = entry.event else {
            return None;
        };
        let (device, devices) = match event {
            E::DeviceRead(mark) => match (self.marks.get(&mark), self.asked) {
                (Some(device), _) => (Some(*device), None),
                // Of a device that has ended since.
                (None, Asked::Organisation) => (None, None),
                (None, _) => return None,
            },
            E::DevicesListed(devices) | E::DevicesSearched(devices) | E::DevicesExported(devices) => {
                (None, Some(devices))
            }
            E::PackageMade { devices, .. } => (None, Some(devices)),
            _ => return None,
        };
        Some(Look {
            entry: entry.index,
            at: entry.at.to_string(),
            by: entry.actor.name(),
            what: entry.event.name(),
            device,
            devices,
        })
    }
}
