//! Backups and keys on the command line: where the key comes from, what is said, and what is refused.

use std::process::Command;

use crate::cli::Cli;

/// Has the key come from elsewhere.
fn configure(cli: &Cli, source: &str) {
    let path = cli.file("zeef/collector.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        config.replace("\"keys/key-encryption.key\"", &format!("\"{source}\"")),
    )
    .unwrap();
}

/// Runs the binary by way of a shell, which sets the stage for it.
fn staged(cli: &Cli, script: &str) -> (i32, String) {
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_zeef-collector")])
        .env("ZEEF_CONFIG", cli.file("zeef/collector.toml"))
        .current_dir(cli.file("zeef"))
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn the_key_may_come_from_a_descriptor_or_a_credential() {
    let cli = Cli::installed();
    let list = |stage: &str| staged(&cli, &format!("{stage} \"$0\" organisation list"));
    configure(&cli, "fd");
    assert_eq!(list("ZEEF_KEK_FD=9 exec").0, 1);
    assert!(list("").1.contains("ZEEF_KEK_FD"));
    let (code, said) = list("exec 9< keys/key-encryption.key; ZEEF_KEK_FD=9");
    assert_eq!(code, 0, "{said}");
    let (code, said) = list("cat keys/key-encryption.key | ZEEF_KEK_FD=0");
    assert_eq!(code, 0, "a pipe will do: {said}");

    let config = cli.file("zeef/collector.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("\"fd\"", "\"credential:zeef\"")).unwrap();
    assert!(list("").1.contains("CREDENTIALS_DIRECTORY"));
    std::fs::create_dir(cli.file("credentials")).unwrap();
    let handed_over = list("CREDENTIALS_DIRECTORY=../credentials");
    assert!(
        handed_over.0 == 1 && handed_over.1.contains("zeef"),
        "{}",
        handed_over.1
    );
    std::fs::copy(
        cli.file("zeef/keys/key-encryption.key"),
        cli.file("credentials/zeef"),
    )
    .unwrap();
    let (code, said) = list("CREDENTIALS_DIRECTORY=../credentials");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_key_that_is_handed_over_is_changed_where_it_is_made() {
    let cli = Cli::installed();
    configure(&cli, "fd");
    let with =
        |key: &str, command: &str| staged(&cli, &format!("exec 9< {key}; ZEEF_KEK_FD=9 \"$0\" {command}"));
    let (code, said) = with("keys/key-encryption.key", "keys rotate");
    assert!(code == 2 && said.contains("--new"), "{said}");
    let other = Cli::installed();
    std::fs::copy(
        other.file("zeef/keys/key-encryption.key"),
        cli.file("zeef/keys/new.key"),
    )
    .unwrap();
    let (code, said) = with("keys/key-encryption.key", "keys rotate --new keys/new.key");
    assert!(code == 0 && said.contains("Hand the new key over"), "{said}");
    assert_eq!(with("keys/new.key", "organisation list").0, 0);
    let (code, said) = with("keys/key-encryption.key", "organisation list");
    assert!(
        code == 1 && said.lines().count() == 1 && said.contains("not the one"),
        "{said}"
    );
}

#[test]
fn an_installation_is_moved_by_its_backups_and_mistakes_are_one_line() {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    let backup = [
        "backup",
        "--out",
        "data.zeef",
        "--keys",
        "keys.zeef",
        "--keep",
        "7d",
    ];
    let said = cli.run(&backup).done();
    assert!(said.contains("data.zeef") && said.contains("keys.zeef"), "{said}");
    for (arguments, part) in [
        (&backup[..], "is there already"),
        (&["backup", "--out", "x", "--keep", "500d"], "--keep"),
        (&["backup"], "--out"),
        (&["restore"], "--from"),
        (&["restore", "--keys", "data.zeef"], "backup of the database"),
        (&["restore", "--from", "keys.zeef"], "backup of the key store"),
        (&["restore", "--from", "zeef/collector.toml"], "is not a backup"),
    ] {
        assert!(cli.run(arguments).refused().contains(part), "{arguments:?}");
    }
    cli.run(&["organisation", "add", "Slagerij"]).done();
    std::fs::remove_dir_all(cli.file("zeef/data")).unwrap();
    std::fs::remove_file(cli.file("zeef/keys/data-keys.db")).unwrap();
    let said = cli.run(&["restore", "--from", "data.zeef"]).refused();
    assert!(said.contains("--keys"), "{said}");
    cli.run(&["restore", "--from", "data.zeef", "--keys", "keys.zeef"])
        .done();
    let list = cli.run(&["organisation", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(list[0]["name"], "Bakkerij Jansen");
    assert!(cli.run(&["keys", "rotate"]).done().contains("wrapped anew"));
    cli.run(&["organisation", "list"]).done();
}

#[test]
fn a_key_store_that_is_older_than_its_database_says_the_way_out() {
    let cli = Cli::installed();
    let keys = cli.file("zeef/keys/data-keys.db");
    let earlier = std::fs::read(&keys).unwrap();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    std::fs::write(&keys, earlier).unwrap();
    let said = cli.run(&["organisation", "list"]);
    assert!(said.code == 1 && said.err.contains("keys accept"), "{}", said.err);
    cli.run(&["keys", "accept"]).done();
    cli.run(&["organisation", "list"]).done();
}

#[test]
fn a_key_store_alone_is_put_back_and_the_database_stays() {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    cli.run(&["keys", "backup", "--out", "keys.zeef"]).done();
    cli.run(&["organisation", "add", "Slagerij"]).done();
    std::fs::remove_file(cli.file("zeef/keys/data-keys.db")).unwrap();
    let said = cli.run(&["restore", "--keys", "keys.zeef"]).done();
    assert!(said.contains("keys accept"), "{said}");
    assert_eq!(cli.run(&["organisation", "list"]).code, 1);
    cli.run(&["keys", "accept"]).done();
    let list = cli.run(&["organisation", "list", "--json"]).json();
    assert_eq!(
        list.as_array().unwrap().len(),
        2,
        "what the database holds is kept"
    );
    cli.run(&["token", "create", "--organisation", "Slagerij"]).done();
}
