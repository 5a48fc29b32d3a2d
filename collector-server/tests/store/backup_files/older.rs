//! Files that are put back by hand: an earlier database is brought up to its keys, an earlier key store is refused.

use std::path::Path;
use std::sync::Arc;

use zeef_collector::backup::{self, Wanted};
use zeef_collector::erasure::Subject;
use zeef_collector::ledger::Actor;
use zeef_collector::store::erasure::ErasureStore;
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_collector::store::sql::{Accepted, SqlStore, accept_older_keys, settle};
use zeef_collector::store::{InventoryStore, StoreError};
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::id::ReceiptId;

use crate::backup::{Elsewhere, Nobody, files, key, rows, save};
use crate::fixture::{Installation, START, full, heartbeat, stored};

fn copy(file: &Path, to: &Path) {
    settle(file).unwrap();
    std::fs::copy(file, to).unwrap();
}

#[tokio::test]
async fn a_database_that_is_copied_back_by_hand_brings_no_ended_device_back() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.reporting().await, zeef.reporting().await);
    let elsewhere = Elsewhere::new();
    let (copied, file) = (elsewhere.file("zeef.db"), zeef.file("zeef.db"));
    let zeef = zeef.reopened_after(|_| copy(&file, &copied));
    zeef.end(erased).await;
    let files = files(&zeef);
    let zeef = zeef.reopened_after(|_| {
        settle(&file).unwrap();
        std::fs::copy(&copied, &file).unwrap();
        // Nothing to accept: the key store is the newer one.
        let accepted = accept_older_keys(&files.database, &files.key_store, &Arc::new(key()), START).unwrap();
        assert_eq!(accepted, Accepted::default());
    });
    let ids = zeef.store.device_ids(None, None, 10).await.unwrap();
    assert_eq!(ids, [(zeef.organisation, other)]);
    let late = zeef.send(erased, heartbeat(2), START).await;
    assert!(matches!(late, ReportOutcome::NotAdmitted(Standing::Gone)));
    assert_eq!(zeef.values(other, Field::Username, START).await, ["j.jansen"]);
}

#[tokio::test]
async fn an_older_key_store_is_refused_until_its_loss_is_accepted() {
    let zeef = Installation::new().await;
    let (kept, erased) = (zeef.device().await, zeef.device().await);
    let elsewhere = Elsewhere::new();
    let (copied, file) = (elsewhere.file("keys.db"), zeef.file("keys.db"));
    let zeef = zeef.reopened_after(|_| copy(&file, &copied));
    let later = zeef.device().await;
    for device in [kept, erased, later] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    zeef.end(erased).await;
    let (files, database) = (files(&zeef), zeef.file("zeef.db"));
    let zeef = zeef.reopened_after(|_| {
        settle(&file).unwrap();
        std::fs::copy(&copied, &file).unwrap();
        assert_eq!(
            SqlStore::open(&database, &file, key()).err(),
            Some(StoreError::OlderKeyStore)
        );
        let accepted = accept_older_keys(&files.database, &files.key_store, &Arc::new(key()), START).unwrap();
        assert_eq!((accepted.devices, accepted.destroyed), (1, 1));
    });
    assert_eq!(zeef.values(kept, Field::Username, START).await, ["j.jansen"]);
    assert!(zeef.look(erased, START).await.is_none());
    assert!(zeef.values(later, Field::Username, START).await.is_empty());
    let outcome = zeef.send(later, heartbeat(2), START).await;
    assert!(matches!(outcome, ReportOutcome::Stored { send_all: true, .. }));
    assert!(stored(
        &zeef
            .send(later, full(3, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await
    ));
    assert_eq!(zeef.values(later, Field::Username, START).await, ["j.jansen"]);
    let keys = rows(&zeef.file("keys.db"), "device_key");
    assert_eq!(keys, 2, "what had been destroyed is destroyed again");
}

#[tokio::test]
async fn files_of_before_there_was_a_log_are_taken_over_with_their_tombstones() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.device().await, zeef.device().await);
    zeef.end(erased).await;
    let (database, key_store) = (zeef.file("zeef.db"), zeef.file("keys.db"));
    let zeef = zeef.reopened_after(|_| {
        for (path, version, sql) in [
            (
                &database,
                4,
                "DROP TABLE api_answer; DROP TABLE api_token_organisation; DROP TABLE api_token;
                 DROP TABLE provider_account; DROP TABLE recovery_code; DROP TABLE second_factor;
                 ALTER TABLE session DROP COLUMN by_provider;
                 DROP TABLE saved_view; DROP INDEX ledger_entry_mark; DROP TABLE correction; DROP TABLE device_restriction; DROP TABLE request_count;
                 DROP TABLE request_task; DROP TABLE request;
                 DROP TABLE user_organisation; ALTER TABLE user DROP COLUMN role; ALTER TABLE user DROP COLUMN everywhere;
                 DROP TABLE erased; DROP TABLE key_to_rotate; DROP TABLE receipt;
                 DROP TABLE key_store_note; ALTER TABLE installation DROP COLUMN moved;
                 ALTER TABLE installation DROP COLUMN generation;",
            ),
            (
                &key_store,
                1,
                "DROP TABLE erased; DROP TABLE next_device_key; ALTER TABLE device_key DROP COLUMN rotated;
                 DROP TABLE erased_device; DROP TABLE removed_user; DROP TABLE backup_key;
                 ALTER TABLE device_key DROP COLUMN revoked; ALTER TABLE installation DROP COLUMN generation;",
            ),
        ] {
            let db = rusqlite::Connection::open(path).unwrap();
            db.execute_batch(sql).unwrap();
            db.pragma_update(None, "user_version", version).unwrap();
        }
    });
    let logged = rows(&key_store, "erased_device");
    assert_eq!(logged, 1);
    assert!(stored(&zeef.send(other, heartbeat(1), START).await));
}

/// The database that is replaced is then the only one that knows.
#[tokio::test]
async fn a_username_erased_after_both_files_were_copied_is_erased_again_with_the_key() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let elsewhere = Elsewhere::new();
    save(&zeef, &elsewhere.file("data")).await;
    let (copied, keys) = (elsewhere.file("keys.db"), zeef.file("keys.db"));
    let zeef = zeef.reopened_after(|_| copy(&keys, &copied));
    let (name, receipt) = (
        Username::parse("j.jansen").unwrap(),
        ReceiptId::from_bytes([1; 16]),
    );
    zeef.store
        .erase(
            zeef.organisation,
            Subject::Person(name),
            receipt,
            Actor::Administrator,
            START,
        )
        .await
        .unwrap();
    let (files, from) = (files(&zeef), elsewhere.file("data"));
    let zeef = zeef.reopened_after(|_| {
        settle(&keys).unwrap();
        std::fs::copy(&copied, &keys).unwrap();
        let came_to = backup::restore(&files, key(), Wanted::Database(&from), START, &mut Nobody).unwrap();
        let caught_up = came_to.unwrap().caught_up;
        assert_eq!((caught_up.usernames, caught_up.unreadable), (1, 0));
    });
    assert!(zeef.values(device, Field::Username, START).await.is_empty());
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-17"]);
    let wrapped = |path: &Path| -> Vec<u8> {
        let db = rusqlite::Connection::open(path).unwrap();
        db.query_row("SELECT wrapped FROM device_key", [], |row| row.get(0))
            .unwrap()
    };
    assert_ne!(wrapped(&copied), wrapped(&keys));
    let late = full(2, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(device, late, START).await));
    assert!(zeef.values(device, Field::Username, START).await.is_empty());
}
