//! Forward-only migrations: numbered SQL files, each applied once, in one transaction with its number.

use super::super::driver::{Connection, OptionalExtension};
use super::super::place::Kind;
use crate::store::{Result, StoreError};

const DATABASE: &[&str] = &[
    include_str!("migrations/database/0001_initial.sql"),
    include_str!("migrations/database/0002_erasure.sql"),
    include_str!("migrations/database/0003_moved.sql"),
    include_str!("migrations/database/0004_statistics.sql"),
    include_str!("migrations/database/0005_roles.sql"),
    include_str!("migrations/database/0006_sign_in.sql"),
    include_str!("migrations/database/0007_requests.sql"),
    include_str!("migrations/database/0008_saved_views.sql"),
    include_str!("migrations/database/0009_api_tokens.sql"),
];
const KEY_STORE: &[&str] = &[
    include_str!("migrations/key_store/0001_initial.sql"),
    include_str!("migrations/key_store/0002_erasure.sql"),
    include_str!("migrations/key_store/0003_statistics.sql"),
];

const fn of(kind: Kind) -> (&'static str, &'static [&'static str]) {
    match kind {
        Kind::Database => ("database", DATABASE),
        Kind::KeyStore => ("key store", KEY_STORE),
    }
}

/// The migrations of this kind of database.
#[cfg(test)]
pub(in crate::store::sql) const fn migrations(kind: Kind) -> &'static [&'static str] {
    of(kind).1
}

/// Brings a database to the newest schema; refuses another kind's, another application's and a newer version's.
pub(in crate::store::sql) fn migrate(db: &Connection, kind: Kind) -> Result<()> {
    db.begin()?;
    match migrate_in_transaction(db, kind) {
        Ok(()) => Ok(db.commit()?),
        Err(error) => {
            db.roll_back();
            Err(error)
        }
    }
}

fn migrate_in_transaction(db: &Connection, kind: Kind) -> Result<()> {
    // Several collectors may start at once: look and migrate under one lock.
    db.execute_batch("SELECT pg_advisory_xact_lock(hashtext('zeef schema'))")?;
    let (name, migrations) = of(kind);
    let done = known(db, kind)?;
    for sql in &migrations[done..] {
        db.execute_batch(sql)?;
    }
    if done < migrations.len() {
        db.execute_batch("DELETE FROM zeef_schema")?;
        db.execute(
            "INSERT INTO zeef_schema (kind, version) VALUES (?1, ?2)",
            super::super::driver::params![name, migrations.len()],
        )?;
    }
    Ok(())
}

/// How many migrations a database of this kind has had; refuses another kind's, and a newer version's.
pub(in crate::store::sql) fn known(db: &Connection, kind: Kind) -> Result<usize> {
    let (name, migrations) = of(kind);
    let done = applied(db, name)?;
    if done <= migrations.len() {
        return Ok(done);
    }
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Err(StoreError::NewerSchema {
        found: number(done),
        known: number(migrations.len()),
    })
}

/// Whether the program's tables are in a database.
pub(in crate::store::sql) fn is_set_up(db: &Connection) -> Result<bool> {
    Ok(db.query_row(
        "SELECT to_regclass('public.zeef_schema') IS NOT NULL",
        [],
        |row| row.get(0),
    )?)
}

/// How many migrations a database has had.
fn applied(db: &Connection, name: &str) -> Result<usize> {
    if !is_set_up(db)? {
        let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
        let found: i64 = db.query_row(tables, [], |row| row.get(0))?;
        return if found == 0 {
            Ok(0)
        } else {
            Err(StoreError::ForeignDatabase)
        };
    }
    let held: Option<(String, u32)> = db
        .query_row("SELECT kind, version FROM zeef_schema", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match held {
        Some((kind, version)) if kind == name => Ok(version as usize),
        _ => Err(StoreError::ForeignDatabase),
    }
}
