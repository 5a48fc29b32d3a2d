//! Does what a script says, as agents and administrators would: whoever does not know whether a thing was done asks for
//! it again.

use std::path::PathBuf;
use std::sync::Arc;

use zeef_collector::access::{Reach, Role};
use zeef_collector::backup::{self, Progress, Step, Wanted};
use zeef_collector::config::{Files, KeySource, Postgres};
use zeef_collector::failpoint::{Point, reached};
use zeef_collector::installation::{self, MigrateError};
use zeef_collector::ledger::{Actor, Engine};
use zeef_collector::retention::purge;
use zeef_collector::store::batch::{IncomingRecords, RecordsOutcome};
use zeef_collector::store::people::{NewUser, PeopleStore};
use zeef_collector::store::records::{
    Enrolment, IncomingReport, NewToken, ReportOutcome, Standing, Subscription,
};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::sql::SqlStore;
use zeef_collector::store::{AdministrationStore, AgentStore, InventoryStore, StoreError};
use zeef_proto::id::{SubscriptionId, TokenId, UserId};
use zeef_proto::time::{DAY, HOUR};
use zeef_proto::wire::{Platform, RecordBatch, Report};
use zeef_proto::{DeviceId, OrganisationId, UnixTime};

use crate::fixture::{full, site};
use crate::script::{Op, at, begins};

pub(crate) const ORGANISATION: OrganisationId = OrganisationId::from_bytes([1; 16]);

/// Where the installation of a chapter is.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Home {
    pub(crate) directory: PathBuf,
    /// Connection strings of database and key store.
    pub(crate) postgres: Option<(String, String)>,
    /// Whether it was moved from there to files.
    pub(crate) moved: bool,
}

impl Home {
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// As it is configured where it is.
    pub(crate) fn files(&self) -> Files {
        let mut files = self.both();
        files.postgres.take_if(|_| self.moved);
        files
    }

    /// As it is configured for a move.
    pub(crate) fn both(&self) -> Files {
        let postgres = self.postgres.clone().map(|(database, key_store)| Postgres {
            database,
            key_store,
            password: None,
            certificate_authority: None,
        });
        Files {
            database: self.file("zeef.db"),
            key_store: self.file("keys.db"),
            key_encryption_key: KeySource::File(self.file("kek")),
            authority: self.file("authority"),
            postgres,
        }
    }

    /// A backup that a run made.
    pub(crate) fn saved(&self, what: &str, run: u8) -> PathBuf {
        self.file(&format!("{what}-{run}"))
    }
}

/// The id that a device of a run is given when it enrols: another one each time.
const fn given(run: u8, number: u8, time: u8) -> DeviceId {
    DeviceId::from_bytes([
        run + 1,
        number + 1,
        time + 1,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
        3,
    ])
}

/// The id that it has; where it has none, one that nobody has.
pub(crate) async fn device(store: &SqlStore, run: u8, number: u8) -> DeviceId {
    let (first, second) = (given(run, number, 0), given(run, number, 1));
    match store.standing(ORGANISATION, first).await.unwrap() {
        Standing::Unknown => second,
        _ => first,
    }
}

pub(crate) const fn user(run: u8) -> UserId {
    UserId::from_bytes([run + 1, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4])
}

/// What a device reports, in order of field.
pub(crate) fn reported(run: u8, device: u8, number: u8) -> [String; 4] {
    [
        format!("pc-{run}-{device}-{number}"),
        format!("user.{run}.{device}.{number}"),
        format!("10.{run}.{device}.{number}"),
        // All have the same: `full` gives it.
        "00:1a:2b:3c:4d:5e".to_owned(),
    ]
}

fn report(run: u8, device: u8, number: u8) -> Report {
    let [name, user, address, _] = reported(run, device, number);
    full(number.into(), &name, &user, &address)
}

/// The name of the device that a batch of records tells of.
pub(crate) fn name_at_site(run: u8, device: u8, number: u8) -> String {
    format!("site-{run}-{device}-{number}")
}

/// Does the work of one run.
pub(crate) struct Hand {
    pub(crate) home: Home,
    run: u8,
    /// Whether it was maybe done before.
    again: bool,
    store: Option<Arc<SqlStore>>,
}

impl Hand {
    pub(crate) const fn new(home: Home, run: u8, again: bool) -> Self {
        Self {
            home,
            run,
            again,
            store: None,
        }
    }

    /// The store, opened where it is not.
    pub(crate) fn store(&mut self) -> Arc<SqlStore> {
        let home = &self.home;
        let open = || Arc::new(patiently(|| installation::store(&home.files())));
        Arc::clone(self.store.get_or_insert_with(open))
    }

    /// Closes the store.
    pub(crate) fn let_go(&mut self) {
        self.store = None;
    }

