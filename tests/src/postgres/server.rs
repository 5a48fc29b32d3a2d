//! One server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DATABASE, PORT, ROLE, SUPERUSER, newest, program, sql, template};
use crate::loopback::own_address;
use crate::throwaway::{Directory, Throwaway};
use crate::wait;

/// A server that is gone with all its data when it is dropped, also as a `static`, and when the test is killed.
pub struct Server {
    address: SocketAddr,
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
        template::copy(version, &data(directory.path()));
        let address = SocketAddr::new(own_address(), PORT);
        let mut command = Command::new(program(version, "postgres"));
        command.arg("-D").arg(data(directory.path()));
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
        let notice = data(program.path()).join("postmaster.pid");
        program.wait_for(wait::SOON, "PostgreSQL to be ready", || {
            let text = std::fs::read_to_string(&notice).ok()?;
            (text.lines().nth(7)?.trim_end() == "ready").then_some(())
        });
        Self { address, program }
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
        data(self.program.path())
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
