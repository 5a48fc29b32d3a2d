//! How far time has come, what is due, and what the last purge did.

use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{Connection, OptionalExtension, Row, params};
use zeef_proto::UnixTime;

use super::{columns, silence};
use crate::retention::{ClockState, Expiry, StoreTime, judge, observe};
use crate::store::Result;
use crate::store::retention::{Backlog, Held, PurgeRun};

/// Before any time was seen.
const UNSEEN: i64 = i64::MIN;

/// The latest time that this process has seen and believed. The stored one follows it within a minute.
pub(super) struct HighWater(AtomicI64);

impl HighWater {
    /// As stored.
    pub(super) fn stored(db: &Connection) -> Result<Self> {
        let (high_water, _) = stored(db)?;
        Ok(Self(AtomicI64::new(high_water.map_or(UNSEEN, |at| at.0))))
    }

    /// The time by which a transaction decides when the clock says `now`: never earlier than one before it did.
    pub(super) fn at(&self, now: UnixTime) -> UnixTime {
        let seen = self.seen();
        if judge(seen, now) != ClockState::Ahead {
            self.raise(now);
        }
        seen.map_or(now, |seen| seen.max(now))
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

/// Notes what the clock says, beside what this process has seen before.
pub(super) fn observe_time(db: &Connection, seen: Option<UnixTime>, now: UnixTime) -> Result<StoreTime> {
    let (high_water, ahead_since) = stored(db)?;
    let (high_water, ahead_since) = observe(high_water.max(seen), ahead_since, now);
    set_time(db, high_water, ahead_since)?;
    Ok(StoreTime {
        now,
        high_water,
        ahead_since,
    })
}

/// Notes the latest time that is believed.
pub(super) fn set_time(db: &Connection, high_water: UnixTime, ahead_since: Option<UnixTime>) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO retention_time VALUES (1, ?1, ?2)")?
        .execute(params![high_water.0, ahead_since.map(|since| since.0)])?;
    Ok(())
}

/// What has expired at `now` and is still stored.
pub(super) fn backlog(db: &Connection, now: UnixTime) -> Result<Backlog> {
    // due_at: the later of expiry and the end of the last hold; what is held is due later than now.
    let (expired, on_hold, oldest) = db
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE due_at <= ?1), count(*) FILTER (WHERE due_at > ?1),
                    min(due_at) FILTER (WHERE due_at <= ?1)
             FROM (SELECT max(expires_at, coalesce((
                       SELECT max(ends) FROM legal_hold AS h
                       WHERE h.organisation = o.organisation AND (h.device IS NULL OR h.device = o.device)
                   ), 0)) AS due_at
                   FROM observation AS o
                   WHERE expires_at <= ?1 AND expires_at < 9223372036854775807)",
        )?
        .query_row([now.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<i64>>(2)?))
        })?;
    let next: Option<i64> = db
        .prepare_cached(
            "SELECT min(expires_at) FROM observation WHERE expires_at > ?1 AND expires_at < 9223372036854775807",
        )?
        .query_row([now.0], |row| row.get(0))?;
    Ok(Backlog {
        expired,
        on_hold,
        oldest: oldest.map(UnixTime),
        next: next.map(UnixTime),
        asked_about: silence::asked_about(db)?,
    })
}

/// Values that expire by `until`, the first to expire first.
pub(super) fn due(db: &Connection, until: UnixTime, after: Option<&Held>, limit: usize) -> Result<Vec<Held>> {
    let mut statement = db.prepare_cached(
        "SELECT organisation, device, field, first_seen, expires_at, count(*) AS held FROM observation
         WHERE expires_at <= ?1 AND expires_at < 9223372036854775807
           AND (expires_at, organisation, device, field, first_seen) > (?2, ?3, ?4, ?5, ?6)
         GROUP BY expires_at, organisation, device, field, first_seen
         ORDER BY expires_at, organisation, device, field, first_seen LIMIT ?7",
    )?;
    let key = Key::after(after);
    let key = params![
        until.0,
        key.expires_at,
        key.organisation,
        key.device,
        key.field,
        key.first_seen,
        limit
    ];
    Ok(statement
        .query_map(key, held_row)?
        .collect::<rusqlite::Result<_>>()?)
}

/// All values, by device.
pub(super) fn held(db: &Connection, after: Option<&Held>, limit: usize) -> Result<Vec<Held>> {
    let mut statement = db.prepare_cached(
        "SELECT organisation, device, field, first_seen, expires_at, count(*) AS held FROM observation
         WHERE (organisation, device, field, first_seen, expires_at) > (?1, ?2, ?3, ?4, ?5)
         GROUP BY organisation, device, field, first_seen, expires_at
         ORDER BY organisation, device, field, first_seen, expires_at LIMIT ?6",
    )?;
    let key = Key::after(after);
    let key = params![
        key.organisation,
        key.device,
        key.field,
        key.first_seen,
        key.expires_at,
        limit
    ];
    Ok(statement
        .query_map(key, held_row)?
        .collect::<rusqlite::Result<_>>()?)
}

/// Where a page starts.
struct Key<'a> {
    organisation: &'a [u8; 16],
    device: &'a [u8; 16],
    field: &'a str,
    first_seen: i64,
    expires_at: i64,
}

impl<'a> Key<'a> {
    fn after(last: Option<&'a Held>) -> Self {
        last.map_or(
            Self {
                organisation: &[0; 16],
                device: &[0; 16],
                field: "",
                first_seen: i64::MIN,
                expires_at: i64::MIN,
            },
            |last| Self {
                organisation: last.organisation.as_bytes(),
                device: last.device.as_bytes(),
                field: last.field.name(),
                first_seen: last.first_seen.0,
                expires_at: last.expires_at.map_or(Expiry::WithService, Expiry::At).stored(),
            },
        )
    }
}

fn held_row(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        organisation: columns::organisation_id(row)?,
        device: columns::device_id(row)?,
        field: columns::field(row)?,
        first_seen: columns::time(row, "first_seen")?,
        expires_at: Expiry::from_stored(row.get("expires_at")?),
        values: row.get("held")?,
    })
}

/// Notes what a purge did.
pub(super) fn record_purge(db: &Connection, run: &PurgeRun) -> Result<()> {
    db.prepare_cached("INSERT OR REPLACE INTO retention_run VALUES (1, ?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            run.ended_at.0,
            run.completed,
            run.observations,
            run.other,
            run.log_kept_since.map(|since| since.0),
        ])?;
    Ok(())
}

/// What the last purge did.
pub(super) fn last_purge(db: &Connection) -> Result<Option<PurgeRun>> {
    let mut statement = db.prepare_cached("SELECT * FROM retention_run")?;
    let read = |row: &Row<'_>| {
        Ok(PurgeRun {
            ended_at: columns::time(row, "ended_at")?,
            completed: row.get("completed")?,
            observations: row.get("observations")?,
            other: row.get("other")?,
            log_kept_since: columns::optional_time(row, "log_kept_since")?,
        })
    };
    Ok(statement.query_row([], read).optional()?)
}

/// Deletes the samples of indexed values that an administrator's `ANALYZE` leaves in a build of SQLite that takes them
/// (`SQLITE_ENABLE_STAT4`): they would outlive their rows.
pub(super) fn forget_samples(db: &Connection) -> Result<()> {
    let taken = db
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'")?
        .exists([])?;
    if taken {
        db.execute("DELETE FROM sqlite_stat4", [])?;
    }
    Ok(())
}
