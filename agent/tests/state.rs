//! The state directory: private, whole or not at all, one agent at a time.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeef_agent::state::{Records, StateDirectory, StateError};
use zeef_proto::UnixTime;

const NOW: UnixTime = UnixTime(1_800_000_000);

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// State with something to say in one of its files.
fn with_trouble(text: &str) -> Records {
    let mut records = Records::default();
    records.status.note(text.to_owned(), NOW);
    records
}

fn trouble(records: &Records) -> Option<&str> {
    records
        .status
        .trouble
        .as_ref()
        .map(|trouble| trouble.text.as_str())
}

#[test]
fn the_directory_and_its_files_are_their_owners_alone() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/state");
    let directory = StateDirectory::to_write(&path).unwrap();
    with_trouble("x").write(&Records::default(), &directory).unwrap();
    assert_eq!(mode(&path), 0o700);
    for entry in std::fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn what_is_written_is_read_again() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    let records = with_trouble("the network is down");
    records.write(&Records::default(), &directory).unwrap();
    let (read, damage) = Records::read(&StateDirectory::to_read(&path).unwrap(), NOW).unwrap();
    assert_eq!(read, records);
    assert!(damage.is_empty());
}

#[test]
fn a_directory_that_others_can_look_into_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    for opened in [StateDirectory::to_read(&path), StateDirectory::to_write(&path)] {
        assert!(matches!(opened, Err(StateError::NotPrivate)));
    }
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
}

/// Its owner could have it point anywhere, and root would write there.
#[test]
fn a_directory_of_another_account_is_not_written_to() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    std::fs::create_dir(&path).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    if std::os::unix::fs::chown(&path, Some(54_321), None).is_ok() {
        let error = StateDirectory::to_write(&path).unwrap_err();
        assert!(matches!(error, StateError::AnotherAccounts));
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 0);
        assert!(StateDirectory::to_read(&path).is_ok());
    } else {
        let error = StateDirectory::to_write(Path::new("/")).unwrap_err();
        assert!(matches!(error, StateError::NotYours));
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_a_clear_error() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = StateDirectory::to_write(&file.join("state")).unwrap_err();
    assert!(matches!(error, StateError::Directory(_)));
    assert!(error.to_string().contains("--state-dir"));
    assert!(matches!(
        StateDirectory::to_write(&file),
        Err(StateError::Directory(_))
    ));
}

#[test]
fn one_agent_at_a_time_writes_and_others_may_look() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let first = StateDirectory::to_write(&path).unwrap();
    assert!(matches!(StateDirectory::to_write(&path), Err(StateError::InUse)));
    assert!(StateDirectory::to_read(&path).is_ok());
    drop(first);
    assert!(StateDirectory::to_write(&path).is_ok());
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    let before = with_trouble("first");
    before.write(&Records::default(), &directory).unwrap();
    // Where the temporary file would go stands something that cannot be written over, whoever asks.
    std::fs::create_dir(path.join("status.new")).unwrap();
    let error = with_trouble("second").write(&before, &directory).unwrap_err();
    assert!(matches!(
        error,
        StateError::Write {
            file: "status.json",
            ..
        }
    ));
    let (read, _) = Records::read(&directory, NOW).unwrap();
    assert_eq!(trouble(&read), Some("first"));
}

#[test]
fn a_half_written_temporary_file_is_of_no_consequence() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    let records = with_trouble("first");
    records.write(&Records::default(), &directory).unwrap();
    std::fs::write(path.join("status.new"), "{\"standing\":").unwrap();
    let (read, damage) = Records::read(&directory, NOW).unwrap();
    assert_eq!(read, records);
    assert!(damage.is_empty());
    with_trouble("second").write(&records, &directory).unwrap();
    let (read, _) = Records::read(&directory, NOW).unwrap();
    assert_eq!(trouble(&read), Some("second"));
}

#[test]
fn damage_to_what_the_collector_can_say_again_is_told_and_survived() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    for file in ["report.json", "policy.json", "status.json"] {
        std::fs::write(path.join(file), "{\"half\":").unwrap();
    }
    let (_, damage) = Records::read(&directory, NOW).unwrap();
    assert_eq!(damage, ["report.json", "policy.json", "status.json"]);
}

#[test]
fn a_damaged_identity_is_an_error_that_says_what_to_do_and_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    let half = "{\"place\":{\"url\":\"https://zeef.exa";
    std::fs::write(path.join("identity.json"), half).unwrap();
    let error = Records::read(&directory, NOW).unwrap_err();
    assert!(matches!(
        error,
        StateError::Damaged {
            file: "identity.json"
        }
    ));
    assert!(error.to_string().contains("unenroll --local-only"));
    assert_eq!(std::fs::read_to_string(path.join("identity.json")).unwrap(), half);
}

#[test]
fn wiping_leaves_no_file_but_the_lock() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("state");
    let directory = StateDirectory::to_write(&path).unwrap();
    with_trouble("x").write(&Records::default(), &directory).unwrap();
    std::fs::write(path.join("identity.json"), "{}").unwrap();
    std::fs::write(path.join("identity.new"), "{").unwrap();
    Records::wipe(&directory).unwrap();
    let left: Vec<_> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn errors_name_no_path() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("j.jansen");
    std::fs::write(&path, "").unwrap();
    let error = StateDirectory::to_write(&path.join("state")).unwrap_err();
    assert!(!error.to_string().contains("jansen"));
}
