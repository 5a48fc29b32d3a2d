//! Everything that can be seen of an organisation, in the store and in the model.

use std::collections::BTreeMap;

use zeef_collector::store::Store;
use zeef_collector::store::records::Device as Stored;
use zeef_proto::field::Field;
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, UnixTime};

use super::device::{Device, Place, Value};
use super::member::{Difference, Member, names, same};
use super::organisation::{Ending, Organisation, Rules};
use super::policy::NEVER;
use super::step::MACHINES;

/// What a page tells of a device.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    /// Revoked, suspected clone, speaks for its site, number of the last report.
    agent: Option<(bool, bool, bool, u64)>,
    known_since: UnixTime,
    last_contact: Option<UnixTime>,
    asked_at: Option<UnixTime>,
    values: BTreeMap<Place, Value>,
}

impl Shown {
    fn by_store(device: &Stored) -> Self {
        let agent = device.agent.as_ref();
        let values = device.observations.iter().map(|one| {
            let place = (one.field, one.value.to_lowercase(), one.origin.clone());
            let value = Value {
                text: one.value.clone(),
                first_seen: one.first_seen,
                expires_at: one.expires_at.unwrap_or(NEVER),
            };
            (place, value)
        });
        Self {
            agent: agent.map(|one| {
                (
                    one.revoked,
                    one.suspected_clone,
                    one.speaks_for_site,
                    one.sequence,
                )
            }),
            known_since: device.known_since,
            last_contact: device.last_contact,
            asked_at: device.asked_at,
            values: values.collect(),
        }
    }

    /// `None` where nothing of the device is shown.
    fn by_model(device: &Device, at: UnixTime) -> Option<Self> {
        let agent = device.agent.as_ref();
        let live = device.values.iter().filter(|(_, value)| value.expires_at > at);
        (agent.is_some() || device.is_live(at)).then(|| Self {
            agent: agent.map(|one| {
                (
                    one.revoked,
                    one.suspected_clone,
                    one.speaks_for_site,
                    one.reports.last,
                )
            }),
            known_since: device.known_since,
            last_contact: device.last_contact,
            asked_at: device.asked_at,
            values: live
                .map(|(place, value)| (place.clone(), value.clone()))
                .collect(),
        })
    }
}

fn shown(model: &Organisation, at: UnixTime) -> BTreeMap<DeviceId, Shown> {
    let devices = model.devices.iter();
    devices
        .filter_map(|(id, device)| Some((*id, Shown::by_model(device, at)?)))
        .collect()
}

impl Member {
    /// The devices that the store has.
    pub(super) async fn ids(&self, store: &dyn Store) -> Vec<DeviceId> {
        let ids = store.device_ids(Some(self.id), None, 1_000).await.unwrap();
        ids.into_iter().map(|(_, id)| id).collect()
    }

    /// Compares the devices that are shown now; if it is to be thorough, what every read tells, and around the next
    /// expiry as well, as far as a look there moves no time.
    pub(super) async fn compare(
        &self,
        store: &dyn Store,
        rules: &Rules,
        thorough: bool,
    ) -> Result<(), Difference> {
        let (clock, at) = (rules.time.clock, rules.time.shows());
        let known: Vec<DeviceId> = self.model.devices.keys().copied().collect();
        if thorough {
            same("devices that are there", &self.ids(store).await, &known)?;
        }
        let all = known.into_iter().map(|id| (self.id, id)).collect();
        let devices = store.devices(all, clock).await.unwrap();
        let seen = devices
            .iter()
            .map(|device| (device.id, Shown::by_store(device)))
            .collect();
        same("what is shown", &seen, &shown(&self.model, at))?;
        if !thorough {
            return Ok(());
        }
        // One of the machines at a time: each has its turn.
        let turn = usize::try_from(clock.0.unsigned_abs()).unwrap() % MACHINES;
        if let Some(device) = self.machines[turn] {
            let standing = store.standing(self.id, device).await.unwrap();
            same("standing", &standing, &self.model.standing(device))?;
            let products = names(&store.products(self.id, device, clock).await.unwrap());
            let expected = self
                .model
                .products(device, at)
                .into_iter()
                .map(str::to_owned)
                .collect();
            same("products", &products, &expected)?;
        }
        self.compare_search(store, rules).await?;
        if let Some(next) = self
            .model
            .next_end(Ending::Value, at)
            .filter(|next| next.since(rules.time.believed) > 7 * DAY + 1)
        {
            for look in [next.plus(-1), next, next.plus(1)] {
                self.compare_look(store, look).await?;
            }
        }
        Ok(())
    }

    /// The devices that have a value are found by it.
    async fn compare_search(&self, store: &dyn Store, rules: &Rules) -> Result<(), Difference> {
        let at = rules.time.shows();
        let devices = &self.model.devices;
        let mut places = devices.values().flat_map(|device| device.values.keys());
        // By a name that somebody has, or a person's, whoever has it.
        let name = places.find(|(field, ..)| *field == Field::DeviceName);
        let (field, form) = name.filter(|_| at.0 % 2 == 0).map_or_else(
            || (Field::Username, "j.jansen".to_owned()),
            |(field, form, _)| (*field, form.clone()),
        );
        let has = |device: &Device| {
            let mut values = device.values.iter();
            values.any(|((of, held, _), value)| *of == field && *held == form && value.expires_at > at)
        };
        let found = store.devices_with(self.id, field, form.clone(), rules.time.clock);
        let mut found = found.await.unwrap();
        found.sort();
        let expected = devices.iter().filter(|(_, device)| has(device));
        same("found by a value", &found, &expected.map(|(id, _)| *id).collect())
    }

    /// Compares what each device's page tells at a time that the store does not believe yet.
    async fn compare_look(&self, store: &dyn Store, at: UnixTime) -> Result<(), Difference> {
        let mut seen = BTreeMap::new();
        for id in self.model.devices.keys() {
            let device = store.device(self.id, *id, at).await.unwrap();
            seen.extend(device.map(|device| (*id, Shown::by_store(&device))));
        }
        same(&format!("what is shown at {at}"), &seen, &shown(&self.model, at))
    }
}
