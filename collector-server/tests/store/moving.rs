//! An installation that moves from one engine to the other: it is the same there, never open at both ends, and a move that
//! was cut off is ended or begun anew.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use zeef_collector::backup::{self, Progress, Step, Wanted};
use zeef_collector::config::Files;
use zeef_collector::installation::{MigrateError, RotateError, migrate, places, rotate};
use zeef_collector::ledger::read::check;
use zeef_collector::ledger::{Actor, Engine, Entry, Event, InstallationEvent};
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::records::{ReportOutcome, Standing};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::sql::{SqlStore, accept_older_keys};
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::field::Field;
use zeef_proto::time::DAY;
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::backup::{Elsewhere, Nobody, files, files_in, holds, key, save, write_key};
use crate::engine::Part;
use crate::fixture::{Installation, START, full, heartbeat, links, site};

const LATER: UnixTime = START.plus(DAY);

/// An installation on a server, and what it is configured as; its files are not there yet.
async fn on_server() -> (Installation, Files) {
    let zeef = Installation::new().await;
    let files = files(&zeef);
    write_key(&zeef.file("kek"), 7);
    (zeef, files)
}

fn in_files(files: &Files) -> Files {
    Files {
        postgres: None,
        ..files.clone()
    }
}

fn open(files: &Files) -> Result<SqlStore, StoreError> {
    let (database, key_store) = places(files).unwrap();
    // The store would make what is not there.
    database.installation()?.ok_or(StoreError::Empty)?;
    SqlStore::open(database, key_store, key())
}

fn moved_to(files: &Files, engine: Engine) {
    let done = migrate(files, engine, false, LATER, &mut Nobody).unwrap();
    assert!(done.moved && !done.deleted);
}

fn refusal(files: &Files, engine: Engine) -> MigrateError {
    migrate(files, engine, false, LATER, &mut Nobody).unwrap_err()
}

/// What pages show of a device.
async fn shown(store: &SqlStore, organisation: OrganisationId) -> Vec<String> {
    let ids = store.device_ids(Some(organisation), None, 100).await.unwrap();
    let devices = store.devices(ids, START).await.unwrap();
    devices
        .iter()
        .map(|device| {
            let values: Vec<_> = device
                .observations
                .iter()
                .map(|one| (one.field, one.value.clone(), one.first_seen, one.expires_at))
                .collect();
            format!("{device:?} {values:?}")
        })
        .collect()
}

async fn usernames(store: &SqlStore, organisation: OrganisationId, device: DeviceId) -> Vec<String> {
    let shown = store.device(organisation, device, START).await.unwrap().unwrap();
    shown.values(Field::Username).map(str::to_owned).collect()
}

async fn newest_event(store: &SqlStore) -> Event {
    let newest = store.ledger_before(None, u64::from(u32::MAX), 1).await.unwrap();
    Entry::from_bytes(&newest[0].bytes).unwrap().event
}

fn is_moved_to(engine: Engine) -> Event {
    Event::Installation(InstallationEvent::Moved(engine))
}

