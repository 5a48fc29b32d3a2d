//! Moving an installation between its files and a server. The databases are copied and compared while nobody has either
//! open; then the former ones are closed for good, and only then the new ones are opened.

use std::sync::Arc;

use zeef_proto::UnixTime;

use super::OpenError;
use super::key::key_encryption_key;
use super::open::places_on;
use crate::backup::{BackupError, Draft, Progress, Step};
use crate::config::Files;
use crate::files::create_private_directory;
use crate::ledger::Engine;
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{self, End, Exclusive, Kind, Moved, Place};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The installation was moved; it was there already otherwise.
    pub moved: bool,
    /// What it was moved from was deleted.
    pub deleted: bool,
}

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

/// Moves the installation to an engine; with `delete_source`, what it was moved from is deleted, now or where it was
/// moved earlier. Done again after it was cut off, it is ended or begun anew.
///
/// # Errors
/// [`MigrateError`]; the installation stays where it is then, unless it was there no more.
pub fn migrate(
    files: &Files,
    to: Engine,
    delete_source: bool,
    now: UnixTime,
    progress: &mut dyn Progress,
) -> Result<Migrated, MigrateError> {
    let from = match to {
        Engine::Sqlite => Engine::Postgres,
        Engine::Postgres => Engine::Sqlite,
    };
    if files.postgres.is_none() {
        return Err(MigrateError::NoServer);
    }
    let moving = Moving {
        files,
        from: places_on(files, from)?,
        to: places_on(files, to)?,
        engine: to,
        key: Arc::new(key_encryption_key(files)?),
        now,
    };
    sql::apart(|| moving.run(delete_source, progress))
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Copy, whatever a move that was cut off has left.
    Copy,
    /// End a move of which nothing but the last step is missing.
    End,
    /// The installation is there.
    Nothing,
}

/// Decides by what stands at both ends.
fn next(from: &End, to: &End) -> Result<Next, MigrateError> {
    let there = to.database.map(|(_, moved)| moved);
    let Some((installation, here)) = from.database else {
        return match there {
            Some(Moved::Here) => Ok(Next::Nothing),
            _ => Err(MigrateError::Nothing),
        };
    };
    let is_ours = |id: [u8; 16]| id == installation;
    if !to.database.is_none_or(|(id, _)| is_ours(id)) || !to.key_store.is_none_or(is_ours) {
        return Err(MigrateError::Foreign);
    }
    match (here, there) {
        (Moved::Here, Some(Moved::Here)) => Err(MigrateError::Twice),
        (Moved::Here, _) if from.key_store == Some(installation) => Ok(Next::Copy),
        (Moved::Here, _) => Err(StoreError::ForeignKeyStore.into()),
        (Moved::Away, Some(Moved::Arriving)) => Ok(Next::End),
        (Moved::Away, Some(Moved::Here)) => Ok(Next::Nothing),
        (Moved::Away, _) => Err(MigrateError::Elsewhere),
        (Moved::Arriving, _) => Err(MigrateError::OtherWay),
    }
}

/// A move at work.
struct Moving<'a> {
    files: &'a Files,
    from: (Place, Place),
    to: (Place, Place),
    engine: Engine,
    key: Arc<KeyEncryptionKey>,
    now: UnixTime,
}

