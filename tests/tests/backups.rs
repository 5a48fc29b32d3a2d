//! Backups as an administrator makes them and puts them back: beside a running collector, on a full disk, and killed at
//! any moment.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use zeef_proto::wire::{ProblemCode, ReportReply};
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::installation::Host;
use zeef_tests::scan::Canaries;
use zeef_tests::{Installation, Settings};

/// Commands that are killed, or end just before.
const KILLS: usize = 160;
const DEVICES: u64 = 40;

/// No command takes longer, on whatever machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary directory has a plain name")
}

/// Files in a directory that work in progress leaves.
fn unfinished(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            [".part", ".copy", ".restored", ".next"]
                .iter()
                .any(|end| text(path).contains(end) && !text(path).ends_with("lock"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ended_after_a_backup_of_a_running_collector_is_not_back_after_its_restore() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 3);
    let mut ended = RawDevice::enrol(&collector.contact(), &token).await;
    let mut other = RawDevice::enrol(&collector.contact(), &token).await;
    ended.report(1, &Fields::numbered(4_711)).await;
    other.report(1, &Fields::numbered(815)).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("data.zeef");
    let printed = collector.run(&["backup", "--out", text(&backup)]).done();
    assert!(printed.contains("read again"), "{printed}");

    other.report(2, &Fields::numbered(816)).await;
    let mut later = RawDevice::enrol(&collector.contact(), &token).await;
    later.report(1, &Fields::numbered(817)).await;
    let browser = collector.signed_in("beheer").await;
    collector.end(&ended.id.to_string());
    let said = collector.run(&["restore", "--from", text(&backup)]).refused(1);
    assert!(said.contains("Stop it"), "{said}");
    collector.stop();
    let printed = collector.run(&["restore", "--from", text(&backup)]).done();
    assert!(printed.contains("devices ended: 1"), "{printed}");
    collector.start();

    let mut canaries = Canaries::default();
    let Fields {
        device_name,
        usernames,
        ..
    } = Fields::numbered(4_711);
    canaries.add("device name", &device_name.unwrap());
    canaries.add("username", &usernames.unwrap()[0]);
    for directory in [&collector.file(""), elsewhere.path()] {
        assert_eq!(canaries.hits_below(directory), []);
    }
    let only = collector.only_device();
    assert_eq!(only.id(), other.id.to_string());
    assert_eq!(only.values("device_name"), ["name-815"]);
    for device in [&mut ended, &mut other, &mut later] {
        device.hang_up();
    }
    let answer = ended.send(Fields::numbered(4_711).report(2)).await.unwrap();
    assert_eq!(answer.code(), ProblemCode::Gone);
    let answer = later.send(Fields::numbered(817).report(2)).await.unwrap();
    assert_eq!(answer.code(), ProblemCode::CertificateUnknown);
    let reply: ReportReply = other.send(Fields::default().report(3)).await.unwrap().json();
    assert!(reply.send_all, "what changed since the backup is asked for");
    other.report(4, &Fields::numbered(816)).await;
    assert_eq!(collector.only_device().values("device_name"), ["name-816"]);
    assert_eq!(
        browser.open("/inventory").await.unwrap().status,
        303,
        "nobody is signed in"
    );
    assert!(unfinished(&collector.file("data")).is_empty() && unfinished(elsewhere.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_are_killed_at_any_moment_lose_nothing_and_bring_nothing_back() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 100);
    let mut held = BTreeMap::new();
    for number in 0..DEVICES {
        let mut device = RawDevice::enrol(&collector.contact(), &token).await;
        device.report(1, &Fields::numbered(number)).await;
        held.insert(device.id.to_string(), format!("name-{number}"));
    }
    collector.stop();
    let elsewhere = tempfile::tempdir().unwrap();
    let first = elsewhere.path().join("first");
    drop(collector.run(&["backup", "--out", text(&first)]).done());
    let mut backups = vec![first];
    let mut doubtful = BTreeMap::new();
    let mut killed = 0;
    let mut whole = BTreeMap::new();
    for round in 0..KILLS {
        let out = elsewhere.path().join(format!("backup-{round}"));
        let from = backups[round % backups.len()].clone();
        let device = held.keys().next().cloned().expect("more devices than ends");
        let receipt = elsewhere.path().join(format!("receipt-{round}"));
        let arguments = match round % 8 {
            0 => vec!["erase", "device", &device, "--yes", "--receipt", text(&receipt)],
            1 | 4 | 6 => vec!["backup", "--out", text(&out)],
            2 | 5 => vec!["keys", "rotate"],
            _ => vec!["restore", "--from", text(&from)],
        };
        // A part of the time that the command took when it last came to its end, so that machines of any speed meet
        // it at every step. Some come to their end.
        let time: &mut Option<Duration> = whole.entry(arguments[0].to_owned()).or_default();
        let part = u32::try_from(round * 7_919 % 1_500).unwrap();
        let until = time.map_or(PATIENCE, |time| time * part / 1_000);
        let done = match run_and_kill(&collector, &arguments, until) {
            Ended::Whole(took) => {
                *time = Some(took);
                true
            }
            Ended::Killed => {
                // It should have come to its end: the machine has become slower.
                if part >= 1_000 {
                    *time = time.map(|time| time * 2);
                }
                false
            }
            Ended::KilledTooLate => true,
        };
        killed += usize::from(!done);
        if round % 8 == 0 {
            let name = held.remove(&device).unwrap();
            if !done {
                doubtful.insert(device.clone(), name);
            }
        }
        if out.exists() {
            assert_eq!(
                unfinished(elsewhere.path()).len(),
                0,
                "a backup has its name once it is whole"
            );
            backups.push(out.clone());
        }
        drop(std::fs::remove_file(
            elsewhere.path().join(format!("backup-{round}.part")),
        ));

        let found: BTreeMap<_, _> = collector
            .devices()
            .iter()
            .map(|device| (device.id().to_owned(), device.clone()))
            .collect();
        // An end that was cut off was done or was not; from here on it is what it is seen to be.
        for (id, name) in std::mem::take(&mut doubtful) {
            if found.contains_key(&id) {
                held.insert(id, name);
            }
        }
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            held.keys().collect::<Vec<_>>(),
            "round {round}: {arguments:?}"
        );
        for (id, name) in held.iter().take(2) {
            assert_eq!(
                collector.device(id).values("device_name"),
                [name.as_str()],
                "round {round}"
            );
        }
        assert!(unfinished(&collector.file("data")).is_empty(), "round {round}");
    }

    assert!(killed > KILLS / 4, "{killed} of {KILLS} were killed");
    assert!(backups.len() > KILLS / 16, "{} backups were made", backups.len());
    for backup in &backups {
        drop(collector.run(&["restore", "--from", text(backup)]).done());
        assert_eq!(collector.devices().len(), held.len());
    }
}

/// How a command ended that was to be killed.
enum Ended {
    /// By itself, in so much time.
    Whole(Duration),
    /// By the kill.
    Killed,
    /// By itself, in the moment in which it was to be killed.
    KilledTooLate,
}

/// Runs a command and kills it after some time.
fn run_and_kill(collector: &Installation, arguments: &[&str], until: Duration) -> Ended {
    let mut command = collector.command(arguments);
    let begun = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the collector's program can be started");
    while begun.elapsed() < until {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{arguments:?} ended with {status}");
            return Ended::Whole(begun.elapsed());
        }
        std::thread::yield_now();
    }
    child.kill().unwrap();
    if child.wait().unwrap().success() {
        Ended::KilledTooLate
    } else {
        Ended::Killed
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_there_is_no_backup_and_no_restore_and_nothing_is_half_done() {
    let mut collector = Installation::started_with(Settings::default(), Host::with_disk(6_000));
    let token = collector.customer("Bakkerij Jansen", 1);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let machine = collector.host().machine.as_ref().unwrap();
    let (small, large) = (collector.path().join("small"), collector.path().join("large"));
    for directory in [&small, &large] {
        std::fs::create_dir(machine.outside(directory)).unwrap();
    }
    machine.mount_small(&small, 64);
    let outside = machine.outside(&small);
    let (on_small, on_large) = (small.join("data.zeef"), large.join("data.zeef"));
    let said = collector.run(&["backup", "--out", text(&on_small)]).refused(1);
    assert!(said.contains("storage") && said.contains("data.zeef"), "{said}");
    assert_eq!(
        std::fs::read_dir(&outside).unwrap().count(),
        0,
        "nothing is half done"
    );
    drop(collector.run(&["backup", "--out", text(&on_large)]).done());

    device.report(2, &Fields::numbered(2)).await;
    collector.stop();
    let more = large.join("more.zeef");
    for arguments in [
        &["backup", "--out", text(&more)][..],
        &["restore", "--from", text(&on_large)],
        &["keys", "rotate"],
    ] {
        let filler = collector.host().machine.as_ref().unwrap().fill(&collector.path());
        let said = collector.run(arguments).refused(1);
        assert!(
            said.contains("full") || said.contains("storage"),
            "{arguments:?}: {said}"
        );
        drop(filler);
        assert_eq!(collector.only_device().values("device_name"), ["name-2"]);
    }
    assert!(
        unfinished(&collector.file("data")).is_empty() && unfinished(&collector.file("large")).is_empty()
    );
    drop(collector.run(&["restore", "--from", text(&on_large)]).done());
    assert_eq!(collector.only_device().values("device_name"), ["name-1"]);
}
