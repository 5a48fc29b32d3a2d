//! The data directory of a new server, made once for all of a program's tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{PASSWORD, SUPERUSER, program, sql};
use crate::command;
use crate::throwaway::{Directory, Throwaway, unprivileged};

/// Copies the data directory of a new server to a place that does not exist yet.
pub(super) fn copy(version: u32, to: &Path) {
    static MADE: Mutex<BTreeMap<u32, Throwaway>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let template = made.entry(version).or_insert_with(|| make(version));
    let mut copy = unprivileged("cp");
    copy.args(["--recursive", "--preserve=mode", "--reflink=auto"])
        .arg(data(template.path()))
        .arg(to);
    drop(command::run(copy).done());
}

fn make(version: u32) -> Throwaway {
    let directory = Directory::new();
    let password = directory.path().join("password");
    std::fs::write(&password, PASSWORD).expect("a file can be written");
    let mut initdb = unprivileged(program(version, "initdb"));
    initdb
        .args([
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--wal-segsize=1",
        ])
        .args(["--auth=scram-sha-256", "--username", SUPERUSER, "--pwfile"])
        .arg(password)
        .arg("--pgdata")
        .arg(data(directory.path()));
    drop(command::run(initdb).done());

    let mut alone = unprivileged(program(version, "postgres"));
    alone
        .args(["--single", "-D"])
        .arg(data(directory.path()))
        .args(["-F", "postgres"]);
    // In this mode each line is one statement.
    let statements = sql::make_databases().join("\n");
    drop(command::run_with_input(alone, &statements).done());
    Throwaway::directory(directory)
}

fn data(directory: &Path) -> PathBuf {
    directory.join("data")
}
