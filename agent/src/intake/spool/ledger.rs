//! What is durable besides the batches: where each input stands by what was acknowledged, and which numbers are used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zeef_proto::{DeviceId, UnixTime};

use crate::intake::inputs::InputId;
use crate::intake::position::Position;
use crate::state::{StateDirectory, StateError};

const FILE: &str = "intake.json";

/// The content of `intake.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// The device under which it was sent.
    pub(super) device: Option<DeviceId>,
    /// No batch up to this number waits any more.
    pub(super) settled: u64,
    /// Where each input stands.
    pub(super) positions: BTreeMap<InputId, Position>,
    /// The last batch that was acknowledged.
    pub(super) last: Option<LastSent>,
}

/// Which batch was acknowledged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastSent {
    /// Its number.
    pub number: u64,
    /// When the acknowledgement came.
    pub at: UnixTime,
}

impl Ledger {
    /// That of a machine whose own record is not there or damaged: numbers start above any that it can have used,
    /// because it uses less than one a second.
    fn lost(now: UnixTime) -> Self {
        Self {
            device: None,
            settled: u64::try_from(now.0).unwrap_or(0),
            positions: BTreeMap::new(),
            last: None,
        }
    }

    /// Reads it. `None` where it is not there or damaged.
    pub(super) fn read(directory: &StateDirectory) -> Result<Option<Self>, StateError> {
        match directory.read(FILE) {
            Err(StateError::Damaged { .. }) => Ok(None),
            other => other,
        }
    }

    /// Reads it, or begins anew.
    pub(super) fn read_or_lost(directory: &StateDirectory, now: UnixTime) -> Result<Self, StateError> {
        Self::read(directory).map(|ledger| ledger.unwrap_or_else(|| Self::lost(now)))
    }

    pub(super) fn write(&self, directory: &StateDirectory) -> Result<(), StateError> {
        directory.write(FILE, self)
    }
}
