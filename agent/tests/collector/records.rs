//! Records of other products: read by the running binary, minimised, sent, acknowledged, forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use zeef_proto::field::{DeviceName, Parse};
use zeef_proto::wire::{About, ProblemCode, RecordBatch, path};

use crate::commands::{PATIENCE, Site, error_of, poll};
use crate::server::Request;

/// What the records hold and nothing may repeat.
const CANARY: &str = "canary-4711";

/// An enrolled site whose agent watches a folder.
fn site() -> (Site, PathBuf) {
    let site = Site::new();
    site.enroll();
    let folder = site.state().join("in");
    std::fs::create_dir(&folder).unwrap();
    configure(
        &site,
        &format!(
            "[[folder]]\npath = '{}'\nsource = 'osquery'\nabout = 'this-device'\nfiles = '*.json'\n",
            folder.display()
        ),
    );
    (site, folder)
}

fn configure(site: &Site, text: &str) {
    std::fs::write(site.state().join("intake.toml"), text).unwrap();
}

fn write(folder: &Path, name: &str, host: &str) {
    let line = format!(
        r#"{{"name":"pack_{CANARY}","hostIdentifier":"{host}","action":"added","columns":{{"cmdline":"{CANARY}"}}}}"#
    );
    std::fs::write(folder.join(name), line + "\n").unwrap();
}

fn batches(site: &Site) -> Vec<Request> {
    let line = format!("POST {}", path::RECORDS);
    let requests = site.server.requests().into_iter();
    requests.filter(|request| request.line == line).collect()
}

fn wait_for_batches(site: &Site, count: usize) -> Vec<Request> {
    poll(Instant::now() + PATIENCE, || {
        let batches = batches(site);
        (batches.len() >= count).then_some(batches)
    })
}

fn told(site: &Site, command: &str) -> Value {
    serde_json::from_slice(&site.run(&[command, "--json"]).stdout).unwrap()
}

/// Asks `status` until something is so.
fn wait_for_status(site: &Site, is_so: impl Fn(&Value) -> bool) -> Value {
    poll(Instant::now() + PATIENCE, || {
        Some(told(site, "status")).filter(|status| is_so(&status["intake"]))
    })
}

