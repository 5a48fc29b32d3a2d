//! What a database answers when it does not do what it was asked.

use postgres::error::SqlState;

use crate::store::StoreError;

/// Result of a statement.
pub(in crate::store::sql) type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a statement failed.
#[derive(Debug)]
pub(in crate::store::sql) enum Error {
    /// A row was expected and there is none.
    NoRow,
    /// A value is not of the type that its column is read as.
    Type,
    Sqlite(rusqlite::Error),
    Postgres(postgres::Error),
}

impl Error {
    /// Whether a value that must be unique is there already.
    pub(in crate::store::sql) fn is_taken(&self) -> bool {
        match self {
            Self::Sqlite(error) => error
                .sqlite_error()
                .is_some_and(|code| code.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE),
            Self::Postgres(error) => error.code() == Some(&SqlState::UNIQUE_VIOLATION),
            Self::NoRow | Self::Type => false,
        }
    }

    /// Whether others held a lock for as long as it was waited for.
    pub(in crate::store::sql) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }
}

/// Makes nothing of a row that is not there.
pub(in crate::store::sql) trait OptionalExtension<T> {
    /// `None` where there is no row.
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoRow) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NoRow,
            other => Self::Sqlite(other),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NoRow => Self::Database("a missing row".to_owned()),
            Error::Type => Self::Database("a column of an unexpected type".to_owned()),
            Error::Sqlite(error) => of_sqlite(&error),
            Error::Postgres(error) => of_postgres(&error),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        of_sqlite(&error)
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        of_postgres(&error)
    }
}

/// SQLite's messages name tables and columns, never values: every value is a bound parameter.
fn of_sqlite(error: &rusqlite::Error) -> StoreError {
    // The index of a write-ahead log that cannot grow.
    if error.sqlite_extended_error_code() == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) {
        return StoreError::DiskFull;
    }
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => StoreError::DiskFull,
        Some(code) => StoreError::Database(format!("{code:?}")),
        None => StoreError::Database(
            match error {
                rusqlite::Error::FromSqlConversionFailure(..) => "a column of an unexpected type",
                rusqlite::Error::QueryReturnedNoRows => "a missing row",
                _ => "an unexpected result",
            }
            .to_owned(),
        ),
    }
}

/// Only the code is told: PostgreSQL's messages quote values.
fn of_postgres(error: &postgres::Error) -> StoreError {
    match error.code() {
        Some(code) if *code == SqlState::DISK_FULL => StoreError::DiskFull,
        // Of a reference that does not hold, the other end was deleted meanwhile.
        Some(code)
            if [
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::LOCK_NOT_AVAILABLE,
                SqlState::FOREIGN_KEY_VIOLATION,
            ]
            .contains(code) =>
        {
            StoreError::Contended
        }
        Some(code) if is_of_the_connection(code) => StoreError::Unreachable,
        Some(code) => StoreError::Database(format!("SQLSTATE {}", code.code())),
        None if error.is_closed()
            || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>()) =>
        {
            StoreError::Unreachable
        }
        None => StoreError::Database("an unexpected result".to_owned()),
    }
}

/// The server goes down, comes up, is a standby now, or takes no more connections.
fn is_of_the_connection(code: &SqlState) -> bool {
    code.code().starts_with("08")
        || [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ]
        .contains(code)
}
