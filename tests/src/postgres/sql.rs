//! Where a database is, and statements to it.

use std::net::SocketAddr;
use std::process::Command;

use super::{DATABASE, Databases, KEY_STORE, PASSWORD, ROLE};
use crate::command::{self, Outcome};

/// How the role reaches the first of these servers that can be written to (libpq, "Connection Strings").
pub(super) fn connection(servers: &[SocketAddr], role: &str, database: &str) -> String {
    let address = address(servers, role, database);
    format!("{address} password={PASSWORD} connect_timeout=5 target_session_attrs=read-write")
}

fn address(servers: &[SocketAddr], role: &str, database: &str) -> String {
    let list = |part: fn(&SocketAddr) -> String| servers.iter().map(part).collect::<Vec<_>>().join(",");
    let hosts = list(|server| server.ip().to_string());
    let ports = list(|server| server.port().to_string());
    format!("host={hosts} port={ports} user={role} dbname={database}")
}

/// Both databases of the role on these servers.
pub(super) fn databases(servers: &[SocketAddr]) -> Databases {
    Databases {
        database: address(servers, ROLE, DATABASE),
        key_store: address(servers, ROLE, KEY_STORE),
        authority: None,
    }
}

/// What a new server lacks of that, a statement each.
pub(super) fn make_databases() -> [String; 3] {
    let database = |name| format!("create database {name} owner {ROLE}");
    [
        format!("create role {ROLE} login password '{PASSWORD}'"),
        database(DATABASE),
        database(KEY_STORE),
    ]
}

/// Runs statements; gives the rows, a line each, columns parted by `|`.
///
/// # Panics
/// If they fail.
#[track_caller]
#[must_use]
pub fn psql(connection: &str, statements: &str) -> String {
    try_psql(connection, statements).done().trim_end().to_owned()
}

/// [`psql`] of which a test expects that it may fail.
#[must_use]
pub fn try_psql(connection: &str, statements: &str) -> Outcome {
    let mut psql = Command::new("psql");
    psql.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"])
        .args([
            "--set=ON_ERROR_STOP=1",
            "--dbname",
            connection,
            "--command",
            statements,
        ]);
    command::run(psql)
}
