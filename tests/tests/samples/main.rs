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
use leaves::Leaves;

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
fn an_explanation_shows_no_value_that_was_dropped() {
    let Some(folder) = folder::find() else { return };
    let mut differences = String::new();
    for sample in expectation::all() {
        let records = Records::read(&folder, &sample);
        let outcome = output::minimise(&sample.source, &["--explain"], &records.input);
        for (expected, record) in sample.records.iter().zip(&records.each) {
            let mut differ = |what: &str| {
                writeln!(differences, "{} at {}: {what}", sample.file, expected.at).unwrap();
            };
            let explained = output::explanation_of(expected.at, &outcome.stdout);
            if explained.is_empty() && sample.source != "auto" {
                differ("not explained");
            }
            let leaves = Leaves::of(record);
            let shown = leaves.values().any(|leaf| {
                let innocent = is_word(leaf) || leaves.is_in_a_key(leaf) || is_own(leaf, &expected.fields);
                !innocent && explained.contains(leaf)
            });
            if shown {
                differ("a dropped value shows");
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}

fn compare(sample: &Sample, source: &str, records: &Records, differences: &mut String) {
    let outcome = output::minimise(source, &[], &records.input);
    let mut differ = |at: u64, what: &str| {
        writeln!(differences, "{} at {at} by {source}: {what}", sample.file).unwrap();
    };
    // An input that is nobody's is a failure; a record that is refused among others is none.
    let code = i32::from(sample.source == "auto");
    if outcome.code != Some(code) {
        differ(0, &format!("ended with {:?}: {}", outcome.code, outcome.stderr));
    }
    if records.each.len() != sample.records.len() {
        differ(0, "another number of records than was written down");
    }
    let policy = output::reference_policy();
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
        if own.iter().any(|given| !given.is_documented(&policy)) {
            differ(expected.at, "the product does not document what came out");
        }
        for leaf in Leaves::of(record).values() {
            let strange = !is_own(leaf, &expected.fields);
            if strange && own.iter().any(|given| is_own(leaf, &given.fields)) {
                differ(expected.at, "a value that is not the own device's came out");
            }
            let word = is_word(leaf) && !expected.fields.values().any(|value| value == leaf);
            if !word && outcome.stderr.contains(leaf) {
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

/// Whether a value is, or is a part of, one of these.
fn is_own(leaf: &str, fields: &Fields) -> bool {
    fields.values().any(|value| value.contains(leaf))
}

/// Words such as `added` stand in many texts and tell nothing.
fn is_word(leaf: &str) -> bool {
    leaf.bytes()
        .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
}
