//! Values in every spelling, and what looks like a value and is none.

use serde_json::{Value, json};
use zeef_agent::sieve::{Reason, Subject, Verdict};
use zeef_proto::field::{Field, Rejection};

use crate::harness::{json as defined, run};

const FIELDS: &str =
    "device_name = ['name', 'other']\nusername = ['user']\nip = ['ip']\nmac_address = ['mac']";

/// What becomes of a value at a path.
fn of(path: &str, value: impl Into<Value>) -> Result<Value, Option<Reason>> {
    let mut record = json!({ "id": 1 });
    record[path] = value.into();
    raw(&record.to_string())
}

fn raw(record: &str) -> Result<Value, Option<Reason>> {
    let mut outcome = run(&defined(FIELDS), record);
    if let Some(record) = outcome.records.pop() {
        return Ok(record);
    }
    Err(outcome
        .account
        .values()
        .iter()
        .find_map(|(_, verdict, _)| match verdict {
            Verdict::Dropped(reason) => Some(*reason),
            _ => None,
        }))
}

const fn rejected<T>(rejection: Rejection) -> Result<T, Option<Reason>> {
    Err(Some(Reason::Rejected(rejection)))
}

#[test]
fn domains_and_realms_are_stripped_from_users() {
    for text in [
        "CONTOSO\\j.jansen",
        "j.jansen@contoso.example",
        "AzureAD\\j.jansen",
        " j.jansen ",
    ] {
        assert_eq!(
            of("user", text),
            Ok(json!({ "usernames": ["j.jansen"] })),
            "{text}"
        );
    }
}

#[test]
fn service_accounts_and_security_identifiers_are_nobody() {
    for text in [
        "NT AUTHORITY\\SYSTEM",
        "NT-AUTORITÄT\\SYSTEM",
        "nt authority\\local service",
        "LAP-17$",
    ] {
        assert_eq!(of("user", text), rejected(Rejection::ServiceAccount), "{text}");
    }
    assert_eq!(of("user", "S-1-5-18"), rejected(Rejection::SecurityIdentifier));
}

#[test]
fn a_path_or_url_in_the_place_of_a_name_is_no_name() {
    for text in [
        "C:\\Users\\p.devries",
        "/home/p.devries",
        "https://p.devries.example/",
    ] {
        assert_eq!(of("user", text), Err(Some(Reason::NotAName)), "{text}");
        assert_eq!(of("name", text), Err(Some(Reason::NotAName)), "{text}");
    }
    assert_eq!(
        of("name", "p.devries@contoso.example"),
        Err(Some(Reason::NotAName))
    );
    assert_eq!(of("name", "10.0.3.17"), Err(Some(Reason::NotAName)));
    assert_eq!(of("name", "fd00::1"), Err(Some(Reason::NotAName)));
    assert_eq!(
        of("name", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
        Err(Some(Reason::NotAName))
    );
    assert_eq!(of("name", "001a2b3c4d5e.lan"), Err(Some(Reason::NotAName)));
    assert_eq!(of("name", "-"), rejected(Rejection::Empty));
    assert_eq!(of("user", "CONTOSO\\-"), rejected(Rejection::Empty));
}

#[test]
fn addresses_are_private_or_public_by_their_value() {
    let private = |text: &str| Ok(json!({ "private_ips": [text] }));
    assert_eq!(of("ip", "::ffff:10.0.3.17"), private("10.0.3.17"));
    assert_eq!(of("ip", "FD00::0:17%eth0"), private("fd00::17"));
    assert_eq!(
        of("ip", "203.0.113.7"),
        Ok(json!({ "public_ips": ["203.0.113.7"] }))
    );
    for text in [
        "0.0.0.0",
        "127.0.0.1",
        "169.254.1.1",
        "fe80::1%4",
        "::1",
        "255.255.255.255",
        "224.0.0.1",
    ] {
        assert_eq!(
            of("ip", text),
            Err(Some(Reason::NeitherPrivateNorPublic)),
            "{text}"
        );
    }
    for text in [
        "1.1.1.1.5",
        "-",
        "xxx.xxx.xxx.xxx",
        "010.0.3.17",
        "10.0.3",
        "10.0.3.17:443",
        "10.0.3.17, 10.0.3.18",
    ] {
        assert_eq!(of("ip", text), rejected(Rejection::Malformed), "{text}");
    }
    // A version of four numbers is an address to anybody; only where the definition looks for one does it count.
    assert_eq!(of("version", "2.0.1.234"), Err(None));
}

#[test]
fn hardware_addresses_come_out_alike_and_only_of_single_interfaces() {
    for text in [
        "00:1A:2B:3C:4D:5E",
        "00-1a-2b-3c-4d-5e",
        "001a.2b3c.4d5e",
        "001A2B3C4D5E",
        "0:1a:2b:3c:4d:5e",
    ] {
        assert_eq!(
            of("mac", text),
            Ok(json!({ "mac_addresses": ["00:1a:2b:3c:4d:5e"] })),
            "{text}"
        );
    }
    assert_eq!(of("mac", "00:1a:2b:ff:fe:3c:4d:5e"), rejected(Rejection::Eui64));
    for text in ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"] {
        assert_eq!(of("mac", text), rejected(Rejection::NotUnicast), "{text}");
    }
}

