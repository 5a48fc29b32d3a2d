//! What a report costs at a size: CPU of the collector and of the server, and how many there are in a second.

use std::sync::Arc;
use std::time::Instant;

use zeef_collector::store::InventoryStore;
use zeef_collector::store::records::IncomingReport;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::cpu;
use super::fleet::{self, Numbers};
use super::home::{Engine, Home};
use super::load;
use crate::table::{self, median, progress};

/// Reports of one round.
const REPORTS: u32 = 200 * load::AT_A_TIME;
/// Rounds that are measured, after one that is not.
const ROUNDS: u32 = 5;

/// What reports cost at a size.
pub(super) struct Cost {
    pub(super) engine: Engine,
    pub(super) devices: u32,
    /// CPU microseconds of the collector's process for each.
    pub(super) collector: f64,
    /// CPU microseconds of PostgreSQL's processes for each.
    pub(super) server: f64,
    /// Reports in a second.
    pub(super) rate: f64,
}

impl Cost {
    pub(super) const fn whole(&self) -> f64 {
        self.collector + self.server
    }
}

/// Measures a filled store.
pub(super) async fn measure(home: &Home<'_>) -> Cost {
    let store = Arc::new(home.open());
    let mut days = Days::new(home.devices);
    let (mut collector, mut server, mut rate) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        progress(&format!(
            "{}, {} devices: round {round} of {ROUNDS}",
            home.engine.title(),
            home.devices
        ));
        let reports = days.reports(REPORTS);
        let (own, other, start) = (cpu::own(), home.server_cpu(), Instant::now());
        load::send(&store, reports).await;
        let wall = start.elapsed().as_secs_f64();
        if round > 0 {
            let each = |seconds: f64| seconds * 1e6 / f64::from(REPORTS);
            collector.push(each(cpu::own() - own));
            server.push(each(home.server_cpu() - other));
            rate.push(f64::from(REPORTS) / wall);
        }
    }
    store.checkpoint().await.expect("the store answers");
    Cost {
        engine: home.engine,
        devices: home.devices,
        collector: median(collector),
        server: median(server),
        rate: median(rate),
    }
}

/// Reports as a fleet sends them that reports once a day: of devices at random, at times that are as far apart as such a
/// fleet's. So nearly each is the first of its device in that hour, whatever the size.
pub(super) struct Days {
    devices: u32,
    random: Numbers,
    begin: UnixTime,
    /// Above all numbers of earlier runs.
    sequence: u64,
    sent: u64,
}

impl Days {
    pub(super) fn new(devices: u32) -> Self {
        let now = zeef_tests::clock::now();
        let seconds = u64::try_from(now.0).expect("it is after 1970");
        Self {
            devices,
            random: Numbers(seconds),
            begin: now.plus(DAY),
            sequence: seconds << 20,
            sent: 0,
        }
    }

    /// The next ones, to be sent at once: each caller has devices of its own.
    pub(super) fn reports(&mut self, count: u32) -> Vec<IncomingReport> {
        (0..count).map(|at| self.next(at % load::AT_A_TIME)).collect()
    }

    fn next(&mut self, caller: u32) -> IncomingReport {
        self.sent += 1;
        let seconds = self.sent * DAY.unsigned_abs() / u64::from(self.devices);
        let now = self.begin.plus(i64::try_from(seconds).expect("a time"));
        let device = self.random.below(self.devices / load::AT_A_TIME) * load::AT_A_TIME + caller;
        fleet::later(device, self.sent, self.sequence + self.sent, now)
    }
}

/// Prints what reports cost at each size and how that grows.
pub(super) fn print(costs: &[Cost]) {
    let rows: Vec<Vec<String>> = costs.iter().map(|cost| row(cost, costs)).collect();
    table::print(
        "A durable report at the store, nine signs of life to one changed field; goal at 1,000,000 devices ≤ 1.3 × 10,000",
        &[
            "engine",
            "devices",
            "collector's CPU µs",
            "PostgreSQL's CPU µs",
            "reports/s",
            "collector's ÷ smallest",
            "all CPU ÷ smallest",
        ],
        &rows,
    );
    println!(
        "\nMedians of {ROUNDS} rounds of {REPORTS} reports, {} in flight; the devices take turns at random. Each device reports once \
         a day of a made-up time, so that nearly each report notes a new hour of contact.",
        load::AT_A_TIME
    );
}

fn row(cost: &Cost, all: &[Cost]) -> Vec<String> {
    let smallest = all.iter().find(|other| other.engine == cost.engine);
    let ratio = |figure: fn(&Cost) -> f64| {
        smallest.map_or(String::new(), |smallest| {
            format!("{:.2}", figure(cost) / figure(smallest))
        })
    };
    vec![
        cost.engine.title().to_owned(),
        cost.devices.to_string(),
        format!("{:.1}", cost.collector),
        match cost.engine {
            Engine::Sqlite => String::new(),
            Engine::Postgres => format!("{:.1}", cost.server),
        },
        format!("{:.0}", cost.rate),
        ratio(|cost| cost.collector),
        ratio(Cost::whole),
    ]
}
