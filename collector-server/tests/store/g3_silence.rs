//! G3: a device that is not heard of raises a question, and then counts as ended.

use zeef_collector::ledger::Actor;
use zeef_collector::retention::{Silence, purge};
use zeef_collector::store::records::Standing;
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::{AgentStore, InventoryStore};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::{DeviceId, UnixTime};

use crate::fixture::{Installation, START, full, heartbeat};

async fn heard_at_start() -> (Installation, DeviceId) {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    (zeef, device)
}

/// A purge at a time that is believed, however far off.
async fn purge_at(zeef: &Installation, now: UnixTime) {
    zeef.store.confirm_time(now).await.unwrap();
    assert_eq!(purge(&zeef.store, now).await.unwrap().failure, None);
}

async fn asked_at(zeef: &Installation, device: DeviceId, now: UnixTime) -> Option<UnixTime> {
    zeef.look(device, now).await.unwrap().asked_at
}

#[tokio::test]
async fn a_silent_device_is_asked_about_and_ended_thirty_days_later_with_a_tombstone() {
    let (zeef, device) = heard_at_start().await;
    let question = START.plus(60 * DAY);
    purge_at(&zeef, question.plus(-1)).await;
    assert_eq!(asked_at(&zeef, device, question).await, None);
    purge_at(&zeef, question).await;
    assert_eq!(asked_at(&zeef, device, question).await, Some(question));
    assert_eq!(zeef.store.backlog(question).await.unwrap().asked_about, 1);

    let ends = question.plus(30 * DAY);
    purge_at(&zeef, ends.plus(-1)).await;
    assert_eq!(asked_at(&zeef, device, ends).await, Some(question));
    let zeef = zeef.reopened();
    purge_at(&zeef, ends).await;
    assert!(zeef.look(device, ends).await.is_none());
    let standing = zeef.store.standing(zeef.organisation, device).await.unwrap();
    assert_eq!(standing, Standing::Gone);
}

#[tokio::test]
async fn a_contact_or_an_answer_takes_the_question_back() {
    let question = START.plus(60 * DAY);
    let ends = question.plus(30 * DAY);
    let (zeef, heard) = heard_at_start().await;
    let (kept, silent) = (zeef.device().await, zeef.device().await);
    purge_at(&zeef, question).await;
    let later = question.plus(2 * HOUR);
    zeef.send(heard, heartbeat(2), later).await;
    assert!(
        zeef.store
            .keep_device(zeef.organisation, kept, Actor::Administrator, later)
            .await
            .unwrap()
    );
    for device in [heard, kept] {
        assert_eq!(asked_at(&zeef, device, later).await, None);
    }
    assert_eq!(asked_at(&zeef, silent, later).await, Some(question));
    purge_at(&zeef, ends).await;
    let left: Vec<_> = zeef
        .store
        .device_ids(Some(zeef.organisation), None, 10)
        .await
        .unwrap();
    assert_eq!(left.len(), 2);
    // Silence is counted anew from there.
    purge_at(&zeef, later.plus(60 * DAY)).await;
    assert_eq!(asked_at(&zeef, kept, later).await, Some(later.plus(60 * DAY)));
}

#[tokio::test]
async fn a_contact_in_the_hour_of_the_question_takes_it_back() {
    let (zeef, device) = heard_at_start().await;
    let question = START.plus(60 * DAY + 60);
    purge_at(&zeef, question).await;
    let contact = question.plus(60);
    zeef.send(device, heartbeat(2), contact).await;
    assert_eq!(asked_at(&zeef, device, contact).await, None);
    assert_eq!(zeef.store.backlog(contact).await.unwrap().asked_about, 0);
    // So there is another question before it ends.
    let again = contact.plus(60 * DAY);
    purge_at(&zeef, again).await;
    assert_eq!(asked_at(&zeef, device, again).await, Some(again));
}

#[tokio::test]
async fn a_collector_that_was_off_for_a_year_asks_before_it_ends_anything() {
    let (zeef, device) = heard_at_start().await;
    let back = START.plus(400 * DAY);
    purge_at(&zeef, back).await;
    assert_eq!(asked_at(&zeef, device, back).await, Some(back));
}

#[tokio::test]
async fn a_clock_that_is_not_believed_asks_about_nobody() {
    let (zeef, device) = heard_at_start().await;
    zeef.store.observe_time(START).await.unwrap();
    let jumped = START.plus(400 * DAY);
    purge(&zeef.store, jumped).await.unwrap();
    assert_eq!(asked_at(&zeef, device, jumped).await, None);
}

#[tokio::test]
async fn each_organisation_has_its_number_of_days_or_none() {
    let (zeef, device) = heard_at_start().await;
    let set = |silence| zeef.store.set_silence(zeef.organisation, silence, START);
    assert_eq!(
        zeef.store.silence(zeef.organisation).await.unwrap(),
        Silence(Some(60))
    );
    set(Silence(None)).await.unwrap();
    let late = START.plus(400 * DAY);
    purge_at(&zeef, late).await;
    assert_eq!(asked_at(&zeef, device, late).await, None);
    set(Silence(Some(10))).await.unwrap();
    purge_at(&zeef, late).await;
    assert_eq!(asked_at(&zeef, device, late).await, Some(late));
    // Another number takes back what the former one led to.
    set(Silence(Some(500))).await.unwrap();
    assert_eq!(asked_at(&zeef, device, late).await, None);
    purge_at(&zeef, late.plus(31 * DAY)).await;
    assert!(zeef.look(device, late).await.is_some());
}
