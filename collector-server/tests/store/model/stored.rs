//! What is stored, shown or not: a whole purge leaves nothing that is due, and deletes nothing else.

use std::collections::BTreeMap;

use zeef_collector::store::{Origin, Store};
use zeef_proto::field::Field;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::member::{Difference, Member, same};
use super::organisation::Organisation;
use super::policy::NEVER;

/// Values of one device, field and origin that were first seen together and expire together.
type Kind = (DeviceId, Field, Origin, UnixTime, UnixTime);

/// How many values of each kind an organisation has.
type Counts = BTreeMap<Kind, u64>;

/// By organisation.
pub(super) async fn stored(store: &dyn Store) -> BTreeMap<OrganisationId, Counts> {
    let mut counts: BTreeMap<OrganisationId, Counts> = BTreeMap::new();
    let mut last = None;
    loop {
        let page = store.held(last, 10_000).await.unwrap();
        let Some(newest) = page.last() else { return counts };
        last = Some(newest.clone());
        for held in page {
            let expires_at = held.expires_at.unwrap_or(NEVER);
            let kind = (held.device, held.field, held.origin, held.first_seen, expires_at);
            counts
                .entry(held.organisation)
                .or_default()
                .insert(kind, held.values);
        }
    }
}

impl Organisation {
    fn stored(&self) -> Counts {
        let mut counts = Counts::new();
        for (id, device) in &self.devices {
            for ((field, _, origin), value) in &device.values {
                let kind = (*id, *field, origin.clone(), value.first_seen, value.expires_at);
                *counts.entry(kind).or_default() += 1;
            }
        }
        counts
    }

    /// A step of a purge took some of what is due. Which of several values of a kind, nobody can see.
    fn follow(&mut self, there: &Counts, until: UnixTime) {
        for (kind, count) in self.stored() {
            let (id, field, ref origin, first_seen, expires_at) = kind;
            if expires_at > until || self.is_held(id, until) {
                continue;
            }
            let mut surplus = count.saturating_sub(there.get(&kind).copied().unwrap_or(0));
            self.devices
                .get_mut(&id)
                .unwrap()
                .values
                .retain(|(of, _, by), value| {
                    let is_of_kind = *of == field && by == origin;
                    let goes = is_of_kind
                        && (value.first_seen, value.expires_at) == (first_seen, expires_at)
                        && surplus > 0;
                    surplus -= u64::from(goes);
                    !goes
                });
        }
    }
}

impl Member {
    /// Compares what is stored after a whole purge.
    pub(super) fn compare_stored(&self, there: &Counts) -> Result<(), Difference> {
        same("what is stored", there, &self.model.stored())
    }

    /// Lets the model follow a step of a purge, and compares what is stored then.
    pub(super) fn follow_step(
        &mut self,
        devices: &[DeviceId],
        there: &Counts,
        until: UnixTime,
    ) -> Result<(), Difference> {
        let known: Vec<DeviceId> = self.model.devices.keys().copied().collect();
        for gone in known.into_iter().filter(|id| !devices.contains(id)) {
            self.model.went(gone, until);
        }
        self.model.follow(there, until);
        self.compare_stored(there)
    }
}
