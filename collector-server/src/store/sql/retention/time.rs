//! How far time has come.

use std::sync::atomic::{AtomicI64, Ordering};

use zeef_proto::UnixTime;

use super::super::columns;
use crate::retention::{ClockState, StoreTime, judge, observe};
use crate::store::Result;
use crate::store::sql::driver::{Connection, OptionalExtension, Row, params};

/// Before any time was seen.
const UNSEEN: i64 = i64::MIN;

/// The latest time that this process has seen and believed. The stored one follows it within a minute.
pub(in crate::store::sql) struct HighWater(AtomicI64);

impl HighWater {
    /// As stored.
    pub(in crate::store::sql) fn stored(db: &Connection) -> Result<Self> {
        let (high_water, _) = stored(db)?;
        Ok(Self(AtomicI64::new(high_water.map_or(UNSEEN, |at| at.0))))
    }

    /// The time by which a transaction decides when the clock says `now`: never earlier than one before it did.
    pub(in crate::store::sql) fn at(&self, now: UnixTime) -> UnixTime {
        let seen = self.seen();
        if judge(seen, now) != ClockState::Ahead {
            self.raise(now);
        }
        seen.map_or(now, |seen| seen.max(now))
    }

    /// The latest time that is believed when the clock says `now`: a clock that is far ahead ends nothing by it.
    pub(in crate::store::sql) fn believed(&self, now: UnixTime) -> UnixTime {
        let at = self.at(now);
        self.seen().map_or(at, |seen| seen.min(at))
    }

    pub(super) fn seen(&self) -> Option<UnixTime> {
        Some(self.0.load(Ordering::Relaxed))
            .filter(|seconds| *seconds != UNSEEN)
            .map(UnixTime)
    }

    pub(super) fn raise(&self, to: UnixTime) {
        self.0.fetch_max(to.0, Ordering::Relaxed);
    }
}

fn stored(db: &Connection) -> Result<(Option<UnixTime>, Option<UnixTime>)> {
    let mut statement = db.prepare_cached("SELECT high_water, ahead_since FROM retention_time")?;
    let read = |row: &Row<'_>| {
        Ok((
            Some(columns::time(row, "high_water")?),
            columns::optional_time(row, "ahead_since")?,
        ))
    };
    Ok(statement.query_row([], read).optional()?.unwrap_or_default())
}

/// How far time has come when the clock says `now`, by what is stored and what this process has seen.
pub(super) fn at(db: &Connection, seen: Option<UnixTime>, now: UnixTime) -> Result<StoreTime> {
    let (high_water, ahead_since) = stored(db)?;
    let (high_water, ahead_since) = observe(high_water.max(seen), ahead_since, now);
    Ok(StoreTime {
        now,
        high_water,
        ahead_since,
    })
}

/// The same, and notes it.
pub(super) fn observe_time(db: &Connection, seen: Option<UnixTime>, now: UnixTime) -> Result<StoreTime> {
    let time = at(db, seen, now)?;
    set(db, time.high_water, time.ahead_since)?;
    Ok(time)
}

/// Notes the latest time that is believed.
pub(super) fn set(db: &Connection, high_water: UnixTime, ahead_since: Option<UnixTime>) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO retention_time VALUES (1, ?1, ?2)
         ON CONFLICT (\"only\") DO UPDATE SET high_water = excluded.high_water, ahead_since = excluded.ahead_since",
    )?
        .execute(params![high_water.0, ahead_since.map(|since| since.0)])?;
    Ok(())
}
