//! Databases on the server that the tests of this program share.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use postgres::NoTls;
use zeef_collector::config::Postgres;
use zeef_collector::store::sql::{Place, Server};

use super::Part;

/// Two databases of their own.
pub(crate) struct Databases {
    name: String,
}

/// Databases that a test has done with, emptied for the next: to make one takes longer than most tests.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl Databases {
    pub(crate) fn create() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let free = FREE.lock().unwrap().pop();
        if let Some(name) = free {
            return Self { name };
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let databases = Self {
            name: format!("zeef_{}_{number}", std::process::id()),
        };
        let server = Client::of("postgres");
        for part in [Part::Database, Part::KeyStore] {
            server.execute(&format!("CREATE DATABASE {}", databases.name_of(part)));
        }
        databases
    }

    fn name_of(&self, part: Part) -> String {
        match part {
            Part::Database => self.name.clone(),
            Part::KeyStore => format!("{}_keys", self.name),
        }
    }

    pub(crate) fn place(&self, part: Part) -> Place {
        Place::Server(Arc::new(Server::new(&self.address(part), None, None).unwrap()))
    }

    pub(crate) fn address(&self, part: Part) -> String {
        address(&self.name_of(part))
    }

    pub(crate) fn wait_until_alone(&self) {
        let server = Client::of("postgres");
        let name = &self.name;
        let others =
            format!("SELECT count(*) FROM pg_stat_activity WHERE datname IN ('{name}', '{name}_keys')");
        // At most ten seconds.
        for _ in 0..10_000 {
            if server.number(&others) == 0 {
                return;
            }
            server.batch("SELECT pg_sleep(0.001)");
        }
        panic!("somebody is still connected");
    }

    pub(crate) fn configuration(&self) -> Postgres {
        let of = |part| address(&self.name_of(part));
        Postgres {
            database: of(Part::Database),
            key_store: of(Part::KeyStore),
            password: None,
            certificate_authority: None,
        }
    }

    pub(crate) fn connect(&self, part: Part) -> Client {
        Client::of(&self.name_of(part))
    }

    /// Takes everything out of a database, whoever has it open.
    pub(crate) fn empty(&self, part: Part) {
        let database = self.connect(part);
        database.number(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        database.batch("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    }

    /// The server's folder, in which everything is that is in its memory.
    pub(crate) fn servers_folder(&self) -> PathBuf {
        let server = Client::of("postgres");
        server.execute("CHECKPOINT");
        PathBuf::from(server.text("SHOW data_directory"))
    }

    pub(crate) fn bytes_on_disk(&self) -> Vec<u8> {
        let server = Client::of("postgres");
        let root = self.servers_folder();
        let mut bytes = Vec::new();
        for part in [Part::Database, Part::KeyStore] {
            let oid = server.number(&format!(
                "SELECT oid::bigint FROM pg_database WHERE datname = '{}'",
                self.name_of(part)
            ));
            for file in std::fs::read_dir(root.join("base").join(oid.to_string())).unwrap() {
                bytes.extend(std::fs::read(file.unwrap().path()).unwrap_or_default());
            }
        }
        bytes
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.empty(Part::Database);
        self.empty(Part::KeyStore);
        FREE.lock().unwrap().push(std::mem::take(&mut self.name));
    }
}

/// The server of this program, there with its first test. `ZEEF_TEST_POSTGRES`, a connection string without a database,
/// names another one that runs already.
static SERVER: LazyLock<zeef_tests::postgres::Server> = LazyLock::new(|| {
    zeef_tests::postgres::Server::start_with(
        zeef_tests::postgres::newest(),
        &["fsync=off", "max_connections=300"],
    )
});

/// How a database of the tests' server is reached.
fn address(database: &str) -> String {
    match std::env::var("ZEEF_TEST_POSTGRES") {
        Ok(server) => format!("{server} dbname={database}"),
        Err(_) => SERVER.superuser_connection_to(database),
    }
}

/// A connection that may be used where futures run: it works on a thread of its own.
pub(crate) struct Client(RefCell<Option<postgres::Client>>);

impl Client {
    fn of(database: &str) -> Self {
        let address = address(database);
        let connect = move || postgres::Client::connect(&address, NoTls).unwrap();
        Self(RefCell::new(Some(std::thread::spawn(connect).join().unwrap())))
    }

    fn with<T: Send>(&self, work: impl FnOnce(&mut postgres::Client) -> T + Send) -> T {
        let mut held = self.0.borrow_mut();
        let client = held.as_mut().unwrap();
        std::thread::scope(|scope| scope.spawn(|| work(client)).join().unwrap())
    }

    pub(crate) fn execute(&self, sql: &str) -> usize {
        self.with(|client| client.execute(sql, &[]).unwrap()) as usize
    }

    pub(crate) fn batch(&self, sql: &str) {
        self.with(|client| client.batch_execute(sql).unwrap());
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.with(|client| client.query_one(sql, &[]).unwrap().get(0))
    }

    pub(crate) fn all_bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        let rows = self.with(|client| client.query(sql, &[]).unwrap());
        rows.iter().map(|row| row.get(0)).collect()
    }

    pub(crate) fn bytes(&self, sql: &str) -> Vec<u8> {
        self.with(|client| client.query_one(sql, &[]).unwrap().get(0))
    }

    fn text(&self, sql: &str) -> String {
        self.with(|client| client.query_one(sql, &[]).unwrap().get(0))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let client = self.0.take();
        std::thread::spawn(move || drop(client)).join().unwrap();
    }
}
