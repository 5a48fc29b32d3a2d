//! G8: a clock set back revives nothing; a large jump forward hides, but holds deletion until it is confirmed.

use zeef_collector::ledger::Actor;
use zeef_collector::retention::{ClockState, LONGEST_STEP, look, purge};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::{AdministrationStore, InventoryStore};
use zeef_proto::field::Field;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{DeviceId, UnixTime};

use crate::fixture::{Installation, START, full, heartbeat};

/// One device whose values end with its service at that time; the store has seen START.
async fn until(ends: UnixTime) -> (Installation, DeviceId) {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(ends)).await;
    // The device stays when its values go.
    zeef.subscribe("voip", None).await;
    let device = zeef.device().await;
    let report = full(1, "lap-17", "j.jansen", "10.0.3.17");
    zeef.send(device, report, START).await;
    zeef.store.observe_time(START).await.unwrap();
    (zeef, device)
}

async fn users(zeef: &Installation, device: DeviceId, now: UnixTime) -> usize {
    zeef.values(device, Field::Username, now).await.len()
}

async fn purged(zeef: &Installation, now: UnixTime) -> u64 {
    let purge = purge(&zeef.store, now).await.unwrap();
    assert_eq!(purge.failure, None);
    purge.run.observations
}

#[tokio::test]
async fn a_clock_set_back_revives_nothing() {
    let ends = START.plus(2 * DAY);
    let (zeef, device) = until(ends).await;
    assert_eq!(users(&zeef, device, ends.plus(-1)).await, 1);
    assert_eq!(users(&zeef, device, ends).await, 0);
    for back in [ends.plus(-1), START, START.plus(-400 * DAY)] {
        assert_eq!(users(&zeef, device, back).await, 0, "at {back}");
        let found = zeef
            .store
            .devices_with(zeef.organisation, Field::Username, "j.jansen".into(), back)
            .await
            .unwrap();
        assert!(found.is_empty());
    }
    // Nor does the purge forget what was due.
    assert_eq!(purged(&zeef, START).await, 4);
}

#[tokio::test]
async fn a_clock_set_back_gives_no_ended_product_back() {
    let ends = START.plus(2 * DAY);
    let (zeef, device) = until(ends).await;
    zeef.store.observe_time(ends).await.unwrap();
    let products = zeef
        .store
        .products(zeef.organisation, device, START)
        .await
        .unwrap();
    assert!(products.iter().map(|product| product.as_str()).eq(["voip"]));
}

#[tokio::test]
async fn a_clock_set_back_makes_no_expired_token_good_again() {
    let zeef = Installation::new().await;
    let token = zeef.token(2).await;
    zeef.store.confirm_time(START.plus(30 * DAY)).await.unwrap();
    assert!(zeef.enrol(token, 1, START).await.is_none());
}

#[tokio::test]
async fn a_clock_set_back_over_a_restart_revives_nothing() {
    let ends = START.plus(2 * DAY);
    let (zeef, device) = until(ends).await;
    zeef.store.observe_time(ends).await.unwrap();
    let zeef = zeef.reopened();
    assert_eq!(users(&zeef, device, START).await, 0);
    let found = look(&zeef.store, START).await.unwrap();
    assert_eq!(found.time.state(), ClockState::Back);
    assert_eq!((found.time.high_water, found.backlog.expired), (ends, 4));
    // The clock catches up by itself.
    let found = look(&zeef.store, ends.plus(1)).await.unwrap();
    assert_eq!(found.time.state(), ClockState::Steady);
}

#[tokio::test]
async fn a_report_under_a_clock_set_back_revives_no_expired_value() {
    let zeef = Installation::keeping_six_months().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let ends = "2026-07-05T08:00:00Z".parse().unwrap();
    zeef.store.confirm_time(ends).await.unwrap();
    zeef.send(device, heartbeat(2), START.plus(HOUR)).await;
    assert_eq!(users(&zeef, device, START.plus(HOUR)).await, 0);
    // What it brings is new, from the latest time on.
    let report = full(3, "lap-17", "j.jansen", "10.0.3.17");
    zeef.send(device, report, START.plus(HOUR)).await;
    let shown = zeef.look(device, ends).await.unwrap();
    assert!(shown.observations.iter().all(|one| one.first_seen == ends));
    assert_eq!(shown.observations.len(), 4);
}

