//! The purge of a running collector.

use std::time::Duration;

use zeef_collector::ledger::Actor;
use zeef_collector::retention::{LegalHold, Reason};
use zeef_proto::Clock;
use zeef_proto::id::HoldId;
use zeef_proto::time::DAY;
use zeef_proto::wire::{ProblemCode, path};

use crate::device::{full, heartbeat};
use crate::harness::Harness;
use crate::operations::get;

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_is_deleted_at_the_next_purge() {
    let harness = Harness::with(|config| config.purge_interval = Duration::from_millis(50)).await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    assert_eq!(
        client
            .post(path::REPORT, &full(1).to_bytes())
            .await
            .unwrap()
            .status,
        200
    );
    let store = harness.store();
    let subscription = store.subscriptions(device.organisation).await.unwrap()[0].id;
    let now = harness.clock.now();
    store
        .end_subscription(device.organisation, subscription, now, Actor::Administrator, now)
        .await
        .unwrap();
    // The purge may have taken the device along already: it has no service any more.
    let shown = harness.stored_as(device.organisation, device.id).await;
    assert!(shown.is_none_or(|shown| shown.observations.is_empty()));
    let purged = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !get(harness.collector.operations, "/metrics")
            .await
            .contains("zeef_purged_observations_total 4")
        {
            looks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), purged)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_leaves_under_a_legal_hold_is_kept_and_heard_no_more() {
    let harness = Harness::new().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let sent = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(sent.status, 200);
    let hold = LegalHold {
        id: HoldId::from_bytes([1; 16]),
        organisation: device.organisation,
        device: Some(device.id),
        reason: Reason::parse("a case before the court").unwrap(),
        starts: harness.clock.now(),
        ends: harness.clock.now().plus(DAY),
    };
    harness.store().add_hold(hold).await.unwrap();
    let left = client.request("DELETE", path::DEVICE, b"").await.unwrap();
    assert_eq!(left.status, 204);
    let refused = client.post(path::REPORT, &heartbeat(2).to_bytes()).await.unwrap();
    assert_eq!(refused.code(), ProblemCode::Revoked);
    let kept = harness.stored(&device).await;
    assert!(kept.agent.unwrap().revoked);
    assert_eq!(kept.observations.len(), 4);
}
