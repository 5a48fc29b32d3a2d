//! What the running agent knows of its inputs, for `status`, which is another process.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zeef_proto::wire::About;
use zeef_proto::{LogSafe, UnixTime};

use super::health::{self, Health};
use super::spool::{self, AppendError};
use crate::state::{StateDirectory, StateError};

const FILE: &str = "intake-status.json";

/// How the intake fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Each input, in the order of `intake.toml`.
    pub inputs: Vec<InputShown>,
    /// The spool.
    pub spool: spool::Shown,
    /// Batches that the collector will never take.
    pub given_up: u64,
    /// Records that the collector did not store, because they are not documented.
    pub not_documented: u64,
    /// Records that fitted several devices.
    pub ambiguous: u64,
    /// Why there are no link tokens.
    pub links: Option<String>,
}

/// How one input fares. Numbers count from the agent's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputShown {
    /// How it is read.
    pub kind: String,
    /// Whose records it has.
    pub source: String,
    /// Which devices they are about.
    pub about: About,
    /// What it does.
    pub doing: Doing,
    /// Records of which something passed.
    pub passed: u64,
    /// Of those, records that said nothing new.
    pub repeated: u64,
    /// Records that were refused.
    pub refused: u64,
    /// Files of which it could not be told whose records they hold.
    pub unrecognised: u64,
    /// Values that the policy lets pass only in a form that the wire does not carry.
    pub untransportable: u64,
    /// What was lost before it could be minimised.
    pub lost: u64,
    /// When something was last read.
    pub last_read: Option<UnixTime>,
}

/// What an input does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// It reads, or waits for something to read.
    Reading,
    /// It waits for room in the spool, or for the disk: why.
    WaitingForRoom(String),
    /// Its product is not one of this device's, or the policy documents none of its fields.
    NotDocumented,
    /// Something is wrong: what.
    Trouble(String),
}

/// What keeps an input from being read: words of ours, which hold no value.
pub(super) struct Wrong<'a>(pub(super) &'a str);

impl LogSafe for Wrong<'_> {
    fn fmt_safe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl Doing {
    /// What keeps it from being read, if anything.
    pub(super) fn wrong(&self) -> Option<Wrong<'_>> {
        match self {
            Self::Reading => None,
            Self::WaitingForRoom(text) | Self::Trouble(text) => Some(Wrong(text)),
            Self::NotDocumented => Some(Wrong(
                "its product is not one of this device's, or the policy documents none of its fields",
            )),
        }
    }
}

/// What is counted for one input while the agent runs.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) health: Health,
    pub(super) passed: Count,
    pub(super) repeated: Count,
    pub(super) refused: Count,
    pub(super) unrecognised: Count,
    pub(super) untransportable: Count,
    waits: Mutex<Option<AppendError>>,
}

/// A number that rises.
#[derive(Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    /// What it waits for, if anything.
    pub(super) fn waits_for(&self, what: Option<AppendError>) {
        *self.waits.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }

    /// What an input does that may be read.
    pub(super) fn doing(&self, health: &health::State) -> Doing {
        let waits = *self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        match (waits, &health.trouble) {
            (Some(error), _) => Doing::WaitingForRoom(error.to_string()),
            (None, Some(trouble)) => Doing::Trouble(trouble.clone()),
            (None, None) => Doing::Reading,
        }
    }
}

impl Shown {
    /// What was written last; `None` where there is nothing, or nothing legible.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn read(directory: &StateDirectory) -> Result<Option<Self>, StateError> {
        match directory.read(FILE) {
            Err(StateError::Damaged { .. }) => Ok(None),
            other => other,
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of the state.
    pub fn write(&self, directory: &StateDirectory) -> Result<(), StateError> {
        directory.write(FILE, self)
    }
}
