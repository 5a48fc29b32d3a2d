//! Renewing the issuing authority.

use crate::cli::Cli;

#[test]
fn a_renewed_authority_keeps_the_root_and_the_former_certificate() {
    let cli = Cli::installed();
    let read = |name: &str| std::fs::read_to_string(cli.file(name)).unwrap();
    let (root, former) = (
        read("zeef/authority/root.pem"),
        read("zeef/authority/issuing.pem"),
    );
    let key = cli.file("zeef/offline/root.key");
    cli.run(&["authority", "renew", "--root-key", key.to_str().unwrap()])
        .done();
    assert_eq!(read("zeef/authority/root.pem"), root);
    let renewed = read("zeef/authority/issuing.pem");
    assert!(renewed.ends_with(&former) && renewed.len() > former.len());
    cli.run(&["organisation", "add", "Bakkerij Jansen"]).done();
    cli.run(&["token", "create", "--organisation", "Bakkerij Jansen"])
        .done();
}

#[test]
fn another_key_than_the_roots_renews_nothing() {
    let cli = Cli::installed();
    let before = std::fs::read_to_string(cli.file("zeef/authority/issuing.pem")).unwrap();
    let key = Cli::installed();
    let said = cli.run(&[
        "authority",
        "renew",
        "--root-key",
        key.file("zeef/offline/root.key").to_str().unwrap(),
    ]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("do not belong together"), "{}", said.err);
    assert_eq!(
        std::fs::read_to_string(cli.file("zeef/authority/issuing.pem")).unwrap(),
        before
    );
}