    /// Does one thing that stands alone in its group.
    pub(crate) async fn act(&mut self, op: Op) {
        let (run, now, files) = (self.run, at(self.run, op), self.home.files());
        match op {
            Op::Rotate => {
                self.let_go();
                patiently(|| installation::rotate(&files, None, &mut Points));
            }
            Op::Restore => {
                self.let_go();
                let saved = self.home.saved("data", run);
                let keys = self.home.saved("keys", run);
                // A key store that was put back may have gone on since.
                let wanted = if self.again {
                    Wanted::Database(&saved)
                } else {
                    Wanted::Both(&saved, &keys)
                };
                put_back(&files, &wanted, now, &mut Points);
            }
            Op::SaveDatabase => {
                let (store, out) = (self.store(), self.home.saved("data", run));
                if !out.exists() {
                    let until = now.plus(30 * DAY);
                    backup::save_database(&files, &store, &out, until, now, &mut Points)
                        .await
                        .unwrap();
                }
            }
            Op::SaveKeys => {
                let (_store, out) = (self.store(), self.home.saved("keys", run));
                if !out.exists() {
                    let key = installation::key_encryption_key(&files).unwrap();
                    backup::save_keys(&files, &key, &out, now, &mut Points).unwrap();
                }
            }
            Op::MoveToFiles | Op::MoveToServer => {
                self.let_go();
                let to = if op == Op::MoveToFiles {
                    Engine::Sqlite
                } else {
                    Engine::Postgres
                };
                migrate(&mut self.home, to, now);
            }
            _ => ask(&self.store(), (run, self.again), op).await,
        }
    }
}

/// Moves, where this is not done yet, and deletes files that were moved away.
pub(crate) fn migrate(home: &mut Home, to: Engine, now: UnixTime) {
    home.moved = to == Engine::Sqlite;
    let (files, delete_source) = (home.both(), !home.moved);
    patiently(
        || match installation::migrate(&files, to, delete_source, now, &mut Points) {
            Err(MigrateError::Done) => Ok(()),
            done => done.map(drop),
        },
    );
}

/// Asks the store for one thing, maybe once again, and has it done when this returns.
pub(crate) async fn ask(store: &SqlStore, (run, again): (u8, bool), op: Op) {
    let now = at(run, op);
    match op {
        Op::Token => add_token(store, run).await,
        Op::Enrol(number) => {
            let enrolment = Enrolment {
                secret_hash: secret(run),
                key_hash: *concat(&[run + 1, number + 1, 8]),
                device: given(run, number, u8::from(again)),
                platform: Platform::Linux,
                agent: "0.1.0".parse().unwrap(),
                now,
            };
            assert!(store.enrol(enrolment).await.unwrap().is_some());
        }
        Op::AllowSite(number) => {
            let allowed = store.allow_site(
                ORGANISATION,
                device(store, run, number).await,
                true,
                Actor::Administrator,
                now,
            );
            assert!(allowed.await.unwrap());
        }
        Op::Report(number, sequence) => {
            send(store, run, number, sequence).await;
        }
        Op::Records(number, sequence) => {
            tell(store, run, number, sequence).await;
        }
        Op::Revoke(number) => {
            let revoked = store.revoke_device(
                ORGANISATION,
                device(store, run, number).await,
                Actor::Administrator,
                now,
            );
            assert!(revoked.await.unwrap());
        }
        Op::End(number) => {
            let device = device(store, run, number).await;
            store
                .end_device(ORGANISATION, device, Actor::Administrator, now)
                .await
                .unwrap();
        }
        Op::AddUser => {
            if store.users().await.unwrap().iter().all(|one| one.id != user(run)) {
                let name = format!("els-{run}");
                let user = NewUser {
                    id: user(run),
                    name,
                    role: Role::Technician,
                    reach: Reach::of([ORGANISATION]),
                };
                store.add_user(user, Actor::Administrator, now).await.unwrap();
            }
        }
        Op::RemoveUser => {
            store.remove_user(user(run), now).await.unwrap();
        }
        Op::SubscribeForAnHour => subscribe(store, run).await,
        Op::PurgeStep(limit) => {
            store.observe_time(now).await.unwrap();
            store.purge(now, limit.into()).await.unwrap();
        }
        Op::Purge => assert!(purge(store, now).await.unwrap().failure.is_none()),
        Op::Rotate | Op::SaveDatabase | Op::SaveKeys | Op::Restore | Op::MoveToFiles | Op::MoveToServer => {
            unreachable!("done by a hand")
        }
    }
}