#[tokio::test]
async fn an_installation_that_moves_to_files_and_back_is_the_same() {
    let (zeef, files) = on_server().await;
    let organisation = zeef.organisation;
    let collecting = zeef.collecting(&["wifi"]).await;
    let (kept, revoked, ended) = (zeef.device().await, zeef.device().await, zeef.device().await);
    for device in [kept, revoked, ended] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let record = format!(r#""device_name":"phone",{}"#, links("a"));
    zeef.tell(collecting, 1, vec![site("unifi", "wifi", &record)], START)
        .await;
    zeef.store
        .revoke_device(organisation, revoked, Actor::Administrator, START)
        .await
        .unwrap();
    zeef.store
        .end_device(organisation, ended, Actor::Administrator, START)
        .await
        .unwrap();
    let token = zeef.token(2).await;
    zeef.store.observe_time(LATER).await.unwrap();
    let before = shown(&zeef.store, organisation).await;
    assert_eq!(before.len(), 4);
    let head = zeef.store.ledger_head().await.unwrap().unwrap();

    let stopped = zeef.stopped();
    moved_to(&files, Engine::Sqlite);
    let store = open(&in_files(&files)).unwrap();
    assert_eq!(newest_event(&store).await, is_moved_to(Engine::Sqlite));
    assert_eq!(shown(&store, organisation).await, before);
    drop(store);
    moved_to(&files, Engine::Postgres);
    let zeef = stopped.opened_as(open(&files).unwrap());
    assert_eq!(newest_event(&zeef.store).await, is_moved_to(Engine::Postgres));
    assert_eq!(shown(&zeef.store, organisation).await, before);
    let standing = |device| zeef.store.standing(organisation, device);
    assert_eq!(standing(revoked).await.unwrap(), Standing::Revoked);
    let late = zeef.send(ended, heartbeat(2), START).await;
    assert!(matches!(late, ReportOutcome::NotAdmitted(Standing::Gone)));
    assert!(zeef.enrol(token, 200, START).await.is_some());
    // A record that is known by its link joins the device that it made before.
    let again = format!(r#""device_name":"telephone",{}"#, links("a"));
    zeef.tell(collecting, 2, vec![site("unifi", "wifi", &again)], START)
        .await;
    assert_eq!(zeef.spoken_of(START).await.len(), 1);
    assert_eq!(zeef.store.time(START).await.unwrap().shows(), LATER);
    let checked = check(&zeef.store, vec![head.head]).await.unwrap();
    assert!(checked.size > head.head.size + 1, "and it goes on");
}

#[tokio::test]
async fn tables_of_many_pages_are_moved_whole() {
    let (zeef, files) = on_server().await;
    // Two pages and a part of one.
    zeef.engine().raw(Part::Database).execute(
        "INSERT INTO tombstone SELECT decode(md5(n::text), 'hex'), decode(md5('m' || n), 'hex'), n + 9000000000
         FROM generate_series(1, 1234) AS n",
    );
    let marks = "SELECT sum(expires_at)::bigint FROM tombstone";
    let stopped = zeef.stopped();
    let before = stopped.engine().raw(Part::Database).number(marks);
    moved_to(&files, Engine::Sqlite);
    let held: (i64, i64) = rusqlite::Connection::open(&files.database)
        .unwrap()
        .query_row("SELECT count(*), sum(expires_at) FROM tombstone", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!(held, (1234, before));
    moved_to(&files, Engine::Postgres);
    let server = stopped.engine().raw(Part::Database);
    assert_eq!(server.number("SELECT count(*) FROM tombstone"), 1234);
    assert_eq!(server.number(marks), before);
}

#[tokio::test]
async fn what_was_moved_away_cannot_be_opened_and_is_deleted_when_that_is_asked_for() {
    let (zeef, files) = on_server().await;
    zeef.device().await;
    let stopped = zeef.stopped();
    moved_to(&files, Engine::Sqlite);
    assert_eq!(open(&files).err(), Some(StoreError::MovedAway));
    let (database, key_store) = places(&files).unwrap();
    let accept = move || accept_older_keys(database, key_store, &Arc::new(key()), LATER).map(drop);
    let accepted = std::thread::spawn(accept).join().unwrap();
    assert_eq!(accepted, Err(StoreError::MovedAway));
    assert!(matches!(refusal(&files, Engine::Sqlite), MigrateError::Done));

    let done = migrate(&files, Engine::Sqlite, true, LATER, &mut Nobody).unwrap();
    assert!(!done.moved && done.deleted);
    for part in [Part::Database, Part::KeyStore] {
        let place = stopped.engine().place(part);
        assert_eq!(place.installation(), Ok(None));
        assert_eq!(place.check_set_up(), Err(StoreError::Empty));
    }
    drop(open(&in_files(&files)).unwrap());

    // And back, all at once. Another name for the file with the keys shows what becomes of it.
    let keys = rusqlite::Connection::open(&files.key_store)
        .unwrap()
        .query_row("SELECT wrapped FROM device_key", [], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .unwrap();
    let other_name = files.key_store.with_file_name("other-name");
    std::fs::hard_link(&files.key_store, &other_name).unwrap();
    assert!(holds(&std::fs::read(&other_name).unwrap(), &keys));
    let done = migrate(&files, Engine::Postgres, true, LATER, &mut Nobody).unwrap();
    assert!(done.moved && done.deleted);
    assert!(!files.database.exists() && !files.key_store.exists());
    assert!(!holds(&std::fs::read(&other_name).unwrap(), &keys));
    drop(open(&files).unwrap());
}

#[tokio::test]
async fn the_key_of_files_that_were_moved_away_stays_as_it_is() {
    let (zeef, files) = on_server().await;
    let _stopped = zeef.stopped();
    moved_to(&files, Engine::Sqlite);
    moved_to(&files, Engine::Postgres);
    let rotated = rotate(&in_files(&files), None, &mut Nobody);
    assert!(matches!(rotated, Err(RotateError::Store(StoreError::MovedAway))));
    drop(open(&files).unwrap());
}

#[tokio::test]
async fn an_installation_in_use_is_not_moved_and_no_other_is_written_over() {
    let (zeef, files) = on_server().await;
    assert!(matches!(
        refusal(&files, Engine::Sqlite),
        MigrateError::Store(StoreError::InUse)
    ));
    assert!(matches!(
        refusal(&in_files(&files), Engine::Sqlite),
        MigrateError::NoServer
    ));
    let _stopped = zeef.stopped();
    drop(SqlStore::open(&files.database, &files.key_store, key()).unwrap());
    for engine in [Engine::Sqlite, Engine::Postgres] {
        assert!(matches!(refusal(&files, engine), MigrateError::Foreign));
    }
    for file in [&files.database, &files.key_store] {
        std::fs::remove_file(file).unwrap();
    }
    assert!(matches!(refusal(&files, Engine::Postgres), MigrateError::Done));
    moved_to(&files, Engine::Sqlite);
}

#[tokio::test]
async fn a_move_needs_the_key_and_a_target_that_reads_back_what_was_written() {
    let (zeef, files) = on_server().await;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let organisation = zeef.organisation;
    let stopped = zeef.stopped();
    moved_to(&files, Engine::Sqlite);
    write_key(&files.database.with_file_name("kek"), 8);
    assert!(matches!(
        refusal(&files, Engine::Postgres),
        MigrateError::Store(StoreError::WrongKey)
    ));
    write_key(&files.database.with_file_name("kek"), 7);
    let server = stopped.engine().raw(Part::Database);
    server.execute(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.first_seen := NEW.first_seen + 1; RETURN NEW; END'",
    );
    server.execute("CREATE TRIGGER spoil BEFORE INSERT ON observation FOR EACH ROW EXECUTE FUNCTION spoil()");
    assert!(matches!(
        refusal(&files, Engine::Postgres),
        MigrateError::Store(StoreError::Unverified("observation"))
    ));
    assert_eq!(open(&files).err(), Some(StoreError::MovedAway), "as it was");
    assert_eq!(
        shown(&open(&in_files(&files)).unwrap(), organisation).await.len(),
        1
    );
    server.execute("DROP TRIGGER spoil ON observation");
    moved_to(&files, Engine::Postgres);
}

/// Ends all work at the one of its steps, or of every third of their parts, that has this number.
struct CutOff {
    left: usize,
    parts: usize,
    reached: Option<Step>,
}

impl CutOff {
    fn count(&mut self) {
        assert_ne!(self.left, 0, "cut off");
        self.left -= 1;
    }
}

impl Progress for CutOff {
    fn reached(&mut self, step: Step) {
        self.reached = Some(step);
        self.count();
    }
    fn part(&mut self, _done: u64, _total: u64) {
        self.parts += 1;
        if self.parts.is_multiple_of(3) {
            self.count();
        }
    }
}

/// Moves with a cut-off at every step there is: how many there were.
async fn cut_off_everywhere(files: &Files, to: Engine, organisation: OrganisationId) -> usize {
    for steps in 0.. {
        let mut cut = CutOff {
            left: steps,
            parts: 0,
            reached: None,
        };
        let moved = catch_unwind(AssertUnwindSafe(|| {
            migrate(files, to, false, LATER, &mut cut).map(drop)
        }));
        // Whoever looks finds the whole installation at one end, or is told to run the command again.
        let ends = [open(files), open(&in_files(files))];
        let open_at = ends.iter().filter(|end| end.is_ok()).count();
        assert!(open_at <= 1, "{steps}: open at both ends");
        for store in ends.iter().flatten() {
            assert_eq!(shown(store, organisation).await.len(), 2, "{steps}");
        }
        let ends: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
        if let Ok(moved) = moved {
            moved.unwrap();
            return steps;
        }
        if open_at == 0 {
            assert_eq!(cut.reached, Some(Step::MovedAway), "{steps}");
            assert!(
                ends.contains(&StoreError::Arriving),
                "{steps}: it is said what to do"
            );
            moved_to(files, to);
            return steps;
        }
    }
    unreachable!()
}

#[tokio::test]
async fn a_move_that_is_cut_off_anywhere_leaves_one_installation_and_can_be_done_again() {
    let (zeef, files) = on_server().await;
    let organisation = zeef.organisation;
    for device in [zeef.device().await, zeef.device().await] {
        zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
            .await;
    }
    let _stopped = zeef.stopped();
    for to in [Engine::Sqlite, Engine::Postgres] {
        let steps = cut_off_everywhere(&files, to, organisation).await;
        assert!(steps > 8, "{steps}");
    }
    let store = open(&files).unwrap();
    assert_eq!(newest_event(&store).await, is_moved_to(Engine::Postgres));
    check(&store, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn a_backup_of_either_engine_is_put_back_on_the_other() {
    let (zeef, files) = on_server().await;
    let organisation = zeef.organisation;
    let device = zeef.device().await;
    zeef.send(device, full(1, "lap-17", "j.jansen", "10.0.3.17"), START)
        .await;
    let before = zeef.values(device, Field::Username, START).await;
    let elsewhere = Elsewhere::new();
    let (data, keys) = (elsewhere.file("data"), elsewhere.file("keys"));
    save(&zeef, &data).await;
    backup::save_keys(&files, &key(), &keys, START, &mut Nobody).unwrap();

    let machine = elsewhere.file("machine");
    let there = files_in(&machine);
    backup::restore(&there, key(), Wanted::Both(&data, &keys), START, &mut Nobody).unwrap();
    let store = SqlStore::open(&there.database, &there.key_store, key()).unwrap();
    assert_eq!(usernames(&store, organisation, device).await, before);
    let (data, keys) = (elsewhere.file("data-2"), elsewhere.file("keys-2"));
    let until = START.plus(DAY);
    backup::save_database(&there, &store, &data, until, START, &mut Nobody)
        .await
        .unwrap();
    backup::save_keys(&there, &key(), &keys, START, &mut Nobody).unwrap();
    drop(store);

    let stopped = zeef.stopped();
    for part in [Part::Database, Part::KeyStore] {
        stopped.engine().lose(part);
    }
    backup::restore(&files, key(), Wanted::Both(&data, &keys), START, &mut Nobody).unwrap();
    assert_eq!(
        usernames(&open(&files).unwrap(), organisation, device).await,
        before
    );
}

/// Whether a change of a device is seen by who has read everything until then.
async fn a_change_is_seen(zeef: &Installation, device: DeviceId) -> bool {
    let newest = zeef.store.newest_change().await.unwrap();
    zeef.send(device, full(7, "lap-18", "p.bakker", "10.0.3.18"), START)
        .await;
    let changes = zeef.store.changes_after(newest, 10).await.unwrap();
    changes.iter().any(|change| change.device == device) && zeef.store.newest_change().await.unwrap() > newest
}

#[tokio::test]
async fn no_change_is_missed_after_a_move_or_in_another_cluster() {
    let (zeef, files) = on_server().await;
    let (first, second, third) = (zeef.device().await, zeef.device().await, zeef.device().await);
    let stopped = zeef.stopped();
    moved_to(&files, Engine::Sqlite);
    let zeef = stopped.opened_as(open(&in_files(&files)).unwrap());
    assert!(a_change_is_seen(&zeef, first).await);
    let stopped = zeef.stopped();
    moved_to(&files, Engine::Postgres);
    let zeef = stopped.started();
    assert!(a_change_is_seen(&zeef, second).await);

    // As it is read from a dump of a cluster that had come further.
    zeef.engine()
        .raw(Part::Database)
        .execute("UPDATE device_change SET sequence = sequence + 1000000000000");
    let zeef = zeef.reopened();
    assert!(a_change_is_seen(&zeef, third).await);
}
