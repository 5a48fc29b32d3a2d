//! One organisation as the documents tell it: what happens to it, in plain maps.

use std::collections::{BTreeMap, BTreeSet};

use zeef_collector::store::records::Standing;
use zeef_collector::store::{Origin, StoreError};
use zeef_proto::field::Field;
use zeef_proto::id::{HoldId, SubscriptionId};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, UnixTime};

use super::device::{Agent, Device, Numbers};
use super::policy::{NEVER, Policy, Row, Term, months_later};
use super::time::Time;

/// How long it is remembered that a device went.
const REMEMBERED: i64 = 400 * DAY;

/// How long a question stands.
pub(super) const ANSWERED_WITHIN: i64 = 30 * DAY;

/// What decides about all organisations.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) time: Time,
    pub(super) policy: Policy,
    pub(super) version: u64,
}

pub(super) struct Subscription {
    pub(super) product: &'static str,
    pub(super) only: Option<DeviceId>,
    pub(super) starts: UnixTime,
    pub(super) ends: UnixTime,
}

impl Subscription {
    pub(super) fn covers(&self, device: DeviceId) -> bool {
        self.only.is_none_or(|only| only == device)
    }

    pub(super) fn runs(&self, at: UnixTime) -> bool {
        self.starts <= at && at < self.ends
    }
}

pub(super) struct Token {
    pub(super) uses_left: u32,
    pub(super) expires_at: UnixTime,
    pub(super) revoked: bool,
}

pub(super) struct Hold {
    pub(super) only: Option<DeviceId>,
    pub(super) ends: UnixTime,
}

/// What can come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Value,
    Service,
    Hold,
    Silence,
}

#[derive(Default)]
pub(super) struct Organisation {
    pub(super) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    pub(super) tokens: Vec<Token>,
    pub(super) holds: BTreeMap<HoldId, Hold>,
    /// After how many days without contact a device is asked about.
    pub(super) asks_after: Option<u16>,
    pub(super) devices: BTreeMap<DeviceId, Device>,
    /// Devices that went, with when.
    pub(super) gone: BTreeMap<DeviceId, UnixTime>,
    /// How many devices there ever were.
    pub(super) ever: usize,
}

