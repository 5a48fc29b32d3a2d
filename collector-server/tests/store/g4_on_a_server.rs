//! G4 and G5 on PostgreSQL: nothing readable anywhere below the server's folder, and no destroyed key in the tables' files.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeef_collector::ledger::Actor;
use zeef_collector::retention::purge;
use zeef_collector::store::{AgentStore, InventoryStore};
use zeef_proto::time::DAY;

use crate::engine::{Part, literal};
use crate::fixture::{Installation, START, full};
use crate::needle::{Needle, found, holds};

/// Names that no other test and no run before this one has written to the server.
fn unheard_of(what: &str, number: usize) -> String {
    let random: [u8; 4] = zeef_collector::random::bytes();
    format!(
        "needle-{what}-{number}-{}",
        data_encoding::HEXLOWER.encode(&random)
    )
}

/// The newest time of a file that is written now, as the file system tells it.
fn now() -> SystemTime {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().metadata().unwrap().modified().unwrap()
}

/// Every file below a folder that was written since: data, write-ahead log, logs, temporary files.
fn written_since(since: SystemTime, folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // A server deletes files at any time.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            written_since(since, &entry.path(), files);
        } else if metadata.modified().unwrap() >= since {
            files.push(entry.path());
        }
    }
}

/// Empties what is emptied by and by: a process that vacuums by itself may be in the way for a moment.
async fn emptied(zeef: &Installation) {
    for _ in 0..1_000 {
        if zeef.store.checkpoint().await.unwrap() {
            return;
        }
    }
    panic!("somebody stays in the way");
}

#[tokio::test]
async fn nothing_of_what_was_held_can_be_read_below_the_servers_folder() {
    let since = now();
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(DAY))).await;
    zeef.subscribe("voip", None).await;
    let mut needles = Vec::new();
    for number in 0..10 {
        let (name, user) = (unheard_of("name", number), unheard_of("user", number));
        let device = zeef.device().await;
        zeef.send(device, full(1, &name, &user, "10.0.3.17"), START).await;
        needles.extend([Needle::text(&name), Needle::text(&user)]);
        if number % 2 == 0 {
            zeef.store
                .end_device(zeef.organisation, device, Actor::Administrator, START)
                .await
                .unwrap();
        }
    }
    let planted = unheard_of("plain", 0);
    let database = zeef.engine().raw(Part::Database);
    database.execute(&format!("COMMENT ON TABLE device IS '{planted}'"));
    needles.push(Needle::text(&planted));

    let purged = purge(&zeef.store, START.plus(DAY)).await.unwrap();
    assert_eq!((purged.failure, purged.run.observations), (None, 20));
    emptied(&zeef).await;
    let mut files = Vec::new();
    written_since(since, &zeef.engine().servers_folder(), &mut files);
    let mut seen = Vec::new();
    for file in files {
        let bytes = std::fs::read(&file).unwrap_or_default();
        for what in found(&needles, &bytes) {
            assert_eq!(what, planted, "{}", file.display());
            seen.push(file.components().rev().nth(1).unwrap().as_os_str().to_owned());
        }
    }
    assert!(
        seen.iter().any(|folder| folder == "pg_wal"),
        "the scan sees what is there"
    );
    assert!(seen.len() > 1, "in the log and in the table");
}

#[tokio::test]
async fn a_destroyed_key_is_in_no_file_of_a_table_after_the_next_purge() {
    let zeef = Installation::new().await;
    let (ended, other) = (zeef.device().await, zeef.device().await);
    for device in [ended, other] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let keys = zeef.engine().raw(Part::KeyStore);
    let [destroyed, kept] = [ended, other].map(|device| {
        let id = literal(device.as_bytes());
        keys.bytes(&format!("SELECT wrapped FROM device_key WHERE device = {id}"))
    });
    emptied(&zeef).await;
    zeef.store
        .end_device(zeef.organisation, ended, Actor::Administrator, START)
        .await
        .unwrap();
    let bytes = zeef.engine().bytes_on_disk();
    assert!(holds(&bytes, &destroyed), "the page still has it");
    emptied(&zeef).await;
    let bytes = zeef.engine().bytes_on_disk();
    assert!(!holds(&bytes, &destroyed));
    assert!(holds(&bytes, &kept));
}

#[tokio::test]
async fn keys_that_somebody_reads_are_rewritten_later() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    emptied(&zeef).await;
    zeef.store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    let reader = zeef.engine().raw(Part::KeyStore);
    reader.execute("BEGIN");
    reader.execute("LOCK TABLE device_key IN ACCESS SHARE MODE");
    assert!(!zeef.store.checkpoint().await.unwrap(), "it yields, and says so");
    reader.execute("COMMIT");
    emptied(&zeef).await;
}

#[tokio::test]
async fn the_servers_statistics_copy_no_value_that_could_outlive_its_row() {
    let zeef = Installation::new().await;
    zeef.reporting().await;
    for (part, columns) in [
        (Part::Database, "'sealed', 'blind', 'name', 'mark', 'secret_hash'"),
        (Part::KeyStore, "'wrapped', 'mark'"),
    ] {
        let database = zeef.engine().raw(part);
        database.run("ANALYZE");
        let kept = |rest: &str| {
            let all = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public'";
            database.number(&format!("{all} {rest}"))
        };
        assert!(kept("") > 0, "they are taken");
        assert_eq!(kept(&format!("AND attname IN ({columns})")), 0);
    }
}
