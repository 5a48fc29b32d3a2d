//! `migrate`.

use std::path::Path;

use zeef_proto::Clock;

use super::arguments::{Engine, Migrate};
use super::failure::Failure;
use super::output::print;
use super::progress::Bar;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::installation::{self, Migrated};
use crate::ledger;

pub(super) fn run(command: &Migrate, config: &Path) -> Result<(), Failure> {
    let config = Config::read(config)?;
    if command.from == Some(command.to) {
        return Err(Failure::refused(
            "--from and --to name the same engine; nothing was changed. Leave out --from",
        ));
    }
    let to = match command.to {
        Engine::Sqlite => ledger::Engine::Sqlite,
        Engine::Postgres => ledger::Engine::Postgres,
    };
    let now = SystemClock.now();
    let done = installation::migrate(&config.files, to, command.delete_source, now, &mut Bar::new())?;
    print(&told(command.to, done))
}

fn told(to: Engine, done: Migrated) -> String {
    let moved = match (done.moved, to) {
        (false, _) => "The installation was moved already.",
        (true, Engine::Postgres) => {
            "The installation is on PostgreSQL now, and every table was compared. Start the collector as it is \
             configured."
        }
        (true, Engine::Sqlite) => {
            "The installation is in its files now, and every table was compared. Take the section [postgres] out of \
             the configuration, then start the collector."
        }
    };
    let source = if done.deleted {
        "What it was moved from is deleted."
    } else {
        "What it was moved from can be opened no more, but is still there, with keys that would outlive what is \
         erased from now on: once you are content, and before the section [postgres] goes, delete it by the same \
         command with --delete-source."
    };
    format!("{moved} {source}\n")
}
