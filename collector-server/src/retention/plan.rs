//! What will be deleted when, and which row of the policy says so. Counts alone: no value is read.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zeef_proto::field::Field;
use zeef_proto::policy::{Policy, Term};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::hold::{LegalHold, deleted_at};
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
}

#[cfg(test)]
impl Plan {
    pub(super) fn from_lines(lines: impl IntoIterator<Item = (Line, u64)>) -> Self {
        Self(
            lines
                .into_iter()
                .map(|(line, count)| (line, (count, None)))
                .collect(),
        )
    }
}

/// Counts at `now` all that falls due by `until`, what has expired already included.
///
/// # Errors
/// Those of the store.
pub async fn plan(store: &dyn Store, policy: &Policy, now: UnixTime, until: UnixTime) -> Result<Plan> {
    let mut draft = Draft {
        store,
        rules: Rules::new(policy),
        holds: store.holds().await?,
        until,
        plan: Plan::default(),
    };
    let subscriptions = Subscriptions::read(store).await?;
    draft.values(&subscriptions).await?;
    draft.devices(&subscriptions).await?;
    draft.silent_devices(now).await?;
    Ok(draft.plan)
}

struct Draft<'a> {
    store: &'a dyn Store,
    rules: Rules<'a>,
    holds: Vec<LegalHold>,
    until: UnixTime,
    plan: Plan,
}

impl Draft<'_> {
    async fn values(&mut self, subscriptions: &Subscriptions) -> Result<()> {
        let mut last = None;
        loop {
            let page = self.store.due(self.until, last, PAGE).await?;
            for held in &page {
                let Some(expires_at) = held.expires_at else {
                    continue;
                };
                let decided = self.rules.decide(subscriptions, held);
                let term = decided.as_ref().map(|decided| decided.term);
                let subject = Subject::Values {
                    field: held.field,
                    row: decided.map(|decided| decided.row),
                };
                self.add(
                    (held.organisation, held.device),
                    expires_at,
                    subject,
                    (held.values, term),
                );
            }
            last = page.into_iter().last();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    async fn devices(&mut self, subscriptions: &Subscriptions) -> Result<()> {
        let mut last = None;
        loop {
            let ids = self.store.enrolled(last, PAGE).await?;
            for (organisation, device) in &ids {
                if let Some(end) = subscriptions.end(*organisation, *device) {
                    self.add((*organisation, *device), end, Subject::Devices, (1, None));
                }
            }
            last = ids.into_iter().last();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    async fn silent_devices(&mut self, now: UnixTime) -> Result<()> {
        for organisation in self.store.organisations().await?.into_iter().map(|one| one.id) {
            let silence = self.store.silence(organisation).await?;
            for sign in silent(self.store, organisation, silence, now).await? {
                let end = match next_step(silence, &sign, now) {
                    Step::WaitUntil(end) => end,
                    Step::End => now,
                    Step::None | Step::Ask => continue,
                };
                self.add(
                    (organisation, sign.device),
                    end,
                    Subject::SilentDevices,
                    (1, None),
                );
            }
        }
        Ok(())
    }

    /// Counts what is due then, or when the last legal hold on it ends, if that is within the plan's time.
    fn add(
        &mut self,
        (organisation, device): (OrganisationId, DeviceId),
        due: UnixTime,
        subject: Subject,
        (count, term): (u64, Option<Term>),
    ) {
        let at = deleted_at(&self.holds, organisation, device, due);
        if at <= self.until {
            let line = Line {
                day: self.rules.day(at),
                organisation,
                subject,
            };
            self.plan.0.entry(line).or_insert((0, term)).0 += count;
        }
    }
}
