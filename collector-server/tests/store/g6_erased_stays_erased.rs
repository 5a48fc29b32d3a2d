//! G6: a tombstone commits with the delete, and nothing that comes later brings back what was erased.

use std::collections::BTreeSet;

use zeef_collector::erasure::{Counts, Subject};
use zeef_collector::ledger::Actor;
use zeef_collector::ledger::{Entry, Event, OrganisationEvent};
use zeef_collector::retention::{LegalHold, Reason};
use zeef_collector::store::erasure::{Erased, ErasureStore};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::field::{Field, Parse, Username};
use zeef_proto::id::{HoldId, ReceiptId};
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::backup::{Elsewhere, restored, save};
use crate::engine::{ON_POSTGRES, Part, literal};
use crate::fixture::{
    Installation, START, counts, full, heartbeat, links, own, repeated, site, stored, unique,
};

/// How long a tombstone stands.
const LIFE: i64 = 400 * DAY;

const PHONE: &str = r#""device_name":"phone-3","mac_addresses":["00:1a:2b:3c:4d:77"]"#;

fn name(text: &str) -> Username {
    Username::parse(text).unwrap()
}

fn person(text: &str) -> Subject {
    Subject::Person(name(text))
}

async fn erase_at(zeef: &Installation, subject: Subject, now: UnixTime) -> Result<Erased, StoreError> {
    let receipt = ReceiptId::from_random([unique(); 16]);
    zeef.store
        .erase(zeef.organisation, subject, receipt, Actor::Administrator, now)
        .await
}

async fn erase(zeef: &Installation, subject: Subject) -> Erased {
    erase_at(zeef, subject, START).await.unwrap()
}

async fn users(zeef: &Installation, device: DeviceId, now: UnixTime) -> Vec<String> {
    zeef.values(device, Field::Username, now).await
}

fn is_gone(outcome: &ReportOutcome) -> bool {
    matches!(outcome, ReportOutcome::NotAdmitted(Standing::Gone))
}

async fn enrolled_with(zeef: &Installation, user: &str) -> DeviceId {
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", user, "10.0.3.17"), START)
        .await;
    device
}

