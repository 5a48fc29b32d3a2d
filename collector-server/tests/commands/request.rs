//! `request`: from the letter to the answer at the command line.

use serde_json::{Value, json};

use crate::cli::Cli;

const ORGANISATION: [&str; 2] = ["--organisation", "Bakkerij Jansen"];

fn installed() -> Cli {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", ORGANISATION[1]]).done();
    cli
}

fn opened(cli: &Cli, kind: &str) -> String {
    let open = [&["request", "open", "--kind", kind], &ORGANISATION[..]].concat();
    let letter = "J. Jansen\nj@example.test\nI ask\nfor all of it\n";
    cli.run_with_input(&open, letter).done().trim().to_owned()
}

fn step(cli: &Cli, id: &str, step: &[&str]) -> crate::cli::Said {
    cli.run(&[&["request", "step", id], step].concat())
}

fn shown(cli: &Cli, id: &str) -> Value {
    cli.run(&["request", "show", id, "--json"]).json()
}

#[test]
fn a_request_is_opened_worked_off_and_answered() {
    let cli = installed();
    let id = opened(&cli, "erasure");
    let request = shown(&cli, &id);
    assert_eq!(request["details"]["asked"], json!("I ask\nfor all of it"));
    assert_eq!(
        request["next"],
        json!(["check-role", "propose", "extend", "withdraw", "hold"])
    );
    for taken in [
        &["check-role", "both"][..],
        &["verify", "link-and-code", "--failed"],
        &["verify", "call-back"],
        &["scope", "--product", "antivirus", "--product", "microsoft-365"],
        &["execute"],
        &["finish", "1"],
        &["inform"],
    ] {
        step(&cli, &id, taken).done();
    }
    let tasks = shown(&cli, &id)["tasks"].as_array().unwrap().clone();
    assert_eq!(tasks[0]["kind"], json!("elsewhere"));
    let recipients = tasks.iter().filter(|task| task["kind"] == "recipient");
    let numbers: Vec<String> = recipients.map(|task| task["task"].to_string()).collect();
    assert_eq!(numbers.len(), 5);
    let early = step(&cli, &id, &["propose", "delivered"]).refused();
    assert!(early.contains("recipient"), "{early}");
    for number in numbers {
        step(&cli, &id, &["acknowledge", &number]).done();
    }
    step(&cli, &id, &["propose", "delivered"]).done();
    step(&cli, &id, &["close"]).done();
    let list = cli.run(&["request", "list", "--json"]).json();
    assert_eq!(
        (&list[0]["state"], &list[0]["answer"]),
        (&json!("closed"), &json!("delivered"))
    );
    assert!(
        !list.to_string().contains("Jansen"),
        "a list names nobody who asks"
    );
    let events = cli.run(&["ledger", "show", "--json"]).json().to_string();
    assert!(events.contains("request_closed") && !events.contains("J. Jansen"));
    cli.run(&["ledger", "verify"]).done();
}

#[test]
fn what_cannot_be_is_refused_in_one_line_and_changes_nothing() {
    let cli = installed();
    let id = opened(&cli, "access");
    for refused in [
        &["execute"][..],
        &["propose", "delivered"],
        &["propose", "delivered", "--ground", "unfounded"],
        &["verify", "document-sighted"],
        &["finish", "1"],
        &["release"],
    ] {
        step(&cli, &id, refused).refused();
    }
    assert_eq!(shown(&cli, &id)["version"], json!(0));
    let nobody = "00000000-0000-4000-8000-000000000000";
    assert!(
        cli.run(&["request", "show", nobody])
            .refused()
            .contains("request list")
    );
    let open = [&["request", "open", "--kind", "access"], &ORGANISATION[..]].concat();
    cli.run_with_input(&open, "only a name\n").refused();
    let later = [&open[..], &["--received", "2999-01-01"]].concat();
    assert!(cli.run_with_input(&later, "a\nb\n").refused().contains("later"));
}

#[test]
fn where_two_have_to_look_the_command_line_counts_as_one() {
    let cli = installed();
    let file = cli.file("zeef/collector.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + "\n[requests]\nfour_eyes = true\n").unwrap();
    let id = opened(&cli, "complaint");
    step(&cli, &id, &["propose", "refused", "--ground", "unfounded"]).done();
    assert_eq!(shown(&cli, &id)["state"], json!("review"));
    assert!(step(&cli, &id, &["approve"]).refused().contains("somebody else"));
}
