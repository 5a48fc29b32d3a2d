//! One server.

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DATABASE, Databases, PORT, ROLE, SUPERUSER, newest, program, sql, template};
use crate::device::Identity;
use crate::loopback::own_address;
use crate::throwaway::{Directory, Throwaway, give_away};
use crate::wait;

/// A server that is gone with all its data when it is dropped, also as a `static`, and when the test is killed.
pub struct Server {
    address: SocketAddr,
    data: PathBuf,
    program: Throwaway,
}

impl Server {
    /// The newest version that is installed, in a hurry: what it commits survives its own end, not the machine's.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(newest(), &["fsync=off"])
    }

    /// A version out of [`super::versions`], with settings as `postgresql.conf` has them: `name=value`.
    ///
    /// # Panics
    /// If it does not start.
    #[track_caller]
    #[must_use]
    pub fn start_with(version: u32, settings: &[&str]) -> Self {
        Self::start_new(Directory::new(), version, settings)
    }

    /// One that takes connections by TLS as well, with this certificate.
    ///
    /// # Panics
    /// If it does not start.
    #[track_caller]
    #[must_use]
    pub fn start_with_tls(identity: &Identity) -> Self {
        let directory = Directory::new();
        let write = |name, text: &str| directory.write_private(name, text).display().to_string();
        let certificate = write("server.pem", &identity.chain_pem());
        let key = write("server.key", &identity.key.pair().serialize_pem());
        let settings = [
            format!("ssl_cert_file={certificate}"),
            format!("ssl_key_file={key}"),
        ];
        let [certificate, key] = settings.each_ref().map(String::as_str);
        Self::start_new(directory, newest(), &["fsync=off", "ssl=on", certificate, key])
    }

    /// The same with its data in a directory that stays: what is there, or a new server's.
    ///
    /// # Panics
    /// If it does not start.
    #[track_caller]
    #[must_use]
    pub fn start_on(directory: &Path, version: u32, settings: &[&str]) -> Self {
        let data = data(directory);
        if data.exists() {
            // It was killed: the notice of its last start is no longer true.
            drop(std::fs::remove_file(data.join("postmaster.pid")));
        } else {
            std::fs::create_dir_all(directory).expect("the directory can be made");
            give_away(directory);
            template::copy(version, &data);
        }
        Self::start_in(Directory::new(), data, version, settings)
    }

    #[track_caller]
    fn start_new(directory: Directory, version: u32, settings: &[&str]) -> Self {
        let data = data(directory.path());
        template::copy(version, &data);
        Self::start_in(directory, data, version, settings)
    }

    #[track_caller]
    fn start_in(directory: Directory, data: PathBuf, version: u32, settings: &[&str]) -> Self {
        let address = SocketAddr::new(own_address(), PORT);
        let mut command = Command::new(program(version, "postgres"));
        command.arg("-D").arg(&data);
        let listen = format!("listen_addresses={}", address.ip());
        let port = format!("port={PORT}");
        let socket = format!("unix_socket_directories={}", directory.path().display());
        for setting in [&listen, &port, &socket]
            .map(String::as_str)
            .iter()
            .chain(settings)
        {
            command.args(["-c", setting]);
        }
        let program = Throwaway::start(directory, &command);
        let server = Self {
            address,
            data,
            program,
        };
        server.wait_until_ready();
        server
    }

    #[track_caller]
    fn wait_until_ready(&self) {
        self.program.wait_for(wait::SOON, "PostgreSQL to be ready", || {
            let text = std::fs::read_to_string(self.notice()).ok()?;
            (text.lines().nth(7)?.trim_end() == "ready").then_some(())
        });
    }

    /// Its own notice to pg_ctl, of which the eighth line says how it is.
    fn notice(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }

    /// Kills it; its data stays.
    ///
    /// # Panics
    /// If it does not end.
    #[track_caller]
    pub fn kill(&mut self) {
        self.program.kill_program();
        self.program.wait_for(wait::SOON, "PostgreSQL to be gone", || {
            TcpStream::connect(self.address).err().map(drop)
        });
    }

    /// Starts it again, with the data that it had.
    ///
    /// # Panics
    /// If it does not start.
    #[track_caller]
    pub fn start_again(&mut self) {
        // It says "ready" of the one that was killed.
        std::fs::remove_file(self.notice()).expect("the one that was killed left it");
        self.program.start_program();
        self.wait_until_ready();
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The directory of its Unix socket.
    #[must_use]
    pub fn socket_directory(&self) -> &Path {
        self.program.path()
    }

    /// Its data directory, for those who look for what should not be there.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// The process from which all of its processes descend.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.program.process_id()
    }

    /// What it has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// Where an installation is kept on it.
    #[must_use]
    pub fn databases(&self) -> Databases {
        sql::databases(&[self.address])
    }

    /// How the collector reaches its database, as libpq's keywords and values.
    #[must_use]
    pub fn connection(&self) -> String {
        sql::connection(&[self.address], ROLE, DATABASE)
    }

    /// The same as somebody who may everything.
    #[must_use]
    pub fn superuser_connection(&self) -> String {
        self.superuser_connection_to(DATABASE)
    }

    /// The same to another database.
    #[must_use]
    pub fn superuser_connection_to(&self, database: &str) -> String {
        sql::connection(&[self.address], SUPERUSER, database)
    }
}

fn data(directory: &Path) -> PathBuf {
    directory.join("data")
}