#[test]
fn what_is_no_string_is_no_value() {
    for value in [
        json!(167772177),
        json!(true),
        json!({ "v": "10.0.3.17" }),
        json!(["10.0.3.17"]),
    ] {
        assert_eq!(of("ip", value.clone()), rejected(Rejection::WrongType), "{value}");
        assert_eq!(
            of("name", value.clone()),
            rejected(Rejection::WrongType),
            "{value}"
        );
    }
    assert_eq!(of("ip", Value::Null), Err(None));
}

#[test]
fn names_that_hide_or_reorder_text_are_dropped() {
    for text in [
        "jan\u{202e}nesnaj",
        "jan\u{200b}sen",
        "jan\0sen",
        "jan\nsen",
        "\u{feff}jan",
    ] {
        assert_eq!(
            of("user", text),
            rejected(Rejection::ForbiddenCharacter),
            "{text:?}"
        );
        assert_eq!(
            of("name", text),
            rejected(Rejection::ForbiddenCharacter),
            "{text:?}"
        );
    }
}

#[test]
fn a_name_of_look_alike_letters_is_kept_as_it_is_and_not_taken_for_the_other() {
    assert_eq!(
        of("user", "j\u{430}nsen"),
        Ok(json!({ "usernames": ["j\u{430}nsen"] }))
    );
}

#[test]
fn what_is_no_unicode_is_dropped_and_the_rest_of_the_record_passes() {
    for half in [
        "\\ud800",
        "\\udc00",
        "\\ud800x",
        "\\ud800\\u0041",
        "\\udc00\\ud800",
    ] {
        let record = format!("{{\"id\":1,\"user\":\"jan{half}\"}}");
        assert_eq!(raw(&record), Err(Some(Reason::NotUnicode)), "{half}");
    }
    let mut bytes = b"{\"id\":1,\"user\":\"jan\xff\xfe\",\"name\":\"lap-17\",\"x\":\"\xc0\"}".to_vec();
    let outcome = run(&defined(FIELDS), &bytes);
    assert_eq!(outcome.only(), json!({ "device_name": "lap-17" }));
    bytes.retain(|byte| *byte != 0xff && *byte != 0xfe);
    assert!(
        run(&defined(FIELDS), &bytes).records[0]
            .get("usernames")
            .is_some()
    );
}

#[test]
fn a_value_longer_than_any_field_is_dropped_and_counted() {
    for length in [600, 300_000] {
        assert_eq!(of("user", "a".repeat(length)), rejected(Rejection::TooLong));
    }
}

#[test]
fn escapes_are_another_spelling_of_the_same() {
    let plain = raw("{\"id\":1,\"name\":\"lap-17\",\"user\":\"ren\u{e9}\"}");
    let escaped = raw("{\"id\":1,\"n\\u0061me\":\"l\\u0061p-17\",\"user\":\"rene\\u0301\"}");
    assert_eq!(plain, escaped);
    assert!(plain.is_ok());
    let pair = raw("{\"id\":1,\"user\":\"jan\\ud83d\\ude00\"}");
    assert_eq!(pair, Ok(json!({ "usernames": ["jan\u{1f600}"] })));
}

#[test]
fn keys_in_another_case_are_other_keys() {
    assert_eq!(of("Name", "lap-17"), Err(None));
    assert_eq!(of("USER", "jansen"), Err(None));
}

#[test]
fn of_several_names_the_one_that_the_definition_prefers_counts() {
    let record = json!({ "id": 1, "other": "second", "name": "first" });
    let outcome = run(&defined(FIELDS), record.to_string());
    let superseded = (
        Subject::Field(Field::DeviceName),
        Verdict::Dropped(Reason::Superseded),
        1,
    );
    assert!(outcome.account.values().contains(&superseded));
    assert_eq!(outcome.only(), json!({ "device_name": "first" }));
    let record = json!({ "id": 1, "other": "second", "name": "" });
    assert_eq!(
        run(&defined(FIELDS), record.to_string()).only(),
        json!({ "device_name": "second" })
    );
}

#[test]
fn lists_are_sorted_distinct_and_bounded() {
    let sieve = defined("ip = ['ips[]']");
    let addresses: Vec<String> = (0..20).rev().map(|n| format!("10.0.3.{n}")).collect();
    let twice = [addresses.clone(), addresses].concat();
    let record = json!({ "id": 1, "ips": twice });
    let outcome = run(&sieve, record.to_string());
    let dropped = (
        Subject::Field(Field::PrivateIp),
        Verdict::Dropped(Reason::TooMany),
        8,
    );
    assert!(
        outcome.account.values().contains(&dropped),
        "{:?}",
        outcome.account
    );
    let kept = outcome.only()["private_ips"].as_array().unwrap().clone();
    assert_eq!(kept.len(), 16);
    assert_eq!(kept[0], "10.0.3.0");
}
