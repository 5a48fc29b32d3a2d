//! What the last purge did.

use super::super::columns;
use crate::store::Result;
use crate::store::retention::PurgeRun;
use crate::store::sql::driver::{Connection, OptionalExtension, Row, params};

/// Notes what a purge did.
pub(super) fn record(db: &Connection, run: &PurgeRun) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO retention_run VALUES (1, ?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (\"only\") DO UPDATE
         SET ended_at = excluded.ended_at, completed = excluded.completed, observations = excluded.observations,
             other = excluded.other, log_kept_since = excluded.log_kept_since",
    )?
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
pub(super) fn last(db: &Connection) -> Result<Option<PurgeRun>> {
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
