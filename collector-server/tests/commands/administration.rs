//! Organisations, subscriptions, tokens, devices and accounts.

use zeef_proto::wire::EnrolmentToken;

use crate::cli::Cli;

#[test]
fn an_organisation_is_made_once_and_named_by_name_or_id() {
    let cli = Cli::installed();
    let id = cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    let id = id.trim();
    let again = cli.run(&["organisation", "add", "BAKKERIJ JANSEN"]).refused();
    assert!(again.contains("already"), "{again}");
    for named in ["Bakkerij Jansen", "bakkerij jansen", id] {
        cli.run(&["subscription", "add", "--organisation", named, "antivirus"])
            .done();
    }
    let list = cli.run(&["organisation", "list", "--json"]).json();
    assert_eq!(list[0]["id"], id);
    assert_eq!(list.as_array().unwrap().len(), 1);
    for name in ["", " ", "a\u{7}b", id] {
        cli.run(&["organisation", "add", name]).refused();
    }
}

#[test]
fn subscriptions_are_to_products_of_the_policy_and_end() {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    let add = |arguments: &[&str]| {
        let all = [
            &["subscription", "add", "--organisation", "Bakkerij Jansen"],
            arguments,
        ]
        .concat();
        cli.run(&all)
    };
    let unknown = add(&["antivrus"]).refused();
    assert!(unknown.contains("antivirus"), "{unknown}");
    add(&["antivirus", "--from", "2026-02-01", "--until", "2026-01-01"]).refused();
    add(&["antivirus", "--from", "soon"]).refused();
    let id = add(&["antivirus", "--from", "2026-01-01", "--json"]).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let list = || {
        cli.run(&[
            "subscription",
            "list",
            "--organisation",
            "Bakkerij Jansen",
            "--json",
        ])
        .json()
    };
    assert_eq!(list()[0]["starts"], "2025-12-31T23:00:00Z");
    assert!(list()[0]["ends"].is_null());
    let end = [
        "subscription",
        "end",
        "--organisation",
        "Bakkerij Jansen",
        &id,
        "--at",
        "2026-06-01",
    ];
    cli.run(&end).done();
    assert_eq!(list()[0]["ends"], "2026-05-31T22:00:00Z");
}

#[test]
fn a_token_is_shown_once_and_can_be_made_worthless() {
    let cli = Cli::installed();
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    let of = ["--organisation", "Bakkerij Jansen"];
    let made = cli
        .run(
            &[
                &["token", "create", "--uses", "3", "--valid", "2d", "--json"],
                &of[..],
            ]
            .concat(),
        )
        .json();
    let token: EnrolmentToken = made["token"].as_str().unwrap().parse().unwrap();
    assert_eq!(made["url"], "https://localhost:8443");
    let config = std::fs::read_to_string(cli.file("zeef/collector.toml")).unwrap();
    assert!(config.contains(&token.policy_key.to_string()));
    let list = || cli.run(&[&["token", "list", "--json"], &of[..]].concat());
    assert!(!list().done().contains("zeef1."));
    assert_eq!(list().json()[0]["state"], "good");
    let id = made["id"].as_str().unwrap();
    cli.run(&[&["token", "revoke", id], &of[..]].concat()).done();
    assert_eq!(list().json()[0]["state"], "revoked");
    cli.run(&["token", "create", "--organisation", "Nobody"])
        .refused();
}

#[test]
fn what_is_not_there_is_refused_by_name_of_its_kind() {
    let cli = Cli::installed();
    let nobody = "6f1b0c7e-0d4f-4a7e-9b62-1d8f0a3c5e21";
    for command in [["device", "show"], ["device", "revoke"], ["erase", "device"]] {
        let said = cli.run(&[&command[..], &[nobody]].concat()).refused();
        assert!(said.contains("no such device"), "{said}");
    }
    assert_eq!(
        cli.run(&["device", "list", "--json"]).json(),
        serde_json::json!([])
    );
    assert_eq!(
        cli.run_with_input(&["device", "list", "--with", "-", "--json"], "10.0.3.17\n")
            .json(),
        serde_json::json!([])
    );
    cli.run(&["device", "list", "--with", "\u{7}"]).refused();
}

#[test]
fn an_account_gets_a_link_and_a_password_that_is_worth_the_name() {
    let cli = Cli::installed();
    let link = cli
        .run(&["user", "add", "r.bakker", "--role", "technician", "--json"])
        .json();
    assert!(
        link["link"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:8080/")
    );
    cli.run(&["user", "add", "R.Bakker", "--role", "technician"])
        .refused();
    cli.run(&["user", "link", "nobody"]).refused();
    cli.run_with_input(&["user", "password", "r.bakker"], "short\n")
        .refused();
    cli.run_with_input(&["user", "password", "r.bakker"], "")
        .refused();
    assert_eq!(cli.run(&["user", "list", "--json"]).json()[0]["password"], false);
    cli.run_with_input(&["user", "password", "r.bakker"], "fietsbel op zondag\n")
        .done();
    assert_eq!(cli.run(&["user", "list", "--json"]).json()[0]["password"], true);
    let reset = ["user", "second-factor", "r.bakker", "--reset"];
    let without = cli.run(&reset).refused();
    assert!(without.contains("has no second factor"), "{without}");
    cli.run(&reset[..3]).refused();
    cli.run(&["user", "remove", "r.bakker"]).done();
    assert_eq!(cli.run(&["user", "list", "--json"]).json(), serde_json::json!([]));
}
