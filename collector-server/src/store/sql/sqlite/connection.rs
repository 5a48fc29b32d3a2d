//! How a connection is opened: every one with the settings on which durability and deletion rest, checked.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::super::place::Access;

use crate::store::{Result, StoreError};

/// How long another process's write is waited for.
pub(in crate::store::sql) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a reader that keeps a write-ahead log from being emptied is waited for.
const FOR_READERS: Duration = Duration::from_millis(250);

/// Opens a database file.
///
/// `synchronous=FULL` makes a commit durable before it is acknowledged; `secure_delete` overwrites what is deleted.
/// A build of SQLite that ignores one of them is refused.
pub(in crate::store::sql) fn open(path: &Path, access: Access) -> Result<Connection> {
    let flags = match access {
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Read => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    let db = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    db.set_prepared_statement_cache_capacity(64);
    // Plans do not depend on bound values; without this, a kept statement is planned anew at each use.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if access == Access::Write {
        settle(&db, "journal_mode", "WAL", "wal")?;
        // 64 MiB of pages: the inner nodes of a million devices. It fills as they are used.
        settle(&db, "cache_size", "-65536", "-65536")?;
        // At 32 MiB the log is moved into the database. At SQLite's own 4 MiB nearly each group of reports would pay for that.
        settle(&db, "wal_autocheckpoint", "8192", "8192")?;
    }
    settle(&db, "synchronous", "FULL", "2")?;
    settle(&db, "foreign_keys", "ON", "1")?;
    settle(&db, "secure_delete", "ON", "1")?;
    settle(&db, "temp_store", "MEMORY", "2")?;
    if access == Access::Read {
        settle(&db, "query_only", "ON", "1")?;
    }
    Ok(db)
}

/// Sets a pragma and reads it back.
fn settle(db: &Connection, name: &str, value: &str, expected: &str) -> Result<()> {
    db.pragma_update_and_check(None, name, value, |_| Ok(()))
        .or_else(|error| match error {
            // Some pragmas answer nothing when they are set.
            rusqlite::Error::QueryReturnedNoRows => Ok(()),
            other => Err(other),
        })?;
    let found = db.pragma_query_value(None, name, |row| {
        Ok(match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            _ => String::new(),
        })
    })?;
    if found == expected {
        Ok(())
    } else {
        Err(StoreError::Database(format!(
            "the setting {name} cannot be made {value}"
        )))
    }
}

/// Moves the write-ahead log into the database and empties it; `false` where a reader was in the way. A reader is
/// waited for but briefly, for reports wait as long.
pub(in crate::store::sql) fn truncate_log(db: &Connection) -> Result<bool> {
    db.busy_timeout(FOR_READERS)?;
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    db.busy_timeout(PATIENCE)?;
    Ok(busy? == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_durable_and_deletes_for_good() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("test.db");
        for access in [Access::Write, Access::Read] {
            let db = open(&path, access).unwrap();
            let value = |name: &str| {
                db.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                    .unwrap()
            };
            assert_eq!(
                ["synchronous", "foreign_keys", "secure_delete"].map(value),
                [2, 1, 1]
            );
        }
    }

    #[test]
    fn a_setting_that_does_not_take_is_refused() {
        let db = Connection::open_in_memory().unwrap();
        // A database in memory has no write-ahead log.
        assert!(settle(&db, "journal_mode", "WAL", "wal").is_err());
    }

    #[test]
    fn a_reading_connection_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("test.db");
        drop(open(&path, Access::Write).unwrap());
        assert!(
            open(&path, Access::Read)
                .unwrap()
                .execute_batch("CREATE TABLE t (x)")
                .is_err()
        );
    }

    #[test]
    fn a_kept_statement_is_planned_once_whatever_is_bound_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let db = open(&directory.path().join("test.db"), Access::Write).unwrap();
        db.execute_batch(
            "CREATE TABLE held (until INTEGER); CREATE INDEX soon ON held (until) WHERE until < 9",
        )
        .unwrap();
        let mut statement = db.prepare("SELECT 1 FROM held WHERE until < ?1").unwrap();
        for until in 1..5 {
            assert!(!statement.exists([until]).unwrap());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
