//! Expiry on every read, deletion by the purge, terms that follow subscriptions and policy.

use zeef_collector::ledger::Actor;
use zeef_collector::store::records::{ReportOutcome, Standing, Subscription};
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore};
use zeef_proto::field::Field;
use zeef_proto::id::SubscriptionId;
use zeef_proto::time::DAY;

use crate::fixture::{
    Installation, REFERENCE_POLICY, START, full, heartbeat, signed, six_months, stored, unique,
};

#[tokio::test]
async fn a_value_is_shown_until_the_second_before_its_term_ends() {
    let zeef = Installation::without_subscription().await;
    let ends = START.plus(10 * DAY);
    zeef.subscribe("antivirus", Some(ends)).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    assert_eq!(
        zeef.values(device, Field::Username, ends.plus(-1)).await,
        ["j.jansen"]
    );
    for over in [ends, ends.plus(1)] {
        assert!(zeef.look(device, over).await.unwrap().observations.is_empty());
        let found = zeef
            .store
            .devices_with(zeef.organisation, Field::Username, "j.jansen".into(), over)
            .await;
        assert!(found.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_end_of_the_last_subscription_deletes_values_and_device() {
    let zeef = Installation::without_subscription().await;
    let antivirus = zeef.subscribe("antivirus", None).await;
    let rmm = zeef.subscribe("rmm", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;

    let end = |id| {
        zeef.store.end_subscription(
            zeef.organisation,
            id,
            START.plus(DAY),
            Actor::Administrator,
            START,
        )
    };
    end(antivirus).await.unwrap();
    assert_eq!(
        zeef.values(device, Field::Username, START.plus(DAY)).await,
        ["j.jansen"]
    );
    end(rmm).await.unwrap();
    assert!(
        zeef.look(device, START.plus(DAY))
            .await
            .unwrap()
            .observations
            .is_empty()
    );

    assert_eq!(
        zeef.store
            .purge(START.plus(DAY - 1), 100)
            .await
            .unwrap()
            .observations,
        0
    );
    let purged = zeef.store.purge(START.plus(DAY), 100).await.unwrap();
    assert_eq!((purged.observations, purged.other, purged.more), (4, 1, false));
    assert!(zeef.look(device, START).await.is_none());
    assert_eq!(
        zeef.store.standing(zeef.organisation, device).await.unwrap(),
        Standing::Gone
    );
    assert!(zeef.store.checkpoint().await.unwrap());
}

#[tokio::test]
async fn a_purge_goes_in_steps_and_says_when_there_is_more() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("antivirus", Some(START.plus(DAY))).await;
    zeef.subscribe("voip", None).await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let mut steps = Vec::new();
    loop {
        let purged = zeef.store.purge(START.plus(DAY), 3).await.unwrap();
        steps.push(purged.observations);
        if !purged.more {
            break;
        }
    }
    assert_eq!(steps, [3, 1]);
    assert!(
        zeef.look(device, START).await.is_some(),
        "the device is still served"
    );
}

#[tokio::test]
async fn the_mark_that_a_device_went_is_kept_for_a_month() {
    let zeef = Installation::new().await;
    let gone = zeef.device().await;
    zeef.store
        .end_device(zeef.organisation, gone, Actor::Administrator, START)
        .await
        .unwrap();
    let kept = zeef.device().await;
    let marked = async |now| {
        zeef.store.purge(now, 100).await.unwrap();
        let changes = zeef.store.changes_after(0, 100).await.unwrap();
        changes.iter().map(|change| change.device).collect::<Vec<_>>()
    };
    assert_eq!(marked(START.plus(30 * DAY - 1)).await, [gone, kept]);
    assert_eq!(marked(START.plus(30 * DAY)).await, [kept]);
}

#[tokio::test]
async fn a_shorter_term_takes_effect_on_what_is_held() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    zeef.store
        .publish_policy(signed(&six_months()), START.plus(DAY))
        .await
        .unwrap();
    let shown = zeef.look(device, START.plus(DAY)).await.unwrap();
    // 5 January and 5 July, both ten in the morning in Amsterdam.
    let july = "2026-07-05T08:00:00Z".parse().unwrap();
    assert!(
        shown
            .observations
            .iter()
            .all(|observation| observation.expires_at == Some(july))
    );
}

#[tokio::test]
async fn a_rolling_term_does_not_slide_and_a_late_value_is_a_new_one() {
    let zeef = Installation::keeping_six_months().await;
    let device = zeef.device().await;
    let report = |sequence| full(sequence, "lap-17", "j.jansen", "10.0.3.17");
    zeef.send(device, report(1), START).await;
    let first = zeef.look(device, START).await.unwrap().observations[0]
        .expires_at
        .unwrap();
    zeef.send(device, report(2), START.plus(30 * DAY)).await;
    assert_eq!(
        zeef.look(device, START).await.unwrap().observations[0].expires_at,
        Some(first)
    );

    zeef.send(device, report(3), first).await;
    let shown = zeef.look(device, first).await.unwrap();
    assert_eq!(shown.observations.len(), 4);
    assert!(
        shown
            .observations
            .iter()
            .all(|o| o.first_seen == first && o.expires_at > Some(first))
    );
}

#[tokio::test]
async fn a_product_that_no_longer_documents_a_field_ends_it_at_once() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let fields = "fields = [\"public_ip\", \"private_ip\", \"mac_address\", \"device_name\", \"username\"]";
    let narrower = REFERENCE_POLICY
        .replacen("version = 1\n", "version = 2\n", 1)
        .replace(
            fields,
            "fields = [\"public_ip\", \"private_ip\", \"device_name\"]",
        );
    let later = START.plus(DAY);
    zeef.store.publish_policy(signed(&narrower), later).await.unwrap();
    assert!(zeef.values(device, Field::Username, later).await.is_empty());
    assert_eq!(zeef.values(device, Field::DeviceName, later).await, ["lap-17"]);
    let outcome = zeef
        .send(device, full(2, "lap-17", "j.jansen", "10.0.3.17"), later)
        .await;
    assert!(matches!(outcome, ReportOutcome::Refused(refusal) if refusal.field == Some(Field::Username)));
}

#[tokio::test]
async fn a_subscription_of_one_device_serves_that_device_alone() {
    let zeef = Installation::without_subscription().await;
    let (served, other) = (zeef.device().await, zeef.device().await);
    let subscription = Subscription {
        id: SubscriptionId::from_bytes([unique(); 16]),
        organisation: zeef.organisation,
        device: Some(served),
        product: "rmm".parse().unwrap(),
        starts: START,
        ends: None,
    };
    zeef.store
        .add_subscription(subscription, Actor::Administrator, START)
        .await
        .unwrap();
    let report = || full(1, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(served, report(), START).await));
    assert!(matches!(
        zeef.send(other, report(), START).await,
        ReportOutcome::Refused(_)
    ));
    assert!(stored(&zeef.send(other, heartbeat(1), START).await));
    // Its end takes the subscription that names it along.
    zeef.store
        .end_device(zeef.organisation, served, Actor::Administrator, START)
        .await
        .unwrap();
    assert!(
        zeef.store
            .subscriptions(zeef.organisation)
            .await
            .unwrap()
            .is_empty()
    );
}
