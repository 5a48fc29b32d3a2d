//! Taking deleted rows out of the tables.

use super::super::driver::{Connection, Result};
use super::super::place::Kind;
use crate::store::{self, StoreError};

const fn tables(kind: Kind) -> &'static str {
    match kind {
        Kind::Database => {
            "VACUUM (INDEX_CLEANUP ON) observation, link, device, device_change, device_silence, subscription, token,
             session, sign_in_link, \"user\", tombstone, legal_hold, key_to_destroy, key_store_note"
        }
        Kind::KeyStore => {
            "VACUUM (INDEX_CLEANUP ON) device_key, organisation_key, erased_device, removed_user, backup_key"
        }
    }
}

/// Takes out what is deleted by now; `false` where a snapshot that somebody still reads kept some of it.
pub(in crate::store::sql) fn vacuum(db: &Connection, kind: Kind) -> Result<bool> {
    taken_out(db, tables(kind))
}

/// Writes the tables of keys anew and gives up their files: a row that is taken out leaves its bytes in its page, and a
/// wrapped key must not stay there. Whoever reads or writes keys waits meanwhile, so it is not done in vain, and yields to
/// those who are at it; `false` where it did, or where a snapshot kept a key.
pub(in crate::store::sql) fn rewrite_keys(db: &Connection) -> store::Result<bool> {
    db.execute_batch("SET lock_timeout = '1s'")?;
    let rewritten = taken_out(
        db,
        "VACUUM (FULL) device_key, organisation_key, backup_key, installation_key",
    );
    db.execute_batch("SET lock_timeout = '10s'")?;
    match rewritten.map_err(StoreError::from) {
        Err(StoreError::Contended) => Ok(false),
        other => other,
    }
}

fn taken_out(db: &Connection, statement: &str) -> Result<bool> {
    let by_now: i64 = db.query_row("SELECT pg_current_xact_id()::text::bigint", [], |row| row.get(0))?;
    db.execute_batch(statement)?;
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
