//! What a `[[pull]]` of the configuration may say.

use zeef_agent::intake::pull::{Settings, Table};
use zeef_agent::sieve::definition::embedded_named;

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
            "source = 'datto-rmm'\npull = 'devices'\nroots = '/a.pem'\n\
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
        "token_file = '/etc/zeef/unifi.token'",
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
        "token_file = 'unifi.token'",
        "roots = 'roots.pem'",
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

#[test]
fn the_documented_samples_are_tables() {
    let text = include_str!("../../../docs/intake.md");
    let samples = text
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let mut pulls = 0;
    for sample in samples.filter(|sample| sample.contains("token_file")) {
        let sample: toml::Table = sample.parse().unwrap();
        for table in sample["pull"].as_array().unwrap() {
            let table: Table = table.clone().try_into().unwrap();
            let definition = embedded_named(table.source.as_str()).unwrap().unwrap();
            Settings::new(table, &definition).unwrap();
            pulls += 1;
        }
    }
    assert_eq!(pulls, 2);
}
