//! A purge of many expired values while reports keep coming.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use zeef_collector::ledger::Actor;
use zeef_collector::retention::{self, Silence};
use zeef_collector::store::retention::RetentionStore;
use zeef_collector::store::sql::SqlStore;
use zeef_proto::UnixTime;
use zeef_proto::time::DAY;

use super::fill;
use super::fleet::{self, Numbers};
use super::home::{Engine, Homes};
use super::load;
use crate::table::{self, progress};

/// Values that a device's first report brings, its public address included.
const OF_A_DEVICE: u32 = 5;
/// Devices that go on reporting; none of their values has expired.
const REPORTING: u32 = 10_000;
/// How long reports are counted before the purge.
const BEFORE: Duration = Duration::from_secs(15);

/// What a purge came to.
pub(super) struct Purged {
    engine: Engine,
    observations: u64,
    seconds: f64,
    /// Reports in a second before it.
    before: f64,
    /// And beside it.
    beside: f64,
}

/// Fills a store of which most has expired, and purges it under load.
pub(super) async fn measure(homes: &Homes, expired: u32) -> Purged {
    let silent = expired.div_ceil(OF_A_DEVICE);
    let home = homes.unkept(silent + REPORTING);
    progress(&format!(
        "{}: filling a store with {expired} values that expire",
        home.engine.title()
    ));
    let store = Arc::new(home.open());
    let now = zeef_tests::clock::now();
    // Six months are fewer than 190 days.
    let then = now.plus(-190 * DAY);
    fill::begin(&store, home.devices, &fill::six_months(), then).await;
    fill::enrol(&store, 0, silent, then).await;
    fill::enrol(&store, silent, home.devices, now).await;

    // Nobody is asked about the silent ones: that is a transaction each, and not what is measured.
    for number in 0..fleet::organisations(home.devices) {
        let set = store
            .set_silence(
                fleet::organisation(number),
                Silence(None),
                Actor::Administrator,
                now,
            )
            .await;
        set.expect("it is set");
    }
    // What was filled in half a year ago seems to make the clock jump; a collector that ran meanwhile would not ask.
    store.confirm_time(now).await.expect("the clock is believed");

    progress(&format!("{}: purging beside reports", home.engine.title()));
    let load = Load::start(&store, silent, now);
    let before = load.rate_over(BEFORE).await;
    let (start, sent) = (Instant::now(), load.sent());
    let purged = retention::purge(store.as_ref(), now).await;
    let seconds = start.elapsed().as_secs_f64();
    let beside = f64::from(load.sent() - sent) / seconds;
    load.stop().await;
    let purged = purged.expect("the purge is noted");
    assert!(purged.failure.is_none(), "{:?}", purged.failure);
    assert!(
        purged.run.observations >= expired.into(),
        "all that has expired is deleted"
    );
    Purged {
        engine: home.engine,
        observations: purged.run.observations,
        seconds,
        before,
        beside,
    }
}

/// Callers that send one report after another until they are stopped.
struct Load {
    sent: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
    callers: JoinSet<()>,
}

impl Load {
    fn start(store: &Arc<SqlStore>, first: u32, now: UnixTime) -> Self {
        let (sent, stopped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let mut callers = JoinSet::new();
        for caller in 0..load::AT_A_TIME {
            let (store, sent, stopped) = (Arc::clone(store), Arc::clone(&sent), Arc::clone(&stopped));
            callers.spawn(async move {
                let mut random = Numbers(caller.into());
                while !stopped.load(Ordering::Relaxed) {
                    // Each caller has devices of its own, so that their numbers rise.
                    let of_caller = REPORTING / load::AT_A_TIME;
                    let device = first + caller * of_caller + random.below(of_caller);
                    let at = sent.fetch_add(1, Ordering::Relaxed);
                    let report = fleet::later(device, at.into(), 2 + u64::from(at), now);
                    load::record(&store, report).await;
                }
            });
        }
        Self {
            sent,
            stopped,
            callers,
        }
    }

    fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    async fn rate_over(&self, time: Duration) -> f64 {
        let (start, sent) = (Instant::now(), self.sent());
        tokio::time::sleep(time).await;
        f64::from(self.sent() - sent) / start.elapsed().as_secs_f64()
    }

    async fn stop(self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.callers.join_all().await;
    }
}

/// Prints what purges came to.
pub(super) fn print(purges: &[Purged]) {
    let rows: Vec<Vec<String>> = purges
        .iter()
        .map(|purged| {
            vec![
                purged.engine.title().to_owned(),
                purged.observations.to_string(),
                format!("{:.1}", purged.seconds),
                format!("{:.0}", purged.before),
                format!("{:.0}", purged.beside),
                format!("{:.2}", purged.beside / purged.before),
            ]
        })
        .collect();
    table::print(
        "Expired values purged while reports keep coming; goal 1,000,000 in 60 s, and the rate within 20 %",
        &[
            "engine",
            "values",
            "seconds",
            "reports/s before",
            "reports/s beside it",
            "beside ÷ before",
        ],
        &rows,
    );
    println!(
        "\nThe load is as much as the store takes, from {} callers: whatever the purge needs is taken from it.",
        load::AT_A_TIME
    );
}
