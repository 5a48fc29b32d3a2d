//! The ledger: what is noted with each transaction, and that nothing can be done to it unseen.

use std::collections::BTreeMap;

use zeef_collector::ledger::read::{CheckError, check, consistency, inclusion};
use zeef_collector::ledger::{Actor, Entry, Event, Fault, OrganisationEvent};
use zeef_collector::store::ledger::{LedgerStore, Look, LookedAt};
use zeef_collector::store::people::{NewSession, PeopleStore};
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::OrganisationId;
use zeef_proto::id::{TokenId, UserId};
use zeef_proto::time::DAY;

use crate::engine::{Part, literal};
use crate::fixture::{Installation, REFERENCE_POLICY, START, administrator, full, signed, stored};

const ANNE: UserId = UserId::from_bytes([77; 16]);

async fn entries(store: &SqlStore) -> Vec<Entry> {
    let stored = store.ledger_from(0, 10_000).await.unwrap();
    let read = stored.iter().map(|stored| Entry::from_bytes(&stored.bytes));
    read.collect::<Result<_, _>>().unwrap()
}

/// What was noted since the ledger had `since` entries: who and what.
async fn told(zeef: &Installation, since: u64) -> Vec<(&'static str, &'static str)> {
    let all = entries(&zeef.store).await;
    let new = all.iter().filter(|entry| entry.index >= since);
    new.map(|entry| (entry.actor.name(), entry.event.name()))
        .collect()
}

async fn size(zeef: &Installation) -> u64 {
    zeef.store.ledger_head().await.unwrap().unwrap().head.size
}

fn session() -> NewSession {
    NewSession {
        token_hash: [1; 32],
        user: ANNE,
        form_secret: [9; 32],
        created_at: START,
        idle_until: START.plus(60),
        absolute_until: START.plus(60),
        by_provider: false,
    }
}

fn look(at: LookedAt) -> Look {
    Look {
        by: Actor::User(ANNE),
        at,
    }
}

/// Passes a statement by the collector, as whoever has the file can.
fn meddle(zeef: &Installation, sql: &str) {
    assert!(zeef.engine().raw(Part::Database).execute(sql) > 0, "{sql}");
}

