//! Where the two databases of an installation are, on either engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::driver::Connection;
use super::key_store::{Generation, generation};
use super::{apart, pair, postgres, sqlite};
use crate::store::{Result, StoreError};
pub use postgres::Server;

/// One database: a file, or one on a server.
#[derive(Clone)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of PostgreSQL.
    Server(Arc<Server>),
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Reads and writes; makes a file where it is not there.
    Write,
    /// Reads only.
    Read,
}

/// The two databases of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data.
    Database,
    /// The keys.
    KeyStore,
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl Place {
    /// The id of the installation that is there; `None` where there is nothing, or what was begun there and cut off.
    ///
    /// # Errors
    /// Those of the file or server.
    pub fn installation(&self) -> Result<Option<[u8; 16]>> {
        match self {
            // An empty file is a new database.
            Self::File(path) if std::fs::metadata(path).map_or(0, |file| file.len()) == 0 => Ok(None),
            Self::File(_) => pair::installation(&self.open(Access::Read)?),
            Self::Server(_) => apart(|| {
                let db = self.open(Access::Read)?;
                if postgres::is_set_up(&db)? {
                    pair::installation(&db)
                } else {
                    Ok(None)
                }
            }),
        }
    }

    /// Checks that a database on a server holds an installation: a file is looked for where it is configured.
    ///
    /// # Errors
    /// [`StoreError::Empty`], or those of the server.
    pub fn check_set_up(&self) -> Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Server(_) => self.installation()?.map(drop).ok_or(StoreError::Empty),
        }
    }

    pub(super) fn open(&self, access: Access) -> Result<Connection> {
        match self {
            Self::File(path) => sqlite::connection::open(path, access).map(Connection::Sqlite),
            Self::Server(server) => server.connect(access),
        }
    }
}

/// Checks that a database is whole, of this kind and not from a newer version, a file while nobody has it open; gives the
/// id of its installation.
///
/// # Errors
/// [`StoreError::ForeignDatabase`], [`StoreError::NewerSchema`], [`StoreError::Empty`], or those of the file or server.
pub fn check(place: &Place, kind: Kind) -> Result<[u8; 16]> {
    match place {
        Place::File(path) => sqlite::files::check(path, kind),
        Place::Server(_) => apart(|| {
            let db = place.open(Access::Read)?;
            if postgres::known(&db, kind)? == 0 {
                return Err(StoreError::Empty);
            }
            pair::installation(&db)?.ok_or(StoreError::Empty)
        }),
    }
}

/// How far a database had come that nobody has open; `None` where it cannot be told.
#[must_use]
pub fn generation_of(place: &Place) -> Option<i64> {
    match place {
        Place::File(path) => sqlite::files::generation_of(path),
        Place::Server(_) => {
            let read = || generation(&place.open(Access::Read)?);
            apart(read).ok().map(|Generation(generation)| generation)
        }
    }
}

/// Brings a database to the newest schema.
pub(super) fn migrate(db: &Connection, kind: Kind) -> Result<()> {
    match db {
        Connection::Sqlite(db) => sqlite::migrate::migrate(db, kind.schema()),
        Connection::Postgres(_) => postgres::migrate(db, kind),
    }
}
