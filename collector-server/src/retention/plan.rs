//! What will be deleted when, and which row of the policy says so. Counts alone: no value is read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, Term};
use zeef_proto::{OrganisationId, UnixTime};

use super::rules::{Row, Rules, Subscriptions};
use super::silence::{Step, next_step, silent};
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
        /// The row.
        row: Option<Row>,
    },
    /// Devices, with what the protocol holds of them: their last subscription ends.
    Devices,
    /// Devices that are not heard of, and about which nobody answers until then, with all that is held of them.
    SilentDevices,
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

/// Counts at `now` all that falls due by `until`, what has expired already included.
///
/// # Errors
/// Those of the store.
pub async fn plan(store: &dyn Store, policy: &Policy, now: UnixTime, until: UnixTime) -> Result<Plan> {
    let (rules, subscriptions) = (Rules::new(policy), Subscriptions::read(store).await?);
    let mut plan = Plan::default();
    let mut last = None;
    loop {
        let page = store.due(until, last, PAGE).await?;
        for held in &page {
            let Some(expires_at) = held.expires_at else {
                continue;
            };
            let decided = rules.decide(&subscriptions, held);
            let term = decided.as_ref().map(|decided| decided.term);
            let line = Line {
                day: rules.day(expires_at),
                organisation: held.organisation,
                subject: Subject::Values {
                    field: held.field,
                    row: decided.map(|decided| decided.row),
                },
            };
            plan.add(line, held.values, term);
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
            let end = subscriptions.end(*organisation, *device);
            if let Some(end) = end.filter(|end| *end <= until) {
                let line = Line {
                    day: rules.day(end),
                    organisation: *organisation,
                    subject: Subject::Devices,
                };
                plan.add(line, 1, None);
            }
        }
        last = ids.into_iter().last();
        if last.is_none() {
            break;
        }
    }
    for organisation in store.organisations().await?.into_iter().map(|one| one.id) {
        let silence = store.silence(organisation).await?;
        for sign in silent(store, organisation, silence, now).await? {
            let end = match next_step(silence, &sign, now) {
                Step::WaitUntil(end) => end,
                Step::End => now,
                Step::None | Step::Ask => continue,
            };
            if end <= until {
                let line = Line {
                    day: rules.day(end),
                    organisation,
                    subject: Subject::SilentDevices,
                };
                plan.add(line, 1, None);
            }
        }
    }
    Ok(plan)
}
