//! Forward-only migrations: numbered SQL files, each applied once, in one transaction with its number.

use rusqlite::Connection;

use super::super::place::Kind;
use crate::store::{Result, StoreError};

/// The migrations of one kind of file, and the mark by which SQLite knows the kind (`application_id`).
pub(in crate::store::sql) struct Schema {
    application_id: i64,
    migrations: &'static [&'static str],
}

/// The database.
pub(in crate::store::sql) const DATABASE: Schema = Schema {
    application_id: 0x7a65_6501,
    migrations: &[
        include_str!("migrations/database/0001_initial.sql"),
        include_str!("migrations/database/0002_sources.sql"),
        include_str!("migrations/database/0003_ledger.sql"),
        include_str!("migrations/database/0004_retention.sql"),
        include_str!("migrations/database/0005_erasure_log.sql"),
        include_str!("migrations/database/0006_erasure.sql"),
        include_str!("migrations/database/0007_moved.sql"),
        include_str!("migrations/database/0008_roles.sql"),
        include_str!("migrations/database/0009_sign_in.sql"),
        include_str!("migrations/database/0010_requests.sql"),
        include_str!("migrations/database/0011_saved_views.sql"),
        include_str!("migrations/database/0012_api_tokens.sql"),
    ],
};

/// The key store.
pub(in crate::store::sql) const KEY_STORE: Schema = Schema {
    application_id: 0x7a65_6502,
    migrations: &[
        include_str!("migrations/key_store/0001_initial.sql"),
        include_str!("migrations/key_store/0002_erasure_log.sql"),
        include_str!("migrations/key_store/0003_erasure.sql"),
    ],
};

impl Kind {
    /// The migrations of this kind of file.
    pub(in crate::store::sql) const fn schema(self) -> &'static Schema {
        match self {
            Self::Database => &DATABASE,
            Self::KeyStore => &KEY_STORE,
        }
    }
}

/// Brings a file to the newest schema.
pub(in crate::store::sql) fn migrate(db: &Connection, schema: &Schema) -> Result<()> {
    // Two programs may open a new file at once: look and migrate under one lock.
    db.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = (|| {
        let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            db.pragma_update(None, "application_id", schema.application_id)?;
        }
        let done = known(db, schema)?;
        for sql in &schema.migrations[done..] {
            db.execute_batch(sql)?;
        }
        if done < schema.migrations.len() {
            db.pragma_update(None, "user_version", schema.migrations.len())?;
        }
        Ok(())
    })();
    finish(db, migrated)
}

