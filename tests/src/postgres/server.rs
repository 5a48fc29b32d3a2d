//! One server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DATABASE, PORT, ROLE, SUPERUSER, newest, program, sql, template};
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
        let directory = Directory::new();
        let data = data(directory.path());
        template::copy(version, &data);
        Self::start_in(directory, data, version, settings)
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
        // Its own notice to pg_ctl: the eighth line.
        let notice = data.join("postmaster.pid");
        program.wait_for(wait::SOON, "PostgreSQL to be ready", || {
            let text = std::fs::read_to_string(&notice).ok()?;
            (text.lines().nth(7)?.trim_end() == "ready").then_some(())
        });
        Self {
            address,
            data,
            program,
        }
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
