//! The store's part of retention on this engine: how far time has come, what is due, what is kept, what was deleted.

mod due;
mod hold;
mod run;
mod silence;
mod time;

use async_trait::async_trait;
use zeef_proto::id::HoldId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::SqlStore;
use crate::ledger::{Actor, Event, InstallationEvent};
use crate::retention::{LastSign, LegalHold, Silence, StoreTime};
use crate::store::Result;
use crate::store::retention::{Backlog, Held, PurgeRun, RetentionStore};

pub(super) use hold::check as check_hold;
pub(super) use time::HighWater;

#[async_trait]
impl RetentionStore for SqlStore {
    async fn observe_time(&self, now: UnixTime) -> Result<StoreTime> {
        let seen = self.high_water.seen();
        let time = self
            .writer
            .run(move |writing| time::observe_time(&writing.db, seen, now))
            .await?;
        // Another process may have come further, or an administrator have believed the clock.
        self.high_water.raise(time.high_water);
        Ok(time)
    }

    async fn time(&self, now: UnixTime) -> Result<StoreTime> {
        let seen = self.high_water.seen();
        self.readers
            .run(move |reading| time::at(&reading.db, seen, now))
            .await
    }

    async fn confirm_time(&self, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| {
                time::set(&writing.db, now, None)?;
                let event = Event::Installation(InstallationEvent::ClockConfirmed(now));
                writing.note(Actor::Administrator, event, now)
            })
            .await?;
        self.high_water.raise(now);
        Ok(())
    }

    async fn backlog(&self, now: UnixTime) -> Result<Backlog> {
        self.readers
            .run(move |reading| due::backlog(&reading.db, now))
            .await
    }

    async fn due(&self, until: UnixTime, after: Option<Held>, limit: usize) -> Result<Vec<Held>> {
        self.readers
            .run(move |reading| due::due(&reading.db, until, after.as_ref(), limit))
            .await
    }

    async fn held(&self, after: Option<Held>, limit: usize) -> Result<Vec<Held>> {
        self.readers
            .run(move |reading| due::held(&reading.db, after.as_ref(), limit))
            .await
    }

    async fn silence(&self, organisation: OrganisationId) -> Result<Silence> {
        self.readers
            .run(move |reading| silence::setting(&reading.db, organisation))
            .await
    }

    async fn set_silence(&self, organisation: OrganisationId, silence: Silence, now: UnixTime) -> Result<()> {
        self.writer
            .run(move |writing| silence::set(writing, organisation, silence, now))
            .await
    }

    async fn silent(
        &self,
        organisation: OrganisationId,
        threshold: UnixTime,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Result<Vec<LastSign>> {
        self.readers
            .run(move |reading| silence::silent(&reading.db, organisation, threshold, after, limit))
            .await
    }

    async fn ask_about(
        &self,
        organisation: OrganisationId,
        devices: Vec<DeviceId>,
        now: UnixTime,
    ) -> Result<()> {
        self.writer
            .run(move |writing| silence::ask(&writing.db, organisation, &devices, now))
            .await
    }

    async fn keep_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool> {
        let now = self.high_water.at(now);
        self.writer
            .run(move |writing| silence::keep(writing, organisation, device, by, now))
            .await
    }

    async fn end_silent(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        now: UnixTime,
    ) -> Result<bool> {
        self.writer
            .run(move |writing| silence::end(writing, organisation, device, now))
            .await
    }

    async fn add_hold(&self, hold: LegalHold) -> Result<()> {
        self.writer
            .run_alone(move |writing| hold::add(writing, &hold))
            .await
    }

    async fn holds(&self) -> Result<Vec<LegalHold>> {
        self.readers.run(|reading| hold::all(&reading.db)).await
    }

    async fn end_hold(&self, hold: HoldId, now: UnixTime) -> Result<bool> {
        let now = self.high_water.believed(now);
        self.writer
            .run_alone(move |writing| hold::end(writing, hold, now))
            .await
    }

    async fn enrolled(
        &self,
        after: Option<(OrganisationId, DeviceId)>,
        limit: usize,
    ) -> Result<Vec<(OrganisationId, DeviceId)>> {
        self.readers
            .run(move |reading| due::enrolled(&reading.db, after, limit))
            .await
    }

    async fn record_purge(&self, run: PurgeRun) -> Result<()> {
        self.writer
            .run(move |writing| run::record(&writing.db, &run))
            .await
    }

    async fn last_purge(&self) -> Result<Option<PurgeRun>> {
        self.readers.run(|reading| run::last(&reading.db)).await
    }
}
