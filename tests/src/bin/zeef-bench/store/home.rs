//! Where the measured stores are: files, or databases on a server that is there for the time of the measurement.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeef_collector::config::Postgres;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::sql::{self, Place, SqlStore};
use zeef_tests::postgres;

use super::cpu;

/// How the server is set: durable, and with the memory that an operator would give it.
pub(super) const SETTINGS: [&str; 5] = [
    "fsync=on",
    "shared_buffers=2GB",
    "max_wal_size=4GB",
    "wal_compression=on",
    "autovacuum=on",
];

/// The key-encryption key of every measured store.
pub(super) const KEY: [u8; 32] = [7; 32];

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sqlite" => Some(Self::Sqlite),
            "postgres" => Some(Self::Postgres),
            _ => None,
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Where stores of one engine are made.
pub(super) struct Homes {
    engine: Engine,
    directory: PathBuf,
    server: Option<postgres::Server>,
    /// Gone at the end, unless somebody wants to keep it.
    _temporary: Option<tempfile::TempDir>,
}

/// One store's home.
pub(super) struct Home<'a> {
    pub(super) engine: Engine,
    pub(super) devices: u32,
    name: String,
    homes: &'a Homes,
}

impl Homes {
    pub(super) fn new(engine: Engine, keep: Option<&Path>) -> Self {
        let temporary = keep.is_none().then(|| tempfile::tempdir().expect("a directory"));
        let directory = keep
            .or(temporary.as_ref().map(tempfile::TempDir::path))
            .expect("one of the two")
            .to_owned();
        std::fs::create_dir_all(&directory).expect("the directory can be made");
        let server = (engine == Engine::Postgres).then(|| match keep {
            None => postgres::Server::start_with(postgres::newest(), &SETTINGS),
            Some(kept) => postgres::Server::start_on(&kept.join("postgresql"), postgres::newest(), &SETTINGS),
        });
        Self {
            engine,
            directory,
            server,
            _temporary: temporary,
        }
    }

    /// The home of a store of that many devices: the one that was kept, or a new one.
    pub(super) fn of(&self, devices: u32) -> Home<'_> {
        self.home(format!("fleet_{devices}"), devices)
    }

    /// A new home of a store that nobody wants to use again.
    pub(super) fn unkept(&self, devices: u32) -> Home<'_> {
        let home = self.home("once".to_owned(), devices);
        home.empty();
        home
    }

    fn home(&self, name: String, devices: u32) -> Home<'_> {
        let home = Home {
            engine: self.engine,
            devices,
            name,
            homes: self,
        };
        home.make();
        home
    }
}

impl Home<'_> {
    /// Opens the store, making it where it is not there.
    pub(super) fn open(&self) -> SqlStore {
        let (database, keys) = self.places();
        SqlStore::open(database, keys, KeyEncryptionKey::from_bytes(&KEY)).expect("the store opens")
    }

    /// CPU time so far of the server's processes, in seconds; none where there is no server.
    pub(super) fn server_cpu(&self) -> f64 {
        let server = self.homes.server.as_ref();
        server.map_or(0.0, |server| cpu::of_family(server.process_id()))
    }

    /// The folder of its files.
    pub(super) fn directory(&self) -> PathBuf {
        self.homes.directory.join(format!("sqlite_{}", self.name))
    }

    /// The server's part of a configuration that names this store; none where it is files.
    pub(super) fn on_a_server(&self) -> Option<Postgres> {
        let server = self.homes.server.as_ref()?;
        let [database, key_store] = self.names().map(|name| server.superuser_connection_to(&name));
        Some(Postgres {
            database,
            key_store,
            password: None,
            certificate_authority: None,
        })
    }

    /// Says that it is filled.
    pub(super) fn note_filled(&self) {
        std::fs::write(self.filled(), "").expect("a file can be written");
    }

    /// Whether it was filled by an earlier run.
    pub(super) fn is_filled(&self) -> bool {
        self.filled().exists()
    }

    fn filled(&self) -> PathBuf {
        self.homes
            .directory
            .join(format!("{}_{}.filled", self.engine.title(), self.name))
    }

    fn names(&self) -> [String; 2] {
        [self.name.clone(), format!("{}_keys", self.name)]
    }

    fn places(&self) -> (Place, Place) {
        let Some(server) = &self.homes.server else {
            let file = |name: &str| Place::File(self.directory().join(name));
            return (file("zeef.db"), file("keys.db"));
        };
        let place = |name: &String| {
            let address = server.superuser_connection_to(name);
            Place::Server(Arc::new(
                sql::Server::new(&address, None, None).expect("an address"),
            ))
        };
        let [database, keys] = self.names();
        (place(&database), place(&keys))
    }

    fn make(&self) {
        if !self.is_filled() {
            self.empty();
        }
    }

    /// Makes it anew. What an earlier run left half filled goes.
    fn empty(&self) {
        match &self.homes.server {
            None => {
                drop(std::fs::remove_dir_all(self.directory()));
                std::fs::create_dir_all(self.directory()).expect("the directory can be made");
            }
            Some(server) => {
                let connection = server.superuser_connection_to("postgres");
                for name in self.names() {
                    drop(postgres::psql(
                        &connection,
                        &format!("drop database if exists {name}"),
                    ));
                    drop(postgres::psql(&connection, &format!("create database {name}")));
                }
            }
        }
    }
}
