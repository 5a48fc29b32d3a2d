//! What decides about an organisation's reports and terms, read once and kept until it changes.

use std::sync::Arc;

use jiff::tz::TimeZone;
use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, ProductId};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::cache::{OrganisationFacts, PublishedPolicy};
use super::columns;
use super::erasure;
use super::writer::Writing;
use crate::retention::{Expiry, expiry};
use crate::seal::DataKey;
use crate::store::records::Subscription;
use crate::store::{Origin, Result, StoreError};

impl Writing {
    /// The published policy, or `None` before the first.
    pub(super) fn policy(&mut self) -> Result<Option<Arc<PublishedPolicy>>> {
        if self.cache.policy.is_none()
            && let Some(signed) = columns::policy(&self.db)?
        {
            self.cache.policy = Some(Arc::new(published(&signed.document)?));
        }
        Ok(self.cache.policy.clone())
    }

    /// Blind key, subscriptions and refused usernames of an organisation.
    pub(super) fn organisation(&mut self, organisation: OrganisationId) -> Result<Arc<OrganisationFacts>> {
        if let Some(facts) = self.cache.organisations.get(&organisation) {
            return Ok(Arc::clone(facts));
        }
        let blind = self.keys.blind_key(organisation)?.ok_or(StoreError::Unsealing)?;
        let subscriptions = columns::subscriptions(&self.db, organisation)?;
        let facts = Arc::new(OrganisationFacts {
            blind,
            subscriptions,
            refused_usernames: erasure::refused_usernames(&self.db, organisation)?,
        });
        self.cache.organisations.insert(organisation, Arc::clone(&facts));
        Ok(facts)
    }

    /// When a value that a device's origin gave at `received` expires; `None` where nothing documents it.
    pub(super) fn expiry(
        &mut self,
        published: &PublishedPolicy,
        facts: &OrganisationFacts,
        (device, field, origin): (DeviceId, Field, &Origin),
        received: UnixTime,
    ) -> Option<Expiry> {
        let subscriptions = &facts.subscriptions;
        let products = products_of_held(subscriptions, device);
        let permits = match origin {
            Origin::Native => self.cache.permits(published, &products),
            Origin::Source { product, .. } if products.contains(product) => {
                self.cache.record_permits(published, product)
            }
            Origin::Source { .. } => return None,
        };
        expiry(&permits, subscriptions, &published.zone, device, field, received)
    }

    /// The device's data key.
    pub(super) fn data_key(
        &mut self,
        organisation: OrganisationId,
        device: DeviceId,
    ) -> Result<Arc<DataKey>> {
        if let Some(key) = self.cache.data_key(organisation, device) {
            return Ok(key);
        }
        let key = Arc::new(
            erasure::data_key(&self.db, &self.keys, organisation, device)?.ok_or(StoreError::Unsealing)?,
        );
        self.cache.keep_data_key(organisation, device, &key);
        Ok(key)
    }
}

/// Parses a policy that was verified when it was published.
pub(super) fn published(document: &str) -> Result<PublishedPolicy> {
    let unreadable = |what: &str| StoreError::Database(format!("the published policy {what}"));
    let policy = Policy::parse(document).map_err(|_| unreadable("cannot be read"))?;
    let zone = TimeZone::get(&policy.timezone).map_err(|_| unreadable("names an unknown time zone"))?;
    Ok(PublishedPolicy { policy, zone })
}

/// The products that document what is held of a device already: those of all its subscriptions, ended ones too, for
/// their end is what a term counts to.
fn products_of_held(subscriptions: &[Subscription], device: DeviceId) -> Vec<ProductId> {
    let covering = subscriptions
        .iter()
        .filter(|subscription| subscription.covers(device));
    let mut products: Vec<ProductId> = covering
        .map(|subscription| subscription.product.clone())
        .collect();
    products.sort();
    products.dedup();
    products
}
