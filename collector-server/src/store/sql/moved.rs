//! Which of two databases is the installation, once it was moved from one to the other. At any moment one of them at most
//! can be opened: one that is being moved to cannot yet, one that was moved away cannot any more.

use std::path::Path;
use std::sync::Arc;

use zeef_proto::UnixTime;

use super::backup::{note, rest};
use super::driver::{Connection, params};
use super::place::{self, Access, Kind, Place};
use super::sqlite::connection::truncate_log;
use super::transfer;
use super::writer::Writing;
use super::{apart, pair};
use crate::failpoint::{Point, reached};
use crate::files::beside;
use crate::ledger::{Engine, InstallationEvent};
use crate::seal::KeyEncryptionKey;
use crate::store::{Result, StoreError};

/// What a database is to its installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is the installation.
    Here,
    /// The installation is being moved to here.
    Arriving,
    /// The installation was moved away from here.
    Away,
}

impl Moved {
    /// What a database says of itself.
    pub(super) fn of(db: &Connection) -> Result<Self> {
        match db.query_row("SELECT moved FROM installation", [], |row| row.get(0))? {
            0_i64 => Ok(Self::Here),
            1 => Ok(Self::Arriving),
            _ => Ok(Self::Away),
        }
    }

    /// Has the database say so. A key store says nothing: it is opened beside its database alone.
    pub(super) fn note(self, db: &Connection, kind: Kind) -> Result<()> {
        if kind == Kind::KeyStore {
            return Ok(());
        }
        let number = match self {
            Self::Here => 0_i64,
            Self::Arriving => 1,
            Self::Away => 2,
        };
        db.execute("UPDATE installation SET moved = ?1", params![number])?;
        Ok(())
    }

    /// Whether it may be opened.
    pub(super) const fn check(self) -> Result<()> {
        match self {
            Self::Here => Ok(()),
            Self::Arriving => Err(StoreError::Arriving),
            Self::Away => Err(StoreError::MovedAway),
        }
    }
}

/// What stands in two databases that an installation is moved from or to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Which installation the database is of.
    pub database: Option<([u8; 16], Moved)>,
    /// Which installation the key store is of.
    pub key_store: Option<[u8; 16]>,
}

impl End {
    /// Looks, and brings what is there to the newest schema.
    ///
    /// # Errors
    /// Those of the files or the server.
    pub fn of(database: &Place, key_store: &Place) -> Result<Self> {
        Ok(Self {
            database: newest(database, Kind::Database)?
                .map(|(id, db)| Ok::<_, StoreError>((id, Moved::of(&db)?)))
                .transpose()?,
            key_store: newest(key_store, Kind::KeyStore)?.map(|(id, _)| id),
        })
    }

    /// Checks that this is where the installation is.
    ///
    /// # Errors
    /// [`StoreError::Arriving`], [`StoreError::MovedAway`].
    pub const fn check(&self) -> Result<()> {
        match self.database {
            Some((_, moved)) => moved.check(),
            None => Ok(()),
        }
    }
}

fn newest(at: &Place, kind: Kind) -> Result<Option<([u8; 16], Connection)>> {
    if at.installation()?.is_none() {
        return Ok(None);
    }
    let db = at.open(Access::Write)?;
    place::migrate(&db, kind)?;
    Ok(pair::installation(&db)?.map(|id| (id, db)))
}

/// Has a database say that it may not be opened yet, or not any more.
///
/// # Errors
/// Those of the file or the server.
pub fn close(database: &Place, moved: Moved) -> Result<()> {
    let db = database.open(Access::Write)?;
    moved.note(&db, Kind::Database)?;
    reached(Point::Closed);
    match db.sqlite().map_or(Ok(true), truncate_log)? {
        true => Ok(()),
        false => Err(StoreError::InUse),
    }
}

/// Opens a database that the installation has arrived in, and notes that in the ledger, in one transaction.
///
/// # Errors
/// [`StoreError::WrongKey`], or those of the files or the server.
pub fn arrive(
    database: &Place,
    key_store: &Place,
    key: &Arc<KeyEncryptionKey>,
    engine: Engine,
    now: UnixTime,
) -> Result<()> {
    let mut writing = Writing::open(database, key_store, Arc::clone(key))?;
    writing.begin()?;
    note(&writing, InstallationEvent::Moved(engine), now)?;
    Moved::Here.note(&writing.db, Kind::Database)?;
    writing.commit()?;
    rest(&writing)
}

/// Deletes a database that the installation was moved away from. Keys in a file are overwritten first, for what they open
/// may be erased in the installation later.
///
/// # Errors
/// Those of the file or the server.
pub fn remove(at: &Place, kind: Kind) -> Result<()> {
    match at {
        Place::Server(_) => apart(|| transfer::drop_tables(&at.open(Access::Write)?, kind))?,
        Place::File(path) => {
            if kind == Kind::KeyStore && at.installation()?.is_some() {
                let db = at.open(Access::Write)?;
                transfer::delete_rows(&db, kind)?;
                db.sqlite().map(truncate_log).transpose()?;
                reached(Point::KeysOverwritten);
            }
            ["-wal", "-shm", ""].into_iter().try_for_each(|ending| {
                reached(Point::SourceDeleting);
                remove_file(&beside(path, ending))
            })?;
        }
    }
    reached(Point::SourceDeleted);
    Ok(())
}

fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::Database(format!("its file: {}", error.kind())))
        }
        _ => Ok(()),
    }
}
