//! G4: what has expired is off the disk after the purge, in every file and every spelling.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use rusqlite::Connection;
use zeef_collector::retention::purge;
use zeef_proto::time::{DAY, HOUR};

use crate::fixture::{Installation, START, full};

/// Something that must be nowhere, in every form in which a program could have written it.
struct Needle {
    what: String,
    forms: Vec<Vec<u8>>,
}

impl Needle {
    fn new(what: impl Into<String>, bytes: &[u8]) -> Self {
        let mut forms = vec![
            bytes.to_vec(),
            HEXLOWER.encode(bytes).into_bytes(),
            HEXUPPER.encode(bytes).into_bytes(),
        ];
        for encoding in [BASE64, BASE64URL] {
            // As it stands in a longer text, at any of the three places in a group of three bytes.
            for shift in 0..3 {
                let shifted = [&[0; 2][..shift], bytes].concat();
                let text = encoding.encode(&shifted);
                // What depends on the bytes alone: without the first group that has others in it, and the last.
                let start = if shift == 0 { 0 } else { 4 };
                let whole = shifted.len() / 3 * 4;
                if whole > start + 8 {
                    forms.push(text.as_bytes()[start..whole].to_vec());
                }
            }
        }
        Self {
            what: what.into(),
            forms,
        }
    }

    fn text(text: &str) -> Self {
        let mut needle = Self::new(text, text.as_bytes());
        let units: Vec<u16> = text.encode_utf16().collect();
        needle
            .forms
            .push(units.iter().flat_map(|unit| unit.to_le_bytes()).collect());
        needle
            .forms
            .push(units.iter().flat_map(|unit| unit.to_be_bytes()).collect());
        needle
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| holds(bytes, form))
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == needle[0]) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

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

#[test]
fn the_scan_finds_a_needle_in_every_spelling() {
    let needle = Needle::text("needle-in-name");
    let surrounded = |text: &str| [b"x", text.as_bytes(), b"yz"].concat();
    let utf16: Vec<u8> = "needle-in-name"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for hay in [
        surrounded("needle-in-name"),
        surrounded(&HEXLOWER.encode(b"needle-in-name")),
        BASE64.encode(b"a needle-in-name").into_bytes(),
        BASE64.encode(b"the needle-in-name here").into_bytes(),
        utf16,
    ] {
        assert!(needle.is_in(&hay), "{hay:?}");
    }
    assert!(!needle.is_in(b"needle-in-nam"));
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
