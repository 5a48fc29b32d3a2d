//! Taking deleted rows out of the tables.

use super::super::driver::{Connection, Result};
use super::super::place::Kind;
use crate::store::{self, StoreError};

const fn tables(kind: Kind) -> &'static str {
    match kind {
        Kind::Database => {
            "VACUUM (INDEX_CLEANUP ON) observation, link, device, device_change, device_silence, organisation,
             subscription, silence, legal_hold, token, \"user\", session, sign_in_link, tombstone, erased,
             key_to_destroy, key_to_rotate, key_store_note,
             second_factor, recovery_code, provider_account,
             request, request_task, device_restriction, correction, api_token, api_answer"
        }
        Kind::KeyStore => {
            "VACUUM (INDEX_CLEANUP ON) device_key, next_device_key, organisation_key, backup_key, erased_device,
             erased, removed_user"
        }
    }
}

/// Takes out what is deleted by now; `false` where a snapshot that somebody still reads kept some of it.
pub(in crate::store::sql) fn vacuum(db: &Connection, kind: Kind) -> store::Result<bool> {
    let rewritten = kind == Kind::KeyStore || rewrite_names(db)?;
    Ok(taken_out(db, tables(kind))? && rewritten)
}

/// The same for the few rows that hold text in the clear, names of organisations and accounts and reasons of holds,
/// where any was deleted.
fn rewrite_names(db: &Connection) -> store::Result<bool> {
    let is_due = "SELECT EXISTS (SELECT 1 FROM pg_stat_user_tables
                  WHERE relname IN ('organisation', 'user', 'legal_hold') AND n_dead_tup > 0)";
    if db.query_row(is_due, [], |row| row.get(0))? {
        rewritten(db, "VACUUM (FULL) organisation, \"user\", legal_hold")
    } else {
        Ok(true)
    }
}

/// Writes the tables of keys anew: a wrapped key must not stay in a page.
pub(in crate::store::sql) fn rewrite_keys(db: &Connection) -> store::Result<bool> {
    rewritten(
        db,
        "VACUUM (FULL) device_key, next_device_key, organisation_key, backup_key, installation_key",
    )
}

/// Writes tables anew and gives up their files: a row that is taken out leaves its bytes in its page. Whoever reads or
/// writes them waits meanwhile, so it is not done in vain, and yields to those who are at it; `false` where it did, or
/// where a snapshot kept a row.
fn rewritten(db: &Connection, statement: &str) -> store::Result<bool> {
    db.execute_batch("SET lock_timeout = '1s'")?;
    let rewritten = taken_out(db, statement);
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
