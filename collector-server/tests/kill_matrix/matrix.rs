//! All points, each as often as a run comes to it, up to a bound.

use std::collections::BTreeMap;
use std::sync::Mutex;

use zeef_collector::failpoint::Point;

use crate::chapter::{Chapter, Place};
use crate::child;
use crate::engine::ON_POSTGRES;
use crate::script::{Scenario, points};

/// Kills at one point of one kind of work at most.
const TIMES: u32 = if ON_POSTGRES { 3 } else { 10 };
/// Kills of one installation.
const RUNS: usize = if ON_POSTGRES { 12 } else { 24 };
/// Installations at once: a server is waited for, files keep the processors busy.
const AT_ONCE: usize = if ON_POSTGRES { 6 } else { 2 };

/// Goes through the matrix, of at least so many kills; or does a child's work, where this process is one.
pub(crate) fn of_this_engine(test: &'static str, at_least: usize) {
    if let Some(task) = child::task() {
        return child::work(&task);
    }
    let scenarios = Mutex::new(Scenario::all().to_vec());
    let chapters = Mutex::new(Vec::new());
    at_once(&scenarios, |scenario| {
        let times = here(async { Box::pin(Chapter::begin(test, scenario).await.count()).await });
        let places: Vec<Place> = Point::ALL
            .into_iter()
            .zip(times)
            .flat_map(|(point, times)| {
                // A move there and one back: the first time is of the one, the last of the other.
                let at_most = match (scenario, point) {
                    (Scenario::Migrate, point) if point != Point::Part => 2,
                    _ => TIMES,
                };
                some_of(times, at_most).into_iter().map(move |time| (point, time))
            })
            .collect();
        let some = places.chunks(RUNS).map(|some| (scenario, some.to_vec()));
        chapters.lock().unwrap().extend(some);
    });
    let killed = Mutex::new(BTreeMap::<String, usize>::new());
    let ended = Mutex::new(0);
    at_once(&chapters, |(scenario, places)| {
        here(async {
            let mut chapter = Chapter::begin(test, scenario).await;
            for (point, time) in places {
                let killing = Killing(scenario, point, time);
                let kills = Box::pin(chapter.kill((point, time))).await;
                if kills.first() != Some(&point) {
                    *ended.lock().unwrap() += 1;
                }
                for point in kills {
                    *killed.lock().unwrap().entry(format!("{point:?}")).or_default() += 1;
                }
                drop(killing);
            }
        });
    });
    let killed = killed.into_inner().unwrap();
    let sum: usize = killed.values().sum();
    say(&format!(
        "kill matrix: {sum} kills at {} points of {:?}; {} runs ended before theirs\n{killed:?}",
        killed.len(),
        Scenario::all(),
        ended.into_inner().unwrap(),
    ));
    for point in points() {
        assert!(
            killed.contains_key(&format!("{point:?}")),
            "{point:?} was never reached"
        );
    }
    assert!(sum >= at_least, "{sum} kills");
}

/// Of the times that a point is reached: the first, the last, and some between.
fn some_of(times: u32, at_most: u32) -> Vec<u32> {
    let taken = times.min(at_most);
    let mut chosen: Vec<_> = (0..taken)
        .map(|at| {
            if taken == 1 {
                1
            } else {
                1 + at * (times - 1) / (taken - 1)
            }
        })
        .collect();
    chosen.dedup();
    chosen
}

/// Does the work that waits, some of it at once.
fn at_once<T: Send>(waiting: &Mutex<Vec<T>>, work: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().pop();
                    let Some(next) = next else { return };
                    work(next);
                }
            });
        }
    });
}

fn here<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// Names the run that failed.
struct Killing(Scenario, Point, u32);

impl Drop for Killing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(scenario, point, time) = self;
            say(&format!("killed in {scenario:?} at {point:?}, time {time}"));
        }
    }
}

/// Past what keeps a test's output back: who runs it wants to know how much was tried.
fn say(text: &str) {
    use std::io::Write;
    let line = format!("{text}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
