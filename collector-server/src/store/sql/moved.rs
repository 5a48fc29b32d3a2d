//! Which of two databases is the installation, once it was moved from one to the other. At any moment one of them at most
//! can be opened: one that is being moved to cannot yet, one that was moved away cannot any more.

use super::driver::{Connection, params};
use super::place::Kind;
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