#[test]
fn a_file_in_a_watched_folder_is_sent_acknowledged_shown_and_forgotten() {
    let (site, folder) = site();
    let service = site.start();
    write(&folder, "a.json", "lap-17");
    write(&folder, "b.txt", "lap-18");
    let sent = wait_for_batches(&site, 1);
    let batch = RecordBatch::read(&sent[0].body).unwrap();
    assert_eq!(batch.records.len(), 1);
    assert_eq!(batch.records[0].about, About::ThisDevice);
    assert_eq!(batch.records[0].device_name, DeviceName::parse("lap-17").ok());

    let shown = poll(Instant::now() + PATIENCE, || {
        Some(told(&site, "sent")).filter(|sent| !sent["last_records"].is_null())
    });
    assert_eq!(
        shown["last_records"]["body"].as_str().unwrap().as_bytes(),
        sent[0].body
    );
    let status = wait_for_status(&site, |intake| intake["inputs"][0]["passed"] == 1);
    assert_eq!(status["intake"]["waiting"], 0);
    assert_eq!(status["intake"]["inputs"][0]["doing"], "reading");
    assert_eq!(told(&site, "preview")["records_waiting"], 0);
    for command in ["status", "sent", "preview"] {
        assert_eq!(site.run(&[command]).status.code(), Some(0), "{command}");
    }

    service.signal("-TERM");
    let (code, log) = service.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("lap-17") && !log.contains("a.json"), "{log}");
    // Nothing of the file is left but what was sent, and that in nobody's clear sight.
    for entry in walk(&site.state()) {
        if entry.starts_with(&folder) {
            continue;
        }
        let content = std::fs::read(&entry).unwrap();
        for word in [CANARY, "lap-17", "a.json"] {
            let found = content.windows(word.len()).any(|bytes| bytes == word.as_bytes());
            // The configuration was written by the administrator.
            assert!(
                !found || entry.ends_with("intake.toml"),
                "{word} in {}",
                entry.display()
            );
        }
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

#[test]
fn what_waits_survives_a_kill_and_is_sent_under_its_number_with_its_bytes() {
    let (site, folder) = site();
    site.refuse(ProblemCode::Unavailable);
    let service = site.start();
    write(&folder, "a.json", "lap-17");
    wait_for_status(&site, |intake| intake["waiting"] == 1);
    assert_eq!(told(&site, "preview")["records_waiting"], 1);
    service.signal("-KILL");
    service.end();

    std::fs::remove_file(folder.join("a.json")).unwrap();
    site.accept();
    let _service = site.start();
    let first = wait_for_batches(&site, 1);
    write(&folder, "b.json", "lap-18");
    let both = wait_for_batches(&site, 2);
    let numbers: Vec<u64> = both
        .iter()
        .map(|request| RecordBatch::read(&request.body).unwrap().sequence)
        .collect();
    assert_eq!(numbers[1], numbers[0] + 1);
    assert_eq!(first[0].body, both[0].body);
}

#[test]
fn a_device_that_may_not_speak_of_its_site_keeps_what_it_read_and_says_so() {
    let (site, folder) = site();
    site.refuse_records(ProblemCode::SiteNotAllowed);
    let service = site.start();
    write(&folder, "a.json", "lap-17");
    let status = poll(Instant::now() + PATIENCE, || {
        Some(told(&site, "status")).filter(|status| !status["records_problem"].is_null())
    });
    assert!(
        status["records_problem"]
            .as_str()
            .unwrap()
            .contains("device site")
    );
    assert_eq!(status["problem"], Value::Null);
    assert_eq!(status["intake"]["waiting"], 1);
    service.signal("-TERM");
    let (_, log) = service.end();
    assert_eq!(log.matches("site-not-allowed").count(), 1, "{log}");
    assert_eq!(batches(&site).len(), 1);
}

#[test]
fn a_mistake_in_the_configuration_is_one_line_and_nothing_is_read() {
    let (site, _) = site();
    configure(
        &site,
        "[[folder]]\npath = '/in'\nsource = 'unify'\nabout = 'site'\n",
    );
    let output = site.run(&["run"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("[[folder]] 1"));
}

#[test]
fn without_a_configuration_nothing_is_made() {
    let site = Site::new();
    site.enroll();
    let service = site.start();
    poll(Instant::now() + PATIENCE, || {
        (!told(&site, "sent")["last"].is_null()).then_some(())
    });
    service.signal("-TERM");
    service.end();
    assert!(
        !site
            .files()
            .iter()
            .any(|file| file.contains("intake") || file.contains("spool"))
    );
}

#[test]
fn a_device_that_leaves_takes_what_its_inputs_brought_and_the_organisations_key_along() {
    let (site, folder) = site();
    site.refuse_records(ProblemCode::Unavailable);
    let service = site.start();
    write(&folder, "a.json", "lap-17");
    wait_for_status(&site, |intake| {
        intake["waiting"] == 1 && !intake["inputs"].is_null()
    });
    service.signal("-TERM");
    service.end();
    std::fs::write(site.state().join("organisation.key"), "").unwrap();
    let output = site.run(&["unenroll"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(site.files(), ["in", "intake.toml", "lock"]);
}

#[test]
fn an_agent_that_is_killed_again_and_again_loses_nothing_and_gives_no_number_two_bodies() {
    let (site, folder) = site();
    for file in 0..10 {
        let hosts = (0..150).map(|host| format!("lap-{file}-{host}"));
        let lines = hosts.map(|host| {
            format!(r#"{{"name":"pack","hostIdentifier":"{host}","action":"added","columns":{{}}}}"#) + "\n"
        });
        // As logs are kept, so that opening them takes place where the agent does it.
        let file = std::fs::File::create(folder.join(format!("{file}.json"))).unwrap();
        let mut packed = GzEncoder::new(file, Compression::fast());
        packed.write_all(lines.collect::<String>().as_bytes()).unwrap();
        packed.finish().unwrap();
    }
    for kill in 1..=6 {
        let service = site.start();
        wait_for_batches(&site, 4 * kill);
        service.signal("-KILL");
        service.end();
    }
    let _service = site.start();
    let all = || (0..10).flat_map(|file| (0..150).map(move |host| format!("lap-{file}-{host}")));
    let received = poll(Instant::now() + PATIENCE, || {
        let batches = batches(&site);
        let read = batches
            .iter()
            .map(|request| RecordBatch::read(&request.body).unwrap());
        let names = read
            .flat_map(|batch| batch.records)
            .filter_map(|record| record.device_name);
        let names: BTreeSet<String> = names.map(|name| name.expose()).collect();
        all().all(|name| names.contains(&name)).then_some(batches)
    });
    let mut bodies = BTreeMap::new();
    let mut highest = 0;
    for request in &received {
        let number = RecordBatch::read(&request.body).unwrap().sequence;
        // The last one again, or the next.
        assert!(
            number == highest || number == highest + 1 || highest == 0,
            "{number} after {highest}"
        );
        highest = number;
        assert_eq!(bodies.entry(number).or_insert(&request.body), &&request.body);
    }
}
