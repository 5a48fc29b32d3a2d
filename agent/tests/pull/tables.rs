//! What a `[[pull]]` of the configuration may say.

use zeef_agent::intake::pull::Table;

use crate::pulling::Place;

#[test]
fn a_table_that_does_not_fit_its_source_says_what_would() {
    let place = Place::new("key");
    for (lines, text) in [
        (
            "source = 'unifi'\npull = 'users'",
            "it has clients, devices, clients-legacy",
        ),
        ("source = 'defender'\npull = 'machines'", "it has none"),
        ("source = 'unifi'\npull = 'clients'", "needs site"),
        (
            "source = 'datto-rmm'\npull = 'devices'\nparameters = { site = 'a' }",
            "has no parameter site",
        ),
        (
            "source = 'datto-rmm'\npull = 'devices'\nroots = 'a.pem'\n\
             certificate_sha256 = 'abababababababababababababababababababababababababababababababab'",
            "exclude each other",
        ),
    ] {
        let error = place.table("https://console.example", lines).unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn a_table_that_is_malformed_is_not_read() {
    let sound = [
        "source = 'unifi'",
        "pull = 'clients'",
        "url = 'https://console.example:8443'",
        "parameters = { site = 'default' }",
        "every = '15m'",
        "token_file = 'token'",
    ];
    assert!(toml::from_str::<Table>(&sound.join("\n")).is_ok());
    for line in [
        "url = 'http://console.example'",
        "url = 'https://a:b@console.example'",
        "url = 'https://console.example/api'",
        "url = 'https://console.example/?a=b'",
        "parameters = { site = '../admin' }",
        "parameters = { site = 'a?b' }",
        "every = '30s'",
        "every = 15",
        "about = 'this-device'",
        "proxy = 'https://proxy.example'",
        "certificate_sha256 = 'abc'",
    ] {
        let key = line.split(' ').next().unwrap();
        let others = sound.iter().filter(|known| !known.starts_with(key));
        let text: Vec<&str> = others.copied().chain([line]).collect();
        assert!(toml::from_str::<Table>(&text.join("\n")).is_err(), "{line}");
    }
}