#[tokio::test]
async fn an_erased_username_leaves_all_devices_and_sources_and_takes_nothing_else_along() {
    let zeef = Installation::new().await;
    let first = zeef.collecting(&["rmm"]).await;
    zeef.send(first, full(1, "lap-17", "J.Jansen", "10.0.3.17"), START)
        .await;
    let said = own(
        "datto-rmm",
        "rmm",
        r#""device_name":"lap-17","usernames":["j.jansen"]"#,
    );
    let of_a_phone = r#""usernames":["j.jansen"],"mac_addresses":["00:1a:2b:3c:4d:77"]"#;
    let records = vec![said, site("datto-rmm", "rmm", of_a_phone)];
    assert_eq!(counts(&zeef.tell(first, 1, records, START).await), (2, 0, 0));
    let second = enrolled_with(&zeef, "p.bakker").await;
    let phone = zeef.spoken_of(START).await[0].id;

    let subject = person("J.JANSEN");
    let planned = zeef
        .store
        .plan_erasure(zeef.organisation, subject.clone())
        .await
        .unwrap();
    let before = zeef.store.newest_change().await.unwrap();
    let facts = erase(&zeef, subject).await.facts;
    assert_eq!(facts.counts, planned);
    let expected = Counts {
        device_keys: 2,
        index_entries: 2,
        links: 1,
        observations: [("username".to_owned(), 3)].into(),
        ..Counts::default()
    };
    assert_eq!(planned, expected);
    assert_eq!((facts.keys.len(), facts.tombstones.count), (2, 1));

    for device in [first, phone] {
        assert!(users(&zeef, device, START).await.is_empty());
    }
    assert_eq!(zeef.values(first, Field::DeviceName, START).await, ["lap-17"]);
    assert_eq!(
        zeef.values(phone, Field::MacAddress, START).await,
        ["00:1a:2b:3c:4d:77"]
    );
    assert_eq!(users(&zeef, second, START).await, ["p.bakker"]);
    let found = zeef
        .store
        .devices_with(zeef.organisation, Field::Username, "j.jansen".into(), START)
        .await;
    assert!(found.unwrap().is_empty());
    let changed = zeef.store.changes_after(before, 100).await.unwrap();
    let mut changed: Vec<_> = changed.iter().map(|one| one.device).collect();
    changed.sort();
    assert_eq!(
        changed,
        BTreeSet::from([first, phone]).into_iter().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_device_of_which_only_the_erased_username_was_known_goes_with_it() {
    let zeef = Installation::new().await;
    let teller = zeef.collecting(&["rmm"]).await;
    let said = site(
        "datto-rmm",
        "rmm",
        &format!(r#""usernames":["j.jansen"],{}"#, links("a")),
    );
    assert_eq!(
        counts(&zeef.tell(teller, 1, vec![said.clone()], START).await),
        (1, 0, 0)
    );
    assert_eq!(zeef.spoken_of(START).await.len(), 1);
    let erased = erase(&zeef, person("j.jansen")).await.facts;
    assert_eq!((erased.counts.devices, erased.counts.links), (1, 1));
    assert!(zeef.spoken_of(START).await.is_empty());
}

#[tokio::test]
async fn a_late_or_replayed_report_and_a_clones_count_for_all_but_the_erased_username() {
    let zeef = Installation::new().await;
    let device = enrolled_with(&zeef, "j.jansen").await;
    erase(&zeef, person("j.jansen")).await;
    let replayed = full(1, "lap-17", "j.jansen", "10.0.3.17");
    assert!(repeated(&zeef.send(device, replayed, START).await));
    assert!(users(&zeef, device, START).await.is_empty());

    let mut late = full(2, "lap-18", "J.Jansen", "10.0.3.18");
    late.usernames.as_mut().unwrap().push(name("p.bakker"));
    assert!(stored(&zeef.send(device, late, START).await));
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-18"]);
    assert_eq!(users(&zeef, device, START).await, ["p.bakker"]);

    let clone = full(2, "lap-17", "j.jansen", "10.0.3.17");
    assert_eq!(zeef.send(device, clone, START).await, ReportOutcome::SequenceFork);
    let elsewhere = enrolled_with(&zeef, "j.jansen").await;
    assert!(users(&zeef, elsewhere, START).await.is_empty());
    let zeef = zeef.reopened();
    let again = full(3, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(device, again, START).await));
    assert!(users(&zeef, device, START).await.is_empty());
}

#[tokio::test]
async fn a_username_of_one_organisation_is_not_refused_in_another() {
    let mut zeef = Installation::new().await;
    erase(&zeef, person("j.jansen")).await;
    zeef.organisation = OrganisationId::from_bytes([unique(); 16]);
    zeef.store
        .add_organisation(zeef.organisation, "Garage De Vries".into(), START)
        .await
        .unwrap();
    zeef.subscribe("antivirus", None).await;
    let device = enrolled_with(&zeef, "j.jansen").await;
    assert_eq!(users(&zeef, device, START).await, ["j.jansen"]);
}

#[tokio::test]
async fn an_erased_username_is_taken_in_again_once_its_tombstone_ends_or_is_lifted() {
    for lifted in [false, true] {
        let zeef = Installation::new().await;
        let device = enrolled_with(&zeef, "j.jansen").await;
        erase(&zeef, person("j.jansen")).await;
        let end = if lifted { START.plus(DAY) } else { START.plus(LIFE) };
        let last = full(2, "lap-17", "j.jansen", "10.0.3.17");
        assert!(stored(&zeef.send(device, last, end.plus(-1)).await));
        assert!(users(&zeef, device, end.plus(-1)).await.is_empty());
        if lifted {
            let lift = || zeef.store.lift_erasure(zeef.organisation, name("J.Jansen"), end);
            assert!(lift().await.unwrap());
            assert!(!lift().await.unwrap());
            let newest = zeef.store.ledger_before(None, 1_000, 1).await.unwrap();
            let newest = Entry::from_bytes(&newest[0].bytes).unwrap().event;
            assert!(matches!(
                newest,
                Event::Of(_, OrganisationEvent::ErasureLifted(_))
            ));
        }
        let zeef = zeef.reopened();
        let first = full(3, "lap-17", "j.jansen", "10.0.3.17");
        assert!(stored(&zeef.send(device, first, end).await));
        assert_eq!(users(&zeef, device, end).await, ["j.jansen"]);
    }
}

#[tokio::test]
async fn a_restored_backup_does_not_bring_a_username_back() {
    let zeef = Installation::new().await;
    let (device, other) = (
        enrolled_with(&zeef, "j.jansen").await,
        enrolled_with(&zeef, "p.bakker").await,
    );
    let elsewhere = Elsewhere::new();
    save(&zeef, &elsewhere.file("data")).await;
    erase(&zeef, person("j.jansen")).await;

    let (zeef, came_to) = restored(zeef, &elsewhere.file("data"), START);
    // All of the device was sealed anew since, so that nothing of it opens, and it is asked for the rest.
    assert_eq!(
        (came_to.caught_up.unreadable, came_to.caught_up.usernames),
        (1, 0)
    );
    assert!(users(&zeef, device, START).await.is_empty());
    assert_eq!(users(&zeef, other, START).await, ["p.bakker"]);
    let outcome = zeef
        .send(device, full(2, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    assert!(matches!(outcome, ReportOutcome::Stored { send_all: true, .. }));
    assert!(users(&zeef, device, START).await.is_empty());
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-17"]);
}

#[tokio::test]
async fn what_a_backup_holds_that_was_made_after_an_erasure_is_all_there() {
    let zeef = Installation::new().await;
    let device = enrolled_with(&zeef, "j.jansen").await;
    erase(&zeef, person("j.jansen")).await;
    let elsewhere = Elsewhere::new();
    save(&zeef, &elsewhere.file("data")).await;
    enrolled_with(&zeef, "p.bakker").await;
    let (zeef, came_to) = restored(zeef, &elsewhere.file("data"), START);
    assert_eq!(came_to.caught_up.unreadable, 0);
    assert_eq!(zeef.values(device, Field::DeviceName, START).await, ["lap-17"]);
}

#[tokio::test]
async fn no_record_brings_an_erased_device_without_agent_back() {
    for by in [links("p"), r#""mac_addresses":["00:1a:2b:3c:4d:77"]"#.to_owned()] {
        let zeef = Installation::new().await;
        let teller = zeef.collecting(&["rmm"]).await;
        let record = |fields: &str| vec![site("datto-rmm", "rmm", fields)];
        let first = format!(r#""device_name":"phone-3",{by}"#);
        assert_eq!(
            counts(&zeef.tell(teller, 1, record(&first), START).await),
            (1, 0, 0)
        );
        let phone = zeef.spoken_of(START).await[0].id;
        let elsewhere = Elsewhere::new();
        save(&zeef, &elsewhere.file("data")).await;
        let erased = erase(&zeef, Subject::Device(phone)).await.facts;
        // A token is known as joined and as set apart; an address, and the whole record without a token.
        let marks = if by.contains("links") {
            erased.counts.links
        } else {
            2
        };
        assert_eq!((erased.counts.devices, erased.tombstones.count), (1, marks));
        let other_name = format!(r#""device_name":"phone-4",{by}"#);
        assert_eq!(
            counts(&zeef.tell(teller, 2, record(&other_name), START).await),
            (0, 1, 0)
        );
        let (zeef, _) = restored(zeef, &elsewhere.file("data"), START);
        assert_eq!(
            counts(&zeef.tell(teller, 2, record(&first), START).await),
            (0, 1, 0)
        );
        assert!(zeef.spoken_of(START).await.is_empty());

        let end = START.plus(LIFE);
        assert_eq!(
            counts(&zeef.tell(teller, 3, record(&first), end.plus(-1)).await),
            (0, 1, 0)
        );
        assert_eq!(
            counts(&zeef.tell(teller, 4, record(&first), end).await),
            (1, 0, 0)
        );
    }
}

#[tokio::test]
async fn an_erased_device_begins_anew_with_a_new_subscription_and_with_a_new_enrolment() {
    let zeef = Installation::new().await;
    let teller = zeef.collecting(&["rmm"]).await;
    let record = || vec![site("datto-rmm", "rmm", &format!("{PHONE},{}", links("p")))];
    assert_eq!(counts(&zeef.tell(teller, 1, record(), START).await), (1, 0, 0));
    let phone = zeef.spoken_of(START).await[0].id;
    erase(&zeef, Subject::Device(phone)).await;
    assert_eq!(counts(&zeef.tell(teller, 2, record(), START).await), (0, 1, 0));

    let enrolled = zeef.device().await;
    let of_itself = vec![own("datto-rmm", "rmm", &format!("{PHONE},{}", links("p")))];
    assert_eq!(counts(&zeef.tell(enrolled, 1, of_itself, START).await), (1, 0, 0));
    assert_eq!(
        counts(&zeef.tell(teller, 3, record(), START).await),
        (1, 0, 0),
        "it is here again"
    );
    assert!(zeef.spoken_of(START).await.is_empty());
    erase(&zeef, Subject::Device(enrolled)).await;
    assert_eq!(counts(&zeef.tell(teller, 4, record(), START).await), (0, 1, 0));

    let later = START.plus(DAY);
    let subscription = zeef_collector::store::records::Subscription {
        id: zeef_proto::id::SubscriptionId::from_bytes([unique(); 16]),
        organisation: zeef.organisation,
        device: None,
        product: "rmm".parse().unwrap(),
        starts: later,
        ends: None,
    };
    zeef.store
        .add_subscription(subscription, Actor::Administrator, later)
        .await
        .unwrap();
    assert_eq!(counts(&zeef.tell(teller, 5, record(), later).await), (1, 0, 0));
}

#[tokio::test]
async fn an_erased_device_with_an_agent_is_told_so_and_stays_gone_in_a_restored_backup() {
    let zeef = Installation::new().await;
    let device = enrolled_with(&zeef, "j.jansen").await;
    let elsewhere = Elsewhere::new();
    save(&zeef, &elsewhere.file("data")).await;
    let erased = erase(&zeef, Subject::Device(device)).await.facts;
    assert_eq!((erased.keys.len(), erased.counts.values()), (1, 4));
    for sequence in [1, 2] {
        let late = full(sequence, "lap-17", "j.jansen", "10.0.3.17");
        assert!(is_gone(&zeef.send(device, late, START).await));
    }
    let (zeef, _) = restored(zeef, &elsewhere.file("data"), START);
    assert!(is_gone(&zeef.send(device, heartbeat(2), START).await));
    assert!(zeef.all(START).await.is_empty());
}

#[tokio::test]
async fn an_erased_organisation_is_gone_whole_and_its_name_begins_anew() {
    let zeef = Installation::new().await;
    let device = zeef.collecting(&["rmm"]).await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let phone = vec![site("datto-rmm", "rmm", &format!("{PHONE},{}", links("p")))];
    zeef.tell(device, 1, phone, START).await;
    let token = zeef.token(5).await;
    erase(&zeef, person("p.bakker")).await;
    let elsewhere = Elsewhere::new();
    save(&zeef, &elsewhere.file("data")).await;

    let erased = erase(&zeef, Subject::Organisation).await.facts;
    let counted = &erased.counts;
    assert_eq!(
        (counted.devices, counted.device_keys, counted.organisation_keys),
        (2, 2, 1)
    );
    assert_eq!(
        (counted.subscriptions, counted.tokens, counted.values()),
        (2, 2, 6)
    );
    assert_eq!(erased.keys.len(), 3);
    let (mut zeef, came_to) = {
        assert!(is_gone(&zeef.send(device, heartbeat(2), START).await));
        assert!(zeef.store.organisations().await.unwrap().is_empty());
        assert_eq!(rows_of(&zeef), ["erased 1", "receipt 2"]);
        restored(zeef, &elsewhere.file("data"), START)
    };
    assert_eq!(came_to.caught_up.organisations, 1);
    assert!(is_gone(&zeef.send(device, heartbeat(2), START).await));
    let standing = zeef.store.standing(zeef.organisation, device).await.unwrap();
    assert_eq!(standing, Standing::Gone);
    assert!(zeef.enrol(token, unique(), START).await.is_none());

    zeef.organisation = OrganisationId::from_bytes([unique(); 16]);
    let name = "Bakkerij Jansen".to_owned();
    zeef.store
        .add_organisation(zeef.organisation, name, START)
        .await
        .unwrap();
    zeef.subscribe("antivirus", None).await;
    let new = enrolled_with(&zeef, "p.bakker").await;
    assert_eq!(
        users(&zeef, new, START).await,
        ["p.bakker"],
        "nothing of the former one holds"
    );
    assert_eq!(zeef.all(START).await.len(), 1);
}

/// Tables with rows of the organisation, apart from the ledger and the marks of changes.
fn rows_of(zeef: &Installation) -> Vec<String> {
    let db = zeef.engine().raw(Part::Database);
    let tables = if ON_POSTGRES {
        "SELECT convert_to(table_name, 'UTF8') FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name = 'organisation'
           AND table_name NOT IN ('ledger_entry', 'device_change') ORDER BY table_name"
    } else {
        "SELECT CAST(m.name AS BLOB) FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
         WHERE m.type = 'table' AND c.name = 'organisation' AND m.name NOT IN ('ledger_entry', 'device_change')
         ORDER BY m.name"
    };
    let names = db.all_bytes(tables).into_iter().map(String::from_utf8);
    let names: Vec<String> = names.collect::<Result<_, _>>().unwrap();
    let id = literal(zeef.organisation.as_bytes());
    let count =
        |table: &String| db.number(&format!("SELECT count(*) FROM {table} WHERE organisation = {id}"));
    let counted = names.iter().map(|name| (name, count(name)));
    counted
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect()
}

#[tokio::test]
async fn a_legal_hold_refuses_every_erasure_of_what_it_keeps() {
    let zeef = Installation::new().await;
    let (held, free) = (
        enrolled_with(&zeef, "j.jansen").await,
        enrolled_with(&zeef, "p.bakker").await,
    );
    let hold = LegalHold {
        id: HoldId::from_bytes([unique(); 16]),
        organisation: zeef.organisation,
        device: Some(held),
        reason: Reason::parse("a case before the court").unwrap(),
        starts: START,
        ends: START.plus(DAY),
    };
    zeef.store.add_hold(hold).await.unwrap();
    for subject in [Subject::Device(held), person("j.jansen"), Subject::Organisation] {
        let refused = erase_at(&zeef, subject.clone(), START.plus(DAY - 1)).await;
        assert_eq!(refused.unwrap_err(), StoreError::OnHold, "{subject:?}");
    }
    assert_eq!(users(&zeef, held, START).await, ["j.jansen"]);
    erase(&zeef, person("p.bakker")).await;
    assert!(users(&zeef, free, START).await.is_empty());
    for subject in [person("j.jansen"), Subject::Device(held), Subject::Organisation] {
        erase_at(&zeef, subject, START.plus(DAY)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_erased_and_leaves_nothing() {
    let zeef = Installation::new().await;
    let device = Subject::Device(DeviceId::from_bytes([9; 16]));
    let head = zeef.store.ledger_head().await.unwrap();
    assert_eq!(
        erase_at(&zeef, device, START).await.unwrap_err(),
        StoreError::NotFound("device")
    );
    let nowhere = OrganisationId::from_bytes([unique(); 16]);
    let receipt = ReceiptId::from_random([1; 16]);
    for subject in [person("j.jansen"), Subject::Organisation] {
        let refused = zeef
            .store
            .erase(nowhere, subject, receipt, Actor::Administrator, START)
            .await;
        assert_eq!(refused.unwrap_err(), StoreError::NotFound("organisation"));
    }
    assert_eq!(zeef.store.ledger_head().await.unwrap(), head);
    // A username that nobody holds may still be in a report that is on its way.
    let facts = erase(&zeef, person("j.jansen")).await.facts;
    assert_eq!((facts.counts, facts.tombstones.count), (Counts::default(), 1));
}
