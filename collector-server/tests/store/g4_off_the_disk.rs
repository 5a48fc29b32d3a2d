//! G4: what has expired is off the disk after the purge, in every file and every spelling.

use rusqlite::Connection;
use zeef_collector::retention::purge;
use zeef_proto::time::{DAY, HOUR};

use crate::fixture::{Installation, START, full};
use crate::needle::{Needle, holds};

/// Every file of the installation: databases, write-ahead logs and their indexes.
fn disk(zeef: &Installation) -> Vec<u8> {
    let directory = zeef.file("zeef.db");
    let files = std::fs::read_dir(directory.parent().unwrap()).unwrap();
    files
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect()
}

/// The sealed values and blind digests of all rows.
fn stored_forms(database: &Connection) -> Vec<Needle> {
    let mut statement = database
        .prepare("SELECT field, blind, sealed FROM observation")
        .unwrap();
    let rows = statement.query_map([], |row| {
        let (field, blind, sealed): (String, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok([
            Needle::new(format!("digest of {field}"), &blind),
            Needle::new(format!("sealed {field}"), &sealed),
        ])
    });
    rows.unwrap().flat_map(Result::unwrap).collect()
}

#[tokio::test]
async fn nothing_of_an_expired_value_is_left_in_any_file() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(DAY))).await;
    zeef.subscribe("voip", None).await;
    let names: Vec<_> = (0..20).map(|number| format!("needle-{number:03}-name")).collect();
    let mut needles: Vec<_> = names.iter().map(|name| Needle::text(name)).collect();
    // Enough of them to fill pages, split them and leave some free.
    for name in &names {
        let device = zeef.device().await;
        zeef.send(device, full(1, name, "needle.in.user", "10.77.66.55"), START)
            .await;
    }
    needles.extend(["needle.in.user", "10.77.66.55", "00:1a:2b:3c:4d:5e"].map(Needle::text));
    let database = Connection::open(zeef.file("zeef.db")).unwrap();
    let stored = stored_forms(&database);
    // Statistics of the query planner could copy values.
    database.execute_batch("ANALYZE").unwrap();
    drop(database);
    let bytes = disk(&zeef);
    for needle in &stored {
        assert!(
            needle.is_in(&bytes),
            "the scan sees what is there: {}",
            needle.what
        );
    }
    needles.extend(stored);

    let purged = purge(&zeef.store, START.plus(DAY)).await.unwrap();
    assert_eq!(
        (purged.failure, purged.run.observations, purged.run.log_kept_since),
        (None, 80, None)
    );
    let bytes = disk(&zeef);
    assert!(holds(&bytes, b"Bakkerij Jansen"));
    for needle in &needles {
        assert!(!needle.is_in(&bytes), "{}", needle.what);
    }
}

#[tokio::test]
async fn a_value_that_another_took_the_place_of_is_off_the_disk_after_the_next_purge() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let report = |sequence, name| full(sequence, name, "j.jansen", "10.0.3.17");
    zeef.send(device, report(1, "needle-in-name"), START).await;
    let database = Connection::open(zeef.file("zeef.db")).unwrap();
    let replaced = stored_forms(&database);
    drop(database);
    zeef.send(device, report(2, "another-name"), START.plus(HOUR))
        .await;
    purge(&zeef.store, START.plus(HOUR)).await.unwrap();
    let bytes = disk(&zeef);
    let gone = |what| {
        let mut forms = replaced.iter().filter(|needle| needle.what == what);
        !forms.next().unwrap().is_in(&bytes)
    };
    assert!(gone("digest of device_name") && gone("sealed device_name"));
    assert!(
        !gone("digest of username") && !gone("sealed username"),
        "it stays"
    );
}

#[tokio::test]
async fn samples_that_the_query_planner_took_of_values_go_with_the_next_purge() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let database = Connection::open(zeef.file("zeef.db")).unwrap();
    database.execute_batch("ANALYZE").unwrap();
    let rows = |table: &str| -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        database.query_row(&count, [], |row| row.get(0)).unwrap()
    };
    assert!(rows("sqlite_stat4") > 0, "this build of SQLite takes samples");
    purge(&zeef.store, START).await.unwrap();
    assert_eq!(rows("sqlite_stat4"), 0);
    // What stays are counts of rows.
    let mut statement = database.prepare("SELECT stat FROM sqlite_stat1").unwrap();
    let all = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for stat in all.map(Result::unwrap) {
        let counts = stat.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
        assert!(counts, "{stat}");
    }
}
