//! What happened, counted while it happens.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::bad::{BadClient, Met};
use super::counted::Traffic;
use super::exchange::Failure;

/// Counters of one run.
#[derive(Default)]
pub(super) struct Tally {
    counts: Mutex<Counts>,
    /// Bytes on all connections of agents.
    pub(super) traffic: Arc<Traffic>,
}

/// The counts.
#[derive(Debug, Default, Clone)]
pub(super) struct Counts {
    /// Reports that were acknowledged.
    pub(super) acknowledged: u64,
    /// Reports, and new devices, that were refused for good.
    pub(super) refused: u64,
    /// Reports that the end of the run left without an acknowledgement.
    pub(super) unfinished: u64,
    /// Acknowledged reports that the collector does not know any more.
    pub(super) lost: u64,
    /// Copies that the collector noticed.
    pub(super) forks: u64,
    /// New devices.
    pub(super) enrolled: u64,
    /// Devices that left.
    pub(super) left: u64,
    /// From when a report was due until it was acknowledged, in microseconds.
    pub(super) latencies: Vec<u32>,
    /// Of the requests that were answered well, from the connection to the answer, in microseconds.
    pub(super) exchanges: Vec<u32>,
    /// Tries that did not succeed, by kind.
    pub(super) failures: BTreeMap<String, u64>,
    /// What clients that are no agents met.
    pub(super) bad_clients: BTreeMap<BadClient, BadCounts>,
}

/// What clients of one kind met.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BadCounts {
    /// Refused, as they should be.
    pub refused: u64,
    /// Let in.
    pub let_in: u64,
    /// Neither: the collector was busy or the run ended.
    pub undecided: u64,
}

impl Tally {
    pub(super) fn counts(&self) -> Counts {
        self.lock().clone()
    }

    pub(super) fn acknowledged(&self) -> u64 {
        self.lock().acknowledged
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.lock());
    }

    pub(super) fn acknowledged_after(&self, time: Duration) {
        let mut counts = self.lock();
        counts.acknowledged += 1;
        counts.latencies.push(micros(time));
    }

    pub(super) fn exchanged(&self, time: Duration) {
        self.lock().exchanges.push(micros(time));
    }

    pub(super) fn failed(&self, failure: Failure) {
        *self.lock().failures.entry(failure.kind()).or_default() += 1;
    }

    pub(super) fn bad_client(&self, client: BadClient, met: Met) {
        let mut counts = self.lock();
        let of = counts.bad_clients.entry(client).or_default();
        *match met {
            Met::Refused => &mut of.refused,
            Met::LetIn => &mut of.let_in,
            Met::Undecided => &mut of.undecided,
        } += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}
