//! `zeef-agent minimise`, the real program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EVENT: &str = "{\"event_type\":\"Threat_Event\",\"source_uuid\":\"5a3e-17\",\"hostname\":\"lap-17\",\
                     \"username\":\"p.devries\",\"object_uri\":\"secret-1\"}\n";

fn minimise(arguments: &[&str], input: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    in_state(directory.path(), arguments, input)
}

fn in_state(state: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zeef-agent"))
        .arg("--state-dir")
        .arg(state.join("state"))
        .arg("minimise")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that stops before its first byte closes the pipe.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_is_a_filter_from_standard_input_to_standard_output() {
    let output = minimise(&["--source", "eset-protect"], EVENT);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout),
        "{\"source\":\"eset-protect\",\"product\":\"antivirus\",\"record\":1,\"device_name\":\"lap-17\",\
         \"usernames\":[\"p.devries\"]}\n"
    );
    assert!(text(&output.stderr).contains("1 records read, 1 passed"));
}

#[test]
fn it_finds_out_whose_records_each_file_holds() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let eset = file("a", EVENT);
    let phones = file("b", "mac_address;device_name\n00:1a:2b:3c:4d:5e;tel-1\n");
    let nobody = file("c", "{\"hello\":\"world\"}\n");
    let output = minimise(&["--source", "auto", &eset, &phones], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let sources: Vec<String> = text(&output.stdout)
        .lines()
        .map(|line| line[..24].to_owned())
        .collect();
    assert_eq!(sources.len(), 2);
    assert!(sources[0].contains("eset-protect") && sources[1].contains("voip-csv"));
    // Both definitions of one controller know clients on a cable; the one that lets something pass is meant.
    let wired = r#"{"_id":"1","mac":"00:1a:2b:3c:4d:5e","is_wired":true,"hostname":"kassa-1"}"#;
    let output = minimise(&["--source", "auto"], wired);
    assert!(
        text(&output.stdout).contains("unifi-wired"),
        "{}",
        text(&output.stderr)
    );
    let output = minimise(&["--source", "auto", &nobody], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[test]
fn refused_records_are_told_by_position_and_reason_and_end_it_where_that_is_asked() {
    let input = format!("{EVENT}secret-2\n{EVENT}");
    for (arguments, code) in [
        (vec!["--source", "eset-protect"], 0),
        (vec!["--source", "eset-protect", "--strict"], 1),
    ] {
        let output = minimise(&arguments, &input);
        assert_eq!(output.status.code(), Some(code));
        assert_eq!(text(&output.stdout).lines().count(), 2);
        let said = text(&output.stderr);
        assert!(said.contains("record 2 (line 2"), "{said}");
        assert!(!said.contains("secret") && !said.contains("lap-17"), "{said}");
    }
}

#[test]
fn a_mistake_stops_it_before_the_first_byte_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str, content: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let wifi = path(
        "wifi.toml",
        "name='mine'\nabout=''\nproduct='wifi'\n[[shape]]\nname='s'\nformat='json'\nhas=['id']\n\
         fields={mac_address=['m']}\n",
    );
    let key = path("key", "no key");
    for arguments in [
        vec!["--source", "esset"],
        vec![],
        vec!["--source-file", "/nonexistent"],
        vec!["--source-file", &wifi],
        vec!["--source", "eset-protect", "--key", "/nonexistent"],
        vec!["--source", "eset-protect", "--key", &key],
        vec!["--source", "eset-protect", "/nonexistent"],
        vec!["--source", "eset-protect", "--gzip-ratio", "0"],
    ] {
        let output = minimise(&arguments, EVENT);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert_eq!(
            text(&output.stderr).lines().count(),
            1,
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn an_explanation_names_the_rule_and_never_a_dropped_value() {
    let output = minimise(&["--source", "eset-protect", "--explain"], EVENT);
    let said = text(&output.stdout);
    for expected in [
        "record 1 (line 1): event",
        "username: p.devries",
        "object_uri",
        "no key to hash it with",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("secret-1") && !said.contains("5a3e-17"), "{said}");
    let output = minimise(&["--source", "eset-protect", "--explain", "--json"], EVENT);
    let explained: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(explained["shape"], "event");
    assert!(!explained.to_string().contains("secret-1"));
}

#[test]
fn a_definition_of_ones_own_is_used_and_shown_by_the_policy_command() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    std::fs::create_dir_all(state.join("sources")).unwrap();
    make_private(&state);
    std::fs::write(
        state.join("sources/mine.toml"),
        "name='mine'\nabout='of ours'\nproduct='rmm'\n[[shape]]\nname='s'\nformat='json'\nhas=['id']\n\
         fields={device_name=['machine.label']}\n",
    )
    .unwrap();
    let record = "{\"id\":1,\"machine\":{\"label\":\"lap-17\",\"owner\":\"secret-1\"}}\n";
    let output = in_state(directory.path(), &["--source", "mine"], record);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("\"device_name\":\"lap-17\""));
    let output = in_state(directory.path(), &["--list"], "");
    assert!(text(&output.stdout).contains("of ours"));
    let policy = Command::new(env!("CARGO_BIN_EXE_zeef-agent"))
        .arg("--state-dir")
        .arg(&state)
        .arg("policy")
        .output()
        .unwrap();
    let said = text(&policy.stdout);
    assert!(said.contains("mine") && said.contains("machine.label"), "{said}");
}

#[cfg(unix)]
fn make_private(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(not(unix))]
fn make_private(_: &Path) {}
