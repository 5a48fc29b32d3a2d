//! Mistakes: one clear line on standard error, the right exit code, and nothing changed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use zeef_tests::installation::Host;
use zeef_tests::{Agent, Installation, Machine, Settings, binaries, command};

/// What administrators can see of an installation, and the files that they or `init` wrote.
fn everything(collector: &Installation) -> String {
    let mut seen = String::new();
    for list in [
        &["organisation", "list", "--json"][..],
        &[
            "subscription",
            "list",
            "--organisation",
            "Bakkerij Jansen",
            "--json",
        ],
        &["token", "list", "--organisation", "Bakkerij Jansen", "--json"],
        &["device", "list", "--json"],
        &["user", "list", "--json"],
        &["policy", "show", "--json"],
    ] {
        seen += &collector.run(list).done();
    }
    for file in [
        "collector.toml",
        "authority/issuing.pem",
        "authority/root.pem",
        "offline/root.key",
        "offline/policy.key",
    ] {
        seen += &std::fs::read_to_string(collector.file(file)).unwrap();
    }
    seen
}

/// Files of a directory with their contents.
fn files(directory: &Path) -> BTreeMap<std::ffi::OsString, Vec<u8>> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn mistakes_on_the_collectors_command_line_are_one_line_and_change_nothing() {
    let collector = Installation::started();
    drop(collector.customer("Bakkerij Jansen", 1));
    let before = everything(&collector);
    let unknown = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    for (arguments, said) in [
        (&["organisaton", "list"][..], "organisation"),
        (&["organisation", "add"], "NAME"),
        (&["organisation", "add", ""], "1 to 100 characters"),
        (
            &["organisation", "add", "bakkerij jansen"],
            "already an organisation",
        ),
        (
            &["subscription", "add", "--organisation", "Slagerij", "rmm"],
            "no such organisation",
        ),
        (
            &[
                "subscription",
                "add",
                "--organisation",
                "Bakkerij Jansen",
                "antivrus",
            ],
            "antivirus",
        ),
        (
            &[
                "subscription",
                "add",
                "--organisation",
                "Bakkerij Jansen",
                "rmm",
                "--from",
                "tomorrow",
            ],
            "2026-03-01",
        ),
        (
            &[
                "subscription",
                "end",
                "--organisation",
                "Bakkerij Jansen",
                unknown,
            ],
            "no such subscription",
        ),
        (
            &[
                "token",
                "create",
                "--organisation",
                "Bakkerij Jansen",
                "--uses",
                "0",
            ],
            "--uses",
        ),
        (
            &[
                "token",
                "create",
                "--organisation",
                "Bakkerij Jansen",
                "--valid",
                "soon",
            ],
            "7d",
        ),
        (
            &["token", "revoke", "--organisation", "Bakkerij Jansen", unknown],
            "no such token",
        ),
        (&["device", "show", "lap-17"], "identifier"),
        (&["device", "show", unknown], "no such device"),
        (&["device", "revoke", unknown], "no such device"),
        (&["erase", "device", unknown, "--yes"], "no such device"),
        (
            &["erase", "person", "jan", "--organisation", "Niemand", "--yes"],
            "no such organisation",
        ),
        (&["device", "list", "--with", "--json"], "--with"),
        (&["policy", "publish", "/nonexistent.json"], "cannot be read"),
        (
            &["policy", "sign", "/nonexistent.toml", "--key", "/nonexistent.key"],
            "cannot be read",
        ),
        (&["user", "link", "niemand"], "no such account"),
        (&["user", "remove", "niemand"], "no such account"),
    ] {
        let line = collector.run(arguments).refused(2);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
    assert_eq!(everything(&collector), before);
}

#[test]
fn a_password_that_is_too_weak_is_refused_and_the_old_one_stays() {
    let collector = Installation::started();
    drop(
        collector
            .run(&["user", "add", "beheer", "--role", "administrator", "--json"])
            .done(),
    );
    let said =
        command::run_with_input(collector.command(&["user", "password", "beheer"]), "kort\n").refused(2);
    assert!(!said.contains("kort"), "{said}");
    let users = collector.run(&["user", "list", "--json"]).json();
    assert_eq!(users[0]["password"], false);
}

#[test]
fn init_makes_all_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let init = |target: &Path, name: &str| {
        let mut init = std::process::Command::new(binaries::collector());
        init.args(["init", "--name", name, "--directory"]).arg(target);
        command::run(init)
    };
    let target = directory.path().join("zeef");
    drop(init(&target, "not a name").refused(2));
    assert!(files(directory.path()).is_empty(), "nothing is left behind");

    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("mine.txt"), "mine").unwrap();
    let said = init(&target, "collector.test").refused(2);
    assert!(said.contains("not empty"), "{said}");
    assert_eq!(files(&target).len(), 1);
    std::fs::remove_file(target.join("mine.txt")).unwrap();
    drop(init(&target, "collector.test").done());
    drop(init(&target, "collector.test").refused(2));
}

