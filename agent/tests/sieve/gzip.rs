//! gzip, sound and not.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use zeef_agent::sieve::Refusal;

use crate::harness::{Chunks, json as defined, read, run};

const RECORD: &str = "{\"id\":1,\"name\":\"lap-1\"}\n";
const FIELDS: &str = "device_name = ['name']";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_is_opened_also_where_it_was_appended_to() {
    let input = [gzip(RECORD.as_bytes()), gzip(RECORD.as_bytes())].concat();
    let outcome = run(&defined(FIELDS), &input);
    assert_eq!(outcome.records.len(), 2);
    let mut bytes = Chunks {
        bytes: &input,
        size: 1,
    };
    assert_eq!(read(&defined(FIELDS), &mut bytes), outcome);
}

#[test]
fn damaged_gzip_gives_what_came_before_the_damage() {
    let whole = gzip(RECORD.repeat(100_000).as_bytes());
    let outcome = run(&defined(FIELDS), &whole[..whole.len() / 2]);
    assert!(!outcome.records.is_empty());
    assert_eq!(outcome.refusals().last(), Some(&Refusal::Compression));
    let outcome = run(&defined(FIELDS), b"\x1f\x8b\x08\x00nonsense");
    assert_eq!(outcome.refusals(), [Refusal::Compression]);
}

#[test]
fn what_damage_takes_along_does_not_depend_on_how_the_input_comes() {
    let records: String = (0..5000)
        .map(|n| format!("{{\"id\":{n},\"name\":\"lap-{}\"}}\n", n * 7919 % 4999))
        .collect();
    let mut damaged = gzip(records.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let whole = run(&defined(FIELDS), &damaged);
    assert_eq!(whole.refusals().last(), Some(&Refusal::Compression));
    for size in [1, 7, 1000] {
        let mut pieces = Chunks {
            bytes: &damaged,
            size,
        };
        assert_eq!(read(&defined(FIELDS), &mut pieces), whole, "{size}");
    }
}

#[test]
fn a_bomb_is_left_alone_after_a_while() {
    let bomb = gzip(&vec![b' '; 24 << 20]);
    let outcome = run(&defined(FIELDS), &bomb);
    assert_eq!(outcome.refusals(), [Refusal::Bomb]);
    let patient = defined(FIELDS).with_most_ratio(2000);
    assert!(run(&patient, &bomb).refused.is_empty());
}
