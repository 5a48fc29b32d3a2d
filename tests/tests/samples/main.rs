//! Records that others have published go through the real program: the documented fields of each record's own
//! device come out as they were written down by reading it, and nothing else of it does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod expectation;
mod folder;
mod leaves;
mod output;

use std::fmt::Write as _;

use expectation::{Fields, Sample};
use folder::Records;
use output::Minimised;

/// Records that must be written down at least.
const FEWEST: usize = 150;

#[test]
fn what_is_expected_is_written_down_whole_and_in_canonical_form() {
    let samples = expectation::all();
    let mistakes: Vec<_> = samples.iter().flat_map(Sample::mistakes).collect();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    let records: usize = samples.iter().map(|sample| sample.records.len()).sum();
    assert!(records >= FEWEST, "only {records} records");
}

#[test]
fn the_own_device_of_each_record_comes_out_and_nothing_else_does() {
    let Some(folder) = folder::find() else { return };
    let mut differences = String::new();
    for sample in expectation::all() {
        let records = Records::read(&folder, &sample);
        compare(&sample, &sample.source, &records, &mut differences);
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn the_source_of_each_record_is_recognised_by_itself() {
    let Some(folder) = folder::find() else { return };
    let mut differences = String::new();
    for sample in expectation::all() {
        let records = Records::read(&folder, &sample);
        compare(&sample, "auto", &records, &mut differences);
    }
    assert!(differences.is_empty(), "\n{differences}");
}

#[test]
fn explaining_shows_no_value_that_was_dropped() {
    let Some(folder) = folder::find() else { return };
    for sample in expectation::all() {
        let records = Records::read(&folder, &sample);
        let explained = output::minimise(&sample.source, &["--explain"], &records.input);
        let kept: Vec<_> = sample
            .records
            .iter()
            .flat_map(|expected| expected.fields.values())
            .collect();
        let leaked: Vec<_> = records
            .each
            .iter()
            .flat_map(|record| leaves::of(record))
            .filter(|leaf| !is_word(leaf) && !kept.iter().any(|value| value.contains(leaf.as_str())))
            .filter(|leaf| explained.stdout.contains(leaf) || explained.stderr.contains(leaf))
            .collect();
        assert!(leaked.is_empty(), "{}: {leaked:?}", sample.file);
    }
}

fn compare(sample: &Sample, source: &str, records: &Records, differences: &mut String) {
    let outcome = output::minimise(source, &[], &records.input);
    let mut differ = |at: u64, what: &str| {
        writeln!(differences, "{} at {at} by {source}: {what}", sample.file).unwrap();
    };
    if outcome.code != Some(0) {
        differ(0, &format!("ended with {:?}: {}", outcome.code, outcome.stderr));
    }
    if records.each.len() != sample.records.len() {
        differ(0, "another number of records than was written down");
    }
    let given = output::read(&outcome.stdout);
    for (expected, record) in sample.records.iter().zip(&records.each) {
        let own: Vec<_> = given.iter().filter(|given| given.record == expected.at).collect();
        let fields = own.first().map_or(&NOTHING, |given| &given.fields);
        if own.len() > 1 {
            differ(expected.at, "came out more than once");
        }
        if *fields != expected.fields {
            differ(
                expected.at,
                &format!("{fields:?} in place of {:?}", expected.fields),
            );
        }
        if own.iter().any(|given| given.source != sample.source) {
            differ(expected.at, "recognised as another source");
        }
        for leaf in leaves::of(record) {
            let allowed = expected.fields.values().any(|value| value.contains(&leaf));
            if !allowed && own.iter().any(|given| holds(given, &leaf)) {
                differ(expected.at, "a value that is not the own device's came out");
            }
            let word = is_word(&leaf) && !expected.fields.values().any(|value| value == leaf);
            if !word && outcome.stderr.contains(&leaf) {
                differ(expected.at, "a value stands in the summary");
            }
        }
    }
}

static NOTHING: Fields = Fields {
    device_name: None,
    usernames: Vec::new(),
    private_ips: Vec::new(),
    mac_addresses: Vec::new(),
    public_ips: Vec::new(),
};

fn holds(given: &Minimised, leaf: &str) -> bool {
    given.fields.values().any(|value| value.contains(leaf)) || given.product.contains(leaf)
}

/// Words such as `added` stand in many texts and tell nothing.
fn is_word(leaf: &str) -> bool {
    leaf.bytes()
        .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
}
