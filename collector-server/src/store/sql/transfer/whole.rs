//! One database into another. What was read is compared with what is read back before it counts.

use std::fs::File;
use std::path::Path;

use rusqlite::OpenFlags;

use super::super::driver::{Connection, Error, Result as Driven};
use super::super::moved::Moved;
use super::super::place::{self, Access, Kind, Place};
use super::super::{apart, sqlite};
use super::page::Statements;
use super::row::Sum;
use super::tables::{self, Table};
use crate::failpoint::{Point, reached};
use crate::store::{Result, StoreError};

/// Is told how many of how many rows or pages are done.
pub(super) type Told<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// Copies a database, as it is at this moment and while others write to it, into the empty file `to`, and checks the
/// copy.
///
/// # Errors
/// Those of either.
pub fn copy(source: &Place, kind: Kind, to: &Path, progress: Told<'_>) -> Result<()> {
    match source {
        Place::File(source) => sqlite::files::copy(source, to, progress),
        Place::Server(_) => {
            place::check(source, kind)?;
            apart(|| into_file(source, kind, to, progress))
        }
    }
}

/// Puts all that `source` holds in the place of what a database on a server holds, in one transaction: with an error
/// that is as it was.
///
/// # Errors
/// Those of either; [`StoreError::Unverified`].
pub fn fill(target: &Place, kind: Kind, source: &Place, moved: Moved, progress: Told<'_>) -> Result<()> {
    apart(|| {
        let source = source.open(Access::Write)?;
        place::migrate(&source, kind)?;
        let db = target.open(Access::Write)?;
        place::migrate(&db, kind)?;
        source.begin_to_read()?;
        db.begin()?;
        let filled = empty(&db, kind)
            .and_then(|()| take_over(&source, &db, kind, progress))
            .and_then(|()| moved.note(&db, kind))
            .and_then(|()| {
                reached(Point::Filled);
                Ok(db.commit()?)
            });
        match &filled {
            // Until it has looked at what there is, the server guesses how to read it. It will by itself, later.
            Ok(()) => drop(db.execute_batch("ANALYZE")),
            Err(_) => db.roll_back(),
        }
        filled
    })
}

/// Takes everything out of a database on a server, for good: its tables get new files.
fn empty(db: &Connection, kind: Kind) -> Result<()> {
    Ok(db.execute_batch(&format!("TRUNCATE {}", names(kind).join(", ")))?)
}

/// Takes the tables themselves away.
pub(in crate::store::sql) fn drop_tables(db: &Connection, kind: Kind) -> Result<()> {
    let names = names(kind).join(", ");
    Ok(db.execute_batch(&format!("DROP TABLE IF EXISTS zeef_schema, {names}"))?)
}

/// Deletes every row.
pub(in crate::store::sql) fn delete_rows(db: &Connection, kind: Kind) -> Result<()> {
    for name in names(kind).iter().rev() {
        db.execute_batch(&format!("DELETE FROM {name}"))?;
    }
    Ok(())
}

fn names(kind: Kind) -> Vec<String> {
    tables::of(kind)
        .iter()
        .map(|table| format!("\"{}\"", table.name))
        .collect()
}

fn into_file(source: &Place, kind: Kind, to: &Path, progress: Told<'_>) -> Result<()> {
    let source = source.open(Access::Read)?;
    let db = rusqlite::Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Nobody reads it before it is whole, and one that is not is made anew: it is synced once, at the end.
    for (name, value) in [
        ("journal_mode", "OFF"),
        ("synchronous", "OFF"),
        ("foreign_keys", "ON"),
    ] {
        db.pragma_update_and_check(None, name, value, |_| Ok(()))
            .or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(()),
                other => Err(other),
            })?;
    }
    let db = Connection::Sqlite(db);
    place::migrate(&db, kind)?;
    source.begin_to_read()?;
    db.begin()?;
    take_over(&source, &db, kind, progress)?;
    db.commit()?;
    drop(db);
    File::options()
        .write(true)
        .open(to)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::Database(format!("its copy: {}", error.kind())))
}

/// Copies every table, and reads it back.
fn take_over(source: &Connection, target: &Connection, kind: Kind, progress: Told<'_>) -> Result<()> {
    // While a large table is read from the one, the other waits.
    for db in [source, target] {
        db.execute_batch("{|SET LOCAL idle_in_transaction_session_timeout = 0}")?;
    }
    let tables: Vec<_> = tables::of(kind)
        .iter()
        .map(|table| (table, Statements::new(table)))
        .collect();
    let count = |(_, statements): &(&Table, Statements<'_>)| statements.count(source);
    let total = 2 * tables.iter().map(count).sum::<Driven<u64>>()?;
    let mut done = 0;
    let mut told = |rows: usize| {
        done += rows as u64;
        progress(done, total);
    };
    for (table, statements) in &tables {
        let mut read = Sum::new();
        statements.pages(source, |page| {
            page.iter().for_each(|row| read.add(row));
            statements.insert(target, page)?;
            told(page.len());
            Ok::<_, Error>(())
        })?;
        let mut written = Sum::new();
        statements.pages(target, |page| {
            page.iter().for_each(|row| written.add(row));
            told(page.len());
            Ok::<_, Error>(())
        })?;
        if read.finish() != written.finish() {
            return Err(StoreError::Unverified(table.name));
        }
    }
    Ok(())
}
