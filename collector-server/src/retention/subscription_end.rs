//! What the end of a subscription does to what is held, said before it is set.

use std::collections::BTreeMap;

use zeef_proto::field::Field;
use zeef_proto::id::SubscriptionId;
use zeef_proto::policy::Policy;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::expiry::Expiry;
use super::rules::{Rules, Subscriptions};
use crate::store::retention::Held;
use crate::store::{Origin, Result, Store};

/// Read in one go.
const PAGE: usize = 1_000;

/// What is held no longer than until a subscription's end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EndsWith {
    /// Values by field.
    pub values: BTreeMap<Field, u64>,
    /// Devices with an agent of which nothing else runs any more.
    pub devices: u64,
}

/// Counts what would be held for less long if a subscription ended at `ends`.
///
/// # Errors
/// Those of the store.
pub async fn ends_with(
    store: &dyn Store,
    policy: &Policy,
    (organisation, subscription): (OrganisationId, SubscriptionId),
    ends: UnixTime,
    now: UnixTime,
) -> Result<EndsWith> {
    let rules = Rules::new(policy);
    let mut runs = store.subscriptions(organisation).await?;
    let today = Subscriptions::of_one(organisation, runs.clone());
    if let Some(ended) = runs.iter_mut().find(|one| one.id == subscription) {
        ended.ends = Some(ends);
    }
    let then = Subscriptions::of_one(organisation, runs);
    let mut counted = EndsWith::default();
    let mut last = Some(before(organisation));
    while let Some(after) = last {
        let page = store.held(Some(after), PAGE).await?;
        for held in page.iter().take_while(|held| held.organisation == organisation) {
            let expiry = held.expires_at.map_or(Expiry::WithService, Expiry::At);
            let next = rules.decide(&then, held).map(|decided| decided.expiry);
            if expiry > Expiry::At(now) && next.unwrap_or(Expiry::At(now)) < expiry {
                *counted.values.entry(held.field).or_default() += held.values;
            }
        }
        last = page
            .into_iter()
            .last()
            .filter(|last| last.organisation == organisation);
    }
    counted.devices = devices(store, organisation, &today, &then).await?;
    Ok(counted)
}

/// Devices that would end, and do not today.
async fn devices(
    store: &dyn Store,
    organisation: OrganisationId,
    today: &Subscriptions,
    then: &Subscriptions,
) -> Result<u64> {
    let mut count = 0;
    let mut last = Some((organisation, DeviceId::from_bytes([0; 16])));
    while let Some(after) = last {
        let page = store.enrolled(Some(after), PAGE).await?;
        let own = page.iter().take_while(|(owner, _)| *owner == organisation);
        let sooner = own.filter(|(_, device)| {
            let end = |subscriptions: &Subscriptions| {
                subscriptions
                    .end(organisation, *device)
                    .unwrap_or(UnixTime(i64::MAX))
            };
            end(then) < end(today)
        });
        count += sooner.count() as u64;
        last = page
            .into_iter()
            .last()
            .filter(|(owner, _)| *owner == organisation);
    }
    Ok(count)
}

/// What comes before all values of an organisation.
fn before(organisation: OrganisationId) -> Held {
    Held {
        organisation,
        device: DeviceId::from_bytes([0; 16]),
        field: Field::PublicIp,
        origin: Origin::Native,
        first_seen: UnixTime(i64::MIN),
        expires_at: None,
        values: 0,
    }
}
