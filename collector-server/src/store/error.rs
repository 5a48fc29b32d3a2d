//! What can go wrong in a transaction.

/// Nothing of the transaction took effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A name that must be unique exists already.
    #[error("there is already {0} of that name; choose another name")]
    NameTaken(&'static str),
    /// What was named is not there.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Nobody would be left who may make accounts.
    #[error(
        "this is the last administrator, and without one nobody could make accounts; nothing was changed. Make another administrator first"
    )]
    LastAdministrator,
    /// A legal hold keeps the data.
    #[error(
        "a legal hold keeps this data from being deleted; nothing was changed. See `zeef-collector retention hold list`, and end the hold first"
    )]
    OnHold,
    /// No room on the disk.
    #[error(
        "the disk that holds the database is full; nothing was stored. Free some space: the collector goes on by itself"
    )]
    DiskFull,
    /// The database cannot be opened or read.
    #[error(
        "the database failed ({0}); nothing was stored. Check its disk and permissions, or restore a backup"
    )]
    Database(String),
    /// A database that a newer version wrote.
    #[error(
        "the database has schema {found} and this version knows {known}; install the newer collector again"
    )]
    NewerSchema {
        /// Version in the database.
        found: u32,
        /// Highest version that this program knows.
        known: u32,
    },
    /// A sealed value does not open.
    #[error(
        "a stored value cannot be opened: the key store does not belong to this database, or the database was changed"
    )]
    Unsealing,
    /// The key that wraps data keys is not the one that wrapped them.
    #[error(
        "the key-encryption key is not the one that the key store was made with; restore the right key file"
    )]
    WrongKey,
    /// A key store that was made for another database, or a new one beside a database with content.
    #[error(
        "the key store does not belong to this database; restore the key store that was kept with it, or nothing in it can be read"
    )]
    ForeignKeyStore,
    /// A key store that is an earlier copy of the one that was last used with the database.
    #[error(
        "the key store is older than the database, and keys that were destroyed may be in it again; put the newest key store back, or go on with this one by `zeef-collector keys accept`"
    )]
    OlderKeyStore,
    /// The installation is open in another process, and must not be.
    #[error(
        "the collector or one of its commands has this installation open; nothing was changed. Stop it and try again"
    )]
    InUse,
    /// The installation is being restored, or its keys are being changed.
    #[error("the installation is being restored or gets another key; try again when that has ended")]
    BeingChanged,
    /// Another application's file.
    #[error("the file is not a database of this collector; name another file")]
    ForeignDatabase,
    /// The ledger's end is not what was signed, so that nothing can be added to it.
    #[error(
        "the ledger's newest entry or head is not what this installation signed; nothing was stored. Run `zeef-collector ledger verify`, and restore a database and key store that belong together, or see docs/ledger.md for how to begin another"
    )]
    Ledger,
    /// The server that holds the database is not there.
    #[error(
        "the database server cannot be reached, or has no room for another connection; nothing was stored. Check that it runs and takes this collector's connections: the collector goes on by itself"
    )]
    Unreachable,
    /// The database's server does not let the collector in, or its address is none.
    #[error(
        "the database server refused the connection ({0}); check the connection string, the user and its password, and the certificate authority"
    )]
    Refused(&'static str),
    /// A database on a server that nothing was moved to yet.
    #[error(
        "the database on the server holds no installation; move this one to it with `zeef-collector migrate --to postgres`, or check the connection string"
    )]
    Empty,
    /// A database that the installation is being moved to.
    #[error(
        "the move of this installation to another engine was cut off before its end; run `zeef-collector migrate` again as before, and it is done or begun anew"
    )]
    Arriving,
    /// A database that the installation was moved away from.
    #[error(
        "this installation was moved to the other engine, and what is left here must not be served; add the section [postgres] to the configuration if it is on PostgreSQL now, or take it out if it is in files again"
    )]
    MovedAway,
    /// What was copied does not read back.
    #[error(
        "the table {0} does not read back as it was written; nothing was changed. Check the disk of the database that it was copied to"
    )]
    Unverified(&'static str),
    /// Several collectors changed the same at the same time, repeatedly.
    #[error("others were changing the same data; nothing was stored. Try again")]
    Contended,
    /// More writes wait than the store takes on.
    #[error("too many writes are waiting; nothing was stored. Try again in a moment")]
    Busy,
    /// The engine is shutting down.
    #[error("the store is shutting down; nothing was stored")]
    Stopping,
}

// Names of tables and settings, never values: every value is a bound parameter.
zeef_proto::log_safe_by_display!(StoreError);

impl From<crate::seal::SealError> for StoreError {
    fn from(error: crate::seal::SealError) -> Self {
        match error {
            crate::seal::SealError::Open => Self::Unsealing,
            crate::seal::SealError::Wrapped => Self::WrongKey,
        }
    }
}