impl Moving<'_> {
    fn run(&self, delete_source: bool, progress: &mut dyn Progress) -> Result<Migrated, MigrateError> {
        // A new machine may have nothing yet.
        for parent in [&self.files.database, &self.files.key_store]
            .into_iter()
            .filter_map(|file| file.parent())
        {
            create_private_directory(parent).map_err(super::open::at(parent))?;
        }
        let _alone = (Exclusive::take(&self.from.0)?, Exclusive::take(&self.to.0)?);
        let next = next(
            &End::of(&self.from.0, &self.from.1)?,
            &End::of(&self.to.0, &self.to.1)?,
        )?;
        match next {
            Next::Copy => {
                self.copy(progress)?;
                self.end(progress)?;
            }
            Next::End => self.end(progress)?,
            Next::Nothing if !delete_source => return Err(MigrateError::Done),
            Next::Nothing => {}
        }
        if delete_source {
            // The keys first: without them the rest is worthless.
            sql::remove(&self.from.1, Kind::KeyStore)?;
            sql::remove(&self.from.0, Kind::Database)?;
        }
        Ok(Migrated {
            moved: next != Next::Nothing,
            deleted: delete_source,
        })
    }

    /// Copies key store and database. The key store may stay behind alone, where this is cut off; it is replaced then.
    fn copy(&self, progress: &mut dyn Progress) -> Result<(), MigrateError> {
        if !sql::opens(self.from.1.clone(), &self.key)? {
            return Err(StoreError::WrongKey.into());
        }
        self.copy_one(Kind::KeyStore, progress)?;
        progress.reached(Step::KeysInPlace);
        self.copy_one(Kind::Database, progress)?;
        progress.reached(Step::InPlace);
        Ok(())
    }

    fn copy_one(&self, kind: Kind, progress: &mut dyn Progress) -> Result<(), MigrateError> {
        let (from, to) = match kind {
            Kind::Database => (&self.from.0, &self.to.0),
            Kind::KeyStore => (&self.from.1, &self.to.1),
        };
        let mut told = |done, total| progress.part(done, total);
        match to {
            Place::Server(_) => sql::fill(to, kind, from, Moved::Arriving, &mut told)?,
            Place::File(path) => {
                let draft = Draft::new(path)?;
                sql::copy(from, kind, draft.path(), &mut told)?;
                if kind == Kind::Database {
                    sql::close(&draft.place(), Moved::Arriving)?;
                }
                draft.replace(to, kind, progress)?;
            }
        }
        Ok(())
    }

    /// Closes the former database, and opens the new one: never are both open.
    fn end(&self, progress: &mut dyn Progress) -> Result<(), MigrateError> {
        sql::close(&self.from.0, Moved::Away)?;
        progress.reached(Step::MovedAway);
        sql::arrive(&self.to.0, &self.to.1, &self.key, self.engine, self.now)?;
        progress.reached(Step::Arrived);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [u8; 16] = [1; 16];

    fn end(moved: Moved) -> End {
        End {
            database: Some((OURS, moved)),
            key_store: Some(OURS),
        }
    }

    const NOTHING: End = End {
        database: None,
        key_store: None,
    };

    #[test]
    fn what_stands_at_both_ends_decides_what_is_next() {
        use Moved::{Arriving, Away, Here};
        let keys_alone = End {
            database: None,
            ..end(Here)
        };
        for to in [NOTHING, keys_alone, end(Arriving), end(Away)] {
            assert_eq!(next(&end(Here), &to).unwrap(), Next::Copy, "{to:?}");
        }
        assert_eq!(next(&end(Away), &end(Arriving)).unwrap(), Next::End);
        assert_eq!(next(&end(Away), &end(Here)).unwrap(), Next::Nothing);
        let keys_deleted = End {
            key_store: None,
            ..end(Away)
        };
        assert_eq!(next(&keys_deleted, &end(Here)).unwrap(), Next::Nothing);
        assert_eq!(next(&NOTHING, &end(Here)).unwrap(), Next::Nothing);
    }

    #[test]
    fn what_could_lose_an_installation_or_double_it_is_refused() {
        use Moved::{Arriving, Away, Here};
        type Refusal = fn(&MigrateError) -> bool;
        let without_keys = End {
            key_store: None,
            ..end(Here)
        };
        let theirs = End {
            database: Some(([2; 16], Away)),
            key_store: None,
        };
        let their_keys = End {
            database: None,
            key_store: Some([2; 16]),
        };
        let cases: [(End, End, Refusal); 9] = [
            (NOTHING, NOTHING, |error| matches!(error, MigrateError::Nothing)),
            (NOTHING, end(Away), |error| matches!(error, MigrateError::Nothing)),
            (end(Here), theirs, |error| matches!(error, MigrateError::Foreign)),
            (end(Here), their_keys, |error| {
                matches!(error, MigrateError::Foreign)
            }),
            (end(Here), end(Here), |error| matches!(error, MigrateError::Twice)),
            (end(Away), NOTHING, |error| {
                matches!(error, MigrateError::Elsewhere)
            }),
            (end(Away), end(Away), |error| {
                matches!(error, MigrateError::Elsewhere)
            }),
            (end(Arriving), end(Here), |error| {
                matches!(error, MigrateError::OtherWay)
            }),
            (without_keys, NOTHING, |error| {
                matches!(error, MigrateError::Store(StoreError::ForeignKeyStore))
            }),
        ];
        for (from, to, refusal) in cases {
            let error = next(&from, &to).unwrap_err();
            assert!(refusal(&error), "{from:?} to {to:?}: {error}");
        }
    }
}
