//! Legal holds: what is due is kept and shown to nobody until the hold ends.

use zeef_collector::ledger::{Actor, Entry};
use zeef_collector::retention::{self, LegalHold, Reason, Silence, look, purge};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::records::Standing;
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::{AgentStore, StoreError};
use zeef_proto::field::Field;
use zeef_proto::id::HoldId;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{DeviceId, UnixTime};

use crate::fixture::{Installation, REFERENCE_POLICY, START, full, unique};

/// Two devices whose values and service end after a day.
async fn ending() -> (Installation, DeviceId, DeviceId) {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(DAY))).await;
    let (one, other) = (zeef.device().await, zeef.device().await);
    for device in [one, other] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    (zeef, one, other)
}

async fn hold(zeef: &Installation, device: Option<DeviceId>, ends: UnixTime) -> HoldId {
    let id = HoldId::from_bytes([unique(); 16]);
    let hold = LegalHold {
        id,
        organisation: zeef.organisation,
        device,
        reason: Reason::parse("a case before the court").unwrap(),
        starts: START,
        ends,
    };
    zeef.store.add_hold(hold).await.unwrap();
    id
}

async fn purged(zeef: &Installation, now: UnixTime) -> u64 {
    let purge = purge(&zeef.store, now).await.unwrap();
    assert_eq!(purge.failure, None);
    purge.run.observations
}

#[tokio::test]
async fn what_expires_under_a_hold_is_hidden_at_once_and_deleted_when_the_hold_ends() {
    let (zeef, device, _) = ending().await;
    let ends = START.plus(5 * DAY);
    hold(&zeef, None, ends).await;
    let expired = START.plus(DAY);
    assert!(zeef.values(device, Field::Username, expired).await.is_empty());
    assert_eq!(purged(&zeef, expired).await, 0);
    assert_eq!(purged(&zeef, ends.plus(-1)).await, 0);
    assert!(
        zeef.look(device, ends.plus(-1)).await.is_some(),
        "the device as well"
    );
    assert_eq!(purged(&zeef, ends).await, 8);
    assert!(zeef.look(device, ends).await.is_none());
}

#[tokio::test]
async fn a_hold_on_one_device_keeps_no_other() {
    let (zeef, held, other) = ending().await;
    hold(&zeef, Some(held), START.plus(5 * DAY)).await;
    assert_eq!(purged(&zeef, START.plus(DAY)).await, 4);
    let now = START.plus(DAY);
    assert!(zeef.look(held, now).await.is_some());
    assert!(zeef.look(other, now).await.is_none());
}

#[tokio::test]
async fn what_a_hold_keeps_is_not_overdue_and_is_due_from_when_it_ends() {
    let (zeef, _, _) = ending().await;
    let ends = START.plus(5 * DAY);
    let id = hold(&zeef, None, ends).await;
    let found = look(&zeef.store, ends.plus(-1)).await.unwrap();
    assert_eq!((found.backlog.expired, found.backlog.on_hold), (0, 8));
    assert_eq!(found.due_since, None);
    let found = look(&zeef.store, ends.plus(HOUR)).await.unwrap();
    assert_eq!((found.backlog.expired, found.backlog.on_hold), (8, 0));
    assert_eq!(found.due_since, Some(ends));
    // One that is over cannot be ended again.
    assert!(!zeef.store.end_hold(id, ends.plus(HOUR)).await.unwrap());
}

#[tokio::test]
async fn a_hold_that_is_ended_by_hand_lets_go_at_the_next_purge() {
    let (zeef, _, _) = ending().await;
    let id = hold(&zeef, None, START.plus(300 * DAY)).await;
    let now = START.plus(2 * DAY);
    assert_eq!(purged(&zeef, now).await, 0);
    assert!(zeef.store.end_hold(id, now).await.unwrap());
    assert_eq!(purged(&zeef, now).await, 8);
    assert_eq!(zeef.store.holds().await.unwrap().len(), 1, "it is still listed");
    zeef.store.confirm_time(now.plus(31 * DAY)).await.unwrap();
    purged(&zeef, now.plus(31 * DAY)).await;
    assert!(zeef.store.holds().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_held_device_is_ended_neither_by_hand_nor_by_silence() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let id = hold(&zeef, Some(device), START.plus(300 * DAY)).await;
    let refused = zeef
        .store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await;
    assert_eq!(refused, Err(StoreError::OnHold));
    zeef.store
        .set_silence(zeef.organisation, Silence(Some(10)), Actor::Administrator, START)
        .await
        .unwrap();
    for day in [10, 40] {
        let now = START.plus(day * DAY);
        zeef.store.confirm_time(now).await.unwrap();
        purged(&zeef, now).await;
    }
    let now = START.plus(40 * DAY);
    assert!(zeef.look(device, now).await.unwrap().asked_at.is_some());
    zeef.store.end_hold(id, now).await.unwrap();
    purged(&zeef, now).await;
    let entries = zeef.store.ledger_from(0, 100).await.unwrap();
    let told = entries
        .iter()
        .filter_map(|one| Entry::from_bytes(&one.bytes).ok());
    let told: Vec<_> = told.map(|entry| entry.event.name()).collect();
    assert!(
        told.contains(&"hold_begun") && told.contains(&"hold_ended"),
        "{told:?}"
    );
    let standing = zeef.store.standing(zeef.organisation, device).await.unwrap();
    assert_eq!(standing, Standing::Gone);
}

#[tokio::test]
async fn a_clock_that_is_not_believed_ends_no_hold_and_ends_one_by_hand_at_once() {
    let (zeef, device, _) = ending().await;
    let id = hold(&zeef, None, START.plus(5 * DAY)).await;
    zeef.store.observe_time(START).await.unwrap();
    let jumped = START.plus(365 * DAY);
    let end = || {
        zeef.store
            .end_device(zeef.organisation, device, Actor::Administrator, jumped)
    };
    assert_eq!(end().await, Err(StoreError::OnHold));
    assert!(zeef.store.end_hold(id, jumped).await.unwrap());
    assert_eq!(purged(&zeef, START.plus(DAY)).await, 8);
}

#[tokio::test]
async fn the_plan_counts_what_is_held_on_the_day_on_which_its_last_hold_ends() {
    let (zeef, held, _) = ending().await;
    hold(&zeef, Some(held), START.plus(5 * DAY)).await;
    hold(&zeef, Some(held), START.plus(3 * DAY)).await;
    let policy = zeef_proto::policy::Policy::parse(REFERENCE_POLICY).unwrap();
    let days = async |until| {
        let plan = retention::plan(&zeef.store, &policy, START, until).await.unwrap();
        let mut days: Vec<_> = plan.lines().map(|(line, _, _)| line.day.to_string()).collect();
        days.dedup();
        days
    };
    assert_eq!(days(START.plus(4 * DAY)).await, ["2026-01-06"]);
    assert_eq!(days(START.plus(5 * DAY)).await, ["2026-01-06", "2026-01-10"]);
}
