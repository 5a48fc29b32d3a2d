//! Where the two databases of an installation are, on either engine.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::driver::Connection;
use super::{postgres, sqlite};
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
    /// Checks that a database on a server has been set up: a file is looked for where it is configured.
    ///
    /// # Errors
    /// [`StoreError::Empty`], or those of the server.
    pub fn check_set_up(&self) -> Result<()> {
        match self {
            Self::File(_) => Ok(()),
            Self::Server(_) if postgres::is_set_up(&self.open(Access::Read)?)? => Ok(()),
            Self::Server(_) => Err(StoreError::Empty),
        }
    }

    pub(super) fn open(&self, access: Access) -> Result<Connection> {
        match self {
            Self::File(path) => sqlite::connection::open(path, access).map(Connection::Sqlite),
            Self::Server(server) => server.connect(access),
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
