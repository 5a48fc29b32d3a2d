//! What the writer remembers between transactions. Everything here can be read again; it is forgotten as soon as
//! another connection has changed the database (`PRAGMA data_version`) or this one has changed what it is made of.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use zeef_proto::field::Field;
use zeef_proto::policy::{Permits, Policy, ProductId, Source};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::seal::{BlindKey, DataKey, Digest16};
use crate::store::records::Subscription;

/// Data keys that are kept opened at most.
const MOST_DATA_KEYS: usize = 8_192;

/// The published policy, parsed.
pub(super) struct PublishedPolicy {
    pub(super) policy: Policy,
    pub(super) zone: TimeZone,
}

/// What decides about reports of one organisation.
pub(super) struct OrganisationFacts {
    pub(super) blind: BlindKey,
    pub(super) subscriptions: Vec<Subscription>,
    /// Usernames that were erased, by their blind-index entries, each with the end of that.
    pub(super) refused_usernames: HashMap<Digest16, UnixTime>,
}

impl OrganisationFacts {
    /// Whether a value was erased and is not taken in again yet.
    pub(super) fn refuses(&self, field: Field, blind: &Digest16, now: UnixTime) -> bool {
        field == Field::Username && self.refused_usernames.get(blind).is_some_and(|end| *end > now)
    }

    /// Products that a device has at `now`, sorted and distinct.
    pub(super) fn products(&self, device: DeviceId, now: UnixTime) -> Vec<ProductId> {
        products(&self.subscriptions, device, now)
    }
}

/// Products of the subscriptions that cover a device at `now`, sorted and distinct.
pub(super) fn products(subscriptions: &[Subscription], device: DeviceId, now: UnixTime) -> Vec<ProductId> {
    let running = subscriptions
        .iter()
        .filter(|subscription| subscription.covers(device) && subscription.runs_at(now));
    let mut products: Vec<ProductId> = running.map(|subscription| subscription.product.clone()).collect();
    products.sort();
    products.dedup();
    products
}

#[derive(Default)]
pub(super) struct Cache {
    pub(super) data_version: i64,
    pub(super) policy: Option<Arc<PublishedPolicy>>,
    pub(super) organisations: HashMap<OrganisationId, Arc<OrganisationFacts>>,
    permits: HashMap<Vec<ProductId>, Arc<Permits>>,
    record_permits: HashMap<ProductId, Arc<Permits>>,
    data_keys: HashMap<(OrganisationId, DeviceId), Arc<DataKey>>,
}

impl Cache {
    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self {
            data_version: self.data_version,
            ..Self::default()
        };
    }

    /// What the policy allows an agent with these products.
    pub(super) fn permits(&mut self, published: &PublishedPolicy, products: &[ProductId]) -> Arc<Permits> {
        if let Some(permits) = self.permits.get(products) {
            return Arc::clone(permits);
        }
        let permits = Arc::new(Permits::new(&published.policy, products, Source::Agent));
        self.permits.insert(products.to_vec(), Arc::clone(&permits));
        permits
    }

    /// What the policy allows of records of a product.
    pub(super) fn record_permits(
        &mut self,
        published: &PublishedPolicy,
        product: &ProductId,
    ) -> Arc<Permits> {
        if let Some(permits) = self.record_permits.get(product) {
            return Arc::clone(permits);
        }
        let permits = Arc::new(Permits::of_records(&published.policy, product));
        if published.policy.product(product).is_some() {
            self.record_permits.insert(product.clone(), Arc::clone(&permits));
        }
        permits
    }

    /// An opened data key.
    pub(super) fn data_key(&self, organisation: OrganisationId, device: DeviceId) -> Option<Arc<DataKey>> {
        self.data_keys.get(&(organisation, device)).map(Arc::clone)
    }

    /// Keeps an opened data key.
    pub(super) fn keep_data_key(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
        key: &Arc<DataKey>,
    ) {
        if self.data_keys.len() >= MOST_DATA_KEYS {
            self.data_keys.clear();
        }
        self.data_keys.insert((organisation, device), Arc::clone(key));
    }

    /// Forgets a data key that is destroyed.
    pub(super) fn forget_data_key(&mut self, organisation: OrganisationId, device: DeviceId) {
        self.data_keys.remove(&(organisation, device));
    }
}
