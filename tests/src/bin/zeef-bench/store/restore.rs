//! How long a backup takes, and putting it back.

use std::time::Instant;

use zeef_collector::backup::{self, Progress, Step, Wanted};
use zeef_collector::config::{Files, KeySource};
use zeef_collector::seal::KeyEncryptionKey;
use zeef_proto::time::DAY;

use super::home::{Engine, Home, KEY};
use crate::table::{self, progress};

/// What a backup and its restore came to.
pub(super) struct Restored {
    engine: Engine,
    devices: u32,
    bytes: u64,
    /// Seconds.
    backup: f64,
    /// Seconds.
    restore: f64,
}

/// Backs a store up, and puts it back in its own place.
pub(super) async fn measure(home: &Home<'_>) -> Restored {
    progress(&format!(
        "{}, {} devices: a backup, and putting it back",
        home.engine.title(),
        home.devices
    ));
    let directory = home.directory();
    let files = Files {
        postgres: home.on_a_server(),
        database: directory.join("zeef.db"),
        key_store: directory.join("keys.db"),
        key_encryption_key: KeySource::File(directory.join("not-asked-for")),
        authority: directory.join("not-asked-for"),
    };
    let out = directory.join("backup");
    drop(std::fs::remove_file(&out));
    let now = zeef_tests::clock::now();

    let store = home.open();
    let start = Instant::now();
    let saved = backup::save_database(&files, &store, &out, now.plus(DAY), now, &mut Nobody).await;
    let backup = start.elapsed().as_secs_f64();
    drop(store);
    let key = KeyEncryptionKey::from_bytes(&KEY);
    let start = Instant::now();
    let restored = backup::restore(&files, key, Wanted::Database(&out), now, &mut Nobody);
    let restore = start.elapsed().as_secs_f64();
    restored.expect("the backup can be put back");
    drop(std::fs::remove_file(&out));
    Restored {
        engine: home.engine,
        devices: home.devices,
        bytes: saved.expect("the backup can be made").bytes,
        backup,
        restore,
    }
}

/// Who does not look on.
struct Nobody;

impl Progress for Nobody {
    fn reached(&mut self, _: Step) {}
    fn part(&mut self, _: u64, _: u64) {}
}

/// Prints what they came to.
pub(super) fn print(restored: &[Restored]) {
    let rows: Vec<Vec<String>> = restored
        .iter()
        .map(|one| {
            vec![
                one.engine.title().to_owned(),
                one.devices.to_string(),
                format!("{:.0}", one.bytes as f64 / 1_048_576.0),
                format!("{:.1}", one.backup),
                format!("{:.1}", one.restore),
            ]
        })
        .collect();
    table::print(
        "A backup of the database, made, read again, and put back",
        &["engine", "devices", "MiB", "backup, s", "restore, s"],
        &rows,
    );
}
