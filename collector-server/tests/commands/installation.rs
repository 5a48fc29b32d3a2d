//! Installations, and the command line itself.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::cli::Cli;

fn modes(directory: &Path, found: &mut Vec<(String, u32)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        found.push((path.display().to_string(), mode));
        if path.is_dir() {
            modes(&path, found);
        }
    }
}

#[test]
fn everything_in_an_installation_is_its_owners_alone() {
    let cli = Cli::installed();
    let mut found = Vec::new();
    modes(&cli.file("zeef"), &mut found);
    assert!(found.len() >= 13, "{found:?}");
    for (path, mode) in found {
        assert_eq!(mode & 0o077, 0, "{path}");
    }
}

#[test]
fn an_existing_directory_is_left_alone() {
    let cli = Cli::installed();
    let before = std::fs::read_to_string(cli.file("zeef/collector.toml")).unwrap();
    let directory = cli.file("zeef");
    let said = cli
        .run(&[
            "init",
            "--name",
            "localhost",
            "--directory",
            directory.to_str().unwrap(),
        ])
        .refused();
    assert!(said.contains("not empty"), "{said}");
    assert_eq!(
        std::fs::read_to_string(cli.file("zeef/collector.toml")).unwrap(),
        before
    );
}

#[test]
fn an_installation_that_cannot_be_made_leaves_nothing_behind() {
    let cli = Cli::empty();
    std::fs::write(cli.file("policy.toml"), "version = 1\n").unwrap();
    let policy = cli.run(&[
        "init",
        "--name",
        "localhost",
        "--directory",
        "new",
        "--policy",
        "policy.toml",
    ]);
    assert_eq!(policy.code, 2);
    cli.run(&["init", "--name", "not a name", "--directory", "new"])
        .refused();
    std::fs::write(cli.file("file"), "").unwrap();
    assert_eq!(
        cli.run(&["init", "--name", "localhost", "--directory", "file/new"])
            .code,
        1
    );
    let left: Vec<_> = std::fs::read_dir(cli.file(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn mistakes_in_configuration_are_told_at_once_and_start_nothing() {
    let cli = Cli::installed();
    let path = cli.file("zeef/collector.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config = config
        .replace("purge_interval", "purge_intervall")
        .replace("level = \"info\"", "level = \"loud\"");
    std::fs::write(&path, config).unwrap();
    let said = cli.run(&["serve"]);
    assert_eq!(said.code, 2);
    for part in [
        "2 mistake",
        "retention.purge_intervall",
        "did you mean purge_interval?",
        "log.level",
    ] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
}

#[test]
fn a_missing_part_of_an_installation_is_named_and_not_made_anew() {
    let cli = Cli::installed();
    let database = cli.file("zeef/data/zeef.db");
    std::fs::remove_file(&database).unwrap();
    let said = cli.run(&["device", "list"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("zeef.db") && said.err.lines().count() == 1,
        "{}",
        said.err
    );
    assert!(!database.exists());
}

#[test]
fn a_mistyped_command_is_answered_with_the_one_that_was_meant() {
    let cli = Cli::empty();
    assert!(
        cli.run(&["organisatoin", "list"])
            .refused()
            .contains("organisation")
    );
    assert!(cli.run(&[]).refused().contains("a command is missing"));
    assert!(
        cli.run(&["device", "list"])
            .refused()
            .contains("zeef-collector init")
    );
    let help = cli.run(&["--help"]);
    assert!(help.code == 0 && help.out.contains("demo"));
    assert!(cli.run(&["--version"]).done().starts_with("zeef-collector "));
}
