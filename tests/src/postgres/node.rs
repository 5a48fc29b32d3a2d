//! PostgreSQL under Patroni, from the sample of `docs/high-availability`.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;

use super::{PASSWORD, PORT, SUPERUSER, newest, programs, sql, try_psql};
use crate::loopback::{get, own_address};
use crate::sample::adapted;
use crate::throwaway::{Directory, Throwaway};

const REST_API: u16 = 8008;

/// One database machine of a cluster.
pub struct Node {
    address: IpAddr,
    pub(super) program: Throwaway,
}

impl Node {
    pub(super) fn start(name: &str, etcd: SocketAddr) -> Self {
        let directory = Directory::new();
        let address = own_address();
        let file = directory.path().join("patroni.yml");
        let text = configuration(name, address, etcd, directory.path());
        std::fs::write(&file, text).expect("a file can be written");
        let mut command = Command::new("patroni");
        command.arg(file);
        Self {
            address,
            program: Throwaway::start(directory, &command),
        }
    }

    /// Where its PostgreSQL listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        SocketAddr::new(self.address, PORT)
    }

    /// How somebody who may everything reaches a database of it, while it is the primary.
    #[must_use]
    pub fn superuser_connection(&self, database: &str) -> String {
        sql::connection(&[self.address()], SUPERUSER, database)
    }

    /// What Patroni and PostgreSQL have logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.program.log()
    }

    pub(super) fn is_primary(&self) -> bool {
        self.ask("/primary").is_some_and(|(status, _)| status == 200)
    }

    /// A node leads a moment before its PostgreSQL is promoted.
    pub(super) fn takes_writes(&self) -> bool {
        try_psql(&self.superuser_connection("postgres"), "select").code == Some(0)
    }

    /// What Patroni answers at a path: status and text.
    pub(super) fn ask(&self, path: &str) -> Option<(u16, String)> {
        get(SocketAddr::new(self.address, REST_API), path)
    }
}

fn configuration(name: &str, address: IpAddr, etcd: SocketAddr, directory: &Path) -> String {
    let path = |name: &str| directory.join(name).display().to_string();
    let replacements = [
        ("name: one", format!("name: {name}")),
        ("10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379", etcd.to_string()),
        ("10.0.0.11", address.to_string()),
        ("10.0.0.0/24", "127.0.0.0/8".to_owned()),
        ("change-me", PASSWORD.to_owned()),
        (
            "/usr/lib/postgresql/15/bin",
            programs(newest()).display().to_string(),
        ),
        ("/var/lib/postgresql/15/zeef", path("data")),
        ("/var/lib/postgresql/patroni.pgpass", path("pgpass")),
        ("/var/run/postgresql", directory.display().to_string()),
        // A test has no half a minute to wait.
        ("ttl: 30", "ttl: 8".to_owned()),
        ("loop_wait: 10", "loop_wait: 1".to_owned()),
        ("retry_timeout: 10", "retry_timeout: 3".to_owned()),
    ];
    adapted(
        "patroni.yml",
        &replacements.each_ref().map(|(from, to)| (*from, to.as_str())),
    )
}
