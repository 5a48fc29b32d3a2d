//! Reports: stored once, in order, only what is documented, only what is current.

use zeef_collector::ledger::Actor;
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore};
use zeef_proto::DeviceId;
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::time::DAY;

use crate::fixture::{Installation, START, full, heartbeat, repeated, stored};

#[tokio::test]
async fn a_report_is_shown_with_what_the_connection_says() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let outcome = zeef
        .send_from(
            device,
            full(1, "lap-17", "j.jansen", "10.0.3.17"),
            Some("203.0.113.7"),
            START,
        )
        .await;
    assert!(
        matches!(&outcome, ReportOutcome::Stored { send_all: false, policy: 1, products, .. }
        if products.iter().map(|p| p.as_str()).eq(["antivirus"]))
    );

    let shown = zeef.look(device, START).await.unwrap();
    let values: Vec<_> = shown
        .observations
        .iter()
        .map(|o| (o.field, o.value.as_str(), o.expires_at))
        .collect();
    let expected = [
        (Field::PublicIp, "203.0.113.7", None),
        (Field::PrivateIp, "10.0.3.17", None),
        (Field::MacAddress, "00:1a:2b:3c:4d:5e", None),
        (Field::DeviceName, "lap-17", None),
        (Field::Username, "j.jansen", None),
    ];
    assert_eq!(values, expected);
    assert_eq!(shown.last_contact, Some(START));
}

#[tokio::test]
async fn a_repeated_report_is_acknowledged_and_stored_once() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let report = full(1, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(device, report.clone(), START).await));
    let newest = zeef.store.newest_change().await.unwrap();
    assert!(repeated(&zeef.send(device, report, START.plus(5)).await));
    assert_eq!(zeef.store.newest_change().await.unwrap(), newest);
    assert_eq!(zeef.values(device, Field::Username, START).await, ["j.jansen"]);
}

#[tokio::test]
async fn another_report_under_a_used_number_is_a_fork_and_marks_the_device() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    zeef.send(device, heartbeat(2), START).await;
    let forked = full(2, "lap-17", "p.bakker", "10.0.3.18");
    assert_eq!(
        zeef.send(device, forked.clone(), START).await,
        ReportOutcome::SequenceFork
    );
    assert_eq!(
        zeef.send(device, heartbeat(1), START).await,
        ReportOutcome::SequenceFork
    );
    let shown = zeef.look(device, START).await.unwrap();
    assert!(shown.agent.as_ref().unwrap().suspected_clone);
    assert!(shown.values(Field::Username).eq(["j.jansen"]));
}

#[tokio::test]
async fn numbers_left_out_ask_for_all_fields() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let outcome = zeef.send(device, heartbeat(4), START).await;
    assert!(matches!(
        outcome,
        ReportOutcome::Stored {
            send_all: true,
            repeated: false,
            ..
        }
    ));
    assert!(stored(&zeef.send(device, heartbeat(5), START).await));
}

#[tokio::test]
async fn only_the_current_value_is_kept() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let mut change = heartbeat(2);
    change.usernames = Some(vec![Username::parse("p.bakker").unwrap()]);
    zeef.send(device, change, START).await;
    assert_eq!(zeef.values(device, Field::Username, START).await, ["p.bakker"]);
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-17"]);

    let mut nobody = heartbeat(3);
    nobody.usernames = Some(Vec::new());
    zeef.send(device, nobody, START).await;
    assert!(zeef.values(device, Field::Username, START).await.is_empty());
}

#[tokio::test]
async fn a_name_is_shown_as_it_is_spelled_now() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "LAP-17", "J.Jansen", "10.0.3.17"), START)
        .await;
    let first_seen = zeef.look(device, START).await.unwrap().observations[0].first_seen;
    let newest = zeef.store.newest_change().await.unwrap();
    let later = START.plus(DAY);
    zeef.send(device, full(2, "lap-17", "J.Jansen", "10.0.3.17"), later)
        .await;
    assert_eq!(zeef.values(device, Field::DeviceName, later).await, ["lap-17"]);
    assert_eq!(zeef.values(device, Field::Username, later).await, ["J.Jansen"]);
    assert!(zeef.store.newest_change().await.unwrap() > newest);
    let shown = zeef.look(device, later).await.unwrap();
    assert!(shown.observations.iter().all(|o| o.first_seen == first_seen));
}

