//! G5: erasure destroys the keys as well, so that no old copy of what was erased opens.

use zeef_collector::erasure::Subject;
use zeef_collector::ledger::Actor;
use zeef_collector::store::erasure::ErasureStore;
use zeef_collector::store::{InventoryStore, StoreError};
use zeef_proto::DeviceId;
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::id::ReceiptId;

use crate::engine::{Part, literal};
use crate::fixture::{Installation, START, full, unique};

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

const USER: &str = "needle.in.user";

fn blobs(zeef: &Installation, part: Part, sql: &str) -> Vec<Vec<u8>> {
    zeef.engine().raw(part).all_bytes(sql)
}

async fn with_needle(zeef: &Installation) -> DeviceId {
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", USER, "10.0.3.17"), START)
        .await;
    device
}

async fn erase(zeef: &Installation, subject: Subject) {
    let receipt = ReceiptId::from_random([unique(); 16]);
    zeef.store
        .erase(zeef.organisation, subject, receipt, Actor::Administrator, START)
        .await
        .unwrap();
}

fn person(name: &str) -> Subject {
    Subject::Person(Username::parse(name).unwrap())
}

#[tokio::test]
async fn sealed_copies_and_keys_of_what_was_erased_leave_the_disk() {
    for kind in 0..3 {
        let zeef = Installation::new().await;
        let device = with_needle(&zeef).await;
        let mut secrets = blobs(
            &zeef,
            Part::Database,
            "SELECT sealed FROM observation WHERE field = 'username'",
        );
        secrets.extend(blobs(&zeef, Part::KeyStore, "SELECT wrapped FROM device_key"));
        let subject = match kind {
            0 => Subject::Device(device),
            1 => person(USER),
            _ => {
                secrets.extend(blobs(
                    &zeef,
                    Part::KeyStore,
                    "SELECT wrapped FROM organisation_key",
                ));
                secrets.push(b"Bakkerij Jansen".to_vec());
                Subject::Organisation
            }
        };
        let before = zeef.engine().bytes_on_disk();
        assert!(secrets.iter().all(|secret| holds(&before, secret)));
        erase(&zeef, subject).await;
        assert!(zeef.store.checkpoint().await.unwrap());
        let after = zeef.engine().bytes_on_disk();
        for (at, secret) in secrets.iter().enumerate() {
            assert!(!holds(&after, secret), "{kind}, {at}");
        }
        let waiting = blobs(&zeef, Part::KeyStore, "SELECT wrapped FROM next_device_key");
        assert!(waiting.is_empty());
    }
}

#[tokio::test]
async fn a_copy_of_an_erased_username_does_not_open_beside_values_of_the_same_device_that_stay() {
    let zeef = Installation::new().await;
    let device = with_needle(&zeef).await;
    let row = "SELECT sealed FROM observation WHERE field = 'username'";
    let copy = blobs(&zeef, Part::Database, row).remove(0);
    erase(&zeef, person(USER)).await;
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-17"]);
    // Put back into its place by hand, as from an old backup.
    zeef.engine().raw(Part::Database).execute(&format!(
        "INSERT INTO observation (organisation, device, field, blind, source, product, sealed, first_seen, expires_at)
         SELECT organisation, device, 'username', {}, source, product, {}, first_seen, expires_at
         FROM observation WHERE field = 'device_name'",
        literal(&[7; 16]),
        literal(&copy)
    ));
    let opened = zeef.store.device(zeef.organisation, device, START).await;
    assert_eq!(opened.unwrap_err(), StoreError::Unsealing);
}

#[tokio::test]
async fn values_that_stay_open_after_many_erasures_at_once_and_a_restart() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let users: Vec<String> = (0..8).map(|number| format!("user-{number}")).collect();
    let mut report = full(1, "lap-17", "stays", "10.0.3.17");
    let names = users.iter().map(|name| Username::parse(name).unwrap());
    report.usernames.as_mut().unwrap().extend(names);
    zeef.send(device, report, START).await;
    let store = &zeef.store;
    let erasing = users[1..].iter().enumerate().map(|(number, name)| {
        let receipt = ReceiptId::from_random([number as u8 + 1; 16]);
        store.erase(
            zeef.organisation,
            person(name),
            receipt,
            Actor::Administrator,
            START,
        )
    });
    let mut erasing: Vec<_> = erasing.collect();
    // They wait for the writer together, so that they are committed together.
    std::future::poll_fn(|context| {
        erasing.retain_mut(|one| one.as_mut().poll(context).is_pending());
        if erasing.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    drop(erasing);
    let zeef = zeef.reopened();
    let mut held = zeef.values(device, Field::Username, START).await;
    held.sort();
    assert_eq!(held, ["stays", "user-0"]);
    let keys = blobs(&zeef, Part::KeyStore, "SELECT wrapped FROM device_key");
    let waiting = blobs(&zeef, Part::KeyStore, "SELECT wrapped FROM next_device_key");
    assert_eq!((keys.len(), waiting.len()), (1, 0));
    let late = full(2, "lap-18", "stays", "10.0.3.17");
    zeef.send(device, late, START).await;
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-18"]);
}
