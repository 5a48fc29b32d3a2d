//! G1: every read carries the expiry predicate, and a late insert over an expired value is a new value.

use zeef_collector::store::InventoryStore;
use zeef_proto::field::Field;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{DeviceId, UnixTime};

use crate::fixture::{Installation, START, full, heartbeat, repeated, stored};

/// Ten in the morning in Amsterdam on 5 July 2026: START and six months.
const HALF_A_YEAR_ON: &str = "2026-07-05T08:00:00Z";

/// Whether any read gives anything of the device's username.
async fn is_seen(zeef: &Installation, device: DeviceId, now: UnixTime) -> bool {
    let id = (zeef.organisation, device);
    let listed = zeef.store.devices(vec![id], now).await.unwrap();
    let found = zeef
        .store
        .devices_with(zeef.organisation, Field::Username, "j.jansen".into(), now)
        .await
        .unwrap();
    let seen = [
        !zeef.values(device, Field::Username, now).await.is_empty(),
        listed[0].values(Field::Username).next().is_some(),
        found.contains(&device),
    ];
    assert!(
        seen.iter().all(|one| *one == seen[0]),
        "all reads agree: {seen:?}"
    );
    seen[0]
}

#[tokio::test]
async fn a_value_is_seen_by_every_read_until_its_last_second_and_by_none_after() {
    for step in [-1, 0, 1] {
        let zeef = Installation::without_subscription().await;
        let ends = START.plus(10 * DAY);
        zeef.subscribe("antivirus", Some(ends)).await;
        let device = zeef.device().await;
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
        assert_eq!(
            is_seen(&zeef, device, ends.plus(step)).await,
            step < 0,
            "{step} s after its end"
        );
    }
}

#[tokio::test]
async fn a_late_report_of_an_expired_value_makes_a_new_one_with_a_term_of_its_own() {
    let zeef = Installation::keeping_six_months().await;
    let device = zeef.device().await;
    let report = |sequence| full(sequence, "lap-17", "j.jansen", "10.0.3.17");
    zeef.send(device, report(1), START).await;
    let ends: UnixTime = HALF_A_YEAR_ON.parse().unwrap();
    assert!(!is_seen(&zeef, device, ends).await);
    // Nothing was purged yet: the old row is still there, under the same digest.
    let late = ends.plus(3 * HOUR);
    assert!(stored(&zeef.send(device, report(2), late).await));
    let shown = zeef.look(device, late).await.unwrap();
    assert_eq!(shown.observations.len(), 4);
    for one in shown.observations {
        assert_eq!(one.first_seen, late, "{one:?}");
        assert_eq!(one.expires_at, Some("2027-01-05T12:00:00Z".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_report_that_is_replayed_after_its_values_expired_is_acknowledged_and_revives_none() {
    let zeef = Installation::keeping_six_months().await;
    let device = zeef.device().await;
    let report = || full(1, "lap-17", "j.jansen", "10.0.3.17");
    zeef.send(device, report(), START).await;
    let ends: UnixTime = HALF_A_YEAR_ON.parse().unwrap();
    assert!(repeated(&zeef.send(device, report(), ends).await));
    assert!(!is_seen(&zeef, device, ends).await);
    assert!(stored(&zeef.send(device, heartbeat(2), ends).await));
    assert!(!is_seen(&zeef, device, ends).await, "a heartbeat says nothing");
}
