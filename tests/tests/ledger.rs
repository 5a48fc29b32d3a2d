//! The ledger of a running collector: who looked is in it for good, and it verifies elsewhere, by another program.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use zeef_tests::device::{Fields, RawDevice};
use zeef_tests::{Installation, Outcome, command, wait};

/// A collector with a device that reported, and a page of it that a person has seen.
async fn looked_at() -> (Installation, String) {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 2);
    let mut device = RawDevice::enrol(&collector.contact(), &token).await;
    device.report(1, &Fields::numbered(1)).await;
    let id = device.id.to_string();
    let known = collector.device(&id);
    let path = format!("/devices/{}/{id}", known.0["organisation"].as_str().unwrap());
    let browser = collector.signed_in("anne").await;
    let page = browser.page(&path).await;
    assert!(page.contains(&Fields::numbered(1).device_name.unwrap()));
    (collector, id)
}

/// What was noted of a device, by whom.
fn of_device(collector: &Installation, id: &str) -> Vec<String> {
    let of = ["--organisation", "Bakkerij Jansen", "--device", id, "--json"];
    let shown = collector.run(&[&["ledger", "show"], &of[..]].concat()).json();
    let text = |entry: &Value, part: &str| entry[part].as_str().unwrap().to_owned();
    let entries = shown.as_array().unwrap().iter();
    entries
        .map(|entry| format!("{} {}", text(entry, "actor"), text(entry, "event")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_is_in_the_ledger_although_the_collector_is_killed_once_the_page_is_there() {
    let (mut collector, id) = looked_at().await;
    collector.kill();
    // The harness has looked for the device's organisation first.
    let seen = [
        "device device_enrolled",
        "administrator device_read",
        "user device_read",
    ];
    assert_eq!(of_device(&collector, &id), seen);
    collector.end(&id);
    let all = of_device(&collector, &id);
    assert_eq!(all.last().unwrap(), "administrator device_ended");
    let whole = collector.run(&["ledger", "export"]).done();
    assert!(!whole.contains(&id) && !whole.contains(&id.replace('-', "")));
    drop(collector.run(&["ledger", "verify"]).done());
}

/// Every event of an installation that nobody meddled with.
const EVENTS: [&str; 30] = [
    "api_token_made",
    "api_token_revoked",
    "device_ended",
    "device_enrolled",
    "device_kept",
    "device_read",
    "device_revoked",
    "devices_listed",
    "devices_searched",
    "erased",
    "erasure_lifted",
    "hold_begun",
    "hold_ended",
    "link_made",
    "organisation_added",
    "password_set",
    "policy_published",
    "purged",
    "role_set",
    "searched_in_vain",
    "signed_in",
    "silence_set",
    "site_allowed",
    "site_denied",
    "subscription_added",
    "subscription_ended",
    "token_made",
    "token_revoked",
    "user_added",
    "user_removed",
];

/// The events of a collector's ledger, each once.
fn events(collector: &Installation) -> BTreeSet<String> {
    let shown = collector
        .run(&["ledger", "show", "--last", "1000", "--json"])
        .json();
    let entries = shown.as_array().unwrap().iter();
    entries
        .map(|entry| entry["event"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_is_told_and_verifies_elsewhere() {
    let (mut collector, id) = looked_at().await;
    let of = ["--organisation", "Bakkerij Jansen"];
    let run = |arguments: &[&str]| drop(collector.run(arguments).done());
    let ids = |kind: &str| {
        let list = collector
            .run(&[&[kind, "list", "--json"], &of[..]].concat())
            .json();
        let list = list.as_array().unwrap().iter();
        list.map(|one| one["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let name = Fields::numbered(1).device_name.unwrap();
    run(&["device", "list"]);
    run(&["device", "list", "--with", &name]);
    run(&["device", "list", "--with", "nobody"]);
    run(&["device", "site", &id, "--allow"]);
    run(&["device", "site", &id, "--deny"]);
    run(&["device", "revoke", &id]);
    run(&["device", "keep", &id]);
    run(&["organisation", "silence", "Bakkerij Jansen", "--never"]);
    drop(collector.erase(&[&["person", "j.jansen"], &of[..]].concat()));
    run(&[&["erase", "lift", "j.jansen"], &of[..]].concat());
    let hold = [
        "retention",
        "hold",
        "add",
        "--reason",
        "a case",
        "--until",
        "9d",
        "--json",
    ];
    let hold = collector.run(&[&hold[..], &of[..]].concat()).json()["id"].clone();
    run(&["retention", "hold", "end", hold.as_str().unwrap()]);
    run(&[&["token", "revoke", &ids("token")[0]], &of[..]].concat());
    let service = [
        "api-token",
        "add",
        "nightly",
        "--role",
        "technician",
        "--scope",
        "inventory:read",
        "--json",
    ];
    let service = collector.run(&service).json()["id"].clone();
    run(&["api-token", "revoke", service.as_str().unwrap()]);
    let password = collector.command(&["user", "password", "anne"]);
    drop(command::run_with_input(password, "fietsbel op zondag\n").done());
    run(&["user", "remove", "anne"]);
    for subscription in ids("subscription") {
        run(&[&["subscription", "end", &subscription], &of[..]].concat());
    }
    // The purge comes with the start, and ends the device that has no subscription any more.
    collector.stop();
    collector.start();
    wait::until("the purge", || {
        events(&collector).contains("purged").then_some(())
    });
    assert!(events(&collector).iter().eq(EVENTS));
    let papers = Papers::of(&collector);
    drop(papers.verify("export", &papers.path("export")).done());
}

/// What the collector prints, in files, for the verifier.
struct Papers {
    directory: TempDir,
    key: String,
}

impl Papers {
    fn of(collector: &Installation) -> Self {
        let papers = Self {
            directory: tempfile::tempdir().unwrap(),
            key: collector.run(&["ledger", "head"]).json()["key"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let print = |name: &str, arguments: &[&str]| {
            let printed = collector.run(&[&["ledger"], arguments].concat()).done();
            std::fs::write(papers.path(name), printed).unwrap();
        };
        print("kept", &["head"]);
        collector.organisation("Garage De Vries");
        print("proof", &["proof", "2"]);
        print(
            "consistency",
            &["consistency", papers.path("kept").to_str().unwrap()],
        );
        print("export", &["export"]);
        papers
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn verify(&self, kind: &str, file: &Path) -> Outcome {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier/ledger_verify.py");
        // Debian's own, for which Debian has the module.
        let mut verifier = Command::new("/usr/bin/python3");
        verifier.arg("-B").arg(script).arg(kind).arg(file);
        verifier.arg(format!("--key={}", self.key));
        if kind == "export" {
            verifier.arg("--heads").arg(self.path("kept"));
        }
        command::run(verifier)
    }

    /// The same file with something changed in it.
    fn changed(&self, name: &str, change: impl FnOnce(String) -> String) -> PathBuf {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        let changed = change(text.clone());
        assert_ne!(changed, text);
        let path = self.path("changed");
        std::fs::write(&path, changed).unwrap();
        path
    }
}

/// Where each value of a JSON text stands, and how long it is: ids, hashes, times, keys, and numbers.
fn values(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('"') {
        let length = text[at + 1..].find('"').unwrap_or_default();
        let value = &text[at + 1..][..length];
        if length >= 20 && value.bytes().all(|byte| byte.is_ascii_graphic()) {
            found.push((at + 1, length));
        }
    }
    for name in ["\"size\":", "\"index\":", "\"version\":"] {
        for (at, _) in text.match_indices(name) {
            let digit = text[at + name.len()..].find(|c: char| c.is_ascii_digit());
            found.push((at + name.len() + digit.unwrap(), 1));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_zeef_agrees_with_export_proof_and_growth_and_with_nothing_that_was_changed() {
    let (collector, _) = looked_at().await;
    let papers = Papers::of(&collector);
    for kind in ["export", "proof", "consistency"] {
        let said = papers.verify(kind, &papers.path(kind)).done();
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    for kind in ["export", "proof", "consistency"] {
        let text = std::fs::read_to_string(papers.path(kind)).unwrap();
        let values = values(&text);
        assert!(values.len() > 4, "{values:?}");
        for (place, (at, length)) in values.into_iter().enumerate() {
            let digit = at + place * 7 % length;
            let changed = papers.changed(kind, |mut text| {
                let other = if &text[digit..=digit] == "0" { "1" } else { "0" };
                text.replace_range(digit..=digit, other);
                text
            });
            let refused = papers.verify(kind, &changed).refused(1);
            assert!(refused.starts_with("ledger_verify: "), "{refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_zeef_says_which_entry_of_an_export_is_missing_or_misplaced() {
    let (collector, _) = looked_at().await;
    let papers = Papers::of(&collector);
    let lines = |change: fn(&mut Vec<String>)| {
        papers.changed("export", |text| {
            let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
            change(&mut lines);
            lines.concat()
        })
    };
    let says = |file: &Path, said: &str| {
        let refused = papers.verify("export", file).refused(1);
        assert!(refused.contains(said), "{refused}");
    };
    says(&lines(|lines| drop(lines.remove(3))), "entry 3 is missing");
    says(&lines(|lines| lines.swap(3, 4)), "entry 3 is missing");
    let last_but_one = |lines: &mut Vec<String>| drop(lines.remove(lines.len() - 2));
    says(&lines(last_but_one), "are missing");
    // As where an older database was put back.
    collector.organisation("Kapper Mooi");
    std::fs::write(papers.path("kept"), collector.run(&["ledger", "head"]).done()).unwrap();
    says(&papers.path("export"), "a kept head has them");
}
