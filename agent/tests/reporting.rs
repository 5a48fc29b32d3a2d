//! For any history of changes, losses and restarts the collector ends with the current values, and never sees two
//! reports under one number.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use proptest::prelude::*;
use zeef_agent::minimise::Fields;
use zeef_agent::report::Progress;
use zeef_proto::UnixTime;
use zeef_proto::field::{DeviceName, Field, Parse, Username};
use zeef_proto::time::DAY;
use zeef_proto::wire::{Report, ReportReply};

/// The collector's side of the contract, for one device.
#[derive(Default)]
struct Collector {
    sequence: u64,
    body: String,
    held: Fields,
    forks: usize,
    taken: usize,
}

impl Collector {
    fn take(&mut self, body: &str) -> Option<ReportReply> {
        let report = Report::read(body.as_bytes()).unwrap();
        let number = report.sequence;
        let repeated = number == self.sequence && body == self.body;
        if number < self.sequence || (number == self.sequence && !repeated) {
            self.forks += 1;
            return None;
        }
        let gap = number > self.sequence + 1;
        if !repeated {
            self.sequence = number;
            body.clone_into(&mut self.body);
            self.held = std::mem::take(&mut self.held).after(report);
            self.taken += 1;
        }
        Some(ReportReply {
            acknowledged: number,
            send_all: gap,
            policy: 1,
            products: Vec::new(),
            time: UnixTime(0),
        })
    }
}

/// What can happen to one try to send.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Delivered,
    RequestLost,
    ReplyLost,
    /// The agent is killed after the report was made durable and before it was sent.
    KilledBeforeSending,
    /// The agent is killed after the reply came and before it was made durable.
    KilledAfterReply,
    /// The collector refuses the report for good.
    Refused,
    /// The agent's own record of how far it has come is lost.
    RecordLost,
}

#[derive(Debug, Clone)]
enum Event {
    Change(u8, u8),
    Send(Fate),
    Wait(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let fate = prop_oneof![
        6 => Just(Fate::Delivered),
        2 => Just(Fate::RequestLost),
        2 => Just(Fate::ReplyLost),
        1 => Just(Fate::KilledBeforeSending),
        1 => Just(Fate::KilledAfterReply),
        1 => Just(Fate::Refused),
        1 => Just(Fate::RecordLost),
    ];
    prop_oneof![
        3 => (0_u8..4, 0_u8..3).prop_map(|(name, users)| Event::Change(name, users)),
        5 => fate.prop_map(Event::Send),
        1 => (1_i64..2 * DAY).prop_map(Event::Wait),
    ]
}

fn fields(name: u8, users: u8) -> Fields {
    Fields {
        device_name: DeviceName::parse(&format!("lap-{name}")).ok(),
        usernames: Some(
            (0..users)
                .map(|n| Username::parse(&format!("user{n}")).unwrap())
                .collect(),
        ),
        ..Fields::default()
    }
}

struct World {
    collector: Collector,
    on_disk: Progress,
    now: UnixTime,
    current: Fields,
}

impl World {
    /// A disk that came through a crash: what was written, read again.
    fn restart(&self) -> Progress {
        serde_json::from_slice(&serde_json::to_vec(&self.on_disk).unwrap()).unwrap()
    }