/// Sends a report; whether it had been stored before.
pub(crate) async fn send(store: &SqlStore, run: u8, number: u8, sequence: u8) -> bool {
    let report = report(run, number, sequence);
    let incoming = IncomingReport {
        organisation: ORGANISATION,
        device: device(store, run, number).await,
        body: report.to_bytes().into(),
        report,
        public_ip: None,
        now: begins(run),
    };
    match store.record_report(incoming).await.unwrap() {
        ReportOutcome::Stored { repeated, .. } => repeated,
        other => panic!("not stored: {other:?}"),
    }
}

/// Sends a batch of records; whether it had been stored before.
pub(crate) async fn tell(store: &SqlStore, run: u8, number: u8, sequence: u8) -> bool {
    let name = name_at_site(run, number, sequence);
    let batch = RecordBatch {
        wire: 1,
        sequence: sequence.into(),
        policy: 1,
        agent: "0.1.0".parse().unwrap(),
        records: vec![site(
            "eset-protect",
            "antivirus",
            &format!(r#""device_name":"{name}","usernames":["user-of-{name}"]"#),
        )],
    };
    let incoming = IncomingRecords {
        organisation: ORGANISATION,
        device: device(store, run, number).await,
        body: batch.to_bytes().into(),
        batch,
        now: begins(run),
    };
    match store.record_batch(incoming).await.unwrap() {
        RecordsOutcome::Stored { repeated, .. } => repeated,
        other => panic!("not stored: {other:?}"),
    }
}

async fn add_token(store: &SqlStore, run: u8) {
    let id = TokenId::from_bytes(*concat(&[run + 1, 5]));
    let there = store.tokens(ORGANISATION).await.unwrap();
    if there.iter().any(|token| token.id == id) {
        return;
    }
    let token = NewToken {
        id,
        organisation: ORGANISATION,
        secret_hash: secret(run),
        uses: 10,
        expires_at: begins(run).plus(30 * DAY),
        created_at: begins(run),
    };
    store.add_token(token, Actor::Administrator).await.unwrap();
}

async fn subscribe(store: &SqlStore, run: u8) {
    let id = SubscriptionId::from_bytes(*concat(&[run + 1, 6]));
    let there = store.subscriptions(ORGANISATION).await.unwrap();
    if there.iter().any(|subscription| subscription.id == id) {
        return;
    }
    let now = begins(run);
    let subscription = Subscription {
        id,
        organisation: ORGANISATION,
        device: None,
        product: "antivirus".parse().unwrap(),
        starts: now,
        ends: Some(now.plus(HOUR)),
    };
    store
        .add_subscription(subscription, Actor::Administrator, now)
        .await
        .unwrap();
}

fn secret(run: u8) -> [u8; 32] {
    *concat(&[run + 1, 7])
}

/// So many bytes of which the first are these.
fn concat<const N: usize>(bytes: &[u8]) -> Box<[u8; N]> {
    let mut all = Box::new([9; N]);
    all[..bytes.len()].copy_from_slice(bytes);
    all
}

/// Restores.
pub(crate) fn put_back(
    files: &Files,
    wanted: &Wanted<'_>,
    now: UnixTime,
    progress: &mut (dyn Progress + Send),
) {
    patiently(|| {
        let key = installation::key_encryption_key(files).unwrap();
        let wanted = match wanted {
            Wanted::Database(data) => Wanted::Database(data),
            Wanted::KeyStore(keys) => Wanted::KeyStore(keys),
            Wanted::Both(data, keys) => Wanted::Both(data, keys),
        };
        backup::restore(files, key, wanted, now, progress)
    });
}

/// On a thread of its own: to wait for a server is not allowed where futures run.
pub(crate) fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

/// Tries again where a lock is held: a child that is just being started has this process's open files for a moment.
pub(crate) fn patiently<T: Send, E: std::error::Error + Send>(
    work: impl FnMut() -> Result<T, E> + Send,
) -> T {
    let done = unless_held(work);
    done.unwrap_or_else(|error| panic!("{error}"))
}

/// The same, where it may be refused for another reason.
pub(crate) fn unless_held<T: Send, E: std::error::Error + Send>(
    mut work: impl FnMut() -> Result<T, E> + Send,
) -> Result<T, E> {
    let held = [StoreError::InUse, StoreError::BeingChanged].map(|error| error.to_string());
    for _ in 0..100_000 {
        match aside(&mut work) {
            Err(error) if held.contains(&error.to_string()) => std::thread::yield_now(),
            done => return done,
        }
    }
    panic!("the lock stays held");
}

/// Each step of a backup, a restore, a rotation or a move is a point, and so is each part of one.
struct Points;

impl Progress for Points {
    fn reached(&mut self, step: Step) {
        reached(Point::Step(step));
    }
    fn part(&mut self, _done: u64, _total: u64) {
        reached(Point::Part);
    }
}
