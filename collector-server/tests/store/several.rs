//! Several collectors on one installation, at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use zeef_collector::access::Reach;
use zeef_collector::index::{LiveIndex, Query, Term};
use zeef_collector::ledger::Actor;
use zeef_collector::ledger::read::check;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::records::{Enrolment, IncomingReport, ReportOutcome, Standing};
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore};
use zeef_proto::field::Field;
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{Platform, Report};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::fixture::{Installation, START, full, incoming_records, links, site, stored};

const COLLECTORS: usize = 3;

/// The installation, and collectors that share it.
async fn shared() -> (Installation, Vec<Arc<SqlStore>>) {
    let zeef = Installation::new().await;
    let collectors = (0..COLLECTORS).map(|_| Arc::new(zeef.opened_beside())).collect();
    (zeef, collectors)
}

fn incoming(organisation: OrganisationId, device: DeviceId, report: Report, now: UnixTime) -> IncomingReport {
    IncomingReport {
        organisation,
        device,
        body: report.to_bytes().into(),
        report,
        public_ip: None,
        now,
    }
}

#[tokio::test]
async fn reports_of_one_device_by_way_of_all_are_stored_once_and_in_order() {
    let (zeef, collectors) = shared().await;
    let mut devices = Vec::new();
    for _ in 0..6 {
        devices.push(zeef.device().await);
    }
    let mut sending = JoinSet::new();
    for (nth, device) in devices.iter().copied().enumerate() {
        let (collectors, organisation) = (collectors.clone(), zeef.organisation);
        sending.spawn(async move {
            for sequence in 1..=12 {
                let report = full(
                    sequence,
                    &format!("lap-{nth}-{sequence}"),
                    "j.jansen",
                    "10.0.3.17",
                );
                // The same to all at once, as after answers that were lost.
                let outcomes = tokio::join!(
                    collectors[0].record_report(incoming(organisation, device, report.clone(), START)),
                    collectors[1].record_report(incoming(organisation, device, report.clone(), START)),
                    collectors[2].record_report(incoming(organisation, device, report, START)),
                );
                let outcomes = [outcomes.0.unwrap(), outcomes.1.unwrap(), outcomes.2.unwrap()];
                assert_eq!(outcomes.iter().filter(|outcome| stored(outcome)).count(), 1);
            }
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent.unwrap();
    }
    for (nth, device) in devices.into_iter().enumerate() {
        assert_eq!(
            zeef.values(device, Field::DeviceName, START).await,
            [format!("lap-{nth}-12")]
        );
        let shown = zeef.look(device, START).await.unwrap();
        assert!(!shown.agent.unwrap().suspected_clone);
    }
}

#[tokio::test]
async fn a_token_enrols_as_many_devices_at_all_together_as_it_was_made_for() {
    let (zeef, collectors) = shared().await;
    let secret_hash = zeef.token(5).await;
    let mut enrolling = JoinSet::new();
    for nth in 0..18_u8 {
        let collector = Arc::clone(&collectors[usize::from(nth) % COLLECTORS]);
        let enrolment = Enrolment {
            secret_hash,
            // Each key is offered at two collectors at the same time.
            key_hash: [nth / 2; 32],
            device: DeviceId::from_bytes([100 + nth; 16]),
            platform: Platform::Linux,
            agent: "0.1.0".parse().unwrap(),
            now: START,
        };
        enrolling.spawn(async move {
            let key = enrolment.key_hash;
            (key, collector.enrol(enrolment).await.unwrap())
        });
    }
    let mut devices: BTreeMap<[u8; 32], BTreeSet<DeviceId>> = BTreeMap::new();
    while let Some(enrolled) = enrolling.join_next().await {
        if let (key, Some(enrolled)) = enrolled.unwrap() {
            devices.entry(key).or_default().insert(enrolled.device);
        }
    }
    assert_eq!(devices.len(), 5);
    assert!(devices.values().all(|of_key| of_key.len() == 1));
    assert_eq!(zeef.all(START).await.len(), 5);
}

#[tokio::test]
async fn what_one_changes_the_others_go_by_from_their_next_report_on() {
    let (zeef, collectors) = shared().await;
    let organisation = zeef.organisation;
    let device = zeef.device().await;
    let send = async |at: usize, sequence| {
        let report = full(sequence, "lap-17", &format!("user-{sequence}"), "10.0.3.17");
        collectors[at]
            .record_report(incoming(organisation, device, report, START.plus(HOUR)))
            .await
            .unwrap()
    };
    for at in 0..COLLECTORS {
        assert!(stored(&send(at, 1 + at as u64).await));
    }
    let subscriptions = collectors[1].subscriptions(organisation).await.unwrap();
    collectors[1]
        .end_subscription(
            organisation,
            subscriptions[0].id,
            START.plus(HOUR),
            Actor::Administrator,
            START.plus(HOUR),
        )
        .await
        .unwrap();
    assert!(matches!(send(2, 4).await, ReportOutcome::Refused(_)));
    assert!(matches!(send(0, 4).await, ReportOutcome::Refused(_)));

    collectors[2]
        .end_device(organisation, device, Actor::Administrator, START.plus(HOUR))
        .await
        .unwrap();
    for at in 0..COLLECTORS {
        let outcome = send(at, 5).await;
        assert!(matches!(outcome, ReportOutcome::NotAdmitted(Standing::Gone)));
    }
}

#[tokio::test]
async fn records_of_one_device_by_way_of_all_make_one_device() {
    let (zeef, collectors) = shared().await;
    let mut senders = Vec::new();
    for _ in 0..COLLECTORS {
        senders.push(zeef.collecting(&["wifi"]).await);
    }
    let mut telling = JoinSet::new();
    for (collector, sender) in collectors.iter().zip(senders) {
        let (collector, organisation) = (Arc::clone(collector), zeef.organisation);
        telling.spawn(async move {
            for sequence in 1..=5 {
                let fields = format!(
                    r#""device_name":"phone","private_ips":["10.0.4.4"],{}"#,
                    links("p")
                );
                let records = vec![site("unifi", "wifi", &fields)];
                let incoming = incoming_records(organisation, sender, sequence, records, START);
                collector.record_batch(incoming).await.unwrap();
            }
        });
    }
    while let Some(told) = telling.join_next().await {
        told.unwrap();
    }
    assert_eq!(zeef.spoken_of(START).await.len(), 1);
}

#[tokio::test]
async fn a_purge_that_all_do_at_once_deletes_all_and_no_more_while_reports_come() {
    let (zeef, collectors) = shared().await;
    let organisation = zeef.organisation;
    let mut devices = Vec::new();
    for nth in 0..20 {
        let device = zeef.device().await;
        zeef.send(
            device,
            full(1, &format!("lap-{nth}"), "j.jansen", "10.0.3.17"),
            START,
        )
        .await;
        devices.push(device);
    }
    let ends = START.plus(DAY);
    for subscription in zeef.store.subscriptions(organisation).await.unwrap() {
        zeef.store
            .end_subscription(organisation, subscription.id, ends, Actor::Administrator, START)
            .await
            .unwrap();
    }
    zeef.subscribe("rmm", None).await;
    // Half of them report under the service that goes on, while what ends is deleted everywhere.
    let now = ends.plus(HOUR);
    let mut working = JoinSet::new();
    for (nth, device) in devices
        .iter()
        .copied()
        .enumerate()
        .filter(|(nth, _)| nth % 2 == 0)
    {
        let collector = Arc::clone(&collectors[nth % COLLECTORS]);
        working.spawn(async move {
            let report = full(2, &format!("lap-{nth}"), "p.bakker", "10.0.3.18");
            let outcome = collector
                .record_report(incoming(organisation, device, report, now))
                .await;
            assert!(stored(&outcome.unwrap()));
        });
    }
    for collector in &collectors {
        let collector = Arc::clone(collector);
        working.spawn(async move { while collector.purge(now, 7).await.unwrap().more {} });
    }
    while let Some(done) = working.join_next().await {
        done.unwrap();
    }
    for (nth, device) in devices.into_iter().enumerate() {
        let users = zeef.values(device, Field::Username, now).await;
        let expected: &[&str] = if nth % 2 == 0 {
            &["p.bakker"]
        } else {
            &["j.jansen"]
        };
        assert_eq!(users, expected, "{nth}");
    }
    check(&zeef.store, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn the_ledger_of_all_is_one_chain() {
    let (zeef, collectors) = shared().await;
    let before = zeef.store.ledger_head().await.unwrap().unwrap().head;
    let mut adding = JoinSet::new();
    for nth in 0..24_u8 {
        let collector = Arc::clone(&collectors[usize::from(nth) % COLLECTORS]);
        adding.spawn(async move {
            let id = OrganisationId::from_random([nth + 1; 16]);
            collector
                .add_organisation(id, format!("Organisation {nth}"), START)
                .await
        });
    }
    while let Some(added) = adding.join_next().await {
        added.unwrap().unwrap();
    }
    let checked = check(&zeef.store, vec![before]).await.unwrap();
    assert_eq!((checked.size, checked.kept), (before.size + 24, 1));
}

#[tokio::test]
async fn an_index_beside_one_misses_nothing_that_the_others_store() {
    let (zeef, collectors) = shared().await;
    let index = LiveIndex::new(Arc::clone(&collectors[0]) as _);
    let mut devices = Vec::new();
    for _ in 0..9 {
        devices.push(zeef.device().await);
    }
    let mut sending = JoinSet::new();
    for (nth, device) in devices.into_iter().enumerate() {
        let (collectors, organisation) = (collectors.clone(), zeef.organisation);
        sending.spawn(async move {
            for sequence in 1..=8 {
                let report = full(
                    sequence,
                    &format!("lap-{nth}-{sequence}"),
                    "j.jansen",
                    "10.0.3.17",
                );
                let collector = &collectors[(nth + sequence as usize) % COLLECTORS];
                let outcome = collector
                    .record_report(incoming(organisation, device, report, START))
                    .await;
                assert!(stored(&outcome.unwrap()));
            }
        });
    }
    // It follows while they come.
    while let Some(sent) = sending.join_next().await {
        sent.unwrap();
        index.refresh(START).await.unwrap();
    }
    index.refresh(START).await.unwrap();
    for nth in 0..9 {
        let query = Query {
            term: Term::parse(&format!("lap-{nth}-8")),
            per_page: 10,
            ..Query::of(Reach::All)
        };
        assert_eq!(index.list(&query, START).await.unwrap().total, 1, "{nth}");
    }
}
