//! Broken input: counted, named by position and reason, passed over; it never stops the stream.

use zeef_agent::sieve::Refusal;

use crate::harness::{Chunks, json as defined, read, run};

const GOOD: &str = "{\"id\":1,\"name\":\"lap-1\"}";
const FIELDS: &str = "device_name = ['name']";

/// A broken line between two good ones.
fn between(line: &[u8]) -> Vec<Refusal> {
    let input = [GOOD.as_bytes(), b"\n", line, b"\n", GOOD.as_bytes(), b"\n"].concat();
    let outcome = run(&defined(FIELDS), &input);
    assert_eq!(outcome.records.len(), 2, "{}", String::from_utf8_lossy(line));
    for refused in &outcome.refused {
        assert_eq!((refused.record, refused.line), (2, 2));
        assert_eq!(refused.offset, GOOD.len() as u64 + 1);
    }
    outcome.refusals()
}

#[test]
fn a_broken_line_does_not_touch_its_neighbours() {
    for (line, refusal) in [
        ("HEARTBEAT", Refusal::Format),
        ("{\"id\":1,\"name\":\"pc-9\"", Refusal::CutOff),
        ("{\"id\":1,\"name\":\"pc-9", Refusal::CutOff),
        ("{\"id\":1,\"name\":\"pc-9\"}garbage", Refusal::TrailingText),
        ("{\"id\":1,\"name\":\"pc-9\",}", Refusal::Syntax),
        ("{\"id\":1 \"name\":\"pc-9\"}", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc\\x\"}", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc-9\",\"x\":[1}]}", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc-9\",\"x\":nul}", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc-9\"]", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc-9\\", Refusal::CutOff),
        ("{\"id\":1,\"name\":\"pc-9\\u00", Refusal::CutOff),
        ("{\"id\":1,\"x\":\"pc-9\\", Refusal::CutOff),
        ("{\"id\":1,\"x\":\"pc-9\\u00", Refusal::CutOff),
        ("{id:1}", Refusal::Syntax),
        ("{\"id\":1,\"name\":\"pc\0-9\"}", Refusal::ControlCharacter),
        (
            "{\"id\":1,\"name\":\"pc-9\",\"x\":\"a\tb\"}",
            Refusal::ControlCharacter,
        ),
        ("{\"other\":1,\"name\":\"pc-9\"}", Refusal::Unrecognised),
        ("42", Refusal::Format),
        ("\u{0}\u{0}\u{0}", Refusal::Format),
    ] {
        assert_eq!(between(line.as_bytes()), [refusal], "{line:?}");
    }
}

#[test]
fn a_page_element_that_is_no_object_is_counted_and_passed() {
    let input = format!("[{GOOD},42,{GOOD}]");
    let outcome = run(&defined(FIELDS), input);
    assert_eq!(outcome.records.len(), 2);
    assert_eq!(outcome.refusals(), [Refusal::Format]);
}

#[test]
fn nesting_has_a_bound_and_no_stack_to_overflow() {
    for (open, close) in [
        ("[", "]"),
        ("{\"x\":", "}"),
        ("{\"name\":", "}"),
        ("[{\"x\":[", "]}]"),
    ] {
        let inner = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let line = format!("{{\"id\":1,\"x\":{inner}}}");
        assert_eq!(between(line.as_bytes()), [Refusal::TooDeep], "{open}");
    }
    let deep = format!("{{\"id\":1,\"x\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    assert!(run(&defined(FIELDS), deep).refused.is_empty());
}

#[test]
fn a_line_of_ten_megabytes_is_a_line() {
    let long = "x".repeat(10 << 20);
    for line in [
        format!("{{\"id\":1,\"x\":\"{long}\",\"name\":\"lap-1\"}}"),
        format!("{{\"id\":1,\"{long}\":1,\"name\":\"lap-1\"}}"),
        format!(
            "{{\"id\":1,\"x\":[{}1],\"name\":\"lap-1\"}}",
            "1,".repeat(5 << 20)
        ),
    ] {
        assert_eq!(run(&defined(FIELDS), line).only()["device_name"], "lap-1");
    }
    assert_eq!(between(long.as_bytes()), [Refusal::Format]);
}

#[test]
fn what_follows_a_broken_document_is_not_trusted() {
    // The line in the middle could be a part of the broken document: an attacker in it, not a device.
    let input = format!("{{\n\"id\": 1,\n\"attackers\": [tru,\n{GOOD}\n]}}\n{GOOD}\n");
    let outcome = run(&defined(FIELDS), input);
    assert!(outcome.records.is_empty(), "{outcome:?}");
    assert_eq!(outcome.refusals(), [Refusal::Syntax]);
}

#[test]
fn a_first_line_that_was_cut_off_does_not_take_the_stream_with_it() {
    let input = format!("{{\"id\":1,\n{GOOD}\n{GOOD}\n");
    let outcome = run(&defined(FIELDS), input);
    assert_eq!(outcome.records.len(), 2);
    assert_eq!(outcome.refusals(), [Refusal::Syntax]);
}

#[test]
fn utf_16_is_told_to_be_what_it_is() {
    for mark in [b"\xff\xfe".as_slice(), b"\xfe\xff"] {
        let outcome = run(&defined(FIELDS), [mark, b"{\0\"\0"].concat());
        assert_eq!(outcome.refusals(), [Refusal::Encoding]);
    }
}

#[test]
fn an_empty_input_is_no_record() {
    for input in ["", "\n", " \r\n\n", "\u{feff}"] {
        assert_eq!(run(&defined(FIELDS), input).account.read, 0, "{input:?}");
    }
}

#[test]
fn a_record_with_more_named_values_than_it_may_hold_is_refused() {
    let sieve = defined("ip = ['ips[]']");
    let line = format!(
        "{{\"id\":1,\"ips\":[{}\"10.0.0.1\"]}}",
        "\"10.0.0.1\",".repeat(2000)
    );
    assert_eq!(run(&sieve, line).refusals(), [Refusal::TooManyValues]);
}

#[test]
fn the_input_may_come_byte_by_byte() {
    let input = format!("{GOOD}\nHEARTBEAT\n{{\"id\":1,\n{GOOD}\n");
    let whole = run(&defined(FIELDS), &input);
    let mut bytes = Chunks {
        bytes: input.as_bytes(),
        size: 1,
    };
    assert_eq!(read(&defined(FIELDS), &mut bytes), whole);
    assert_eq!(whole.records.len(), 2);
}

#[test]
fn a_value_at_the_bound_is_judged_alike_however_it_comes() {
    for length in [254, 255, 256, 257] {
        let input = [b"{\"id\":1,\"name\":\"", vec![0xff; length].as_slice(), b"\"}\n"].concat();
        let whole = run(&defined(FIELDS), &input);
        let mut bytes = Chunks {
            bytes: &input,
            size: 1,
        };
        assert_eq!(read(&defined(FIELDS), &mut bytes), whole, "{length}");
    }
}