#[tokio::test]
async fn a_step_forward_as_after_a_week_off_deletes_at_once() {
    let (zeef, device) = until(START.plus(DAY)).await;
    let zeef = zeef.reopened();
    let now = START.plus(LONGEST_STEP);
    assert_eq!(users(&zeef, device, now).await, 0);
    assert_eq!(purged(&zeef, now).await, 4);
}

#[tokio::test]
async fn a_large_jump_hides_at_once_and_deletes_once_it_is_confirmed() {
    let (zeef, device) = until(START.plus(DAY)).await;
    let jumped = START.plus(365 * DAY);
    assert_eq!(users(&zeef, device, jumped).await, 0);
    assert_eq!(purged(&zeef, jumped).await, 0);
    let found = look(&zeef.store, jumped).await.unwrap();
    assert_eq!(found.time.state(), ClockState::Ahead);
    assert_eq!(found.backlog.expired, 4);
    assert_eq!(found.due_since, Some(jumped));

    // A restart believes it no more than before, and remembers since when it does not.
    let zeef = zeef.reopened();
    let later = jumped.plus(HOUR);
    assert_eq!(purged(&zeef, later).await, 0);
    assert_eq!(look(&zeef.store, later).await.unwrap().due_since, Some(jumped));

    zeef.store.confirm_time(later).await.unwrap();
    assert_eq!(purged(&zeef, later).await, 4);
    let found = look(&zeef.store, later).await.unwrap();
    assert_eq!(found.time.state(), ClockState::Steady);
    assert_eq!((found.backlog.expired, found.due_since), (0, None));
}

#[tokio::test]
async fn a_term_that_is_set_anew_during_a_jump_is_as_it_would_be_without() {
    let (zeef, device) = until(START.plus(DAY)).await;
    let jumped = START.plus(365 * DAY);
    let subscriptions = zeef.store.subscriptions(zeef.organisation).await.unwrap();
    let antivirus = &subscriptions.iter().find(|one| one.ends.is_some()).unwrap().id;
    let end = |ends| {
        zeef.store
            .end_subscription(zeef.organisation, *antivirus, ends, Actor::Administrator, jumped)
    };
    // Longer: it has not expired, for the clock is not believed.
    end(START.plus(30 * DAY)).await.unwrap();
    assert_eq!(users(&zeef, device, START.plus(2 * DAY)).await, 1);
    // Over: gone at once, and not back when the clock is mended.
    end(START).await.unwrap();
    assert_eq!(users(&zeef, device, START.plus(2 * DAY)).await, 0);
}

#[tokio::test]
async fn a_jump_that_is_mended_costs_nothing() {
    let (zeef, device) = until(START.plus(30 * DAY)).await;
    let jumped = START.plus(365 * DAY);
    assert_eq!(users(&zeef, device, jumped).await, 0);
    assert_eq!(purged(&zeef, jumped).await, 0);
    let mended = START.plus(HOUR);
    assert_eq!(purged(&zeef, mended).await, 0);
    assert_eq!(users(&zeef, device, mended).await, 1);
    let found = look(&zeef.store, mended).await.unwrap();
    assert_eq!(found.time.state(), ClockState::Steady);
    assert_eq!(found.time.ahead_since, None);
}

#[tokio::test]
async fn a_confirmation_in_another_process_reaches_the_running_one() {
    let (zeef, device) = until(START.plus(DAY)).await;
    let jumped = START.plus(365 * DAY);
    assert_eq!(purged(&zeef, jumped).await, 0);
    let command = zeef.opened_beside();
    command.confirm_time(jumped).await.unwrap();
    assert_eq!(purged(&zeef, jumped.plus(60)).await, 4);
    assert_eq!(users(&zeef, device, START).await, 0);
}
