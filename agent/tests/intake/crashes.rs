//! The agent dies between any two steps: what is on disk then is what the next start finds.

use std::collections::BTreeSet;
use std::path::Path;

use zeef_agent::intake::Intake;

use crate::bench::*;

/// All that is on disk.
#[derive(Clone)]
struct Disk(Vec<(std::path::PathBuf, Vec<u8>)>);

impl Disk {
    fn of(state: &Path) -> Self {
        let names = ["spool.key", "intake.json"].map(|name| state.join(name));
        let batches = std::fs::read_dir(state.join("spool"))
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let files = names.into_iter().chain(batches);
        Self(
            files
                .map(|file| (file.clone(), std::fs::read(file).unwrap()))
                .collect(),
        )
    }

    fn restore(&self, state: &Path) {
        std::fs::remove_dir_all(state.join("spool")).unwrap();
        std::fs::create_dir(state.join("spool")).unwrap();
        for (file, content) in &self.0 {
            std::fs::write(file, content).unwrap();
        }
    }

    /// A crash after the ledger was written and before the batch's file went.
    fn with_ledger_of(&self, later: &Self) -> Self {
        let ledger = later
            .0
            .iter()
            .find(|(file, _)| file.ends_with("intake.json"))
            .unwrap();
        let others = self.0.iter().filter(|(file, _)| !file.ends_with("intake.json"));
        Self(others.chain([ledger]).cloned().collect())
    }
}

/// Takes everything until nothing comes any more; what was received under which number is remembered.
async fn receive(intake: &Intake, received: &mut Vec<(u64, Vec<u8>)>) {
    loop {
        let Some(batch) = intake.front().unwrap() else {
            tokio::time::sleep(std::time::Duration::from_secs(10)).await;
            if intake.is_waiting() {
                continue;
            }
            return;
        };
        received.push((batch.number, batch.body.to_vec()));
        acknowledge(intake, &batch);
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_step_a_crash_comes_after_nothing_is_lost_and_a_number_has_one_body() {
    let names: Vec<String> = (0..300).map(|number| format!("lap-{number}")).collect();
    let bench = Bench::watching("");
    bench.write("a.json", names.iter().map(|name| line(name)).collect::<String>());
    let intake = bench.start().await;
    // What is on disk, and what the collector has received until then.
    let mut states = vec![(Disk::of(&bench.state()), Vec::new())];
    let mut received = Vec::new();
    let mut batches = 0;
    while batches < 5 {
        let batch = front(&intake).await;
        once(&intake, |input| input.passed == 300).await;
        let before = Disk::of(&bench.state());
        states.push((before.clone(), received.clone()));
        received.push((batch.number, batch.body.to_vec()));
        // Sent, and the answer did not arrive.
        states.push((before.clone(), received.clone()));
        acknowledge(&intake, &batch);
        let after = Disk::of(&bench.state());
        states.push((before.with_ledger_of(&after), received.clone()));
        states.push((after, received.clone()));
        batches += 1;
    }
    assert!(!intake.is_waiting());
    drop(intake);

    for (place, (disk, mut received)) in states.into_iter().enumerate() {
        disk.restore(&bench.state());
        let intake = bench.start().await;
        receive(&intake, &mut received).await;
        drop(intake);
        let mut bodies = std::collections::BTreeMap::new();
        for (number, body) in &received {
            let first = bodies.entry(number).or_insert(body);
            assert_eq!(*first, body, "another body under one number, state {place}");
        }
        let records = bodies.values().flat_map(|body| {
            let batch = zeef_proto::wire::RecordBatch::read(body).unwrap();
            batch
                .records
                .into_iter()
                .map(|record| serde_json::to_string(&record).unwrap())
        });
        let records: Vec<String> = records.collect();
        let different: BTreeSet<&String> = records.iter().collect();
        assert_eq!(different.len(), names.len(), "state {place}");
        assert_eq!(
            records.len(),
            names.len(),
            "a record under two numbers, state {place}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_in_the_middle_of_a_file_sends_nothing_of_what_waits_twice() {
    let names: Vec<String> = (0..300).map(|number| format!("lap-{number}")).collect();
    let bench = Bench::watching("");
    bench.write("a.json", names.iter().map(|name| line(name)).collect::<String>());
    let intake = bench.start().await;
    once(&intake, |input| input.passed == 300).await;
    let whole = Disk::of(&bench.state());
    drop(intake);
    // Each number of batches that were written before the crash.
    let batches: Vec<_> = whole
        .0
        .iter()
        .filter(|(file, _)| file.extension().is_some_and(|it| it == "batch"))
        .collect();
    assert_eq!(batches.len(), 5);
    let mut batches: Vec<_> = batches.into_iter().cloned().collect();
    batches.sort();
    for count in 0..=batches.len() {
        whole.restore(&bench.state());
        for (file, _) in &batches[count..] {
            std::fs::remove_file(file).unwrap();
        }
        let intake = bench.start().await;
        let mut received = Vec::new();
        receive(&intake, &mut received).await;
        let hosts: Vec<String> = received
            .iter()
            .flat_map(|(_, body)| zeef_proto::wire::RecordBatch::read(body).unwrap().records)
            .map(|record| serde_json::to_string(&record.device_name).unwrap())
            .collect();
        let expected: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        assert_eq!(hosts, expected, "after {count} batches");
    }
}
