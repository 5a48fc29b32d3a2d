//! How far reporting has come: the last acknowledged values, and at most one report on its way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zeef_proto::UnixTime;
use zeef_proto::field::Field;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{Report, ReportReply};

use super::report_of;
use crate::minimise::Fields;

/// A clock that was set back by more than this makes a heartbeat due, for its next one may be far off.
const CLOCK_PLAY: i64 = 300;

/// The durable state of reporting.
///
/// A report is made, kept here with its exact bytes, and only then sent. Until it is acknowledged it is repeated
/// byte for byte under its number, for the collector may hold it already; what changes meanwhile goes out as the
/// next one. So there is never a queue: one report on its way, and the values that the collector is known to hold.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// The highest number that was ever used.
    sequence: u64,
    /// What the collector is known to hold.
    held: Fields,
    /// Everything must be said again, whatever is in `held`.
    send_all: bool,
    /// Ask for the products before saying anything.
    ask_first: bool,
    /// The exact bytes of the report on its way.
    pending: Option<String>,
    /// The last one that was acknowledged.
    last: Option<Acknowledged>,
    /// When to speak even if nothing changed.
    heartbeat: Option<UnixTime>,
}

/// A report that the collector holds durably.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// Its exact bytes.
    pub body: String,
    /// When the acknowledgement came.
    pub at: UnixTime,
}

impl Progress {
    /// The state of a device whose own record of it was lost or damaged: numbers start above any that it can have
    /// used, because it uses less than one a second, and the gap makes the collector ask for everything.
    #[must_use]
    pub fn lost(now: UnixTime) -> Self {
        Self {
            sequence: u64::try_from(now.0).unwrap_or(1),
            send_all: true,
            ask_first: true,
            ..Self::default()
        }
    }

    /// The bytes to send now. Makes a report if one is due and none is on its way; the caller makes this state
    /// durable before it sends them.
    pub fn next(&mut self, fields: Option<&Fields>, policy: u64, now: UnixTime) -> Option<&str> {
        if self.pending.is_none() {
            let content = self.due(fields, now)?;
            self.sequence += 1;
            let report = report_of(self.sequence, policy, content);
            self.pending = String::from_utf8(report.to_bytes()).ok();
        }
        self.pending.as_deref()
    }

    /// Whether [`Self::next`] has something to send.
    #[must_use]
    pub fn is_due(&self, fields: Option<&Fields>, now: UnixTime) -> bool {
        self.pending.is_some() || self.due(fields, now).is_some()
    }

    /// When a heartbeat is due.
    #[must_use]
    pub const fn heartbeat(&self) -> Option<UnixTime> {
        self.heartbeat
    }

    fn due(&self, fields: Option<&Fields>, now: UnixTime) -> Option<Fields> {
        if self.ask_first {
            return Some(Fields::default());
        }
        let fields = fields?;
        if self.sequence == 0 || self.send_all {
            return Some(fields.clone());
        }
        let changes = fields.changes_from(&self.held);
        let silent_for_long = self
            .heartbeat
            .is_none_or(|at| now >= at || at.since(now) > DAY + CLOCK_PLAY);
        (!changes.is_empty() || silent_for_long).then_some(changes)
    }

    /// Takes in an acknowledgement. False where it is not of the report on its way: the reply makes no sense.
    pub fn acknowledge(&mut self, reply: &ReportReply, now: UnixTime, random: u64) -> bool {
        let Some(body) = self.pending.take() else {
            return false;
        };
        let report = match Report::read(body.as_bytes()) {
            Ok(report) if report.sequence == reply.acknowledged => report,
            _ => {
                self.pending = Some(body);
                return false;
            }
        };
        // A report that left nothing out answers the question whether something is missing.
        let said_all = !self.ask_first && (self.send_all || report.sequence == 1);
        self.send_all = !said_all && (self.send_all || reply.send_all);
        self.ask_first = false;
        self.held = std::mem::take(&mut self.held).after(report);
        self.last = Some(Acknowledged { body, at: now });
        // Spread over an hour, so that machines started together do not speak together for ever.
        let early = i64::try_from(random % HOUR.unsigned_abs()).unwrap_or(0);
        self.heartbeat = Some(now.plus(DAY - early));
        true
    }

    /// Gives up the report on its way because the collector will never take it. Its number is not used again: an
    /// earlier try may have been stored, and other bytes under the same number would look like a copied device.
    pub fn give_up(&mut self, ask_first: bool) {
        self.pending = None;
        self.send_all = true;
        self.ask_first = ask_first;
    }

    /// Makes a heartbeat due, whatever was agreed before.
    pub const fn speak_next(&mut self) {
        self.heartbeat = None;
    }

    /// Forgets what is no longer documented, so that it is said again should it be documented again.
    pub fn restrict_to(&mut self, documented: &BTreeSet<Field>) {
        self.held = std::mem::take(&mut self.held).only(documented);
    }

    /// What the collector is known to hold.
    #[must_use]
    pub const fn held(&self) -> &Fields {
        &self.held
    }

    /// The last report that was acknowledged.
    #[must_use]
    pub const fn last(&self) -> Option<&Acknowledged> {
        self.last.as_ref()
    }

    /// The exact bytes of the report on its way.
    #[must_use]
    pub fn pending(&self) -> Option<&str> {
        self.pending.as_deref()
    }

    /// The highest number that was ever used.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress")
            .field("sequence", &self.sequence)
            .field("pending", &self.pending.is_some())
            .finish_non_exhaustive()
    }
}
