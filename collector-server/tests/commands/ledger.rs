//! The ledger on the command line: checked, shown, proven, exported.

use serde_json::Value;
use zeef_collector::ledger::{Entry, Hash, SignedHead, proof};

use crate::cli::Cli;

/// An installation in which a little was done.
fn used() -> Cli {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    cli.run(&["organisation", "add", "Garage De Vries"]).done();
    let of = ["--organisation", "Bakkerij Jansen"];
    cli.run(&[&["subscription", "add", "antivirus"], &of[..]].concat())
        .done();
    cli.run(&["user", "add", "r.bakker", "--role", "technician"])
        .done();
    cli
}

fn head(cli: &Cli) -> SignedHead {
    serde_json::from_value(cli.run(&["ledger", "head"]).json()).unwrap()
}

/// Keeps the newest head in a file.
fn keep(cli: &Cli, name: &str) -> String {
    let path = cli.file(name);
    std::fs::write(&path, cli.run(&["ledger", "head", "--json"]).done()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn hashes(path: &Value) -> Vec<Hash> {
    serde_json::from_value(path.clone()).unwrap()
}

fn meddle(cli: &Cli, sql: &str) {
    let db = rusqlite::Connection::open(cli.file("zeef/data/zeef.db")).unwrap();
    assert!(db.execute(sql, []).unwrap() > 0, "{sql}");
}

/// The one line of a command that failed.
fn failed(cli: &Cli, arguments: &[&str]) -> String {
    let said = cli.run(arguments);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    said.err
}

#[test]
fn a_new_installation_has_a_ledger_that_verifies() {
    let cli = Cli::installed();
    let checked = cli.run(&["ledger", "verify", "--json"]).json();
    assert_eq!(checked["size"], 1);
    assert_eq!(checked["root"], head(&cli).head.root.to_string());
    let shown = cli.run(&["ledger", "show", "--json"]).json();
    assert_eq!(shown[0]["event"], "policy_published");
    assert_eq!(shown[0]["actor"], "administrator");
    assert_eq!(shown[0]["details"]["version"], 1);
}

#[test]
fn entries_are_shown_newest_last_and_by_organisation() {
    let cli = used();
    let table = cli.run(&["ledger", "show"]).done();
    assert!(table.starts_with("INDEX"), "{table}");
    assert!(table.contains("Bakkerij Jansen") && table.contains("subscription added"));
    assert!(!table.contains("r.bakker"), "a person is an id here");
    let of = |named: &str, last: &str| {
        let list = cli.run(&[
            "ledger",
            "show",
            "--organisation",
            named,
            "--last",
            last,
            "--json",
        ]);
        let events = list.json();
        let names = events.as_array().unwrap().iter();
        names
            .map(|entry| entry["event"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("Garage De Vries", "9"), ["organisation_added"]);
    assert_eq!(
        of("bakkerij jansen", "9"),
        ["organisation_added", "subscription_added"]
    );
    assert_eq!(of("bakkerij jansen", "1"), ["subscription_added"]);
    let nobody = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    let said = cli.run(&["ledger", "show", "--device", nobody]).refused();
    assert!(said.contains("--organisation"), "{said}");
    let named = ["--organisation", "Bakkerij Jansen", "--json"];
    let none = cli.run(&[&["ledger", "show", "--device", nobody], &named[..]].concat());
    assert_eq!(none.json(), serde_json::json!([]));
}

#[test]
fn what_an_administrator_looks_up_leaves_a_trace() {
    let cli = used();
    let before = head(&cli).head.size;
    cli.run(&["device", "list", "--with", "j.jansen"]).done();
    let shown = cli.run(&["ledger", "show", "--last", "1", "--json"]).json();
    assert_eq!(shown[0]["index"], before);
    assert_eq!(shown[0]["event"], "searched_in_vain");
    assert!(!shown.to_string().contains("jansen"));
}

#[test]
fn a_proof_verifies_against_the_head_that_it_names() {
    let cli = used();
    let signed = head(&cli);
    for index in 0..signed.head.size {
        let given = cli.run(&["ledger", "proof", &index.to_string()]).json();
        let named: SignedHead = serde_json::from_value(given["head"].clone()).unwrap();
        assert_eq!(named, signed);
        let bytes = data_encoding::HEXLOWER
            .decode(given["entry"].as_str().unwrap().as_bytes())
            .unwrap();
        assert_eq!(Entry::from_bytes(&bytes).unwrap().index, index);
        let leaf = Hash::of_leaf(&bytes);
        let (root, size) = (&signed.head.root, signed.head.size);
        assert!(proof::includes(root, size, index, &leaf, &hashes(&given["path"])));
    }
    let beyond = cli
        .run(&["ledger", "proof", &signed.head.size.to_string()])
        .refused();
    assert!(beyond.contains("no entry"), "{beyond}");
}

#[test]
fn a_ledger_is_proven_to_go_on_from_a_head_that_was_kept() {
    let cli = used();
    let kept = keep(&cli, "kept.json");
    cli.run(&["organisation", "add", "Kapper Mooi"]).done();
    let given = cli.run(&["ledger", "consistency", &kept]).json();
    let part = |name: &str| {
        serde_json::from_value::<SignedHead>(given[name].clone())
            .unwrap()
            .head
    };
    let (old, new) = (part("old"), part("head"));
    assert_eq!(new.size, old.size + 1);
    assert!(proof::extends(
        old.size,
        &old.root,
        new.size,
        &new.root,
        &hashes(&given["path"])
    ));
    let checked = cli.run(&["ledger", "verify", "--heads", &kept, &kept, "--json"]);
    assert_eq!(checked.json()["kept_heads"], 2);
}

#[test]
fn verify_names_the_entry_with_which_something_is_wrong() {
    let cli = used();
    let kept = keep(&cli, "kept.json");
    meddle(
        &cli,
        "UPDATE ledger_entry SET entry = (SELECT entry FROM ledger_entry WHERE idx = 1) WHERE idx = 2",
    );
    let said = failed(&cli, &["ledger", "verify"]);
    assert!(said.contains("entry 2 was changed"), "{said}");

    let cli = used();
    let foreign = cli.run(&["ledger", "verify", "--heads", &kept]).refused();
    assert!(foreign.contains("another installation"), "{foreign}");
    let own = keep(&cli, "kept.json");
    let text = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, text.replace("\"size\": 7", "\"size\": 6")).unwrap();
    let changed = failed(&cli, &["ledger", "verify", "--heads", &own]);
    assert!(changed.contains("not signed with this ledger's key"), "{changed}");
    std::fs::write(&own, "{}").unwrap();
    cli.run(&["ledger", "verify", "--heads", &own]).refused();
    cli.run(&["ledger", "consistency", "nowhere.json"]).refused();
}

#[test]
fn an_export_has_every_entry_and_the_head_over_them() {
    let cli = used();
    let lines = cli.run(&["ledger", "export"]).done();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let signed: SignedHead = serde_json::from_value(lines.last().unwrap()["head"].clone()).unwrap();
    assert_eq!(signed, head(&cli));
    assert_eq!(lines.len() as u64, signed.head.size + 1);
    for (index, line) in lines[..lines.len() - 1].iter().enumerate() {
        assert_eq!(line["index"], index);
    }
}

#[test]
fn a_ledger_that_cannot_be_continued_is_begun_anew_and_no_other() {
    let cli = used();
    let kept = keep(&cli, "kept.json");
    let sound = cli.run(&["ledger", "begin-anew"]).refused();
    assert!(sound.contains("can be continued"), "{sound}");
    meddle(&cli, "DELETE FROM ledger_entry WHERE idx = 6");
    let refused = failed(&cli, &["organisation", "add", "Kapper Mooi"]);
    assert!(refused.contains("ledger verify"), "{refused}");
    let said = cli.run(&["ledger", "begin-anew"]).done();
    assert!(said.contains("6 entries were dropped"), "{said}");
    cli.run(&["organisation", "add", "Kapper Mooi"]).done();
    cli.run(&["ledger", "verify"]).done();
    let other = failed(&cli, &["ledger", "verify", "--heads", &kept]);
    assert!(other.contains("missing"), "{other}");
}
