//! What a device is told of itself, by proof of its key.

use zeef_collector::ledger::{Actor, Entry};
use zeef_proto::UnixTime;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{MyData, ProblemCode, path};

use crate::device::{Device, full};
use crate::harness::{Harness, START};

async fn reported(harness: &Harness, device: &Device) {
    let mut client = device.connect(harness).await.unwrap();
    let response = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(response.status, 200);
}

async fn told(harness: &Harness, device: &Device) -> MyData {
    let mut client = device.connect(harness).await.unwrap();
    client.get(path::MY_DATA).await.unwrap().read()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_told_all_that_is_held_of_itself_and_nothing_of_another() {
    let harness = Harness::new().await;
    let (own, other) = (harness.device().await, harness.device().await);
    reported(&harness, &own).await;
    let data = told(&harness, &own).await;
    assert_eq!(data.device, own.id);
    let values: Vec<_> = data.values.iter().map(|held| held.value.as_str()).collect();
    for value in ["lap-17", "j.jansen", "10.0.3.17", "00:1a:2b:3c:4d:5e"] {
        assert!(values.contains(&value), "{value}");
    }
    for held in &data.values {
        assert!(!held.reasons.is_empty() && held.source.is_none() && held.until.is_none());
    }
    assert_eq!(data.protocol.sequence, Some(1));
    assert!(data.protocol.certificate.is_some());
    assert_eq!(data.policy.unwrap().controller, "Vokus");

    let data = told(&harness, &other).await;
    assert_eq!(data.device, other.id);
    assert!(data.values.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_asks_of_itself_is_in_the_ledger_and_is_told_the_next_time() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    assert_eq!(told(&harness, &device).await.looks.by_device, 0);
    let looks = told(&harness, &device).await.looks;
    assert_eq!((looks.by_device, looks.of_device, looks.of_lists), (1, 0, 0));
    assert_eq!((looks.last_of_device, looks.since), (None, START));
    let entries = harness.store().ledger_from(0, 100).await.unwrap();
    let reads = entries
        .iter()
        .map(|stored| Entry::from_bytes(&stored.bytes).unwrap())
        .filter(|entry| entry.event.name() == "device_read" && entry.actor == Actor::Device);
    assert_eq!(reads.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proves_no_key_or_is_revoked_is_told_nothing() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    reported(&harness, &device).await;
    let refused = harness.anonymous().await.get(path::MY_DATA).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::CertificateRequired);
    let mut client = device.connect(&harness).await.unwrap();
    let refused = client.post(path::MY_DATA, b"{}").await.unwrap();
    assert_eq!(refused.code(), ProblemCode::MethodNotAllowed);
    let revoked = harness
        .store()
        .revoke_device(device.organisation, device.id, Actor::Administrator, START)
        .await;
    assert!(revoked.unwrap());
    let refused = client.get(path::MY_DATA).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::Revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_of_more_than_a_year_ago_are_told_no_more() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let year: UnixTime = START.plus(366 * DAY);
    told(&harness, &device).await;
    let read = |now: UnixTime| {
        let whose = (device.organisation, device.id);
        let store = harness.store();
        async move {
            zeef_collector::my_data::read(store, whose, None, now)
                .await
                .unwrap()
                .unwrap()
        }
    };
    assert_eq!(read(year).await.data.looks.by_device, 1);
    assert_eq!(read(year.plus(HOUR)).await.data.looks.by_device, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_asks_over_and_over_is_held_off_before_anything_is_noted() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    for _ in 0..6 {
        assert_eq!(client.get(path::MY_DATA).await.unwrap().status, 200);
    }
    let refused = client.get(path::MY_DATA).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::TooManyRequests);
    assert_eq!(refused.header("retry-after"), Some("10"));
    // Its reports are bounded apart.
    let response = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(response.status, 200);
    harness.clock.forward(10);
    let data: MyData = client.get(path::MY_DATA).await.unwrap().read();
    assert_eq!(data.looks.by_device, 6);
}
