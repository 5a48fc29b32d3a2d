//! The program: exit codes, and what it says of bad input.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::support::device;

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
    /// Bytes of standard input that were read.
    read: u64,
}

fn minimise(folder: &Path, arguments: &[&str], input: &str) -> Ended {
    let path = folder.join("input");
    std::fs::File::create(&path)
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let mut input = File::open(&path).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_zeef-agent"))
        .arg("minimise")
        .arg("--state-dir")
        .arg(folder.join("state"))
        .args(arguments)
        // The copy shares its position with this one.
        .stdin(Stdio::from(input.try_clone().unwrap()))
        .output()
        .unwrap();
    Ended {
        code: status.code(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
        read: input.stream_position().unwrap(),
    }
}

fn own(folder: &Path, text: &str) -> String {
    let path = folder.join("own.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_broken_record_is_told_without_its_values_and_fails_only_where_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let good = device(r#""hostname":"lap-17""#);
    let input = format!("{good}\n{{\"hostname\":\"lap-secret\", broken}}\n{good}\n");
    let lax = minimise(folder.path(), &["--source", "datto-rmm"], &input);
    assert_eq!(lax.code, Some(0), "{}", lax.err);
    assert_eq!(lax.out.lines().count(), 2);
    assert!(lax.err.contains("record 2 (line 2, byte "), "{}", lax.err);
    assert!(lax.err.contains("3 records read, 2 passed"), "{}", lax.err);
    assert!(!format!("{}{}", lax.out, lax.err).contains("secret"));
    let strict = minimise(folder.path(), &["--source", "datto-rmm", "--strict"], &input);
    assert_eq!(strict.code, Some(1), "{}", strict.err);
    assert_eq!(strict.out, lax.out);
}

#[test]
fn an_explanation_shows_no_dropped_value() {
    let folder = tempfile::tempdir().unwrap();
    let text = device(
        r#""hostname":"lap-17","lastLoggedInUser":"NT AUTHORITY\\SYSTEM","intIpAddress":"169.254.77.77",
        "description":"Piet","by user":{"piet@contoso.example":1,"10.7.7.7":2},"piet@contoso.example":3"#,
    );
    let ended = minimise(folder.path(), &["--source", "datto-rmm", "--explain"], &text);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(ended.out.contains("lap-17"), "{}", ended.out);
    assert!(ended.out.contains("a service account"), "{}", ended.out);
    for dropped in ["SYSTEM", "169.254", "Piet", "piet", "10.7.7.7", "by user"] {
        assert!(!ended.out.contains(dropped), "{dropped} in {}", ended.out);
        assert!(!ended.err.contains(dropped), "{dropped} in {}", ended.err);
    }
}

#[test]
fn mistakes_of_the_caller_are_told_before_the_first_byte_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let head = "name = \"own\"\nabout = \"a test\"\nproduct = \"wifi\"\n\
        [[shape]]\nname = \"row\"\nformat = \"json\"\nhas = [\"uid\"]\n";
    let undocumented = format!("{head}[shape.fields]\nmac_address = [\"mac\"]\n");
    let taken = head.replace("\"own\"", "\"unifi\"");
    for (text, said) in [
        (undocumented.as_str(), "mac_address"),
        ("name = ", "cannot be read"),
        (taken.as_str(), "another definition's"),
    ] {
        let file = own(folder.path(), text);
        refused_before_reading(folder.path(), &["--source-file", &file], said);
    }
    refused_before_reading(folder.path(), &["--source", "no-such-thing"], "windows-dhcp");
    refused_before_reading(folder.path(), &[], "--source");
    refused_before_reading(folder.path(), &["--source", "unifi", "--colour"], "--colour");
    refused_before_reading(
        folder.path(),
        &["--source", "unifi", "-", "no-such-file"],
        "file 2 of 2",
    );
    let key = own(folder.path(), "no key");
    refused_before_reading(
        folder.path(),
        &["--source", "unifi", "--key", &key],
        "open to other accounts",
    );
}

fn refused_before_reading(folder: &Path, arguments: &[&str], said: &str) {
    let ended = minimise(folder, arguments, &device(r#""hostname":"lap-17""#));
    assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
    assert_eq!(ended.read, 0, "{arguments:?}");
    assert_eq!(ended.out, "");
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    assert!(ended.err.contains(said), "{said} not in {}", ended.err);
}