#[test]
fn every_mistake_in_the_configuration_is_told_at_once_and_nothing_starts() {
    let collector = Installation::new(Settings::default(), Host::default());
    let path = collector.file("collector.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let wrong = text
        .replace("max_connections", "max_conections")
        .replace("purge_interval = \"10m\"", "purge_interval = \"10 minutes\"")
        .replace("level = \"debug\"", "level = \"loud\"");
    std::fs::write(&path, wrong).unwrap();
    for arguments in [&["serve"][..], &["organisation", "list"]] {
        let outcome = collector.run(arguments);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(2), ""),
            "{outcome:?}"
        );
        for said in [
            "3 mistake(s)",
            "did you mean max_connections?",
            "retention.purge_interval",
            "log.level",
        ] {
            assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        }
    }
    std::fs::write(&path, text).unwrap();
    drop(collector.run(&["organisation", "list"]).done());
    let nowhere = collector.run(&["organisation", "list", "--config", "/nonexistent/collector.toml"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
}

#[test]
fn a_port_in_use_is_named_and_the_one_who_has_it_is_not_disturbed() {
    let collector = Installation::started();
    let said = collector.run(&["serve"]).refused(1);
    assert!(
        said.contains("in use") && said.contains(&collector.port(8443).to_string()),
        "{said}"
    );
    assert!(collector.process().runs());
    drop(collector.customer("Bakkerij Jansen", 1));
}

#[test]
fn keys_that_others_can_read_are_refused() {
    let collector = Installation::new(Settings::default(), Host::default());
    for file in ["authority/issuing.key", "keys/key-encryption.key"] {
        let path = collector.file(file);
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        mode(0o644);
        let said = collector.run(&["serve"]).refused(1);
        assert!(
            said.contains(file.rsplit('/').next().unwrap()) && said.contains("chmod 600"),
            "{said}"
        );
        mode(0o600);
    }
    drop(collector.run(&["organisation", "list"]).done());
}

#[test]
fn mistakes_on_the_agents_command_line_are_one_line_and_leave_nothing_behind() {
    let agent = Agent::new(&Arc::new(Machine::new("lap-17")));
    for (arguments, said) in [
        (&["previw"][..], "preview"),
        (&["status", "--jsno"], "--json"),
        (&["run", "--interval", "1"], "5..=86400"),
        (&["enroll"], "--url"),
        (
            &["enroll", "--url", "http://127.0.0.1:1", "--token", "x"],
            "https",
        ),
        (
            &["enroll", "--url", "https://127.0.0.1:1", "--token", "x"],
            "not an enrolment token",
        ),
        (&["enroll", "--url", "https://127.0.0.1:1"], "no token given"),
        (
            &[
                "enroll",
                "--url",
                "https://127.0.0.1:1",
                "--token-file",
                "/nonexistent",
            ],
            "cannot be read",
        ),
    ] {
        let line = agent.run(arguments).refused(2);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
    for command in ["run", "sent", "status", "unenroll"] {
        drop(agent.run(&[command]));
    }
    assert!(
        files(&agent.state()).keys().all(|name| name == "lock"),
        "nothing is left behind"
    );
}

#[test]
fn an_agent_without_a_collector_says_so_and_can_try_again() {
    let mut collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    collector.stop();
    let machine = Arc::new(Machine::new("lap-17"));
    collector.knows(&machine);
    let agent = Agent::new(&machine);
    let said = agent.try_enroll(&collector.url(), &token).refused(5);
    assert!(said.contains("cannot be reached"), "{said}");
    collector.start();
    agent.enroll(&collector.url(), &token);
    let tokens = collector
        .run(&["token", "list", "--organisation", "Bakkerij Jansen", "--json"])
        .json();
    assert_eq!(
        (&tokens[0]["uses_left"], collector.devices().len()),
        (&0.into(), 1)
    );
}

#[test]
fn a_refused_token_leaves_the_agent_as_it_was() {
    let collector = Installation::started();
    let token = collector.customer("Bakkerij Jansen", 1);
    let first = Agent::new(&Arc::new(Machine::new("lap-17")));
    first.enroll(&collector.url(), &token);
    let second = Agent::new(&Arc::new(Machine::new("lap-18")));
    let said = second.try_enroll(&collector.url(), &token).refused(4);
    assert!(said.contains("token"), "{said}");
    drop(second.run(&["status"]).refused(3));
    second.enroll(&collector.url(), &collector.token("Bakkerij Jansen", 1));
}
