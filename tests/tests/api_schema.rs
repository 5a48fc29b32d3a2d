//! The running API against its own document, by a program that knows nothing else of it: no failure of the server, and
//! no answer that the document does not tell of.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;
use std::process::Command;

use zeef_tests::installation::WEB;
use zeef_tests::{Installation, command};

/// Every scope that there is.
const SCOPES: [&str; 9] = [
    "inventory:read",
    "policy:read",
    "retention:read",
    "ledger:read",
    "enrolment",
    "devices:manage",
    "erasure",
    "organisations:manage",
    "accounts:manage",
];

/// Requests of each kind that are made up for an operation.
const EXAMPLES: &str = "6";

/// What cannot be said in the document: that one time comes after another, or that a key is used once.
const NOT_CHECKED: &str = "positive_data_acceptance";

fn token(collector: &Installation, role: &[&str], scopes: &[&str]) -> String {
    let scopes = scopes.iter().flat_map(|scope| ["--scope", scope]);
    let arguments: Vec<&str> = ["api-token", "add", "schemathesis", "--json"]
        .into_iter()
        .chain(role.iter().copied())
        .chain(scopes)
        .collect();
    let made = collector.run(&arguments).json();
    made["token"].as_str().unwrap().to_owned()
}

/// Asks for everything in the document, as whoever has this token.
fn explore(collector: &Installation, token: Option<&str>) {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/python/tests/schemathesis/bin/st");
    let mut schemathesis = Command::new(&program);
    let document = format!("http://{}/api/v1/openapi.json", collector.port(WEB));
    schemathesis.args(["run", &document, "--no-color", "--suppress-health-check", "all"]);
    schemathesis.args(["--phases", "examples,coverage,fuzzing", "--seed", "20260805"]);
    schemathesis.args(["--max-examples", EXAMPLES, "--request-timeout", "30"]);
    schemathesis.args([
        "--checks",
        "all",
        "--exclude-checks",
        NOT_CHECKED,
        "--rate-limit",
        "auto",
    ]);
    if let Some(token) = token {
        schemathesis
            .arg("-H")
            .arg(format!("Authorization: Bearer {token}"));
    }
    // What it remembers of a run stays with the installation.
    schemathesis.current_dir(collector.path());
    let told = command::run(schemathesis).done();
    // All but the document itself.
    assert!(told.contains("Selected: 20/20"), "{told}");
    assert!(!told.contains("Network errors"), "{told}");
}

#[test]
fn whoever_may_everything_gets_what_the_document_says() {
    let collector = Installation::started();
    collector.organisation("Bakkerij Jansen");
    let token = token(&collector, &["--role", "administrator"], &SCOPES);
    explore(&collector, Some(&token));
}

#[test]
fn whoever_may_little_gets_what_the_document_says() {
    let collector = Installation::started();
    collector.organisation("Bakkerij Jansen");
    let role = ["--role", "customer-contact", "--organisation", "Bakkerij Jansen"];
    let token = token(&collector, &role, &["policy:read"]);
    explore(&collector, Some(&token));
}

#[test]
fn whoever_has_no_token_gets_what_the_document_says() {
    let collector = Installation::started();
    collector.organisation("Bakkerij Jansen");
    explore(&collector, None);
}
