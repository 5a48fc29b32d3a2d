//! What JSON can do to a reader.

use serde_json::json;
use zeef_agent::sieve::Refusal;

use super::support::{device, fields, run};

#[test]
fn a_named_key_that_stands_twice_refuses_the_record_however_it_is_spelt() {
    for members in [
        r#""hostname":"lap-17","hostname":"lap-99""#,
        r#""hostname":"lap-17","host\u006eame":"lap-99""#,
        r#""hostname":null,"description":[],"hostname":"lap-99""#,
    ] {
        let ran = run("datto-rmm", device(members).as_bytes());
        assert!(ran.records.is_empty());
        assert_eq!(ran.refusals(), [Refusal::DuplicateKey], "{members}");
    }
}

#[test]
fn a_key_that_nobody_named_may_stand_twice() {
    let text = device(r#""hostname":"lap-17","udf":"piet","udf":"jan""#);
    assert_eq!(fields("datto-rmm", text), json!({ "device_name": "lap-17" }));
}

#[test]
fn a_key_in_another_case_is_another_key() {
    let text =
        device(r#""hostname":"lap-17","HostName":"lap-99","HOSTNAME":"lap-98","lastloggedinuser":"piet""#);
    assert_eq!(fields("datto-rmm", text), json!({ "device_name": "lap-17" }));
    let ran = run("datto-rmm", device(r#""HOSTNAME":"lap-99""#).as_bytes());
    assert_eq!(ran.refusals(), [Refusal::Unrecognised]);
}

#[test]
fn a_named_key_at_another_depth_is_another_key() {
    let text = device(r#""hostname":"lap-17","parent":{"hostname":"lap-99","lastLoggedInUser":"piet"}"#);
    assert_eq!(fields("datto-rmm", text), json!({ "device_name": "lap-17" }));
}

#[test]
fn numbers_and_other_kinds_are_not_taken_for_strings() {
    for value in ["17", "1e3", "true", "{\"name\":\"piet\"}", "[\"piet\"]"] {
        let text = device(&format!(
            r#""hostname":{value},"lastLoggedInUser":{value},"intIpAddress":{value},"extIpAddress":"203.0.113.9""#
        ));
        let ran = run("datto-rmm", text.as_bytes());
        assert_eq!(
            ran.records,
            [json!({ "record": 1, "public_ips": ["203.0.113.9"] })],
            "{value}"
        );
        assert_eq!(
            ran.reasons(),
            [
                "device_name: of the wrong JSON type",
                "username: of the wrong JSON type",
                "ip: of the wrong JSON type"
            ]
        );
    }
}

#[test]
fn an_embedded_nul_ends_no_name() {
    let text = device(r#""hostname":"lap-17\u0000.contoso","lastLoggedInUser":"jan\u0000piet""#);
    let ran = run("datto-rmm", text.as_bytes());
    assert!(ran.records.is_empty());
    assert_eq!(ran.reasons().len(), 2);
    for members in [
        "\"hostname\":\"lap\0-17\"",
        "\"hostname\":\"lap-17\",\"description\":\"\0\"",
    ] {
        let ran = run("datto-rmm", device(members).as_bytes());
        assert!(ran.records.is_empty());
        assert_eq!(ran.refusals(), [Refusal::ControlCharacter]);
    }
}

#[test]
fn invalid_utf_8_is_dropped_and_not_mended() {
    for bad in [
        &b"\xff"[..],
        b"\xc3",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
    ] {
        let text = device(r#""hostname":"lap@17","lastLoggedInUser":"jan","description":"@""#);
        let parts: Vec<&[u8]> = text.as_bytes().split(|byte| *byte == b'@').collect();
        let ran = run("datto-rmm", &parts.join(bad));
        assert_eq!(
            ran.records,
            [json!({ "record": 1, "usernames": ["jan"] })],
            "{bad:?}"
        );
        assert_eq!(ran.reasons(), ["device_name: not Unicode"]);
    }
}

#[test]
fn half_a_surrogate_pair_is_dropped_and_a_whole_one_is_a_character() {
    for half in [r"\ud83d", r"\ude00", r"\ud83dx", r"\ud83d\ud83d", r"\ude00\ud83d"] {
        let text = device(&format!(r#""hostname":"lap{half}","lastLoggedInUser":"jan""#));
        assert_eq!(
            fields("datto-rmm", text),
            json!({ "usernames": ["jan"] }),
            "{half}"
        );
    }
    let text = device(r#""hostname":"lap\ud83d\ude00""#);
    assert_eq!(
        fields("datto-rmm", text),
        json!({ "device_name": "lap\u{1f600}" })
    );
}

#[test]
fn a_line_of_ten_megabytes_is_read_past() {
    let filler = "x".repeat(10 << 20);
    let text = device(&format!(
        r#""hostname":"lap-17","description":"{filler}","lastLoggedInUser":"jan""#
    ));
    assert_eq!(
        fields("datto-rmm", text),
        json!({ "device_name": "lap-17", "usernames": ["jan"] })
    );
    let text = device(&format!(r#""hostname":"{filler}","lastLoggedInUser":"jan""#));
    assert_eq!(fields("datto-rmm", text), json!({ "usernames": ["jan"] }));
}

#[test]
fn ten_thousand_levels_refuse_the_record_and_not_the_stream() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}0{}", open.repeat(10_000), close.repeat(10_000));
        let first = device(&format!(r#""hostname":"lap-1","udf":{deep}"#));
        let second = device(&format!(r#""hostname":{deep}"#));
        let third = device(r#""hostname":"lap-3""#);
        let ran = run("datto-rmm", format!("{first}\n{second}\n{third}\n").as_bytes());
        assert_eq!(ran.refusals(), [Refusal::TooDeep, Refusal::TooDeep]);
        assert_eq!(ran.records, [json!({ "record": 3, "device_name": "lap-3" })]);
    }
}

#[test]
fn a_byte_order_mark_is_passed_and_utf_16_is_refused() {
    let text = device(r#""hostname":"lap-17""#);
    let marked = format!("\u{feff}{text}");
    assert_eq!(fields("datto-rmm", marked), json!({ "device_name": "lap-17" }));
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let ran = run("datto-rmm", &wide);
    assert!(ran.records.is_empty());
    assert_eq!(ran.refusals(), [Refusal::Encoding]);
}

#[test]
fn lines_may_end_in_crlf() {
    let [first, second] = ["1", "2"].map(|n| device(&format!(r#""hostname":"lap-{n}""#)));
    let ran = run("datto-rmm", format!("{first}\r\n\r\n{second}\r\n").as_bytes());
    assert_eq!(ran.refusals(), []);
    assert_eq!(
        ran.records,
        [
            json!({ "record": 1, "device_name": "lap-1" }),
            json!({ "record": 2, "device_name": "lap-2" })
        ]
    );
}

#[test]
fn a_broken_record_is_told_by_position_and_skipped() {
    let [first, third] = ["1", "3"].map(|n| device(&format!(r#""hostname":"lap-{n}""#)));
    for (broken, refusal) in [
        (r#"{"hostname":"lap-2","uid""#, Refusal::CutOff),
        (r#"{"hostname":"lap-2",,}"#, Refusal::Syntax),
        (r#"{"hostname":"lap-2"} lap-99"#, Refusal::TrailingText),
        ("lap-2 went down", Refusal::Format),
        (r#"{"other":"lap-2"}"#, Refusal::Unrecognised),
    ] {
        let ran = run("datto-rmm", format!("{first}\n{broken}\n{third}\n").as_bytes());
        assert_eq!(ran.refusals(), [refusal]);
        let told = ran.refused[0];
        assert_eq!((told.record, told.line), (2, 2), "{broken}");
        assert_eq!(told.offset, first.len() as u64 + 1);
        assert_eq!((ran.account.read, ran.account.passed), (3, 2));
        assert_eq!(ran.records[1], json!({ "record": 3, "device_name": "lap-3" }));
    }
}
