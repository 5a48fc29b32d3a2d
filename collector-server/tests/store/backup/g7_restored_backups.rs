//! G7: what was erased, removed or revoked after a backup is so after its restore, before anything is served.

use zeef_collector::backup::{self, BackupError, Step, Wanted};
use zeef_collector::ledger::{Actor, Entry, Event, InstallationEvent};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::people::{NewSession, PeopleStore};
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_collector::store::sql::CaughtUp;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore};
use zeef_proto::field::Field;
use zeef_proto::id::UserId;
use zeef_proto::time::DAY;

use super::{LIFE, Nobody, Watcher, bytes_on_disk, files, holds, key, names, refused, restored, saved};
use crate::engine::{ON_POSTGRES, Part, literal};
use crate::fixture::{Installation, START, administrator, full, heartbeat, unique};

const NEEDLES: [&str; 4] = [
    "needle-in-name",
    "needle.in.user",
    "10.77.66.55",
    "00:1a:2b:3c:4d:5e",
];

fn gone(outcome: &ReportOutcome) -> bool {
    matches!(outcome, ReportOutcome::NotAdmitted(Standing::Gone))
}

#[tokio::test]
async fn a_restore_brings_back_what_is_held_and_not_what_was_ended_since() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.reporting().await, zeef.reporting().await);
    let (_elsewhere, backup) = saved(&zeef).await;
    zeef.send(other, full(2, "lap-18", "p.bakker", "10.0.3.18"), START)
        .await;
    zeef.end(erased).await;

    let (zeef, came_to) = restored(zeef, &backup, START);
    assert_eq!(
        came_to.caught_up,
        CaughtUp {
            devices: 1,
            ..CaughtUp::default()
        }
    );
    let newest = zeef.store.ledger_before(None, 1_000, 1).await.unwrap();
    let newest = Entry::from_bytes(&newest[0].bytes).unwrap().event;
    let (made_at, devices) = (START, 1);
    let expected = InstallationEvent::Restored { made_at, devices };
    assert_eq!(newest, Event::Installation(expected));
    assert!(zeef.look(erased, START).await.is_none());
    let late = full(2, "lap-17", "j.jansen", "10.0.3.17");
    assert!(
        gone(&zeef.send(erased, late, START).await),
        "its certificate is still told so"
    );
    assert_eq!(zeef.values(other, Field::Username, START).await, ["j.jansen"]);
    let outcome = zeef.send(other, heartbeat(3), START).await;
    assert!(
        matches!(outcome, ReportOutcome::Stored { send_all: true, .. }),
        "what changed since is asked for: {outcome:?}"
    );
    let left = names(&zeef.file(""));
    if ON_POSTGRES {
        assert_eq!(left, [""; 0]);
    } else {
        let ours = ["", "-shm", "-wal"];
        let expected = ["keys.db", "zeef.db"].map(|name| ours.map(|ending| name.to_owned() + ending));
        assert_eq!(left, expected.concat());
    }
}

#[tokio::test]
async fn a_device_that_came_and_was_ended_after_the_backup_is_still_told_that_it_is_gone() {
    let zeef = Installation::new().await;
    let (_elsewhere, data) = saved(&zeef).await;
    let (ended, enrolled) = (zeef.device().await, zeef.device().await);
    zeef.end(ended).await;
    let (zeef, _) = restored(zeef, &data, START);
    assert!(gone(&zeef.send(ended, heartbeat(1), START).await));
    let outcome = zeef.send(enrolled, heartbeat(1), START).await;
    assert!(matches!(outcome, ReportOutcome::NotAdmitted(Standing::Unknown)));
}

#[tokio::test]
async fn nobody_is_signed_in_and_no_token_is_worth_anything_after_a_restore() {
    let zeef = Installation::new().await;
    let (kept, removed) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
    zeef.store
        .add_user(administrator(kept, "els"), Actor::Administrator, START)
        .await
        .unwrap();
    zeef.store
        .add_user(administrator(removed, "jan"), Actor::Administrator, START)
        .await
        .unwrap();
    let session = NewSession {
        token_hash: [3; 32],
        user: kept,
        form_secret: [4; 32],
        created_at: START,
        idle_until: START.plus(DAY),
        absolute_until: START.plus(DAY),
        by_provider: false,
    };
    zeef.store.add_session(session).await.unwrap();
    zeef.store
        .add_link([5; 32], kept, START.plus(DAY), START)
        .await
        .unwrap();
    let token = zeef.token(5).await;
    let (revoked, taken_in_again) = (zeef.device().await, unique());
    let former = zeef.token(1).await;
    let again = zeef.enrol(former, taken_in_again, START).await.unwrap().device;
    let (_elsewhere, data) = saved(&zeef).await;

    zeef.store.remove_user(removed, START).await.unwrap();
    for device in [revoked, again] {
        zeef.store
            .revoke_device(zeef.organisation, device, Actor::Administrator, START)
            .await
            .unwrap();
    }
    let new = zeef.token(1).await;
    assert!(zeef.enrol(new, taken_in_again, START).await.is_some());

    let (zeef, came_to) = restored(zeef, &data, START);
    let expected = CaughtUp {
        users: 1,
        revoked: 1,
        ..CaughtUp::default()
    };
    assert_eq!(came_to.caught_up, expected);
    let users: Vec<_> = zeef.store.users().await.unwrap();
    assert_eq!(
        users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
        ["els"]
    );
    assert!(zeef.store.session([3; 32], START).await.unwrap().is_none());
    assert!(zeef.store.spend_link([5; 32], START).await.unwrap().is_none());
    assert!(zeef.enrol(token, unique(), START).await.is_none());
    let standing = |device| zeef.store.standing(zeef.organisation, device);
    assert_eq!(standing(revoked).await.unwrap(), Standing::Revoked);
    assert_eq!(standing(again).await.unwrap(), Standing::Active);
}

