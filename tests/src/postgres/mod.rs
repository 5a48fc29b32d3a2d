//! PostgreSQL from Debian, for the time of a test: one server, or several under Patroni.
//!
//! * [`Server`]: one server, there in a second;
//! * [`Cluster`]: several that take over from each other;
//! * [`psql`]: statements, by PostgreSQL's own client.

mod cluster;
mod databases;
mod etcd;
mod node;
mod server;
mod sql;
mod template;

use std::path::PathBuf;

pub use cluster::Cluster;
pub use databases::Databases;
pub use node::Node;
pub use server::Server;
pub use sql::{psql, try_psql};

/// The role that owns [`DATABASE`] and may no more than that.
pub const ROLE: &str = "zeef";
/// The database.
pub const DATABASE: &str = "zeef";
/// The one beside it, for keys.
pub const KEY_STORE: &str = "zeef_keys";
/// The role that may everything.
pub const SUPERUSER: &str = "postgres";
/// The password of every role.
pub const PASSWORD: &str = "password-of-a-test";

const PORT: u16 = 5432;

const INSTALLED: &str = "/usr/lib/postgresql";

/// The versions that are installed, oldest first.
#[must_use]
pub fn versions() -> Vec<u32> {
    let folders = std::fs::read_dir(INSTALLED).into_iter().flatten().flatten();
    let mut versions: Vec<u32> = folders
        .filter_map(|folder| folder.file_name().to_str()?.parse().ok())
        .filter(|version| program(*version, "postgres").is_file())
        .collect();
    versions.sort_unstable();
    versions
}

/// The newest version that is installed.
///
/// # Panics
/// If there is none.
#[must_use]
pub fn newest() -> u32 {
    *versions()
        .last()
        .expect("PostgreSQL is not installed: run packaging/setup/setup.sh test")
}

fn program(version: u32, name: &str) -> PathBuf {
    programs(version).join(name)
}

fn programs(version: u32) -> PathBuf {
    PathBuf::from(INSTALLED).join(version.to_string()).join("bin")
}
