//! Why an installation is not moved.

use crate::backup::BackupError;
use crate::installation::OpenError;
use crate::store::StoreError;

/// Why the installation stays where it is.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The configuration knows of one engine alone.
    #[error(
        "the configuration has no section [postgres], so there is no server to move to or from; nothing was changed. Add it, as in docs/config-samples/postgres.toml"
    )]
    NoServer,
    /// There is no installation.
    #[error(
        "there is no installation to move; nothing was changed. Check the paths and connection strings of the configuration"
    )]
    Nothing,
    /// The target holds another one.
    #[error(
        "another installation is where this one should be moved to; nothing was changed. Name empty databases"
    )]
    Foreign,
    /// Both ends say that they are the installation.
    #[error(
        "this installation is there already and may be in use, beside the one that should be moved; nothing was changed. Find out which of the two is the right one, and name empty databases for the move"
    )]
    Twice,
    /// It was moved, and nothing was asked for that could still be done.
    #[error(
        "the installation was moved there already; nothing was changed. What it was moved from is deleted by --delete-source"
    )]
    Done,
    /// It was moved away to somewhere else.
    #[error(
        "this installation was moved away, and is not where the configuration says that it is now; nothing was changed. Check the connection strings and paths, or restore a backup"
    )]
    Elsewhere,
    /// A move in the other direction has not ended.
    #[error(
        "a move in the other direction was cut off; nothing was changed. End it first, by the same command with the other engine for --to"
    )]
    OtherWay,
    /// The installation cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database does not serve, or others have it open.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be put in its place.
    #[error(transparent)]
    File(#[from] BackupError),
}