/// The needle test: neither the backup, nor what is decrypted from it, nor what is restored.
#[tokio::test]
async fn an_old_backup_next_to_todays_key_store_opens_no_erased_value() {
    let zeef = Installation::new().await;
    let (erased, other) = (zeef.device().await, zeef.device().await);
    zeef.send(erased, full(1, NEEDLES[0], NEEDLES[1], NEEDLES[2]), START)
        .await;
    zeef.send(other, full(1, "lap-18", "p.bakker", "10.0.3.18"), START)
        .await;
    let (_elsewhere, backup) = saved(&zeef).await;
    let id = literal(erased.as_bytes());
    let sealed = zeef.engine().raw(Part::Database).bytes(&format!(
        "SELECT sealed FROM observation WHERE device = {id} AND field = 'username'"
    ));
    let wrapped = zeef
        .engine()
        .raw(Part::KeyStore)
        .bytes(&format!("SELECT wrapped FROM device_key WHERE device = {id}"));
    zeef.end(erased).await;
    zeef.store.checkpoint().await.unwrap();

    let bytes = std::fs::read(&backup).unwrap();
    for secret in [&sealed[..], &wrapped, b"Bakkerij Jansen"] {
        assert!(!holds(&bytes, secret), "a backup is encrypted");
    }
    let (files, directory) = (files(&zeef), zeef.file(""));
    let mut decrypted = Vec::new();
    let zeef = zeef.reopened_after(|_| {
        let mut watcher = Watcher(|step| {
            if step == Step::Decrypted {
                // Wherever the databases are, it is decrypted in a file.
                decrypted = bytes_on_disk(&directory);
            }
        });
        backup::restore(&files, key(), Wanted::Database(&backup), START, &mut watcher).unwrap();
    });
    assert!(
        holds(&decrypted, &sealed) && holds(&decrypted, b"Bakkerij Jansen"),
        "the scan sees what the backup held"
    );
    assert!(!holds(&decrypted, &wrapped), "and no key to it");
    let now = zeef.engine().bytes_on_disk();
    for needle in NEEDLES {
        assert!(
            !holds(&decrypted, needle.as_bytes()) && !holds(&now, needle.as_bytes()),
            "{needle}"
        );
    }
    assert!(
        !holds(&now, &sealed),
        "the restored database has not even the sealed value"
    );
    let found = zeef
        .store
        .devices_with(zeef.organisation, Field::Username, NEEDLES[1].into(), START)
        .await;
    assert!(found.unwrap().is_empty());
    let ids = zeef.store.device_ids(None, None, 10).await.unwrap();
    assert_eq!(ids, [(zeef.organisation, other)]);
}

#[tokio::test]
async fn a_backup_whose_life_is_over_cannot_be_read() {
    let zeef = Installation::new().await;
    let (_elsewhere, backup) = saved(&zeef).await;
    let wrapped = zeef
        .engine()
        .raw(Part::KeyStore)
        .bytes("SELECT wrapped FROM backup_key");
    let end = START.plus(LIFE);
    zeef.store.purge(end.plus(-1), 100).await.unwrap();
    zeef.store.checkpoint().await.unwrap();
    assert!(holds(&zeef.engine().bytes_on_disk(), &wrapped));
    let (zeef, _) = restored(zeef, &backup, end.plus(-1));

    let files = files(&zeef);
    let zeef = zeef.reopened_after(|_| {
        let late = backup::restore(&files, key(), Wanted::Database(&backup), end, &mut Nobody).unwrap_err();
        assert!(matches!(late, BackupError::KeyGone(_)), "{late}");
    });
    zeef.store.purge(end, 100).await.unwrap();
    zeef.store.checkpoint().await.unwrap();
    assert!(!holds(&zeef.engine().bytes_on_disk(), &wrapped));
    let zeef = zeef.reopened_after(|_| {
        assert!(matches!(
            refused(&files, Wanted::Database(&backup)),
            BackupError::KeyGone(_)
        ));
    });
    drop(zeef);
}
