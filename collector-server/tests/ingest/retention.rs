//! The purge of a running collector.

use std::time::Duration;

use zeef_proto::Clock;
use zeef_proto::wire::path;

use crate::device::full;
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
        .end_subscription(device.organisation, subscription, now, now)
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