async fn fault(zeef: &Installation) -> Fault {
    match check(&zeef.store, Vec::new()).await {
        Err(CheckError::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_thing_that_is_done_leaves_its_entry_and_the_ledger_verifies() {
    let zeef = Installation::without_subscription().await;
    let (organisation, store) = (zeef.organisation, &zeef.store);
    let subscription = zeef.subscribe("antivirus", None).await;
    let (first, second) = (zeef.device().await, zeef.device().await);
    store
        .revoke_device(organisation, first, Actor::Administrator, START)
        .await
        .unwrap();
    let by = Actor::Device;
    store.end_device(organisation, second, by, START).await.unwrap();
    zeef.token(1).await;
    let token = store.tokens(organisation).await.unwrap()[2].id;
    store
        .revoke_token(organisation, token, Actor::Administrator, START)
        .await
        .unwrap();
    store
        .add_user(administrator(ANNE, "anne"), Actor::Administrator, START)
        .await
        .unwrap();
    store
        .add_link([5; 32], ANNE, START.plus(60), START)
        .await
        .unwrap();
    let (hash, by) = ("$argon2id$…".into(), Actor::User(ANNE));
    store.set_password(ANNE, hash, None, by, START).await.unwrap();
    store.add_session(session()).await.unwrap();
    let one = look(LookedAt::Device(organisation, first));
    store.record_look(one, START).await.unwrap();
    let list = LookedAt::devices([organisation; 3].into_iter(), false);
    store.record_look(look(list), START).await.unwrap();
    let search = LookedAt::devices([organisation; 2].into_iter(), true);
    store.record_look(look(search), START).await.unwrap();
    let in_vain = look(LookedAt::devices([].into_iter(), true));
    store.record_look(in_vain, START).await.unwrap();
    store
        .end_subscription(
            organisation,
            subscription,
            START.plus(DAY),
            Actor::Administrator,
            START,
        )
        .await
        .unwrap();
    store.purge(START.plus(2 * DAY), 100).await.unwrap();
    store.remove_user(ANNE, START).await.unwrap();

    assert_eq!(
        told(&zeef, 0).await,
        [
            ("administrator", "organisation_added"),
            ("administrator", "policy_published"),
            ("administrator", "subscription_added"),
            ("administrator", "token_made"),
            ("device", "device_enrolled"),
            ("administrator", "token_made"),
            ("device", "device_enrolled"),
            ("administrator", "device_revoked"),
            ("device", "device_ended"),
            ("administrator", "token_made"),
            ("administrator", "token_revoked"),
            ("administrator", "user_added"),
            ("administrator", "role_set"),
            ("administrator", "link_made"),
            ("user", "password_set"),
            ("user", "signed_in"),
            ("user", "device_read"),
            ("user", "devices_listed"),
            ("user", "devices_searched"),
            ("user", "searched_in_vain"),
            ("administrator", "subscription_ended"),
            ("retention", "device_ended"),
            ("retention", "purged"),
            ("administrator", "user_removed"),
        ]
    );
    let checked = check(store, Vec::new()).await.unwrap();
    assert_eq!(checked.size, 24);
}

#[tokio::test]
async fn what_is_refused_fails_or_changes_nothing_leaves_no_entry() {
    let zeef = Installation::new().await;
    let token = zeef.token(2).await;
    let device = zeef.enrol(token, 1, START).await.unwrap().device;
    let before = size(&zeef).await;
    let (organisation, store) = (zeef.organisation, &zeef.store);

    let id = OrganisationId::from_random([9; 16]);
    let again = store.add_organisation(id, "Bakkerij Jansen".into(), START).await;
    assert_eq!(again, Err(StoreError::NameTaken("an organisation")));
    let unknown = TokenId::from_random([9; 16]);
    assert!(
        !store
            .revoke_token(organisation, unknown, Actor::Administrator, START)
            .await
            .unwrap()
    );
    assert!(!store.remove_user(ANNE, START).await.unwrap());
    let report = full(1, "lap-17", "j.jansen", "10.0.3.17");
    assert!(stored(&zeef.send(device, report, START).await));
    // The same key with the same token gets the same device.
    assert_eq!(zeef.enrol(token, 1, START).await.unwrap().device, device);
    zeef.store
        .revoke_device(organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    let before = before + 1;
    assert!(zeef.enrol(token, 1, START).await.is_none());
    store.purge(START, 100).await.unwrap();
    let nothing = look(LookedAt::devices([].into_iter(), false));
    store.record_look(nothing, START).await.unwrap();
    assert_eq!(size(&zeef).await, before);
}

#[tokio::test]
async fn a_look_at_several_organisations_is_told_to_each_by_itself() {
    let zeef = Installation::new().await;
    let other = OrganisationId::from_random([9; 16]);
    zeef.store
        .add_organisation(other, "Garage De Vries".into(), START)
        .await
        .unwrap();
    let counts = BTreeMap::from([(zeef.organisation, 3), (other, 2)]);
    zeef.store
        .record_look(look(LookedAt::Search(counts)), START)
        .await
        .unwrap();
    for (organisation, devices) in [(zeef.organisation, 3), (other, 2)] {
        let newest = zeef
            .store
            .ledger_before(Some(organisation), u64::MAX >> 1, 1)
            .await
            .unwrap();
        let entry = Entry::from_bytes(&newest[0].bytes).unwrap();
        let expected = OrganisationEvent::DevicesSearched(devices);
        assert_eq!(entry.event, Event::Of(organisation, expected));
        assert_eq!(entry.actor, Actor::User(ANNE));
    }
}

#[tokio::test]
async fn the_entries_of_one_device_are_found_newest_first_a_page_at_a_time() {
    let zeef = Installation::new().await;
    let (device, other) = (zeef.device().await, zeef.device().await);
    let looks = [(device, START), (other, START), (device, START.plus(60))];
    for (device, at) in looks {
        let one = look(LookedAt::Device(zeef.organisation, device));
        zeef.store.record_look(one, at).await.unwrap();
    }
    let page = async |before: u64, limit| {
        let found = zeef
            .store
            .ledger_of_device(zeef.organisation, device, before, limit);
        let entries = found.await.unwrap();
        let read = entries.iter().map(|one| Entry::from_bytes(&one.bytes).unwrap());
        read.map(|entry| (entry.event.name(), entry.at, entry.index))
            .collect::<Vec<_>>()
    };
    let newest = page(u64::MAX >> 1, 2).await;
    let told: Vec<_> = newest.iter().map(|(name, at, _)| (*name, *at)).collect();
    assert_eq!(told, [("device_read", START.plus(60)), ("device_read", START)]);
    let older = page(newest[1].2, 10).await;
    assert_eq!(
        older.iter().map(|one| one.0).collect::<Vec<_>>(),
        ["device_enrolled"]
    );
}

#[tokio::test]
async fn an_ended_devices_entries_are_found_by_its_mark_and_name_it_to_nobody_else() {
    let zeef = Installation::new().await;
    let (device, other) = (zeef.device().await, zeef.device().await);
    zeef.store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    let mark = |device| zeef.store.device_mark(zeef.organisation, device);
    let (own, others) = (mark(device).await.unwrap(), mark(other).await.unwrap());
    assert_ne!(own, others);
    let all = entries(&zeef.store).await;
    let its = all.iter().filter(|entry| entry.event.device() == own);
    let names: Vec<_> = its.map(|entry| entry.event.name()).collect();
    assert_eq!(names, ["device_enrolled", "device_ended"]);
    // The tombstone is of another kind, so that its end ends the way from one to the other.
    let tombstone = zeef
        .engine()
        .raw(Part::Database)
        .bytes("SELECT mark FROM tombstone");
    assert_ne!(own.unwrap().0, *tombstone);
}

#[tokio::test]
async fn no_entry_holds_a_value_a_name_a_search_term_or_a_devices_id() {
    let zeef = Installation::new().await;
    zeef.store
        .add_user(administrator(ANNE, "needle.account"), Actor::Administrator, START)
        .await
        .unwrap();
    zeef.store.add_session(session()).await.unwrap();
    let device = zeef.device().await;
    zeef.send_from(
        device,
        full(1, "needle-in-name", "needle.in.user", "10.77.66.55"),
        Some("203.0.113.77"),
        START,
    )
    .await;
    for at in [
        LookedAt::Device(zeef.organisation, device),
        LookedAt::devices([zeef.organisation].into_iter(), true),
    ] {
        zeef.store.record_look(look(at), START).await.unwrap();
    }
    zeef.store
        .end_device(zeef.organisation, device, Actor::Administrator, START)
        .await
        .unwrap();
    let stored = zeef.store.ledger_from(0, 100).await.unwrap();
    let bytes: Vec<u8> = stored.into_iter().flat_map(|stored| stored.bytes).collect();
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(
        holds(zeef.organisation.as_bytes()) && holds(ANNE.as_bytes()),
        "the scan sees the ids that an entry does hold"
    );
    assert!(!holds(device.as_bytes()));
    for needle in ["needle", "10.77.66.55", "203.0.113", "Bakkerij", "00:1a:2b"] {
        assert!(!holds(needle.as_bytes()), "{needle}");
    }
    // Addresses have a form in bytes as well.
    for needle in [
        &[10, 77, 66, 55][..],
        &[203, 0, 113, 77],
        &[0x00, 0x1a, 0x2b, 0x3c, 0x4d, 0x5e],
    ] {
        assert!(!holds(needle), "{needle:?}");
    }
}

#[tokio::test]
async fn every_entry_is_proven_and_every_earlier_head_is_one_that_the_ledger_goes_on_from() {
    let zeef = Installation::new().await;
    let identity = zeef.store.ledger_identity().await.unwrap();
    let mut kept = Vec::new();
    for _ in 0..12 {
        zeef.token(1).await;
        let signed = zeef.store.ledger_head().await.unwrap().unwrap();
        kept.push(*signed.verify(&identity).unwrap());
    }
    let newest = *kept.last().unwrap();
    for old in &kept {
        consistency(&zeef.store, old, &newest).await.unwrap();
    }
    for index in 0..newest.size {
        let proof = inclusion(&zeef.store, index).await.unwrap();
        assert_eq!(Entry::from_bytes(&proof.entry.bytes).unwrap().index, index);
    }
    assert!(inclusion(&zeef.store, newest.size).await.is_err());
    let checked = check(&zeef.store, kept.clone()).await.unwrap();
    assert_eq!((checked.size, checked.kept), (newest.size, kept.len()));
}

#[tokio::test]
async fn a_ledger_goes_on_after_a_restart_and_two_processes_do_not_fork_it() {
    let zeef = Installation::new().await;
    let before = zeef.store.ledger_head().await.unwrap().unwrap();
    let zeef = zeef.reopened();
    let command = zeef.opened_beside();
    assert_eq!(
        command.ledger_identity().await.unwrap(),
        zeef.store.ledger_identity().await.unwrap()
    );
    let looked = || look(LookedAt::devices([zeef.organisation].into_iter(), false));
    for _ in 0..10 {
        let (service, beside) = tokio::join!(
            zeef.store.record_look(looked(), START),
            command.record_look(looked(), START)
        );
        service.unwrap();
        beside.unwrap();
    }
    let checked = check(&command, vec![before.head]).await.unwrap();
    assert_eq!((checked.size, checked.kept), (before.head.size + 20, 1));
}

#[tokio::test]
async fn an_installation_from_before_the_ledger_gets_one_with_a_key_of_its_own() {
    let zeef = Installation::new().await;
    meddle(&zeef, "DELETE FROM ledger_head");
    meddle(&zeef, "DELETE FROM ledger_entry");
    zeef.engine()
        .raw(Part::KeyStore)
        .execute("DELETE FROM installation_key WHERE purpose = 'ledger'");
    let zeef = zeef.reopened();
    assert!(zeef.store.ledger_head().await.unwrap().is_none());
    assert_eq!(check(&zeef.store, Vec::new()).await.unwrap().size, 0);
    zeef.token(1).await;
    assert_eq!(check(&zeef.store, Vec::new()).await.unwrap().size, 1);
}

#[tokio::test]
async fn what_is_done_to_an_entry_in_the_database_is_found_at_its_index() {
    for (sql, found) in [
        (
            "UPDATE ledger_entry SET entry = (SELECT entry FROM ledger_entry WHERE idx = 4) WHERE idx = 3",
            Fault::Changed(3),
        ),
        ("DELETE FROM ledger_entry WHERE idx = 3", Fault::Dropped(3)),
        (
            "UPDATE ledger_entry SET entry = (SELECT entry FROM ledger_entry WHERE idx = 4),
                 leaf = (SELECT leaf FROM ledger_entry WHERE idx = 4) WHERE idx = 3",
            Fault::Moved(3),
        ),
        (
            "DELETE FROM ledger_entry WHERE idx >= 4",
            Fault::CutOff { first: 4, last: 5 },
        ),
        (
            "INSERT INTO ledger_entry (idx, entry, leaf) SELECT 6, entry, leaf FROM ledger_entry WHERE idx = 5",
            Fault::Moved(6),
        ),
    ] {
        let zeef = Installation::new().await;
        for _ in 0..3 {
            zeef.token(1).await;
        }
        assert_eq!(size(&zeef).await, 6);
        meddle(&zeef, sql);
        assert_eq!(fault(&zeef).await, found, "{sql}");
    }
}

#[tokio::test]
async fn nothing_is_signed_on_top_of_what_the_collector_did_not_write_until_another_is_begun() {
    let (zero, none) = (literal(&[0]), literal(&[]));
    for sql in [
        &format!("UPDATE ledger_head SET frontier = {}", literal(&[0; 64])),
        &format!("UPDATE ledger_head SET frontier = {zero}"),
        &format!("UPDATE ledger_head SET signature = {zero}"),
        "UPDATE ledger_head SET time = time + 1",
        &format!("UPDATE ledger_head SET size = 0, frontier = {none}"),
        "DELETE FROM ledger_head",
        "DELETE FROM ledger_entry WHERE idx = 2",
        "INSERT INTO ledger_entry (idx, entry, leaf) SELECT 3, entry, leaf FROM ledger_entry WHERE idx = 2",
    ] {
        let zeef = Installation::new().await;
        assert_eq!(zeef.store.begin_ledger_anew(START).await, Ok(None), "{sql}");
        meddle(&zeef, sql);
        let add = |id| {
            let id = OrganisationId::from_random([id; 16]);
            zeef.store.add_organisation(id, "Garage De Vries".into(), START)
        };
        assert_eq!(add(9).await, Err(StoreError::Ledger), "{sql}");
        assert_eq!(zeef.store.organisations().await.unwrap().len(), 1);
        assert!(check(&zeef.store, Vec::new()).await.is_err(), "{sql}");

        let dropped = zeef.store.begin_ledger_anew(START).await.unwrap();
        assert!(dropped.is_some_and(|dropped| dropped >= 2), "{sql}");
        add(10).await.unwrap();
        assert_eq!(
            told(&zeef, 0).await,
            [
                ("administrator", "ledger_begun_anew"),
                ("administrator", "organisation_added")
            ]
        );
        check(&zeef.store, Vec::new()).await.unwrap();
    }
}

#[tokio::test]
async fn a_policy_is_told_by_its_version_and_the_hash_of_its_text() {
    let zeef = Installation::new().await;
    let document = REFERENCE_POLICY.replacen("version = 1\n", "version = 2\n", 1);
    let policy = signed(&document);
    zeef.store.publish_policy(policy.clone(), START).await.unwrap();
    let all = entries(&zeef.store).await;
    let details = all.last().unwrap().event.details();
    assert_eq!(details[0].1, 2);
    assert_eq!(details[1].1, policy.hash());
}
