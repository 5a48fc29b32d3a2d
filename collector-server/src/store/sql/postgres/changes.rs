//! Numbers of changes are those of transactions, which count within one cluster. A database that was dumped and restored
//! into another may hold numbers that are still to come there: no change after it would be seen as a new one.

use super::super::driver::{Connection, Result};

/// Makes changes with a number that is still to come the oldest ones. An index that is loaded after it misses nothing.
pub(in crate::store::sql) fn settle_changes(db: &Connection) -> Result<()> {
    if db.sqlite().is_some() {
        return Ok(());
    }
    db.execute(
        "UPDATE device_change SET sequence = 0
         WHERE sequence >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        [],
    )?;
    Ok(())
}
