//! What to do next: a function of what is remembered and of the time.

use std::collections::BTreeSet;
use std::time::Duration;

use zeef_proto::UnixTime;
use zeef_proto::field::Field;
use zeef_proto::policy::{Permits, Policy};

use super::pause::Pause;
use crate::minimise::{Fields, sendable};
use crate::state::{Cause, Records, Standing};

/// One step of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Look at the machine.
    Collect,
    /// Make a key, to become a device of one's own.
    MakeKey(Cause),
    /// Ask for a certificate with the token.
    Enrol,
    /// Ask for one in place of the lapsed one.
    Recover,
    /// Ask for the successor of the certificate.
    Renew,
    /// Fetch the policy.
    FetchPolicy,
    /// Send these bytes.
    Report(String),
    /// Send the batch of records that has waited longest.
    SendRecords,
    /// Do nothing for so long, unless asked.
    Wait(Duration),
    /// End.
    End(Ending),
}

/// Why the service ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A signal asked for it.
    Asked,
    /// The collector removed this device: its state is to be wiped.
    Gone,
    /// There is neither an identity nor an enrolment.
    NotEnrolled,
}

/// The service's memory. It does nothing itself: it says what is to be done, and is told what came of it.
#[derive(Debug)]
pub struct Machine {
    pub(super) records: Records,
    policy: Option<Policy>,
    permits: Permits,
    fields: Option<Fields>,
    interval: i64,
    collect: Option<Pause>,
    pub(super) contact: Option<Pause>,
    pub(super) renewal: Option<Pause>,
    pub(super) fetching: Option<Pause>,
    records_wait: bool,
    /// Records alone are not sent now; reports are.
    pub(super) sending: Option<Pause>,
    pub(super) failures: u32,
    pub(super) records_failures: u32,
    pub(super) start_over: Option<Cause>,
    pub(super) recover: bool,
    pub(super) policy_is_old: bool,
    pub(super) ending: Option<Ending>,
}

impl Machine {
    /// A service that remembers `records` and looks at the machine every `interval` seconds. An identity that was
    /// given on another machine than the one of `identifier` is not used.
    #[must_use]
    pub fn new(records: Records, interval: u32, identifier: Option<&[u8]>) -> Self {
        let mark = records
            .identity
            .as_ref()
            .and_then(|identity| identity.machine.as_ref());
        let moved = match (mark, identifier) {
            (Some(mark), Some(identifier)) => !mark.is_of(identifier),
            // What cannot be told is not held against anybody: a second report under one number still is noticed.
            _ => false,
        };
        let start_over = (moved && records.enrolment.is_none()).then_some(Cause::OtherMachine);
        let mut machine = Self {
            records,
            policy: None,
            permits: Permits::default(),
            fields: None,
            interval: i64::from(interval),
            collect: None,
            contact: None,
            renewal: None,
            fetching: None,
            records_wait: false,
            sending: None,
            failures: 0,
            records_failures: 0,
            start_over,
            recover: false,
            policy_is_old: false,
            ending: None,
        };
        machine.read_policy();
        machine
    }

    /// What is remembered; to be made durable before anything is done over the network.
    #[must_use]
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// What may be sent.
    #[must_use]
    pub const fn permits(&self) -> &Permits {
        &self.permits
    }

    /// The next step.
    pub fn next(&mut self, now: UnixTime) -> Action {
        if let Some(ending) = self.ending {
            return Action::End(ending);
        }
        let may_ask = is_over(self.contact.as_ref(), now);
        if self.wants_facts(may_ask) && is_over(self.collect.as_ref(), now) {
            return Action::Collect;
        }
        let step = if may_ask { self.exchange(now) } else { None };
        step.unwrap_or_else(|| Action::Wait(self.idle(now)))
    }

    /// What to ask of the collector, if anything.
    fn exchange(&mut self, now: UnixTime) -> Option<Action> {
        if let Some(cause) = self.start_over {
            return Some(Action::MakeKey(cause));
        }
        if self.records.enrolment.is_some() {
            return Some(Action::Enrol);
        }
        let Some(identity) = &self.records.identity else {
            return Some(Action::End(Ending::NotEnrolled));
        };
        if self.recover || identity.certificate.not_after <= now {
            return Some(Action::Recover);
        }
        if identity.certificate.renew_after <= now && is_over(self.renewal.as_ref(), now) {
            return Some(Action::Renew);
        }
        let version = self.policy.as_ref().map(|policy| policy.version);
        if (version.is_none() || self.policy_is_old) && is_over(self.fetching.as_ref(), now) {
            return Some(Action::FetchPolicy);
        }
        let progress = &mut self.records.progress;
        let report = progress.next(self.fields.as_ref(), version.unwrap_or(0), now);
        if let Some(body) = report {
            return Some(Action::Report(body.to_owned()));
        }
        let wanted = version.is_some() && self.records.status.standing == Standing::Good;
        let send = wanted && self.records_wait && is_over(self.sending.as_ref(), now);
        send.then_some(Action::SendRecords)
    }

    /// Nothing is looked at that could not be sent: before the policy and the identity are there, and for a device
    /// that was refused between one question and the next.
    fn wants_facts(&self, may_ask: bool) -> bool {
        let records = &self.records;
        let becomes_another = self.start_over.is_some() || records.enrolment.is_some();
        let wanted = records.status.standing == Standing::Good || may_ask;
        self.policy.is_some() && wanted && !becomes_another
    }

    /// Every wait ends at the next look at the machine at the latest.
    fn idle(&self, now: UnixTime) -> Duration {
        let pauses = [
            &self.collect,
            &self.contact,
            &self.renewal,
            &self.fetching,
            &self.sending,
        ];
        let left = pauses
            .into_iter()
            .flatten()
            .map(|pause| pause.left(now))
            .filter(|left| *left > 0)
            .min()
            .unwrap_or(self.interval);
        let seconds = left.clamp(1, self.interval.max(1));
        Duration::from_secs(seconds.unsigned_abs())
    }

    /// Takes what the machine looks like now, minimised.
    pub fn collected(&mut self, fields: Fields, now: UnixTime) {
        self.fields = Some(fields);
        self.collect = Some(Pause::of(self.interval, now));
    }

    /// Takes whether batches of records wait to be sent.
    pub const fn records_wait(&mut self, wait: bool) {
        self.records_wait = wait;
    }

    /// The policy that is obeyed.
    #[must_use]
    pub const fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// Makes the next step a look at the machine.
    pub const fn collect_now(&mut self) {
        self.collect = None;
    }

    /// Reads the policy that is held, and forgets what was collected under another.
    pub(super) fn read_policy(&mut self) {
        let records = &mut self.records;
        self.policy = records.identity.as_ref().and_then(|identity| {
            records
                .policy
                .verified(identity.place.policy_key())
                .ok()
                .flatten()
        });
        self.permits = self
            .policy
            .as_ref()
            .map(|policy| records.policy.permits(policy))
            .unwrap_or_default();
        let documented: BTreeSet<Field> = sendable(&self.permits);
        if self.policy.is_some() {
            records.progress.restrict_to(&documented);
        }
        self.fields = None;
        self.collect = None;
    }

    /// Version of the policy that is obeyed.
    pub(super) fn policy_version(&self) -> Option<u64> {
        self.policy.as_ref().map(|policy| policy.version)
    }
}

fn is_over(pause: Option<&Pause>, now: UnixTime) -> bool {
    pause.is_none_or(|pause| pause.is_over(now))
}
