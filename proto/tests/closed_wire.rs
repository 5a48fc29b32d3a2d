//! A report holds documented keys in canonical form, or it is refused whole; the refusal repeats nothing.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use proptest::prelude::*;
use zeef_proto::field::{DeviceName, Field, MacAddress, Parse, PrivateIp, Rejection, Username};
use zeef_proto::wire::{Refusal, Report};

const WHOLE: &str = r#"{"wire":1,"sequence":7,"policy":1,"agent":"0.1.0","device_name":"lap-17","usernames":["j.jansen"],"private_ips":["10.0.3.17","fd00::17"],"mac_addresses":["00:1a:2b:3c:4d:5e"]}"#;

fn refusal(body: &str) -> String {
    Report::read(body.as_bytes()).expect_err(body).to_string()
}

#[test]
fn a_whole_report_is_read_and_written_alike() {
    let report = Report::read(WHOLE.as_bytes()).unwrap();
    assert_eq!(report.to_bytes(), WHOLE.as_bytes());
    assert_eq!(report.fields().collect::<Vec<_>>().len(), 4);
}

#[test]
fn a_heartbeat_has_no_field() {
    let report = Report::read(br#"{"wire":1,"sequence":8,"policy":1,"agent":"0.1.0"}"#).unwrap();
    assert_eq!(report.fields().count(), 0);
}

#[test]
fn each_refusal_names_the_field_and_never_the_value() {
    let cases = [
        (
            WHOLE.replace("\"policy\"", "\"serial\":\"ZX81-SECRET\",\"policy\""),
            "the message has a key that is not documented",
        ),
        (
            WHOLE.replace("device_name", "Device_Name"),
            "the message has a key that is not documented",
        ),
        (
            WHOLE.replace("\"policy\"", "\"mac_addresses\":[],\"policy\""),
            "mac_address has a key twice",
        ),
        (
            WHOLE.replace("lap-17", "lap-17.corp.SECRET"),
            "device_name is not in canonical form",
        ),
        (
            WHOLE.replace("\"lap-17\"", "null"),
            "device_name is of the wrong JSON type",
        ),
        (
            WHOLE.replace("\"lap-17\"", "17"),
            "device_name is of the wrong JSON type",
        ),
        (
            WHOLE.replace("\"lap-17\"", "[\"SECRET\"]"),
            "the message has a value of the wrong type or form",
        ),
        (
            WHOLE.replace("10.0.3.17", "198.51.100.7"),
            "private_ip is not a private address",
        ),
        (
            WHOLE.replace("10.0.3.17", "::ffff:10.0.3.17"),
            "private_ip is not in canonical form",
        ),
        (
            WHOLE.replace("00:1a:2b:3c:4d:5e", "00:1A:2B:3C:4D:5E"),
            "mac_address is not in canonical form",
        ),
        (
            WHOLE.replace("j.jansen", "CORP\\\\j.jansen"),
            "username is not in canonical form",
        ),
        (
            WHOLE.replace("j.jansen", "S-1-5-18-1"),
            "username is a security identifier, not a name",
        ),
        (
            WHOLE.replace("j.jansen", "j\\u202ejansen"),
            "username is made unsafe by control or invisible characters",
        ),
        (
            WHOLE.replace("\"sequence\":7,", ""),
            "the message lacks a required key",
        ),
        (
            WHOLE.replace("\"sequence\":7", "\"sequence\":-7"),
            "the message has a value of the wrong type or form",
        ),
        (
            WHOLE.replace("\"sequence\":7", "\"sequence\":9007199254740992"),
            "the message has a value of the wrong type or form",
        ),
        (
            WHOLE.replace("0.1.0", "SECRET"),
            "the message has a value of the wrong type or form",
        ),
        (
            WHOLE.replace("\"10.0.3.17\",\"fd00::17\"", "\"fd00::17\",\"10.0.3.17\""),
            "private_ip is not sorted and distinct",
        ),
        (
            WHOLE.replace("\"j.jansen\"", "\"a\",\"a\""),
            "username is not sorted and distinct",
        ),
        (WHOLE[..60].to_owned(), "the message ends too early"),
        (WHOLE.replace("}", ""), "the message ends too early"),
        (format!("{WHOLE} SECRET"), "the message is not valid JSON"),
    ];
    for (body, expected) in cases {
        let said = refusal(&body);
        assert!(
            said.starts_with(expected),
            "{body}\n  said: {said}\n  expected: {expected}"
        );
        assert!(
            !said.contains("SECRET") && !said.contains("jansen") && !said.contains("198.51"),
            "{said}"
        );
    }
}

#[test]
fn more_than_sixteen_values_are_refused() {
    let many: Vec<String> = (0..17).map(|n| format!("\"10.0.0.{}\"", n + 100)).collect();
    let body = WHOLE.replace("\"10.0.3.17\",\"fd00::17\"", &many.join(","));
    assert!(refusal(&body).starts_with("private_ip is more than 16 values"));
}

#[test]
fn a_field_that_the_products_do_not_document_refuses_the_report() {
    let policy = zeef_proto::policy::Policy::parse(include_str!("../policies/vokus-1.1.toml")).unwrap();
    let permits = zeef_proto::policy::Permits::new(
        &policy,
        &["wifi".parse().unwrap()],
        zeef_proto::policy::Source::Site,
    );
    let report = Report::read(WHOLE.as_bytes()).unwrap();
    assert_eq!(
        report.check_documented(&permits),
        Err(Refusal::not_documented(Field::Username))
    );
}

proptest! {
    /// Whatever is done to a report's bytes, it is refused without a panic or read as one that writes the same
    /// values; what was not documented is nowhere in it.
    #[test]
    fn mutated_reports_hold_nothing_undocumented(
        at in 0..WHOLE.len(), insert in "\\PC{0,12}", remove in 0..8usize,
    ) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        let end = (at + remove).min(bytes.len());
        bytes.splice(at..end, insert.bytes());
        match Report::read(&bytes) {
            Ok(report) => prop_assert_eq!(Report::read(&report.to_bytes()).ok(), Some(report)),
            Err(refusal) => {
                let said = refusal.to_string();
                prop_assert!(said.is_ascii() && said.len() < 160);
            }
        }
    }

    #[test]
    fn arbitrary_keys_are_refused(key in "[A-Za-z_ ]{1,24}", value in any::<u32>()) {
        let known = ["wire", "sequence", "policy", "agent", "device_name", "usernames", "private_ips", "mac_addresses"];
        prop_assume!(!known.contains(&key.as_str()));
        let body = WHOLE.replacen("{", &format!("{{\"{key}\":{value},"), 1);
        prop_assert!(Report::read(body.as_bytes()).is_err());
    }

    #[test]
    fn parsing_a_field_twice_changes_nothing(text in "\\PC{0,80}") {
        fn idempotent<T: Parse + PartialEq + std::fmt::Debug>(text: &str) -> Result<(), TestCaseError> {
            if let Ok(value) = T::parse(text) {
                prop_assert_eq!(T::parse(&value.expose()), Ok::<T, Rejection>(value));
            }
            Ok(())
        }
        idempotent::<Username>(&text)?;
        idempotent::<DeviceName>(&text)?;
        idempotent::<PrivateIp>(&text)?;
        idempotent::<MacAddress>(&text)?;
    }

    #[test]
    fn every_spelling_of_a_mac_address_is_the_same_address(mut bytes in any::<[u8; 6]>()) {
        bytes[0] &= 0xfe;
        prop_assume!(bytes != [0; 6]);
        let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let short: Vec<String> = bytes.iter().map(|b| format!("{b:x}")).collect();
        let spellings = [
            hex.join(":"), hex.join("-"), hex.concat().to_uppercase(), short.join(":"),
            format!("{}{}.{}{}.{}{}", hex[0], hex[1], hex[2], hex[3], hex[4], hex[5]),
        ];
        for spelling in spellings {
            prop_assert_eq!(MacAddress::parse(&spelling).map(|mac| mac.expose()), Ok(hex.join(":")));
        }
    }
}
