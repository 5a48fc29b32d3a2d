//! What retention asks of the store: how far time has come, what is due, and what the last purge did.

use async_trait::async_trait;
use zeef_proto::field::Field;
use zeef_proto::id::HoldId;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use super::{Origin, Result};
use crate::ledger::Actor;
use crate::retention::{LastSign, LegalHold, Silence, StoreTime};

/// Values that are past their term and still stored, the next that will be, and devices that wait for an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many, without those that a legal hold keeps.
    pub expired: u64,
    /// How many more a legal hold keeps.
    pub on_hold: u64,
    /// When the oldest of the former became due: it expired, or the last hold on it ended.
    pub oldest: Option<UnixTime>,
    /// When the next value expires.
    pub next: Option<UnixTime>,
    /// Silent devices that are asked about.
    pub asked_about: u64,
}

/// Values of one field of one device that one origin said, that were first seen together and expire together, counted. No value is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub organisation: OrganisationId,
    /// Which device's.
    pub device: DeviceId,
    /// The field.
    pub field: Field,
    /// Who said them.
    pub origin: Origin,
    /// When they were first seen, to the hour.
    pub first_seen: UnixTime,
    /// When they expire; `None` while a subscription without an end documents them.
    pub expires_at: Option<UnixTime>,
    /// How many.
    pub values: u64,
}

impl Held {
    /// Whether these are values of the same kind.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        *self
            == Self {
                values: self.values,
                ..other.clone()
            }
    }
}

/// What one purge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeRun {
    /// When it ended.
    pub ended_at: UnixTime,
    /// Whether it came to its end; where not, what was deleted before stays deleted.
    pub completed: bool,
    /// Values that were deleted.
    pub observations: u64,
    /// All else that was deleted.
    pub other: u64,
    /// Since when readers have kept the write-ahead log from being emptied, so that deleted values linger in it.
    pub log_kept_since: Option<UnixTime>,
}

/// What retention does.
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Notes what the clock says, durably, and says how far time has come.
    async fn observe_time(&self, now: UnixTime) -> Result<StoreTime>;

    /// The same without noting it.
    async fn time(&self, now: UnixTime) -> Result<StoreTime>;

    /// Believes a clock that is far ahead.
    async fn confirm_time(&self, now: UnixTime) -> Result<()>;

    /// What has expired at `now` and is still stored.
    async fn backlog(&self, now: UnixTime) -> Result<Backlog>;

    /// Values that expire by `until`, expired ones too, the first to expire first, after `after`: as many as stand
    /// for at most `limit` values, which must be more than a device has of one field.
    async fn due(&self, until: UnixTime, after: Option<Held>, limit: usize) -> Result<Vec<Held>>;

    /// All values that are stored, expired ones too, in a fixed order, after `after`; pages as above.
    async fn held(&self, after: Option<Held>, limit: usize) -> Result<Vec<Held>>;

    /// After how many days without contact an organisation's devices are asked about.
    async fn silence(&self, organisation: OrganisationId) -> Result<Silence>;

    /// Sets that number; questions that the former one led to are taken back.
    async fn set_silence(&self, organisation: OrganisationId, silence: Silence, now: UnixTime) -> Result<()>;

    /// Devices of an organisation that were last heard of by `threshold`, in order of id, after `after`, at most
    /// `limit`.
    async fn silent(
        &self,
        organisation: OrganisationId,
        threshold: UnixTime,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Result<Vec<LastSign>>;

    /// Notes that silent devices are asked about.
    async fn ask_about(
        &self,
        organisation: OrganisationId,
        devices: Vec<DeviceId>,
        now: UnixTime,
    ) -> Result<()>;

    /// Notes that somebody says that a device is still there; `false` where there is none.
    async fn keep_device(
        &self,
        organisation: OrganisationId,
        device: DeviceId,
        by: Actor,
        now: UnixTime,
    ) -> Result<bool>;

    /// Ends a device about which nobody answered in time; `false` where it was heard of meanwhile.
    async fn end_silent(&self, organisation: OrganisationId, device: DeviceId, now: UnixTime)
    -> Result<bool>;

    /// Begins a legal hold.
    async fn add_hold(&self, hold: LegalHold) -> Result<()>;

    /// All legal holds, those that ended in the last thirty days too, the first to end first.
    async fn holds(&self) -> Result<Vec<LegalHold>>;

    /// Ends a legal hold; `false` where none of that id stands.
    async fn end_hold(&self, hold: HoldId, now: UnixTime) -> Result<bool>;

    /// Ids of all devices that have an agent, after `after`, in order of id.
    async fn enrolled(
        &self,
        after: Option<(OrganisationId, DeviceId)>,
        limit: usize,
    ) -> Result<Vec<(OrganisationId, DeviceId)>>;

    /// Notes what a purge did.
    async fn record_purge(&self, run: PurgeRun) -> Result<()>;

    /// What the last purge did, of whatever process; `None` before the first.
    async fn last_purge(&self) -> Result<Option<PurgeRun>>;
}
