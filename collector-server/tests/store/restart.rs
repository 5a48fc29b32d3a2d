//! Opening again: what was committed is there, what was begun is finished, what does not belong is refused.

use zeef_collector::ledger::Actor;
use zeef_collector::seal::KeyEncryptionKey;
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::field::Field;

use crate::engine::{Engine, Part, literal};
use crate::fixture::{Installation, START, full, heartbeat, open, repeated, stored};

#[tokio::test]
async fn acknowledged_reports_are_there_after_a_restart() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let zeef = zeef.reopened();
    assert_eq!(zeef.values(device, Field::Username, START).await, ["j.jansen"]);
    assert!(repeated(
        &zeef
            .send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await
    ));
    assert!(stored(&zeef.send(device, heartbeat(2), START).await));
}

#[tokio::test]
async fn a_restart_destroys_the_keys_that_were_due() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let keys = zeef.engine().raw(Part::KeyStore);
    let count = || keys.number("SELECT count(*) FROM device_key");
    // As a process leaves it that was killed between the delete and the destruction.
    let db = zeef.engine().raw(Part::Database);
    let (organisation, device) = (literal(zeef.organisation.as_bytes()), literal(device.as_bytes()));
    db.execute(&format!(
        "INSERT INTO key_to_destroy VALUES ({organisation}, {device})"
    ));
    db.execute("DELETE FROM device");
    drop(db);
    assert_eq!(count(), 1);
    let _zeef = zeef.reopened();
    assert_eq!(count(), 0);
}

/// As after a backup of the database alone was put back, of a time before the device was ended.
#[tokio::test]
async fn a_device_whose_key_is_gone_is_shown_without_values_and_hides_no_other() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.device().await, zeef.device().await);
    for device in [erased, other] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let delete = format!(
        "DELETE FROM device_key WHERE device = {}",
        literal(erased.as_bytes())
    );
    zeef.engine().raw(Part::KeyStore).execute(&delete);
    let ids = [erased, other].map(|device| (zeef.organisation, device));
    let shown = zeef.store.devices(ids.to_vec(), START).await.unwrap();
    let counts: Vec<_> = shown.iter().map(|device| device.observations.len()).collect();
    assert_eq!(counts.first(), Some(&0));
    assert!(counts[1] > 0);
}

#[tokio::test]
async fn what_another_process_commits_is_seen_at_the_next_transaction() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    assert!(stored(
        &zeef
            .send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await
    ));
    let command = zeef.opened_beside();
    command
        .revoke_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    assert!(!stored(&zeef.send(device, heartbeat(2), START).await));

    let other = zeef.device().await;
    assert!(stored(
        &zeef
            .send(other, full(1, "lap-18", "p.bakker", "10.0.3.18"), START)
            .await
    ));
    for subscription in command.subscriptions(zeef.organisation).await.unwrap() {
        command
            .end_subscription(
                zeef.organisation,
                subscription.id,
                START,
                Actor::Administrator,
                START,
            )
            .await
            .unwrap();
    }
    let outcome = zeef
        .send(other, full(2, "lap-18", "p.bakker", "10.0.3.19"), START)
        .await;
    assert!(
        !stored(&outcome),
        "the subscription that documented the fields has ended"
    );
    command
        .end_device(zeef.organisation, other, Actor::Administrator, START)
        .await
        .unwrap();
    assert!(zeef.look(other, START).await.is_none());
}

#[tokio::test]
async fn another_key_or_key_store_is_refused() {
    let zeef = Installation::new().await;
    assert_eq!(open(zeef.engine(), 8).err(), Some(StoreError::WrongKey));
    let (new, other) = (Engine::new(), Installation::new().await);
    for engine in [&new, other.engine()] {
        let key = KeyEncryptionKey::from_bytes(&[7; 32]);
        let refused = SqlStore::open(
            zeef.engine().place(Part::Database),
            engine.place(Part::KeyStore),
            key,
        );
        assert_eq!(refused.err(), Some(StoreError::ForeignKeyStore));
    }
    assert!(open(zeef.engine(), 7).is_ok());
}
