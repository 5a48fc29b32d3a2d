//! Database and key store know each other by the id of their installation.

use super::driver::{Connection, OptionalExtension};
use crate::random;
use crate::store::{Result, StoreError};

/// Makes sure that database and key store were made for each other; names both where they are new.
pub(super) fn pair(database: &Connection, key_store: &Connection) -> Result<()> {
    database.begin()?;
    let paired = match (installation(database)?, installation(key_store)?) {
        (Some(a), Some(b)) if a == b => Ok(()),
        (Some(_), _) => Err(StoreError::ForeignKeyStore),
        // The key store is named first, so a database that is still empty takes its name.
        (None, Some(theirs)) => name(database, theirs),
        (None, None) => {
            let new = random::bytes();
            name(key_store, new).and_then(|()| name(database, new))
        }
    };
    match paired {
        Ok(()) => Ok(database.commit()?),
        Err(error) => {
            database.roll_back();
            Err(error)
        }
    }
}

/// Which installation a database or key store belongs to; `None` where it is new.
pub(super) fn installation(db: &Connection) -> Result<Option<[u8; 16]>> {
    Ok(db
        .query_row("SELECT id FROM installation", [], |row| row.get(0))
        .optional()?)
}

fn name(db: &Connection, id: [u8; 16]) -> Result<()> {
    db.execute("INSERT INTO installation (id) VALUES (?1)", [id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::place::{self, Kind};
    use super::*;

    #[test]
    fn a_database_does_not_take_another_key_store() {
        let file = |kind| {
            let db = Connection::Sqlite(rusqlite::Connection::open_in_memory().unwrap());
            place::migrate(&db, kind).unwrap();
            db
        };
        let (database, keys) = (file(Kind::Database), file(Kind::KeyStore));
        pair(&database, &keys).unwrap();
        pair(&database, &keys).unwrap();
        assert_eq!(
            pair(&database, &file(Kind::KeyStore)),
            Err(StoreError::ForeignKeyStore)
        );
        // Cut off between the two names: the empty database takes the key store's.
        assert_eq!(pair(&file(Kind::Database), &keys), Ok(()));
    }
}
