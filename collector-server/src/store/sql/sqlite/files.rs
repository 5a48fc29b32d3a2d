//! Whole files: copies of one moment, checks, and putting one in the place of another.

use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::super::place::{Access, Kind};
use super::connection::{self, truncate_log};
use super::migrate;
use crate::files::beside;
use crate::store::{Result, StoreError};

/// Pages that are copied at a time.
const PAGES: i32 = 1_024;

/// Copies one of the files page by page, as it is at this moment and while others write to it, into the empty file
/// `to`, and checks the copy. `progress` is told how many of how many pages are done.
pub(in crate::store::sql) fn copy(
    source: &Path,
    to: &Path,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<()> {
    let source = connection::open(source, Access::Read)?;
    // The snapshot of one transaction does not move under the copy.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    {
        let copying = Backup::new(&source, &mut target)?;
        loop {
            let step = copying.step(PAGES)?;
            let told = copying.progress();
            let pages = |count: i32| u64::try_from(count).unwrap_or(0);
            progress(pages(told.pagecount - told.remaining), pages(told.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(StoreError::Busy),
            }
        }
    }
    // One file that needs no other beside it.
    target.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    whole(&target)
}

/// Checks that a file that nobody has open is whole, of this kind and not from a newer version; gives the id of its
/// installation.
pub(in crate::store::sql) fn check(path: &Path, kind: Kind) -> Result<[u8; 16]> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate::known(&db, kind.schema())?;
    whole(&db)?;
    Ok(db.query_row("SELECT id FROM installation", [], |row| row.get(0))?)
}

/// How far a file had come that nobody has open; `None` where it cannot be told.
pub(in crate::store::sql) fn generation_of(path: &Path) -> Option<i64> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
    db.query_row("SELECT generation FROM installation", [], |row| row.get(0))
        .ok()
}

fn whole(db: &Connection) -> Result<()> {
    let found: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(StoreError::Database("it is damaged".to_owned()))
    }
}

/// Moves what lies in a file's write-ahead log into the file, so that it can be replaced: the log of one database
/// must never meet another. One that cannot be opened loses its log; it is about to be replaced.
///
/// # Errors
/// [`StoreError::InUse`] where another process has it open.
pub fn settle(path: &Path) -> Result<()> {
    if path.exists() {
        match connection::open(path, Access::Write).and_then(|db| truncate_log(&db)) {
            Ok(true) | Err(StoreError::Database(_)) => {}
            Ok(false) => return Err(StoreError::InUse),
            Err(error) => return Err(error),
        }
    }
    for suffix in ["-wal", "-shm"] {
        drop(std::fs::remove_file(beside(path, suffix)));
    }
    Ok(())
}
