//! The engine under test, by the name of the test program: each runs the same suite.
#![allow(dead_code, reason = "several programs share it, and none uses all of it")]

mod postgres;

use std::collections::BTreeMap;
use std::path::PathBuf;

use rusqlite::Connection as File;
use zeef_collector::config::Postgres;
use zeef_collector::store::sql::Place;

use postgres::Databases;

/// Whether this is the suite on PostgreSQL.
pub(crate) const ON_POSTGRES: bool = matches!(
    env!("CARGO_CRATE_NAME").as_bytes(),
    [
        ..,
        b'o',
        b'n',
        b'_',
        b'p',
        b'o',
        b's',
        b't',
        b'g',
        b'r',
        b'e',
        b's'
    ]
);

/// One of the two databases of an installation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Database,
    KeyStore,
}

/// The databases of one installation; gone with this.
pub(crate) struct Engine {
    directory: tempfile::TempDir,
    databases: Option<Databases>,
}

impl Engine {
    pub(crate) fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// With its files in memory, where the system has a place for them: what a process wrote outlives it there too.
    pub(crate) fn in_memory() -> Self {
        Self::within(tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap()))
    }

    fn within(directory: tempfile::TempDir) -> Self {
        Self {
            directory,
            databases: ON_POSTGRES.then(Databases::create),
        }
    }

    /// How the two databases are reached on their server.
    pub(crate) fn addresses(&self) -> Option<(String, String)> {
        let databases = self.databases.as_ref()?;
        Some((
            databases.address(Part::Database),
            databases.address(Part::KeyStore),
        ))
    }

    /// Waits until the server has noticed that a process is gone.
    pub(crate) fn wait_until_alone(&self) {
        if let Some(databases) = &self.databases {
            databases.wait_until_alone();
        }
    }

    pub(crate) fn place(&self, part: Part) -> Place {
        match &self.databases {
            Some(databases) => databases.place(part),
            None => Place::File(self.file(part)),
        }
    }

    /// The server, as a configuration names it.
    pub(crate) fn postgres(&self) -> Option<Postgres> {
        self.databases.as_ref().map(Databases::configuration)
    }

    /// The folder in which SQLite's files are.
    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub(crate) fn into_directory(self) -> tempfile::TempDir {
        self.directory
    }

    fn file(&self, part: Part) -> PathBuf {
        self.directory.path().join(match part {
            Part::Database => "zeef.db",
            Part::KeyStore => "keys.db",
        })
    }

    /// Everything that the server has.
    pub(crate) fn servers_folder(&self) -> PathBuf {
        self.databases.as_ref().unwrap().servers_folder()
    }

    /// Passes the collector by, as whoever has the database can.
    pub(crate) fn raw(&self, part: Part) -> Raw {
        match &self.databases {
            Some(databases) => Raw::Server(databases.connect(part)),
            None => self.raw_file(part),
        }
    }

    /// The same, where the installation was moved to files.
    pub(crate) fn raw_file(&self, part: Part) -> Raw {
        Raw::File(File::open(self.file(part)).unwrap())
    }

    /// All that the two databases hold, to tell whether it changed.
    pub(crate) fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        if self.databases.is_some() {
            let all = "SELECT convert_to(schema_to_xml('public', true, false, '')::text, 'UTF8')";
            return [Part::Database, Part::KeyStore]
                .map(|part| (format!("{part:?}"), self.raw(part).bytes(all)))
                .into();
        }
        std::fs::read_dir(self.directory())
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| !path.to_string_lossy().ends_with("lock"))
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
            .collect()
    }

    /// Loses one of the databases.
    pub(crate) fn lose(&self, part: Part) {
        match &self.databases {
            Some(databases) => databases.empty(part),
            None => {
                for ending in ["", "-wal", "-shm"] {
                    let mut name = self.file(part).into_os_string();
                    name.push(ending);
                    drop(std::fs::remove_file(name));
                }
            }
        }
    }

    /// Has a database say that a version of that number wrote it; gives what it said before.
    pub(crate) fn set_version(&self, version: i64) -> i64 {
        match self.raw(Part::Database) {
            Raw::File(db) => {
                let former = db.pragma_query_value(None, "user_version", |row| row.get(0));
                db.pragma_update(None, "user_version", version).unwrap();
                former.unwrap()
            }
            server => {
                let former = server.number("SELECT version FROM zeef_schema");
                server.execute(&format!("UPDATE zeef_schema SET version = {version}"));
                former
            }
        }
    }

    /// All bytes of the files in which the two databases are.
    pub(crate) fn bytes_on_disk(&self) -> Vec<u8> {
        match &self.databases {
            Some(databases) => databases.bytes_on_disk(),
            None => std::fs::read_dir(self.directory())
                .unwrap()
                .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
                .collect(),
        }
    }
}

/// A connection that is not the collector's.
pub(crate) enum Raw {
    File(File),
    Server(postgres::Client),
}

impl Raw {
    /// Runs statements; gives how many rows the last one changed.
    pub(crate) fn execute(&self, sql: &str) -> usize {
        match self {
            Self::File(db) => db.execute(sql, []).unwrap(),
            Self::Server(client) => client.execute(sql),
        }
    }

    /// Runs statements that change no row.
    pub(crate) fn run(&self, sql: &str) {
        match self {
            Self::File(db) => db.execute_batch(sql).unwrap(),
            Self::Server(client) => client.batch(sql),
        }
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        match self {
            Self::File(db) => db.query_row(sql, [], |row| row.get(0)).unwrap(),
            Self::Server(client) => client.number(sql),
        }
    }

    /// Of all rows.
    pub(crate) fn all_bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        match self {
            Self::File(db) => {
                let mut statement = db.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            }
            Self::Server(client) => client.all_bytes(sql),
        }
    }

    pub(crate) fn bytes(&self, sql: &str) -> Vec<u8> {
        match self {
            Self::File(db) => db.query_row(sql, [], |row| row.get(0)).unwrap(),
            Self::Server(client) => client.bytes(sql),
        }
    }
}

/// Bytes as both engines read them in a statement.
pub(crate) fn literal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    if ON_POSTGRES {
        format!("'\\x{hex}'::bytea")
    } else {
        format!("x'{hex}'")
    }
}
