//! Enrolment, revocation, the end of a device.

use zeef_collector::ledger::Actor;
use zeef_collector::store::records::{IssuedCertificate, Standing};
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::field::Field;
use zeef_proto::time::DAY;

use crate::fixture::{Installation, START, full, heartbeat, stored, unique};

#[tokio::test]
async fn a_token_enrols_as_many_devices_as_it_was_made_for() {
    let zeef = Installation::new().await;
    let token = zeef.token(2).await;
    let first = zeef.enrol(token, 1, START).await.unwrap();
    let second = zeef.enrol(token, 2, START).await.unwrap();
    assert_ne!(first.device, second.device);
    assert_eq!(first.organisation, zeef.organisation);
    assert!(zeef.enrol(token, 3, START).await.is_none());
}

#[tokio::test]
async fn the_same_key_gets_the_same_device_and_spends_nothing() {
    let zeef = Installation::new().await;
    let token = zeef.token(1).await;
    let first = zeef.enrol(token, 1, START).await.unwrap();
    let again = zeef.enrol(token, 1, START.plus(60)).await.unwrap();
    assert_eq!(first.device, again.device);
    assert_eq!(
        zeef.store.tokens(zeef.organisation).await.unwrap()[0].uses_left,
        0
    );
}

#[tokio::test]
async fn a_device_that_enrols_again_starts_its_numbers_anew() {
    let zeef = Installation::new().await;
    let token = zeef.token(1).await;
    let device = zeef.enrol(token, 1, START).await.unwrap().device;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    zeef.send(device, heartbeat(2), START).await;
    zeef.enrol(token, 1, START).await.unwrap();
    assert!(stored(
        &zeef
            .send(device, full(1, "lap-18", "j.jansen", "10.0.3.17"), START)
            .await
    ));
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-18"]);
}

#[tokio::test]
async fn expired_revoked_and_unknown_tokens_enrol_nobody() {
    let zeef = Installation::new().await;
    let token = zeef.token(5).await;
    assert!(zeef.enrol(token, 1, START.plus(30 * DAY - 1)).await.is_some());
    assert!(zeef.enrol(token, 2, START.plus(30 * DAY)).await.is_none());
    assert!(zeef.enrol([0; 32], 2, START).await.is_none());
    let id = zeef.store.tokens(zeef.organisation).await.unwrap()[0].id;
    assert!(
        zeef.store
            .revoke_token(zeef.organisation, id, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(zeef.enrol(token, 3, START).await.is_none());
}

#[tokio::test]
async fn a_revoked_device_comes_back_only_with_another_token() {
    let zeef = Installation::new().await;
    let token = zeef.token(5).await;
    let device = zeef.enrol(token, 1, START).await.unwrap().device;
    zeef.store
        .revoke_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    assert_eq!(
        zeef.store.standing(zeef.organisation, device).await.unwrap(),
        Standing::Revoked
    );
    assert!(zeef.enrol(token, 1, START).await.is_none());
    let other = zeef.token(1).await;
    assert_eq!(zeef.enrol(other, 1, START).await.unwrap().device, device);
    assert_eq!(
        zeef.store.standing(zeef.organisation, device).await.unwrap(),
        Standing::Active
    );
    assert!(
        zeef.enrol(other, 9, START).await.is_none(),
        "the return has spent the token"
    );
}

#[tokio::test]
async fn the_newest_certificate_is_shown_with_its_device() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let certificate = IssuedCertificate {
        serial: vec![1, 2, 3],
        not_before: START,
        not_after: START.plus(90 * DAY),
    };
    zeef.store
        .record_certificate(zeef.organisation, device, certificate.clone())
        .await
        .unwrap();
    let shown = zeef
        .look(device, START)
        .await
        .unwrap()
        .agent
        .unwrap()
        .certificate
        .unwrap();
    assert_eq!(
        (shown.serial, shown.not_after),
        (certificate.serial.clone(), certificate.not_after)
    );
    let stranger = zeef_proto::DeviceId::from_bytes([250; 16]);
    let unknown = zeef
        .store
        .record_certificate(zeef.organisation, stranger, certificate)
        .await;
    assert_eq!(unknown, Err(StoreError::NotFound("device")));
}

#[tokio::test]
async fn an_ended_device_is_gone_and_the_same_key_becomes_a_new_one() {
    let zeef = Installation::new().await;
    let token = zeef.token(2).await;
    let key = unique();
    let device = zeef.enrol(token, key, START).await.unwrap().device;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    assert!(
        zeef.store
            .end_device(zeef.organisation, device, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(
        !zeef
            .store
            .end_device(zeef.organisation, device, Actor::Administrator, START)
            .await
            .unwrap()
    );

    assert!(zeef.look(device, START).await.is_none());
    assert_eq!(zeef.store.find_device(device).await.unwrap(), None);
    assert_eq!(
        zeef.store.standing(zeef.organisation, device).await.unwrap(),
        Standing::Gone
    );
    let found = zeef
        .store
        .devices_with(zeef.organisation, Field::Username, "j.jansen".into(), START)
        .await;
    assert!(found.unwrap().is_empty());
    let changes = zeef.store.changes_after(0, 10).await.unwrap();
    assert_eq!(changes.last().map(|change| change.device), Some(device));
    assert_ne!(zeef.enrol(token, key, START).await.unwrap().device, device);
}

#[tokio::test]
async fn an_index_learns_of_each_changed_device_once() {
    let zeef = Installation::new().await;
    let (first, second) = (zeef.device().await, zeef.device().await);
    let before = zeef.store.newest_change().await.unwrap();
    for sequence in 1..=3 {
        let report = full(sequence, &format!("lap-{sequence}"), "j.jansen", "10.0.3.17");
        zeef.send(first, report, START).await;
    }
    zeef.send(second, heartbeat(1), START).await;
    let changes = zeef.store.changes_after(before, 10).await.unwrap();
    assert_eq!(
        changes.iter().map(|change| change.device).collect::<Vec<_>>(),
        [first, second]
    );
    assert_eq!(zeef.store.newest_change().await.unwrap(), changes[1].sequence);
    assert_eq!(zeef.store.changes_after(before, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn ids_are_paged_in_order() {
    let zeef = Installation::new().await;
    let mut devices = vec![zeef.device().await, zeef.device().await, zeef.device().await];
    devices.sort();
    let mut seen = Vec::new();
    let mut after = None;
    while let Some(id) = zeef.store.device_ids(None, after, 1).await.unwrap().pop() {
        seen.push(id.1);
        after = Some(id);
    }
    assert_eq!(seen, devices);
}
