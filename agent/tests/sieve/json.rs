//! JSON as documents, lines and pages, whole and in strings.

use serde_json::json;
use zeef_agent::sieve::Refusal;

use crate::harness::{explain, json as defined, run};

fn names(input: &str) -> Vec<String> {
    let outcome = run(&defined("device_name = ['name']"), input);
    outcome
        .records
        .iter()
        .map(|record| record["device_name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn lines_documents_arrays_and_pages_are_all_records() {
    let (one, two) = ("{\"id\":1,\"name\":\"lap-1\"}", "{\"id\":2,\"name\":\"lap-2\"}");
    let pretty = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    for input in [
        format!("{one}\n{two}\n"),
        format!("{one}\r\n{two}\r\n"),
        format!("\u{feff}{one}\n\n{two}"),
        format!("{one}{two}"),
        format!("{}\n{}", pretty(one), pretty(two)),
        format!("[{one},{two}]"),
        format!("[\n{one},\n{two}\n]\n"),
        format!("{{\"page\":[{one},{two}],\"next\":null}}"),
        pretty(&format!("{{\"count\":2,\"page\":[{one},{two}]}}")),
    ] {
        assert_eq!(names(&input), ["lap-1", "lap-2"], "{input}");
    }
}

#[test]
fn a_named_key_that_stands_twice_makes_the_record_ambiguous() {
    for record in [
        "{\"id\":1,\"name\":\"lap-1\",\"name\":\"lap-2\"}",
        "{\"id\":1,\"name\":\"lap-1\",\"n\\u0061me\":\"lap-2\"}",
        "{\"id\":1,\"id\":1,\"name\":\"lap-1\"}",
        "{\"id\":1,\"name\":null,\"name\":\"lap-2\"}",
    ] {
        let outcome = run(&defined("device_name = ['name']"), record);
        assert_eq!(outcome.refusals(), [Refusal::DuplicateKey], "{record}");
        assert!(outcome.records.is_empty());
    }
    assert_eq!(names("{\"id\":1,\"name\":\"lap-1\",\"x\":1,\"x\":2}"), ["lap-1"]);
}

#[test]
fn the_same_key_elsewhere_is_another() {
    assert_eq!(
        names("{\"id\":1,\"attacker\":{\"name\":\"pc-9\"},\"name\":\"lap-1\"}"),
        ["lap-1"]
    );
    assert!(
        names("{\"id\":1,\"attacker\":{\"name\":\"pc-9\"},\"text\":\"\\\"name\\\":\\\"pc-9\\\"\"}")
            .is_empty()
    );
}

#[test]
fn json_in_a_string_is_read_as_far_as_it_is_named() {
    let sieve = defined("username = ['users(json)[].name']");
    let record = |text: &str| json!({ "id": 1, "users": text }).to_string();
    let users = json!([{ "name": "jan\"sen", "sid": "S-1-5-21-1" }, { "name": "rené" }]).to_string();
    assert_eq!(
        run(&sieve, record(&users)).only(),
        json!({ "usernames": ["jan\"sen", "rené"] })
    );
    for text in ["", " ", "null", "[]"] {
        let outcome = run(&sieve, record(text));
        assert_eq!((outcome.account.empty, outcome.records.len()), (1, 0), "{text}");
    }
}

#[test]
fn of_malformed_json_in_a_string_nothing_is_taken_and_the_record_passes() {
    let sieve = defined("username = ['users(json)[].name']\ndevice_name = ['name']");
    for text in [
        "[{\"name\":\"jansen\"}",
        "[{\"name\":\"jansen\"}]x",
        "[{\"name\":\"jansen\"},]",
        "{\"name\":",
    ] {
        let record = json!({ "id": 1, "users": text, "name": "lap-1" }).to_string();
        assert_eq!(
            run(&sieve, record).only(),
            json!({ "device_name": "lap-1" }),
            "{text}"
        );
    }
}

#[test]
fn the_whole_path_is_explained_and_no_dropped_value_shows() {
    let sieve = defined("device_name = ['name']\nip = ['nics[].ip']");
    let record = json!({
        "id": "secret-1", "name": "lap-1", "nics": [{ "ip": "127.0.0.1", "ssid": "secret-2" }],
        "user": { "secret-key": "secret-3" }, "jan@contoso.example": 1,
    });
    let lines = explain(&sieve, &record.to_string());
    let expected = [
        ("name", "kept: lap-1"),
        ("nics[].ip", "dropped: neither a private nor a public address"),
        ("id", "not named"),
        ("nics[].ssid", "not named"),
        ("user", "not named"),
        ("?", "not named"),
    ];
    for (path, shown) in expected {
        assert!(
            lines.contains(&(path.to_owned(), shown.to_owned())),
            "{path}: {lines:?}"
        );
    }
    assert_eq!(lines.len(), expected.len());
    assert!(
        lines
            .iter()
            .all(|(path, shown)| !path.contains("secret") && !shown.contains("secret"))
    );
}
