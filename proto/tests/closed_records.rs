//! A batch of records is as closed as a report: documented keys in canonical form, or it is refused whole.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

use zeef_proto::field::Field;
use zeef_proto::policy::{Permits, Policy, Source};
use zeef_proto::wire::{About, MAX_RECORDS, RecordBatch};

const RECORD: &str = r#"{"source":"unifi","product":"wifi","about":"site-device","device_name":"lap-17","private_ips":["10.0.3.17"],"links":["1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg"]}"#;

fn batch(records: &str) -> String {
    format!(r#"{{"wire":1,"sequence":7,"policy":1,"agent":"0.1.0","records":[{records}]}}"#)
}

#[test]
fn a_batch_is_read_and_written_alike() {
    let text = batch(RECORD);
    let read = RecordBatch::read(text.as_bytes()).unwrap();
    assert_eq!(read.to_bytes(), text.as_bytes());
    let record = &read.records[0];
    assert_eq!(record.about, About::SiteDevice);
    assert_eq!(
        record.fields().collect::<Vec<_>>(),
        [Field::DeviceName, Field::PrivateIp]
    );
}

#[test]
fn what_is_not_documented_refuses_the_batch_and_is_not_repeated() {
    for (from, to, says) in [
        (
            "\"links\"",
            "\"hobby\":\"SECRET\",\"links\"",
            "the message has a key that is not documented",
        ),
        (
            "\"unifi\"",
            "\"SECRET\"",
            "the message has a key that is not documented",
        ),
        (
            "site-device",
            "SECRET",
            "the message has a key that is not documented",
        ),
        (
            "[\"10.0.3.17\"]",
            "[\"10.0.3.17\",\"10.0.3.16\"]",
            "private_ip is not sorted and distinct",
        ),
        ("[\"10.0.3.17\"]", "[]", "private_ip is empty"),
        ("\"lap-17\"", "null", "device_name is of the wrong JSON type"),
        (
            "1c7f0d07a2b3.2:XykOR8JeD9J86b_2UNTRkg",
            "SECRET",
            "the message has a value of the wrong type or form",
        ),
        (
            "[\"10.0.3.17\"]",
            "[\"203.0.113.9\"]",
            "private_ip is not a private address",
        ),
    ] {
        let text = batch(&RECORD.replacen(from, to, 1));
        let refusal = RecordBatch::read(text.as_bytes()).expect_err(&text).to_string();
        assert!(refusal.starts_with(says), "{says}: {refusal}");
        assert!(!refusal.contains("SECRET"), "{refusal}");
    }
}

#[test]
fn a_batch_holds_some_records_but_not_too_many_and_each_says_something() {
    let silent = r#"{"source":"unifi","product":"wifi","about":"site-device"}"#;
    assert!(RecordBatch::read(batch("").as_bytes()).is_err());
    assert!(RecordBatch::read(batch(silent).as_bytes()).is_err());
    let full = vec![RECORD; MAX_RECORDS].join(",");
    assert!(RecordBatch::read(batch(&full).as_bytes()).is_ok());
    let more = vec![RECORD; MAX_RECORDS + 1].join(",");
    assert!(RecordBatch::read(batch(&more).as_bytes()).is_err());
}

#[test]
fn a_record_is_undocumented_where_one_of_its_fields_is() {
    let policy = Policy::parse(include_str!("../policies/vokus-1.1.toml")).unwrap();
    let permits = Permits::new(&policy, &["wifi".parse().unwrap()], Source::Site);
    let read = |text: &str| {
        RecordBatch::read(batch(text).as_bytes())
            .unwrap()
            .records
            .remove(0)
    };
    assert_eq!(read(RECORD).undocumented(&permits), None);
    let with_user = RECORD.replacen(
        "\"private_ips\"",
        "\"usernames\":[\"j.jansen\"],\"private_ips\"",
        1,
    );
    assert_eq!(read(&with_user).undocumented(&permits), Some(Field::Username));
}
