//! Erasures on the command line: shown, asked about, done, and told of by a receipt.

use serde_json::json;

use crate::cli::Cli;
use crate::retention::with_device;

const OF: [&str; 2] = ["--organisation", "Bakkerij Jansen"];

fn device(cli: &Cli) -> String {
    let listed = cli.run(&["device", "list", "--json"]).json();
    listed[0]["id"].as_str().unwrap().to_owned()
}

fn key(cli: &Cli) -> String {
    let head = cli.run(&["ledger", "head"]).json();
    head["key"].as_str().unwrap().to_owned()
}

#[test]
fn what_would_be_erased_is_shown_by_count_and_nothing_is_erased_before_somebody_says_yes() {
    let cli = Cli::installed();
    with_device(&cli);
    let id = device(&cli);
    let shown = cli.run(&["erase", "device", &id, "--plan"]).done();
    assert!(
        shown.contains("values of device_name") && !shown.contains("lap-17"),
        "{shown}"
    );
    let planned = cli.run(&["erase", "device", &id, "--plan", "--json"]).json();
    assert_eq!(planned["counts"]["observations"], json!({ "device_name": 1 }));
    let refused = cli.run(&["erase", "device", &id]).refused();
    assert!(refused.contains("--yes"), "{refused}");
    assert_eq!(device(&cli), id);
    let all = cli
        .run(&["erase", "organisation", OF[1], "--plan", "--json"])
        .json();
    assert_eq!(all["counts"]["devices"], 1);
}

#[test]
fn a_receipt_is_written_once_and_again_and_verifies_without_an_installation() {
    let cli = Cli::installed();
    with_device(&cli);
    let done = cli
        .run(&["erase", "device", &device(&cli), "--yes", "--json"])
        .json();
    let (id, file) = (done["receipt"].as_str().unwrap(), done["file"].as_str().unwrap());
    assert_eq!(file, format!("zeef-receipt-{id}.json"));
    assert_eq!(cli.run(&["device", "list", "--json"]).json(), json!([]));

    cli.run(&["organisation", "add", "Garage De Vries"]).done();
    let again = cli.file("again");
    let again = again.to_str().unwrap();
    cli.run(&["receipt", "write", id, again]).done();
    let refused = cli.run(&["receipt", "write", id, again]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    let key = key(&cli);
    let elsewhere = Cli::empty();
    for receipt in [cli.file(file), cli.file("again")] {
        let receipt = receipt.to_str().unwrap();
        let verify = |key: &str| elsewhere.run(&["receipt", "verify", receipt, "--key", key, "--json"]);
        let verified = verify(&key).json();
        assert_eq!(verified["facts"]["counts"]["devices"], 1);
        assert_eq!(verified["key"], key.as_str());
        let other = verify(&"A".repeat(43));
        assert_eq!(other.code, 1);
        assert!(other.err.contains("another key"), "{}", other.err);
    }
    let unknown = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    cli.run(&["receipt", "write", unknown, "third"]).refused();
}

#[test]
fn no_file_is_overwritten_by_a_receipt_and_nothing_is_erased_then() {
    let cli = Cli::installed();
    with_device(&cli);
    let id = device(&cli);
    std::fs::write(cli.file("kept"), "kept").unwrap();
    let refused = cli
        .run(&["erase", "device", &id, "--yes", "--receipt", "kept"])
        .refused();
    assert!(refused.contains("kept is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(cli.file("kept")).unwrap(), "kept");
    assert_eq!(device(&cli), id);
}

#[test]
fn a_person_is_named_on_standard_input_and_may_be_taken_in_again() {
    let cli = Cli::installed();
    with_device(&cli);
    let erase = [&["erase", "person", "-", "--yes"], &OF[..]].concat();
    let said = cli.run_with_input(&erase, "J.Jansen\n").done();
    assert!(!said.to_lowercase().contains("jansen"), "{said}");
    let lift = |name: &str| cli.run(&[&["erase", "lift", name], &OF[..]].concat());
    lift("p.bakker").refused();
    lift("j.jansen").done();
    lift("j.jansen").refused();
    let wrong = [&["erase", "person", "", "--yes"], &OF[..]].concat();
    assert!(cli.run(&wrong).refused().contains("username"));
    cli.run(&["ledger", "verify"]).done();
}

#[test]
fn the_name_of_an_erased_organisation_can_be_given_again() {
    let cli = Cli::installed();
    with_device(&cli);
    cli.run(&["erase", "organisation", OF[1], "--yes"]).done();
    assert_eq!(cli.run(&["organisation", "list", "--json"]).json(), json!([]));
    with_device(&cli);
    let shown = cli.run(&["ledger", "show", "--json"]).json();
    let events = shown.as_array().unwrap().iter();
    assert_eq!(events.filter(|entry| entry["event"] == "erased").count(), 1);
}
