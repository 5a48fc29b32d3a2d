//! Taking deleted rows out of the tables.

use super::super::driver::{Connection, Result};
use super::super::place::Kind;

const fn tables(kind: Kind) -> &'static str {
    match kind {
        Kind::Database => {
            "VACUUM (INDEX_CLEANUP ON) observation, link, device, organisation, silence, erased, key_to_rotate, device_change, device_silence, subscription, token,
             session, sign_in_link, \"user\", tombstone, legal_hold, key_to_destroy, key_store_note"
        }
        Kind::KeyStore => {
            "VACUUM (INDEX_CLEANUP ON) device_key, next_device_key, erased, organisation_key, erased_device, removed_user, backup_key"
        }
    }
}

/// Takes out what is deleted by now; `false` where a snapshot that somebody still reads kept some of it.
pub(in crate::store::sql) fn vacuum(db: &Connection, kind: Kind) -> Result<bool> {
    let by_now: i64 = db.query_row("SELECT pg_current_xact_id()::text::bigint", [], |row| row.get(0))?;
    db.execute_batch(tables(kind))?;
    // An age counts from the newest transaction backwards.
    db.query_row(
        "SELECT NOT EXISTS (
             SELECT 1 FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL
               AND age(backend_xmin) > age((?1 % 4294967296)::text::xid))",
        [by_now],
        |row| row.get(0),
    )
}
