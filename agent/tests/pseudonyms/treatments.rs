//! The treatments of a policy's row, on records of a source.

use serde_json::{Value, json};
use zeef_agent::pseudonym::Scope;
use zeef_agent::sieve::{Reason, Subject, Verdict};
use zeef_proto::field::Field;

use crate::builders::{key, minimise, rotated, sieve};

fn record() -> Value {
    json!({
        "host": "lap-17", "user": "j.jansen", "ip": "10.0.3.17", "mac": "00-1A-2B-3C-4D-5E", "wan": "8.8.4.4",
        "id": "42",
    })
}

#[test]
fn each_field_is_treated_as_the_row_says() {
    let treatments = r#"device_name = "pseudonymise", private_ip = "truncate", mac_address = "truncate",
        public_ip = "drop""#;
    let (given, _) = minimise(
        &sieve(&treatments.replace('\n', " "), Some(key(Scope::Device))),
        &record(),
    );
    assert_eq!(given["device_name"], "010203040506.1:oIisLhCltFRcYmd_xVkA7Q");
    assert_eq!(given["usernames"], json!(["j.jansen"]));
    assert_eq!(given["private_ips"], json!(["10.0.3.0/24"]));
    assert_eq!(given["mac_addresses"], json!(["00:1a:2b"]));
    assert_eq!(given["public_ips"], Value::Null);
}

#[test]
fn without_a_key_what_should_be_hashed_is_dropped_and_never_passes() {
    let sieve = sieve(r#"mac_address = "pseudonymise""#, None);
    assert_eq!(sieve.field_without_key(), Some(Field::MacAddress));
    let (given, account) = minimise(&sieve, &record());
    assert_eq!(given["mac_addresses"], Value::Null);
    assert_eq!(given["links"], Value::Null);
    let dropped = |subject| (subject, Verdict::Dropped(Reason::NoKey), 1);
    for subject in [Subject::Field(Field::MacAddress), Subject::Link] {
        assert!(account.values().contains(&dropped(subject)), "{subject}");
    }
}

#[test]
fn a_field_is_hashed_under_the_current_epoch_and_a_link_under_the_one_before_too() {
    let sieve = sieve(
        r#"device_name = "pseudonymise""#,
        Some(rotated(Scope::Organisation)),
    );
    assert_eq!(sieve.field_without_key(), None);
    let (given, _) = minimise(&sieve, &record());
    assert_eq!(given["device_name"], "010203040506.2:W2IdJDLNuO24hE3WBcbT7g");
    let links: Vec<&str> = given["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(links.len(), 2);
    assert!(links[0].starts_with("010203040506.1:") && links[1].starts_with("010203040506.2:"));
}

#[test]
fn a_token_of_another_key_or_of_a_forgotten_epoch_is_no_token() {
    let sieve = sieve(
        r#"device_name = "pseudonymise", mac_address = "pseudonymise""#,
        Some(key(Scope::Device)),
    );
    for kid in ["010203040506.2", "010203040507.1", ""] {
        let token = format!("{kid}:oIisLhCltFRcYmd_xVkA7Q");
        let (given, _) = minimise(&sieve, &json!({ "host": token, "mac": token, "user": "anna" }));
        assert_eq!(given["device_name"], Value::Null);
        assert_eq!(given["mac_addresses"], Value::Null);
    }
    let short = json!({ "host": "010203040506.1:lap-17", "user": "anna" });
    assert_eq!(minimise(&sieve, &short).0["device_name"], Value::Null);
}