/// How many migrations a file of this kind has had; refuses another kind's, and a newer version's.
pub(in crate::store::sql) fn known(db: &Connection, schema: &Schema) -> Result<usize> {
    let number = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    if number("application_id")? != schema.application_id {
        return Err(StoreError::ForeignDatabase);
    }
    let found = u32::try_from(number("user_version")?).map_err(|_| StoreError::ForeignDatabase)?;
    let known = u32::try_from(schema.migrations.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(found as usize)
}

fn finish(db: &Connection, outcome: Result<()>) -> Result<()> {
    match outcome {
        Ok(()) => Ok(db.execute_batch("COMMIT")?),
        Err(error) => {
            // Some failures have ended the transaction already.
            if !db.is_autocommit() {
                db.execute_batch("ROLLBACK")?;
            }
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::place::Access;
    use super::super::connection;
    use super::*;

    #[test]
    fn a_new_file_is_migrated_and_an_old_one_left_as_it_is() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, &DATABASE).unwrap();
        db.execute(
            "INSERT INTO user (user, name, created_at) VALUES (zeroblob(16), 'a', 0)",
            [],
        )
        .unwrap();
        migrate(&db, &DATABASE).unwrap();
        assert_eq!(
            db.query_row("SELECT count(*) FROM user", [], |row| row.get::<_, i64>(0)),
            Ok(1)
        );
    }

    #[test]
    fn a_file_of_the_first_schema_is_brought_to_the_newest_with_what_is_in_it() {
        let first = Schema {
            application_id: DATABASE.application_id,
            migrations: &DATABASE.migrations[..1],
        };
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, &first).unwrap();
        db.execute("INSERT INTO user VALUES (zeroblob(16), 'a', NULL, 0)", [])
            .unwrap();
        migrate(&db, &DATABASE).unwrap();
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            db.query_row(&sql, [], |row| row.get::<_, i64>(0))
        };
        assert_eq!((count("user"), count("ledger_entry")), (Ok(1), Ok(0)));
    }

    #[test]
    fn a_database_of_the_first_schema_keeps_all_that_is_in_it() {
        const DEVICE: &str = "state, platform, agent, policy, enrolled_at, last_contact, sequence, report_check, \
                              suspected_clone, token, key_hash, serial, not_before, not_after";
        let directory = tempfile::tempdir().unwrap();
        let db = connection::open(&directory.path().join("zeef.db"), Access::Write).unwrap();
        let first = Schema {
            migrations: &DATABASE.migrations[..1],
            ..DATABASE
        };
        migrate(&db, &first).unwrap();
        db.execute_batch(
            "INSERT INTO organisation VALUES (x'01', 'Bakkerij Jansen', 5);
             INSERT INTO device VALUES (x'01', x'02', 1, 2, '0.1.0', 3, 4, 5, 6, x'07', 1, x'08', x'09', x'0a', 11, 12);
             INSERT INTO device (organisation, device, platform, agent, enrolled_at, token, key_hash)
                 VALUES (x'01', x'03', 0, '0.2.0', 4, x'08', x'0b');
             INSERT INTO observation VALUES (x'01', x'02', 'username', x'0c', x'0d', 14, 15);
             INSERT INTO observation VALUES (x'01', x'03', 'username', x'0c', x'0e', 14, 9223372036854775807);
             INSERT INTO device_change (organisation, device) VALUES (x'01', x'02'), (x'01', x'04');",
        )
        .unwrap();
        let rows = |sql: &str| -> Vec<String> {
            let mut statement = db.prepare(sql).unwrap();
            let columns = statement.column_count();
            let row = |row: &rusqlite::Row<'_>| {
                let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
                Ok(format!("{:?}", values.collect::<rusqlite::Result<Vec<_>>>()?))
            };
            statement
                .query_map([], row)
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap()
        };
        let devices = format!("SELECT organisation, device, {DEVICE} FROM device ORDER BY device");
        let observations =
            "SELECT device, field, blind, sealed, first_seen, expires_at FROM observation ORDER BY device";
        let before = (rows(&devices), rows(observations));
        assert_eq!((before.0.len(), before.1.len()), (2, 2));

        migrate(&db, &DATABASE).unwrap();
        assert_eq!((rows(&devices), rows(observations)), before);
        let origins = rows("SELECT source, product FROM observation");
        assert_eq!(origins, [r#"[Text("native"), Text("")]"#; 2]);
        assert_eq!(
            rows("SELECT sum(record_sequence), sum(speaks_for_site), count(record_check) FROM device"),
            ["[Integer(0), Integer(0), Integer(0)]"]
        );
        assert!(rows("PRAGMA foreign_key_check").is_empty());
        // The references hold under the tables' new names: what is held of a device goes with it.
        db.execute("DELETE FROM device WHERE device = x'02'", []).unwrap();
        assert_eq!(rows("SELECT device FROM observation"), ["[Blob([3])]"]);
        db.execute("INSERT INTO observation SELECT x'01', x'07', field, blind, source, product, sealed, 1, 2 FROM observation", [])
            .unwrap_err();
        // Only of the device that was gone before is it known that it went.
        assert_eq!(
            rows("SELECT device FROM device_change WHERE gone_at IS NOT NULL"),
            ["[Blob([4])]"]
        );
    }

    #[test]
    fn a_newer_schema_and_a_foreign_file_are_refused() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, &DATABASE).unwrap();
        assert_eq!(migrate(&db, &KEY_STORE), Err(StoreError::ForeignDatabase));
        db.pragma_update(None, "user_version", 99).unwrap();
        let known = DATABASE.migrations.len() as u32;
        assert_eq!(
            migrate(&db, &DATABASE),
            Err(StoreError::NewerSchema { found: 99, known })
        );

        let other = Connection::open_in_memory().unwrap();
        other.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert_eq!(migrate(&other, &DATABASE), Err(StoreError::ForeignDatabase));
    }
}
