//! G9: overdue deletion is a health failure, stops what is taken in, and ends by itself.

use std::time::Duration;
use zeef_collector::ledger::Actor;

use rcgen::KeyPair;
use rusqlite::Connection;
use zeef_proto::Clock;
use zeef_proto::time::HOUR;
use zeef_proto::wire::{ProblemCode, path};

use crate::device::{Device, enrolment, full, heartbeat};
use crate::harness::Harness;
use crate::operations::get;

async fn harness() -> Harness {
    Harness::with(|config| config.purge_interval = Duration::from_millis(50)).await
}

/// Asks for a path of the operators' port until the answer holds that text.
async fn until(harness: &Harness, path: &str, text: &str) {
    let asked = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !get(harness.collector.operations, path).await.contains(text) {
            looks.tick().await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(20), asked).await;
    assert!(found.is_ok(), "{text} in {path}");
}

/// Values of a device that left its service, in a database that cannot delete them.
async fn stuck(harness: &Harness) -> Connection {
    let device = harness.device().await;
    let mut client = device.connect(harness).await.unwrap();
    let sent = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(sent.status, 200);
    let database = Connection::open(harness.file("data/zeef.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER stuck BEFORE DELETE ON observation BEGIN SELECT RAISE(ABORT, 'stuck'); END",
        )
        .unwrap();
    let subscription = harness.store().subscriptions(device.organisation).await.unwrap()[0].id;
    let now = harness.clock.now();
    harness
        .store()
        .end_subscription(device.organisation, subscription, now, Actor::Administrator, now)
        .await
        .unwrap();
    database
}

#[tokio::test(flavor = "multi_thread")]
async fn overdue_deletion_fails_health_then_stops_what_is_taken_in_and_ends_by_itself() {
    let harness = harness().await;
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let database = stuck(&harness).await;
    until(&harness, "/metrics", "zeef_expired_observations 4").await;

    harness.clock.forward(24 * HOUR + 1);
    until(&harness, "/readyz", "expired values are still on the disk").await;
    let sent = client.post(path::REPORT, &heartbeat(1).to_bytes()).await.unwrap();
    assert_eq!(sent.status, 200, "an alarm alone stops nothing");

    harness.clock.forward(48 * HOUR);
    let key = KeyPair::generate().unwrap();
    for (path, body) in [
        (path::REPORT, heartbeat(2).to_bytes()),
        (path::RENEWAL, Device::renewal(&key)),
    ] {
        let refused = client.post(path, &body).await.unwrap();
        assert_eq!(refused.code(), ProblemCode::Unavailable, "{path}");
        assert_eq!(refused.header("retry-after"), Some("600"), "{path}");
    }
    let refused = harness
        .anonymous()
        .await
        .post(path::ENROLMENT, &enrolment(&[0; 32], &key))
        .await
        .unwrap();
    assert_eq!(refused.code(), ProblemCode::Unavailable);
    assert_eq!(client.get(path::POLICY).await.unwrap().status, 200);

    database.execute_batch("DROP TRIGGER stuck").unwrap();
    until(&harness, "/metrics", "zeef_expired_observations 0").await;
    until(&harness, "/readyz", "HTTP/1.1 200").await;
    let sent = client.post(path::REPORT, &heartbeat(2).to_bytes()).await.unwrap();
    assert_eq!(sent.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_keeps_deleted_values_in_the_log_is_overdue_deletion() {
    let harness = harness().await;
    let reader = Connection::open(harness.file("data/zeef.db")).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let held: i64 = reader
        .query_row("SELECT count(*) FROM device", [], |row| row.get(0))
        .unwrap();
    assert_eq!(held, 0);
    let device = harness.device().await;
    let mut client = device.connect(&harness).await.unwrap();
    let sent = client.post(path::REPORT, &full(1).to_bytes()).await.unwrap();
    assert_eq!(sent.status, 200);
    let since = format!(
        "zeef_deletion_due_since_timestamp_seconds {}",
        harness.clock.now().0
    );
    until(&harness, "/metrics", &since).await;
    assert!(
        get(harness.collector.operations, "/readyz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    harness.clock.forward(24 * HOUR + 1);
    until(&harness, "/readyz", "expired values are still on the disk").await;
    drop(reader);
    until(&harness, "/readyz", "HTTP/1.1 200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_far_ahead_is_no_readiness_until_it_is_confirmed() {
    let harness = harness().await;
    until(&harness, "/readyz", "HTTP/1.1 200").await;
    until(&harness, "/metrics", "zeef_clock{state=\"steady\"} 1").await;
    harness.clock.forward(30 * 24 * HOUR);
    until(&harness, "/readyz", "deletion is held").await;
    until(&harness, "/metrics", "zeef_clock{state=\"ahead\"} 1").await;
    let now = harness.clock.now();
    harness.store().confirm_time(now).await.unwrap();
    until(&harness, "/readyz", "HTTP/1.1 200").await;
}
