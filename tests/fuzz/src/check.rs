//! What must hold for any bytes.

use zeef_agent::sieve::definition::Format;

use crate::chunks::Chunks;
use crate::outcome::Outcome;
use crate::sieves::{Ready, named};
use crate::{Input, again, documented};

/// Reads an input's records under the definition that it names, among those of `format`.
///
/// # Panics
/// Where something comes out that may not, where the pieces in which a stream comes or an explanation change what
/// comes out, and where minimising twice is not minimising once.
pub fn records(format: Format, data: &[u8]) {
    let input = Input::new(data);
    let ready = named(format, input.definition, input.treatment);
    whole(ready, input.records, input.sizes);
}

/// The same for gzip: an input's records are read as gzip as they are, and once more after they were compressed.
///
/// # Panics
/// As [`records`], and where gzip changes what comes out.
pub fn compressed(data: &[u8]) {
    let input = Input::new(data);
    let ready = named(Format::Json, input.definition, input.treatment);
    let plain = whole(ready, input.records, input.sizes);
    if input.records.starts_with(&[0x1f, 0x8b]) {
        return;
    }
    let mut packed = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(input.records, flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut packed).expect("memory does not fail");
    let opened = Outcome::of(&ready.sieve, chunks(&packed, input.sizes), false);
    assert_eq!(opened, plain, "gzip changes what comes out");
}

/// JSON as it comes from a syslog daemon: read as it is, and its first line once more behind a sound header.
///
/// # Panics
/// As [`records`], and where the header changes what comes out.
pub fn behind_headers(data: &[u8]) {
    const HEADERS: [&str; 4] = [
        "<134>1 2026-02-03T04:05:06.789Z server app 17 - - ",
        "<134>1 2026-02-03T04:05:06Z server app 17 id [sd@1 key=\"a\\]b\"] \u{feff}",
        "<134>Feb  3 04:05:06 server app[17]: ",
        "2026-02-03T04:05:06+01:00 server app: ",
    ];
    let input = Input::new(data);
    let ready = named(Format::Json, input.definition, input.treatment);
    whole(ready, input.records, input.sizes);
    let line = input.records.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if !line.starts_with(b"{") {
        return;
    }
    let framed = [HEADERS[input.sizes.len() % HEADERS.len()].as_bytes(), line].concat();
    let framed = whole(ready, &framed, input.sizes);
    let bare = Outcome::of(&ready.sieve, line, false);
    assert_eq!(framed.lines, bare.lines, "a header changes what comes out");
    assert_eq!(framed.account, bare.account, "a header changes what became of it");
}

fn whole(ready: &Ready, records: &[u8], sizes: &[u8]) -> Outcome {
    let outcome = Outcome::of(&ready.sieve, records, false);
    for line in &outcome.lines {
        documented::check(line, ready);
    }
    let account = &outcome.account;
    assert_eq!(account.read, account.passed + account.empty + account.refusals());
    assert_eq!(account.passed, outcome.lines.len() as u64);
    assert_eq!(account.refusals(), outcome.refused.len() as u64);
    let pieces = Outcome::of(&ready.sieve, chunks(records, sizes), true);
    assert_eq!(pieces, outcome, "pieces or explanations change what comes out");
    again::check(&outcome, ready);
    outcome
}

fn chunks<'a>(rest: &'a [u8], sizes: &'a [u8]) -> Chunks<'a> {
    Chunks { rest, sizes, turn: 0 }
}
