//! What will be deleted when, and which row of the policy says so. Counts alone: no value is read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use zeef_proto::field::Field;
use zeef_proto::policy::{Permits, Policy, ProductId, Source, Term};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::expiry::decide;
use crate::store::records::Subscription;
use crate::store::retention::Due;
use crate::store::{Result, Store};

/// Read in one go.
const PAGE: usize = 1_000;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The day, in the policy's time zone.
    pub day: Date,
    /// Whose.
    pub organisation: OrganisationId,
    /// What is deleted.
    pub subject: Subject,
}

/// What is deleted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Values of a field, under the row whose term is the last to end; without one where no row documents the field
    /// any more.
    Values {
        /// The field.
        field: Field,
        /// The product and the id of its row.
        row: Option<(ProductId, String)>,
    },
    /// Devices, with what the protocol holds of them: their last subscription ends.
    Devices,
}

/// Counts and terms of what will be deleted.
#[derive(Debug, Default)]
pub struct Plan(BTreeMap<Line, (u64, Option<Term>)>);

impl Plan {
    /// Each line with its count and the term of its row, by day, organisation and subject.
    pub fn lines(&self) -> impl Iterator<Item = (&Line, u64, Option<Term>)> {
        self.0.iter().map(|(line, (count, term))| (line, *count, *term))
    }

    fn add(&mut self, line: Line, count: u64, term: Option<Term>) {
        self.0.entry(line).or_insert((0, term)).0 += count;
    }
}

/// What decides: the policy, and what each organisation is subscribed to.
struct Facts<'a> {
    policy: &'a Policy,
    zone: TimeZone,
    subscriptions: BTreeMap<OrganisationId, Vec<Subscription>>,
}

impl Facts<'_> {
    fn of_values(&self, due: &Due) -> (Line, Option<Term>) {
        let subscriptions = self.subscriptions(due.organisation);
        let covering = subscriptions.iter().filter(|one| one.covers(due.device));
        let permits = Permits::new(self.policy, covering.map(|one| &one.product), Source::Agent);
        let decided = decide(
            &permits,
            subscriptions,
            &self.zone,
            due.device,
            due.field,
            due.first_seen,
        );
        let permit = decided.map(|(_, permit)| permit);
        let line = Line {
            day: self.day(due.expires_at),
            organisation: due.organisation,
            subject: Subject::Values {
                field: due.field,
                row: permit.map(|permit| (permit.product.clone(), permit.row.clone())),
            },
        };
        (line, permit.map(|permit| permit.term))
    }

    fn of_device(&self, organisation: OrganisationId, device: DeviceId, until: UnixTime) -> Option<Line> {
        let end = service_end(self.subscriptions(organisation), device).filter(|end| *end <= until)?;
        Some(Line {
            day: self.day(end),
            organisation,
            subject: Subject::Devices,
        })
    }

    fn subscriptions(&self, organisation: OrganisationId) -> &[Subscription] {
        self.subscriptions.get(&organisation).map_or(&[], Vec::as_slice)
    }

    fn day(&self, at: UnixTime) -> Date {
        let instant = Timestamp::from_second(at.0).unwrap_or(Timestamp::MAX);
        instant.to_zoned_datetime(self.zone.clone()).date()
    }
}

/// When the last subscription that covers a device ends; `None` where one has no end, or none ever was.
fn service_end(subscriptions: &[Subscription], device: DeviceId) -> Option<UnixTime> {
    let mut ends = subscriptions
        .iter()
        .filter(|one| one.covers(device))
        .map(|one| one.ends);
    ends.try_fold(None, |last, end| Some(last.max(Some(end?))))
        .flatten()
}

/// Counts all that falls due by `until`, what has expired already included. A policy whose time zone is unknown, which
/// none that was published has, is read in UTC.
///
/// # Errors
/// Those of the store.
pub async fn plan(store: &dyn Store, policy: &Policy, until: UnixTime) -> Result<Plan> {
    let mut facts = Facts {
        policy,
        zone: TimeZone::get(&policy.timezone).unwrap_or(TimeZone::UTC),
        subscriptions: BTreeMap::new(),
    };
    for organisation in store.organisations().await? {
        let subscriptions = store.subscriptions(organisation.id).await?;
        facts.subscriptions.insert(organisation.id, subscriptions);
    }
    let mut plan = Plan::default();
    let mut last = None;
    loop {
        let page = store.due(until, last, PAGE).await?;
        for due in &page {
            let (line, term) = facts.of_values(due);
            plan.add(line, due.values, term);
        }
        last = page.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    let mut last = None;
    loop {
        let ids = store.device_ids(None, last, PAGE).await?;
        for (organisation, device) in &ids {
            if let Some(line) = facts.of_device(*organisation, *device, until) {
                plan.add(line, 1, None);
            }
        }
        last = ids.into_iter().last();
        if last.is_none() {
            return Ok(plan);
        }
    }
}