impl Organisation {
    /// Products of a device, each once, in order.
    pub(super) fn products(&self, device: DeviceId, at: UnixTime) -> BTreeSet<&'static str> {
        let running = self
            .subscriptions
            .values()
            .filter(|one| one.covers(device) && one.runs(at));
        running.map(|one| one.product).collect()
    }

    pub(super) fn standing(&self, device: DeviceId) -> Standing {
        match self.devices.get(&device).map(|device| &device.agent) {
            Some(Some(agent)) if agent.revoked => Standing::Revoked,
            Some(Some(_)) => Standing::Active,
            _ if self.gone.contains_key(&device) => Standing::Gone,
            _ => Standing::Unknown,
        }
    }

    /// When a value that was received then expires: with the last row that documents it. `None` where none does.
    pub(super) fn expiry(
        &self,
        policy: Policy,
        device: DeviceId,
        (field, origin): (Field, &Origin),
        received: UnixTime,
    ) -> Option<UnixTime> {
        let documents = |row: &Row| {
            row.fields.contains(&field)
                && match origin {
                    Origin::Native => row.of_agents,
                    Origin::Source { product, .. } => product.as_str() == row.product,
                }
        };
        // A product that had ended when the value came has nothing to do with it.
        let service = |product| {
            let counting = self
                .subscriptions
                .values()
                .filter(|one| one.covers(device) && received < one.ends);
            counting
                .filter(|one| one.product == product)
                .map(|one| one.ends)
                .max()
        };
        let term = |row: &Row| {
            let ends = service(row.product)?;
            Some(match row.term {
                Term::Service => ends,
                Term::Months(months) => months_later(received, months),
                Term::AtLeast(months) => ends.max(months_later(received, months)),
            })
        };
        policy
            .rows()
            .iter()
            .filter(|row| documents(row))
            .filter_map(term)
            .max()
    }

    /// Subscriptions or policy changed: what is held gets its term anew, what nothing documents is gone at once, and
    /// what has expired stays so.
    pub(super) fn set_terms_anew(&mut self, rules: &Rules) {
        // A clock that is not believed ends nothing.
        let now = rules.time.believed;
        let mut terms = Vec::new();
        for (id, device) in &self.devices {
            let live = device.values.iter().filter(|(_, value)| value.expires_at > now);
            for (place, value) in live {
                let term = self.expiry(rules.policy, *id, (place.0, &place.2), value.first_seen);
                terms.push((*id, place.clone(), term.unwrap_or(now).max(now)));
            }
        }
        for (id, place, term) in terms {
            let device = self.devices.get_mut(&id).unwrap();
            device.values.get_mut(&place).unwrap().expires_at = term;
        }
    }

    /// The device that the key gets, if the token is good: the one that it has, or `fresh`.
    pub(super) fn enrol(
        &mut self,
        key: usize,
        token: usize,
        fresh: DeviceId,
        rules: &Rules,
    ) -> Option<DeviceId> {
        let now = rules.time.shows();
        let good = &self.tokens[token];
        if good.revoked || good.expires_at <= now {
            return None;
        }
        let mut enrolled = self
            .devices
            .iter_mut()
            .filter_map(|(id, device)| Some((*id, device.agent.as_mut()?)));
        let known = enrolled.find(|(_, agent)| agent.key == key);
        let is_return = known.as_ref().is_some_and(|(_, agent)| agent.token == token);
        if !is_return {
            self.tokens[token].uses_left = good.uses_left.checked_sub(1)?;
        }
        let Some((id, agent)) = known else {
            self.ever += 1;
            let mut device = Device::new(self.ever, now);
            device.agent = Some(Agent {
                token,
                key,
                revoked: false,
                suspected_clone: false,
                speaks_for_site: false,
                reports: Numbers::default(),
                batches: Numbers::default(),
            });
            self.devices.insert(fresh, device);
            return Some(fresh);
        };
        // Out of revocation only with another token.
        if is_return && agent.revoked {
            return None;
        }
        (agent.token, agent.revoked) = (token, false);
        (agent.reports, agent.batches) = (Numbers::default(), Numbers::default());
        Some(id)
    }

    /// The agent of a device that may be changed by an administrator.
    pub(super) fn agent(&mut self, device: DeviceId) -> Option<&mut Agent> {
        self.devices.get_mut(&device)?.agent.as_mut()
    }

    pub(super) fn is_held(&self, device: DeviceId, at: UnixTime) -> bool {
        let mut covering = self
            .holds
            .values()
            .filter(|hold| hold.only.is_none_or(|only| only == device));
        covering.any(|hold| at < hold.ends)
    }

    pub(super) fn end(&mut self, device: DeviceId, rules: &Rules) -> Result<bool, StoreError> {
        // Nor does a clock that is not believed end a hold.
        if self.is_held(device, rules.time.believed) {
            return Err(StoreError::OnHold);
        }
        Ok(self.remove(device, rules.time.shows()))
    }

    fn remove(&mut self, device: DeviceId, at: UnixTime) -> bool {
        let Some(removed) = self.devices.remove(&device) else {
            return false;
        };
        self.subscriptions.retain(|_, one| one.only != Some(device));
        // What had a certificate is to be told.
        if removed.agent.is_some() {
            self.gone.insert(device, at);
        }
        true
    }

    pub(super) fn keep(&mut self, device: DeviceId, at: UnixTime) -> bool {
        let Some(device) = self.devices.get_mut(&device) else {
            return false;
        };
        (device.kept_at, device.asked_at) = (Some(at), None);
        true
    }

    pub(super) fn ask_after(&mut self, days: Option<u16>) {
        self.asks_after = days;
        self.devices
            .values_mut()
            .for_each(|device| device.asked_at = None);
    }

    /// Whether a purge deletes the device: of one with an agent all subscriptions have ended, of one without all values
    /// have, and no hold keeps it.
    pub(super) fn is_due(&self, id: DeviceId, until: UnixTime) -> bool {
        let device = &self.devices[&id];
        let mut covering = self
            .subscriptions
            .values()
            .filter(|one| one.covers(id))
            .peekable();
        let is_over = if device.agent.is_some() {
            covering.peek().is_some() && covering.all(|one| one.ends <= until)
        } else {
            !device.is_live(until)
        };
        is_over && !self.is_held(id, until)
    }

    /// A step of a purge may have deleted this device.
    pub(super) fn went(&mut self, device: DeviceId, until: UnixTime) -> bool {
        self.is_due(device, until) && self.remove(device, until)
    }

    /// A whole purge: what has expired by then goes, and devices that nobody spoke of are asked about or end.
    pub(super) fn purge(&mut self, until: UnixTime) {
        let ids: Vec<DeviceId> = self.devices.keys().copied().collect();
        for id in ids {
            if self.went(id, until) {
                continue;
            }
            let is_held = self.is_held(id, until);
            let device = self.devices.get_mut(&id).unwrap();
            if !is_held {
                device.values.retain(|_, value| value.expires_at > until);
            }
            let Some(days) = self.asks_after else { continue };
            if device.heard() > until.plus(-i64::from(days) * DAY) {
                continue;
            }
            let asked_at = *device.asked_at.get_or_insert(until);
            if until.since(asked_at) >= ANSWERED_WITHIN && !is_held {
                self.remove(id, until);
            }
        }
        self.gone.retain(|_, at| at.plus(REMEMBERED) > until);
    }

    /// The first moment after `after` at which one of that kind ends.
    pub(super) fn next_end(&self, ending: Ending, after: UnixTime) -> Option<UnixTime> {
        let devices = self.devices.values();
        let ends: Vec<UnixTime> = match ending {
            Ending::Value => devices
                .flat_map(|device| device.values.values())
                .map(|value| value.expires_at)
                .collect(),
            Ending::Service => self.subscriptions.values().map(|one| one.ends).collect(),
            Ending::Hold => self.holds.values().map(|hold| hold.ends).collect(),
            Ending::Silence => devices.filter_map(|device| self.silence_ends(device)).collect(),
        };
        let later = ends.into_iter().filter(|end| *end > after && *end < NEVER);
        later.min()
    }

    /// When silence about a device leads to a question, or a question to its end.
    fn silence_ends(&self, device: &Device) -> Option<UnixTime> {
        let days = self.asks_after?;
        let asked = device.asked_at.map(|asked| asked.plus(ANSWERED_WITHIN));
        Some(asked.unwrap_or_else(|| device.heard().plus(i64::from(days) * DAY)))
    }

    /// How many values have expired by then and are stored: those that are overdue, and those that a hold keeps.
    pub(super) fn backlog(&self, at: UnixTime) -> (u64, u64) {
        let (mut overdue, mut held) = (0, 0);
        for (id, device) in &self.devices {
            let expired = device
                .values
                .values()
                .filter(|value| value.expires_at <= at)
                .count() as u64;
            *(if self.is_held(*id, at) {
                &mut held
            } else {
                &mut overdue
            }) += expired;
        }
        (overdue, held)
    }
}
