//! Signing and publishing policies.

use crate::cli::Cli;
use crate::retention::with_device;

const REFERENCE: &str = include_str!("../../../proto/policies/vokus-1.1.toml");

fn with_version(version: u64) -> String {
    REFERENCE.replacen("version = 1\n", &format!("version = {version}\n"), 1)
}

impl Cli {
    /// Signs with this installation's key.
    fn signed(&self, document: &str) -> String {
        let file = self.file("policy.toml");
        std::fs::write(&file, document).unwrap();
        let key = self.file("zeef/offline/policy.key");
        self.run(&[
            "policy",
            "sign",
            file.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ])
        .done();
        self.file("policy.signed.json").to_str().unwrap().to_owned()
    }

    fn published(&self) -> u64 {
        self.run(&["policy", "show", "--json"]).json()["version"]
            .as_u64()
            .unwrap()
    }
}

#[test]
fn a_new_installation_has_the_reference_policy_and_shows_it() {
    let cli = Cli::installed();
    let shown = cli.run(&["policy", "show"]).done();
    for part in [
        "Vokus privacybeleid 1.1",
        "antivirus-device",
        "mac_address",
        "6 months",
        "Recipients",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[test]
fn a_higher_version_is_published_and_a_lower_one_refused() {
    let cli = Cli::installed();
    let third = cli.signed(&with_version(3));
    cli.run(&["policy", "publish", &third]).done();
    assert_eq!(cli.published(), 3);
    assert!(cli.run(&["policy", "publish", &third]).done().contains("already"));
    let second = cli.signed(&with_version(2));
    assert!(
        cli.run(&["policy", "publish", &second])
            .refused()
            .contains("only rises")
    );
    let other_third = cli.signed(&(with_version(3) + "# changed\n"));
    cli.run(&["policy", "publish", &other_third]).refused();
    assert_eq!(cli.published(), 3);
}

#[test]
fn a_policy_of_another_key_or_with_a_changed_text_is_refused() {
    let cli = Cli::installed();
    let foreign = Cli::installed().signed(&with_version(2));
    assert!(cli.run(&["policy", "publish", &foreign]).code == 2);
    let changed = cli.signed(&with_version(2));
    let text = std::fs::read_to_string(&changed).unwrap();
    std::fs::write(
        &changed,
        text.replace("Vokus privacybeleid", "Vokus Privacybeleid"),
    )
    .unwrap();
    assert!(
        cli.run(&["policy", "publish", &changed])
            .refused()
            .contains("signature")
    );
    std::fs::write(&changed, "{}").unwrap();
    cli.run(&["policy", "publish", &changed]).refused();
    cli.run(&["policy", "publish", "/nonexistent"]).refused();
    assert_eq!(cli.published(), 1);
}

#[test]
fn what_is_no_policy_or_no_key_signs_nothing() {
    let cli = Cli::installed();
    let file = cli.file("policy.toml");
    let key = cli.file("zeef/offline/policy.key");
    let sign = |key: &std::path::Path| {
        cli.run(&[
            "policy",
            "sign",
            file.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
        ])
    };
    std::fs::write(&file, "version = 1\n").unwrap();
    assert_eq!(sign(&key).code, 2);
    std::fs::write(&file, with_version(2)).unwrap();
    sign(&cli.file("zeef/offline/root.key")).refused();
    assert!(!cli.file("policy.signed.json").exists());
}

/// The second version, with another term for the row of that id.
fn with_term(row: &str, term: &str) -> String {
    let document = with_version(2);
    let (head, tail) = document.split_at(document.find(&format!("id = \"{row}\"")).unwrap());
    let start = tail.find("term = ").unwrap();
    let end = start + tail[start..].find('\n').unwrap();
    format!("{head}{}{term}{}", &tail[..start], &tail[end..])
}

#[test]
fn a_policy_that_deletes_sooner_says_what_and_wants_to_be_confirmed() {
    let cli = Cli::installed();
    with_device(&cli);
    let stricter = cli.signed(&with_term("rmm-device", "term = { months = 6 }"));
    let refused = cli.run(&["policy", "publish", &stricter]).refused();
    assert!(
        refused.contains("1 of the values") && refused.contains("--yes"),
        "{refused}"
    );
    let plan = cli.run(&["policy", "publish", &stricter, "--plan"]).done();
    for part in ["rmm-device", "for the duration of the service", "6 months"] {
        assert!(plan.contains(part), "{part} in {plan}");
    }
    assert!(!plan.contains("lap-17"));
    assert_eq!(cli.published(), 1);
    let status = || cli.run(&["retention", "status", "--json"]).json();
    assert!(status()["next_expiry"].is_null());

    let done = cli.run(&["policy", "publish", &stricter, "--yes"]).done();
    assert!(done.contains("rmm-device") && done.contains("Version 2 is published"));
    assert!(
        status()["next_expiry"].is_string(),
        "what is held has its new term"
    );
}

#[test]
fn a_policy_that_deletes_nothing_sooner_is_published_without_a_question() {
    let cli = Cli::installed();
    with_device(&cli);
    // Another product's row: nothing is held under it.
    let other = cli.signed(&with_term("antivirus-device", "term = { months = 6 }"));
    let plan = cli.run(&["policy", "publish", &other, "--plan"]).done();
    assert!(plan.contains("Nothing that is held"), "{plan}");
    cli.run(&["policy", "publish", &other]).done();
    assert_eq!(cli.published(), 2);
}

#[test]
fn a_policy_that_falls_short_of_a_legal_minimum_is_refused_unless_that_is_meant() {
    let cli = Cli::installed();
    let shorter = cli.signed(&with_version(2).replace(
        "term = { service-at-least-months = 6 }",
        "term = { service-at-least-months = 3 }",
    ));
    let refused = cli.run(&["policy", "publish", &shorter, "--yes"]).refused();
    for part in [
        "at least 6 months",
        "at least 3 months",
        "--accept-shorter-minimum",
    ] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    assert_eq!(cli.published(), 1);
    cli.run(&["policy", "publish", &shorter, "--accept-shorter-minimum"])
        .done();
    assert_eq!(cli.published(), 2);
}

#[test]
fn notice_and_register_are_written_from_a_file_without_an_installation() {
    let cli = Cli::empty();
    let file = cli.file("policy.toml");
    std::fs::write(&file, with_version(7)).unwrap();
    let told = |kind: &str, rest: &[&str]| {
        let arguments = [&["policy", kind, file.to_str().unwrap()], rest].concat();
        cli.run(&arguments).done()
    };
    assert!(told("notice", &[]).starts_with("# Privacyverklaring\n"));
    let english = told("register", &["--language", "en"]);
    assert!(english.starts_with("# Register of processing activities\n"));
    assert!(english.contains("version 7"));
    let html = told("notice", &["--language", "en", "--format", "html"]);
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && html.contains("</table>"));
    let json: serde_json::Value = serde_json::from_str(&told("register", &["--format", "json"])).unwrap();
    assert_eq!(
        (&json["policy"]["version"], &json["language"]),
        (&7.into(), &"nl".into())
    );
    assert!(
        json["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|block| block["table"].is_object())
    );
}

#[test]
fn notice_and_register_are_written_of_the_published_policy_where_no_file_is_named() {
    let cli = Cli::installed();
    let second = cli.signed(&with_version(2));
    cli.run(&["policy", "publish", &second]).done();
    let told = cli
        .run(&["policy", "notice", "--published", "--language", "en"])
        .done();
    assert!(told.contains("version 2"));
    cli.run(&["policy", "notice"]).refused();
    cli.run(&["policy", "notice", "/nonexistent"]).refused();
    let file = cli.file("no-policy.toml");
    std::fs::write(&file, "version = 1\n").unwrap();
    cli.run(&["policy", "register", file.to_str().unwrap()]).refused();
}
