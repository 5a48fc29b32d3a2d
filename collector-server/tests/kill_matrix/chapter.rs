//! Run after run on one installation: each is killed at its point, and then everything is looked at.

use std::os::unix::fs::PermissionsExt;

use zeef_collector::failpoint::Point;
use zeef_collector::installation;
use zeef_collector::ledger::Actor;
use zeef_collector::ledger::{Engine as Kept, Head};
use zeef_collector::store::AdministrationStore;
use zeef_collector::store::ledger::LedgerStore;
use zeef_collector::store::records::Subscription;
use zeef_collector::store::sql::SqlStore;
use zeef_proto::UnixTime;
use zeef_proto::id::SubscriptionId;

use crate::check::{self, Serving};
use crate::child::{self, Task, Told};
use crate::engine::{Engine, Part};
use crate::fixture::{REFERENCE_POLICY, START, signed};
use crate::hand::{Hand, Home, ORGANISATION, migrate, send, tell};
use crate::look::Look;
use crate::model::{Model, Subject};
use crate::script::{Op, Scenario, at, begins};

/// Where a run is to be killed, and and at which of the times that it comes there.
pub(crate) type Place = (Point, u32);

/// Ways through what is finished when an installation is opened: a database that is behind, keys that are due, notes.
const OPENING: [&[Point]; 3] = [
    &[
        Point::CaughtUp,
        Point::KeyStoreCommitting,
        Point::KeyStoreCommitted,
        Point::DatabaseCommitting,
        Point::DatabaseCommitted,
    ],
    &[
        Point::KeyDestroyed,
        Point::KeyStoreTold,
        Point::MarksForgetting,
        Point::MarksForgotten,
    ],
    &[Point::NotePassedOn, Point::KeyStoreTold, Point::MarksForgetting],
];

/// One installation and what is known of it.
pub(crate) struct Chapter {
    test: &'static str,
    scenario: Scenario,
    engine: Engine,
    home: Home,
    model: Model,
    /// Heads that were seen, each with the run and its group after which it was.
    heads: Vec<((u8, usize), Head)>,
    run: u8,
    /// Keys that kills between the two commits may have left.
    left_over: i64,
}

impl Chapter {
    /// A new installation with one organisation.
    pub(crate) async fn begin(test: &'static str, scenario: Scenario) -> Self {
        let engine = Engine::in_memory();
        let home = Home {
            directory: engine.directory().to_owned(),
            postgres: engine.addresses(),
            moved: false,
        };
        let key = home.file("kek");
        std::fs::write(&key, data_encoding::BASE64.encode(&[7; 32])).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
        let (database, key_store) = installation::places(&home.files()).unwrap();
        let key = installation::key_encryption_key(&home.files()).unwrap();
        let store = SqlStore::open(database, key_store, key).unwrap();
        let name = "Bakkerij Jansen".to_owned();
        store.add_organisation(ORGANISATION, name, START).await.unwrap();
        store
            .publish_policy(signed(REFERENCE_POLICY), START)
            .await
            .unwrap();
        let for_ever = if scenario == Scenario::Purge {
            "voip"
        } else {
            "antivirus"
        };
        let subscription = Subscription {
            id: SubscriptionId::from_bytes([8; 16]),
            organisation: ORGANISATION,
            device: None,
            product: for_ever.parse().unwrap(),
            starts: START,
            ends: None,
        };
        store
            .add_subscription(subscription, Actor::Administrator, START)
            .await
            .unwrap();
        Self {
            test,
            scenario,
            engine,
            home,
            model: Model::default(),
            heads: Vec::new(),
            run: 0,
            left_over: 0,
        }
    }

    /// A run to its end; how often it came to each point.
    pub(crate) async fn count(mut self) -> Vec<u32> {
        self.prepare().await;
        let (killed, mut told) = self.child(None);
        assert!(!killed);
        let times = match told.pop() {
            Some(Told::Times(times)) => times,
            _ => panic!("it came to its end"),
        };
        self.look_at(&told).await;
        times
    }

    /// A run that is killed at a place; gives where it and those that opened the installation after it were.
    pub(crate) async fn kill(&mut self, place: Place) -> Vec<Point> {
        self.prepare().await;
        let former = std::fs::read_to_string(self.home.file("kek")).unwrap();
        let (killed, told) = self.child(Some(place));
        let mut kills = Vec::from_iter(killed.then_some(place.0));
        kills.extend(self.kill_who_opens());
        if matches!(place.0, Point::KeyStoreCommitted | Point::DatabaseCommitting) {
            self.left_over += 1;
        }
        self.engine.wait_until_alone();
        self.end_move();
        check::one_key_opens(&self.home, &former);
        self.look_at(&told).await;
        self.model.forget_backups();
        self.run += 1;
        kills
    }

    /// What comes before the run.
    async fn prepare(&mut self) {
        let mut hand = Hand::new(self.home.clone(), self.run, false);
        for op in self.scenario.before() {
            hand.act(op).await;
            self.apply(op);
        }
    }

    /// Looks where a move that was killed left the installation; where it is at neither end, the move is done again.
    fn end_move(&mut self) {
        if self.scenario != Scenario::Migrate {
            return;
        }
        match check::one_end_serves(&self.home) {
            Serving::At(engine) => self.home.moved = engine == Kept::Sqlite,
            Serving::NotBefore(engine) => migrate(&mut self.home, engine, begins(self.run)),
        }
    }

    fn child(&self, place: Option<Place>) -> (bool, Vec<Told>) {
        self.child_at(self.scenario, place)
    }

    fn child_at(&self, scenario: Scenario, place: Option<Place>) -> (bool, Vec<Told>) {
        let task = Task {
            home: self.home.clone(),
            scenario,
            run: self.run,
        };
        child::run(self.test, &task, place)
    }

