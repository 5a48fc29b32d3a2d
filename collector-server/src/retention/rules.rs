//! What decides about all that is held, read once: a policy, and what each organisation is subscribed to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::policy::{Permits, Policy, ProductId, Source, Term};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::expiry::{Expiry, decide};
use crate::store::records::Subscription;
use crate::store::retention::Held;
use crate::store::{Origin, Result, Store};

/// A row of the policy: its product and its id.
pub type Row = (ProductId, String);

/// Subscriptions of all organisations.
pub(super) struct Subscriptions(BTreeMap<OrganisationId, Vec<Subscription>>);

impl Subscriptions {
    pub(super) async fn read(store: &dyn Store) -> Result<Self> {
        let mut all = BTreeMap::new();
        for organisation in store.organisations().await? {
            all.insert(organisation.id, store.subscriptions(organisation.id).await?);
        }
        Ok(Self(all))
    }

    /// Those of one organisation alone.
    pub(super) fn of_one(organisation: OrganisationId, subscriptions: Vec<Subscription>) -> Self {
        Self(BTreeMap::from([(organisation, subscriptions)]))
    }

    fn of(&self, organisation: OrganisationId) -> &[Subscription] {
        self.0.get(&organisation).map_or(&[], Vec::as_slice)
    }

    /// When the last subscription that covers a device ends; `None` where one has no end, or none ever was.
    pub(super) fn end(&self, organisation: OrganisationId, device: DeviceId) -> Option<UnixTime> {
        let covering = self.of(organisation).iter().filter(|one| one.covers(device));
        covering
            .map(|one| one.ends)
            .try_fold(None, |last, end| Some(last.max(Some(end?))))
            .flatten()
    }
}

/// A policy, as far as terms go.
pub(super) struct Rules<'a> {
    policy: &'a Policy,
    zone: TimeZone,
}

/// How long a value may be held, and which row says so.
pub(super) struct Decided {
    pub(super) expiry: Expiry,
    pub(super) row: Row,
    pub(super) term: Term,
}

impl<'a> Rules<'a> {
    /// A policy whose time zone is unknown, which none that was published has, counts in UTC.
    pub(super) fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            zone: TimeZone::get(&policy.timezone).unwrap_or(TimeZone::UTC),
        }
    }

    /// `None` where no row documents it.
    pub(super) fn decide(&self, subscriptions: &Subscriptions, held: &Held) -> Option<Decided> {
        let subscriptions = subscriptions.of(held.organisation);
        let mut covering = subscriptions.iter().filter(|one| one.covers(held.device));
        let permits = match &held.origin {
            Origin::Native => Permits::new(self.policy, covering.map(|one| &one.product), Source::Agent),
            Origin::Source { product, .. } if covering.any(|one| one.product == *product) => {
                Permits::of_records(self.policy, product)
            }
            Origin::Source { .. } => return None,
        };
        decide(
            &permits,
            subscriptions,
            &self.zone,
            held.device,
            held.field,
            held.first_seen,
        )
        .map(|(expiry, permit)| Decided {
            expiry,
            row: (permit.product.clone(), permit.row.clone()),
            term: permit.term,
        })
    }

    /// The day of an instant, where the policy counts.
    pub(super) fn day(&self, at: UnixTime) -> Date {
        let instant = Timestamp::from_second(at.0).unwrap_or(Timestamp::MAX);
        instant.to_zoned_datetime(self.zone.clone()).date()
    }
}
