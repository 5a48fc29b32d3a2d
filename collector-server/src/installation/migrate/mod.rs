//! Moving an installation between its files and a server. The databases are copied and compared while nobody has either
//! open; then the former ones are closed for good, and only then the new ones are opened.

mod decide;
mod error;

use std::sync::Arc;

use zeef_proto::UnixTime;

pub use error::MigrateError;

use super::key::key_encryption_key;
use super::open::{at, places_on};
use crate::backup::{Draft, Progress, Step};
use crate::config::Files;
use crate::files::create_private_directory;
use crate::ledger::Engine;
use crate::seal::KeyEncryptionKey;
use crate::store::StoreError;
use crate::store::sql::{self, End, Exclusive, Kind, Moved, Place};
use decide::{Next, next};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The installation was moved; it was there already otherwise.
    pub moved: bool,
    /// What it was moved from was deleted.
    pub deleted: bool,
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
            create_private_directory(parent).map_err(at(parent))?;
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