    fn send(&mut self, fate: Fate) {
        let mut agent = self.restart();
        if matches!(fate, Fate::RecordLost) {
            self.on_disk = Progress::lost(self.now);
            return;
        }
        let Some(body) = agent.next(Some(&self.current), 1, self.now).map(str::to_owned) else {
            return;
        };
        self.on_disk = agent.clone();
        match fate {
            Fate::RequestLost | Fate::KilledBeforeSending | Fate::RecordLost => {}
            Fate::ReplyLost | Fate::KilledAfterReply => drop(self.collector.take(&body)),
            Fate::Refused => {
                agent.give_up(false);
                self.on_disk = agent;
            }
            Fate::Delivered => {
                if let Some(reply) = self.collector.take(&body) {
                    assert!(agent.acknowledge(&reply, self.now, 7));
                    self.on_disk = agent;
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn the_collector_ends_with_the_current_values_and_sees_no_fork(
        events in prop::collection::vec(event(), 1..60)
    ) {
        let mut world = World {
            collector: Collector::default(),
            on_disk: Progress::default(),
            now: UnixTime(1_800_000_000),
            current: fields(0, 1),
        };
        for event in events {
            match event {
                Event::Change(name, users) => world.current = fields(name, users),
                Event::Send(fate) => world.send(fate),
                Event::Wait(seconds) => world.now = world.now.plus(seconds),
            }
            world.now = world.now.plus(5);
        }
        for _ in 0..4 {
            world.send(Fate::Delivered);
            world.now = world.now.plus(5);
        }
        prop_assert_eq!(world.collector.forks, 0);
        prop_assert_eq!(&world.collector.held, &world.current);
        prop_assert_eq!(world.on_disk.held(), &world.current);
        prop_assert!(world.on_disk.pending().is_none());
    }
}

fn acknowledged(progress: &mut Progress, now: UnixTime) {
    let reply = ReportReply {
        acknowledged: progress.sequence(),
        send_all: false,
        policy: 1,
        products: Vec::new(),
        time: now,
    };
    assert!(progress.acknowledge(&reply, now, 0));
}

#[test]
fn the_first_report_says_everything_and_the_next_only_what_changed() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    let first = progress.next(Some(&fields(0, 1)), 1, now).unwrap();
    let first = Report::read(first.as_bytes()).unwrap();
    assert_eq!(first.sequence, 1);
    assert_eq!(
        first.fields().collect::<Vec<_>>(),
        [Field::DeviceName, Field::Username]
    );
    acknowledged(&mut progress, now);

    assert_eq!(progress.next(Some(&fields(0, 1)), 1, now.plus(60)), None);
    let second = progress.next(Some(&fields(0, 2)), 1, now.plus(120)).unwrap();
    let second = Report::read(second.as_bytes()).unwrap();
    assert_eq!(second.sequence, 2);
    assert_eq!(second.fields().collect::<Vec<_>>(), [Field::Username]);
}

#[test]
fn a_day_without_changes_ends_in_a_heartbeat_without_fields() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    progress.next(Some(&fields(0, 1)), 1, now);
    acknowledged(&mut progress, now);
    assert!(!progress.is_due(Some(&fields(0, 1)), now.plus(DAY - 1)));
    let heartbeat = progress.next(Some(&fields(0, 1)), 1, now.plus(DAY)).unwrap();
    assert_eq!(Report::read(heartbeat.as_bytes()).unwrap().fields().count(), 0);
}

#[test]
fn a_clock_that_is_set_back_for_long_does_not_silence_the_agent() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    progress.next(Some(&fields(0, 1)), 1, now);
    acknowledged(&mut progress, now);
    assert!(!progress.is_due(Some(&fields(0, 1)), now.plus(-60)));
    assert!(progress.is_due(Some(&fields(0, 1)), now.plus(-7 * DAY)));
}

#[test]
fn a_field_that_is_documented_again_is_said_again() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    progress.next(Some(&fields(0, 1)), 1, now);
    acknowledged(&mut progress, now);
    progress.restrict_to(&[Field::DeviceName].into());
    let again = progress.next(Some(&fields(0, 1)), 1, now.plus(60)).unwrap();
    let again = Report::read(again.as_bytes()).unwrap();
    assert_eq!(again.fields().collect::<Vec<_>>(), [Field::Username]);
}

#[test]
fn after_a_report_with_undocumented_fields_the_agent_asks_before_it_says_anything() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    progress.next(Some(&fields(0, 1)), 1, now);
    progress.give_up(true);
    let question = progress.next(Some(&fields(0, 1)), 1, now).unwrap();
    let question = Report::read(question.as_bytes()).unwrap();
    assert_eq!((question.sequence, question.fields().count()), (2, 0));
    acknowledged(&mut progress, now);
    let all = progress.next(Some(&fields(0, 1)), 1, now).unwrap();
    assert_eq!(Report::read(all.as_bytes()).unwrap().fields().count(), 2);
}

#[test]
fn an_acknowledgement_of_another_report_is_not_taken() {
    let now = UnixTime(1_800_000_000);
    let mut progress = Progress::default();
    let bytes = progress.next(Some(&fields(0, 1)), 1, now).unwrap().to_owned();
    let reply = ReportReply {
        acknowledged: 9,
        send_all: false,
        policy: 1,
        products: Vec::new(),
        time: now,
    };
    assert!(!progress.acknowledge(&reply, now, 0));
    assert_eq!(progress.pending(), Some(bytes.as_str()));
}