    /// Who finishes what was begun is killed in turn, at one point after the other, until one comes to the end.
    fn kill_who_opens(&self) -> Vec<Point> {
        if !matches!(
            self.scenario,
            Scenario::Purge | Scenario::Erase | Scenario::Restore
        ) {
            return Vec::new();
        }
        let points = OPENING[usize::from(self.run) % OPENING.len()].iter();
        points
            .take_while(|point| {
                self.engine.wait_until_alone();
                self.child_at(Scenario::Open, Some((**point, 1))).0
            })
            .copied()
            .collect()
    }

    /// Opens the installation, and looks whether it is what the child told, with or without what it was at; then asks for
    /// that again.
    async fn look_at(&mut self, told: &[Told]) {
        let script = self.scenario.script();
        let begun = self.follow(&script, told);
        let mut hand = Hand::new(self.home.clone(), self.run, true);
        let now = self.now(&begun, &script);
        self.compare_opened(&hand.store(), &begun, now).await;
        self.send_again(&hand.store(), now).await;
        for op in &begun {
            hand.act(*op).await;
            self.apply(*op);
        }
        self.home = hand.home.clone();
        self.compare(&hand.store(), now).await;
        if self.scenario == Scenario::Migrate {
            // The next run begins on the server.
            hand.act(Op::MoveToServer).await;
            self.home = hand.home.clone();
            self.compare(&hand.store(), now).await;
            let left = ["zeef.db", "keys.db"].map(|name| self.home.file(name).exists());
            assert_eq!(left, [false, false], "what was moved away is deleted");
        }
        if begun.contains(&Op::Purge) {
            check::purged(&self.engine, now);
        }
        let head = hand.store().ledger_head().await.unwrap().unwrap();
        self.heads.push(((self.run, script.len()), head.head));
    }

    /// Applies what the child told that it did; gives what it was at.
    fn follow(&mut self, script: &[Vec<Op>], told: &[Told]) -> Vec<Op> {
        let mut done = Vec::new();
        for one in told {
            match one {
                Told::Done { group, at } => {
                    done.push((*group, *at));
                    self.apply(script[*group][*at]);
                }
                Told::Head { group, head } => self.heads.push(((self.run, *group), head.head)),
                Told::Times(_) => {}
            }
        }
        let groups = script.iter().enumerate();
        groups
            .map(|(group, ops)| {
                let open = ops
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !done.contains(&(group, *at)));
                open.map(|(_, op)| *op).collect::<Vec<_>>()
            })
            .find(|open| !open.is_empty())
            .unwrap_or_default()
    }

    /// The time of what was begun, or of the end.
    fn now(&self, begun: &[Op], script: &[Vec<Op>]) -> UnixTime {
        let last = begun.first().or_else(|| script.last()?.first());
        at(self.run, *last.unwrap())
    }

    async fn compare_opened(&mut self, store: &SqlStore, begun: &[Op], now: UnixTime) {
        for op in begun {
            let mut after = self.model.clone();
            after.apply(self.scenario, self.run, *op);
            let home = &self.home;
            let look = Look { home, store, now };
            let mut happened = true;
            for subject in after.changed_by(self.run, *op) {
                happened &= look.at(subject, &self.model).await == after.expected(subject, now);
            }
            if happened {
                self.apply(*op);
            }
        }
        self.compare(store, now).await;
    }

    fn apply(&mut self, op: Op) {
        if op == Op::Restore {
            // The ledger is back where it was with the database.
            let saved = self
                .scenario
                .script()
                .iter()
                .position(|group| group.contains(&Op::SaveDatabase));
            let since = (self.run, saved.unwrap());
            self.heads.retain(|(after, _)| *after <= since);
        }
        self.model.apply(self.scenario, self.run, op);
    }

    async fn compare(&self, store: &SqlStore, now: UnixTime) {
        let look = Look {
            home: &self.home,
            store,
            now,
        };
        for subject in self.model.subjects() {
            let seen = look.at(subject, &self.model).await;
            assert_eq!(seen, self.model.expected(subject, now), "{subject:?}");
        }
        let [database, keys] = [Part::Database, Part::KeyStore].map(|part| {
            if self.home.moved {
                self.engine.raw_file(part)
            } else {
                self.engine.raw(part)
            }
        });
        check::in_step(&database, &keys);
        check::keys(&database, &keys, self.left_over);
        let heads: Vec<_> = self.heads.iter().map(|(_, head)| *head).collect();
        check::ledger(store, &heads).await;
    }

    /// An agent that did not hear of its acknowledgement sends again, and is told that it is there already.
    async fn send_again(&self, store: &SqlStore, now: UnixTime) {
        // The purge is later than the service, and a restore asks for everything anew.
        if now != at(self.run, Op::Token) || self.scenario == Scenario::Restore {
            return;
        }
        let mut batch = None;
        for subject in self.model.subjects() {
            let held = self.model.expected(subject, now);
            match subject {
                Subject::Device(run, number) if run == self.run && held.standing == "Active" => {
                    let newest = held.values.get(2).and_then(|address| address.rsplit('.').next());
                    if let Some(newest) = newest {
                        let repeated = send(store, run, number, newest.parse().unwrap()).await;
                        assert!(repeated, "{subject:?} is stored once");
                    }
                }
                Subject::AtSite(run, number, newest) if run == self.run => batch = Some((number, newest)),
                _ => {}
            }
        }
        if let Some((number, newest)) = batch {
            assert!(
                tell(store, self.run, number, newest).await,
                "a batch is stored once"
            );
        }
    }
}