#[tokio::test]
async fn a_public_address_that_is_not_seen_any_more_goes() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send_from(device, heartbeat(1), Some("203.0.113.7"), START)
        .await;
    zeef.send_from(device, heartbeat(2), Some("203.0.113.8"), START)
        .await;
    assert_eq!(zeef.values(device, Field::PublicIp, START).await, ["203.0.113.8"]);
    zeef.send(device, heartbeat(3), START).await;
    assert!(zeef.values(device, Field::PublicIp, START).await.is_empty());
}

#[tokio::test]
async fn a_field_that_no_product_documents_refuses_the_whole_report() {
    let zeef = Installation::without_subscription().await;
    zeef.subscribe("wifi", None).await;
    let device = zeef.device().await;
    let outcome = zeef
        .send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    assert!(matches!(outcome, ReportOutcome::Refused(refusal) if refusal.field == Some(Field::DeviceName)));
    assert!(zeef.look(device, START).await.unwrap().observations.is_empty());
    // Nothing was counted either: the same number is still free.
    assert!(stored(&zeef.send(device, heartbeat(1), START).await));
}

#[tokio::test]
async fn a_report_that_comes_again_after_its_service_ended_is_acknowledged() {
    let zeef = Installation::without_subscription().await;
    let ends = START.plus(DAY);
    zeef.subscribe("antivirus", Some(ends)).await;
    let device = zeef.device().await;
    let report = || full(1, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(device, report(), START).await));
    assert!(repeated(&zeef.send(device, report(), ends).await));
    let next = full(2, "lap-17", "j.jansen", "10.0.3.17");
    assert!(matches!(
        zeef.send(device, next, ends).await,
        ReportOutcome::Refused(_)
    ));
}

#[tokio::test]
async fn who_may_not_report_is_told_why() {
    let zeef = Installation::new().await;
    let not_admitted = ReportOutcome::NotAdmitted;
    let stranger = DeviceId::from_bytes([250; 16]);
    assert_eq!(
        zeef.send(stranger, heartbeat(1), START).await,
        not_admitted(Standing::Unknown)
    );

    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    assert!(
        zeef.store
            .revoke_device(zeef.organisation, device, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert_eq!(
        zeef.send(device, heartbeat(2), START).await,
        not_admitted(Standing::Revoked)
    );
    assert!(
        zeef.store
            .end_device(zeef.organisation, device, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert_eq!(
        zeef.send(device, heartbeat(2), START).await,
        not_admitted(Standing::Gone)
    );
}

#[tokio::test]
async fn a_device_of_another_organisation_is_unknown() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    let other = zeef_proto::OrganisationId::from_bytes([251; 16]);
    zeef.store
        .add_organisation(other, "Garage De Vries".into(), START)
        .await
        .unwrap();
    assert_eq!(
        zeef.store.standing(other, device).await.unwrap(),
        Standing::Unknown
    );
    assert!(zeef.store.device(other, device, START).await.unwrap().is_none());
    assert!(
        !zeef
            .store
            .end_device(other, device, Actor::Administrator, START)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn equal_values_are_found_by_their_matching_form() {
    let zeef = Installation::new().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "J.Jansen", "10.0.3.17"), START)
        .await;
    let find = |field, form: &str| {
        zeef.store
            .devices_with(zeef.organisation, field, form.to_owned(), START)
    };
    assert_eq!(find(Field::Username, "j.jansen").await.unwrap(), [device]);
    assert_eq!(find(Field::PrivateIp, "10.0.3.17").await.unwrap(), [device]);
    assert!(find(Field::DeviceName, "j.jansen").await.unwrap().is_empty());
}

#[tokio::test]
async fn reports_of_many_devices_at_once_are_all_stored() {
    let zeef = Installation::new().await;
    let token = zeef.token(50).await;
    let mut devices = Vec::new();
    for key in 0..50 {
        devices.push(zeef.enrol(token, key, START).await.unwrap().device);
    }
    let zeef = std::sync::Arc::new(zeef);
    let mut sending = tokio::task::JoinSet::new();
    for (n, device) in devices.into_iter().enumerate() {
        let zeef = std::sync::Arc::clone(&zeef);
        let report = full(1, &format!("lap-{n}"), "j.jansen", "10.0.3.17");
        sending.spawn(async move { zeef.send(device, report, START).await });
    }
    assert!(sending.join_all().await.iter().all(stored));
    let ids = zeef
        .store
        .device_ids(Some(zeef.organisation), None, 100)
        .await
        .unwrap();
    let shown = zeef.store.devices(ids, START).await.unwrap();
    let mut names: Vec<_> = shown.iter().flat_map(|d| d.values(Field::DeviceName)).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 50);
}
