//! Moving to a server that is not there, or that nobody named, changes nothing.

use std::net::TcpListener;

use crate::cli::Cli;

#[test]
fn a_move_without_a_server_or_from_an_engine_to_itself_is_refused() {
    let cli = Cli::installed();
    let refused = cli.run(&["migrate", "--to", "postgres"]).refused();
    assert!(refused.contains("no section [postgres]"), "{refused}");
    let refused = cli
        .run(&["migrate", "--from", "sqlite", "--to", "sqlite"])
        .refused();
    assert!(refused.contains("same engine"), "{refused}");
}

#[test]
fn a_server_that_is_not_there_fails_the_move_and_the_installation_stays_where_it_is() {
    let cli = Cli::installed();
    let config = cli.file("zeef/collector.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let server = |name| format!("\"host=127.0.0.1 port={port} user=zeef dbname={name}\"");
    let section = format!(
        "\n[postgres]\ndatabase = {}\nkey_store = {}\n",
        server("zeef"),
        server("zeef_keys")
    );
    std::fs::write(&config, format!("{text}{section}")).unwrap();
    for to in ["postgres", "sqlite"] {
        let said = cli.run(&["migrate", "--to", to]);
        assert_eq!(said.code, 1);
        assert!(said.err.contains("cannot be reached"), "{}", said.err);
    }
    std::fs::write(&config, text).unwrap();
    cli.run(&["organisation", "list"]).done();
}
