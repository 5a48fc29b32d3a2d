//! What a syslog daemon puts before a record: RFC 5424, RFC 3164 and its everyday variants.
//!
//! Names in it are those of the sender, a server or a router: they are passed over.

/// A header is shorter.
pub(super) const MOST_HEADER_BYTES: usize = 2048;

/// Where the record begins in a line; 0 where there is no header.
pub(super) fn length(line: &[u8]) -> usize {
    let mut rest = after_marks(line);
    let mut framed = false;
    if let Some(after) = after_priority(rest) {
        framed = true;
        if let Some(message) = after_rfc5424(after) {
            return line.len() - after_marks(message).len();
        }
        rest = after;
    }
    let unframed = rest;
    if let Some(after) = after_time(rest) {
        framed = true;
        rest = after;
    }
    if !framed {
        return line.len() - unframed.len();
    }
    rest = after_marks(trimmed(rest));
    // The host, and with a colon behind it the program as well.
    if !begins_record(rest)
        && let Some((host, after)) = word(rest)
    {
        rest = after_marks(after);
        if !host.ends_with(b":")
            && !begins_record(rest)
            && let Some((tag, after)) = word(rest)
            && tag.ends_with(b":")
        {
            rest = after_marks(after);
        }
    }
    line.len() - rest.len()
}

fn begins_record(text: &[u8]) -> bool {
    [b"{".as_slice(), b"[", b"CEF:", b"LEEF:"]
        .iter()
        .any(|mark| text.starts_with(mark))
}

/// Byte order marks: as they are, and as they look when their bytes were read as Latin-1.
fn after_marks(mut text: &[u8]) -> &[u8] {
    const MARKS: [&str; 4] = ["\u{feff}", "\u{ef}\u{bb}\u{bf}", "\u{ff}\u{fe}", "\u{fe}\u{ff}"];
    while let Some(rest) = MARKS.iter().find_map(|mark| text.strip_prefix(mark.as_bytes())) {
        text = rest;
    }
    text
}

/// `<134>`
fn after_priority(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"<")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=3)
        .contains(&digits)
        .then(|| rest[digits..].strip_prefix(b">"))?
}

/// `1 TIME HOST APP PROCESS MESSAGE-ID [DATA] MESSAGE`
fn after_rfc5424(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text.strip_prefix(b"1 ")?;
    for _ in 0..5 {
        rest = word(rest)?.1;
    }
    if let Some(after) = rest.strip_prefix(b"-") {
        return Some(trimmed(after));
    }
    while let Some(element) = rest.strip_prefix(b"[") {
        rest = after_element(element)?;
    }
    Some(trimmed(rest))
}

/// Behind the bracket that closes an element; brackets within quotes do not, nor do escaped quotes end those.
fn after_element(text: &[u8]) -> Option<&[u8]> {
    let mut quoted = false;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(&text[at + 1..]),
            _ => {}
        }
        at += 1;
    }
    None
}

/// `Sep  3 15:46:37` or a timestamp of RFC 3339.
fn after_time(text: &[u8]) -> Option<&[u8]> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
    ];
    let (first, rest) = word(text)?;
    if first.len() >= 19 && first[..4].iter().all(u8::is_ascii_digit) && first[4] == b'-' && first[10] == b'T'
    {
        return Some(rest);
    }
    if !MONTHS.contains(&first) {
        return None;
    }
    let (day, rest) = word(trimmed(rest))?;
    let (time, rest) = word(rest)?;
    let day_fits = (1..=2).contains(&day.len()) && day.iter().all(u8::is_ascii_digit);
    let clock = time.strip_suffix(b":").unwrap_or(time);
    let time_fits = clock.len() >= 8
        && clock
            .iter()
            .all(|byte| byte.is_ascii_digit() || b":.".contains(byte));
    (day_fits && time_fits).then_some(rest)
}

/// A word, and what is behind the space after it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b' ')?;
    (end > 0).then(|| (&text[..end], &text[end + 1..]))
}

fn trimmed(text: &[u8]) -> &[u8] {
    let spaces = text.iter().take_while(|byte| **byte == b' ').count();
    &text[spaces..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: &str) -> &str {
        &line[length(line.as_bytes())..]
    }

    #[test]
    fn the_header_is_passed_whatever_its_kind() {
        for (line, rest) in [
            ("{\"a\":1}", "{\"a\":1}"),
            ("CEF:0|a", "CEF:0|a"),
            ("<14>CEF:0|a", "CEF:0|a"),
            ("<134>Jul  3 12:00:01 gw CEF:0|a", "CEF:0|a"),
            ("May  6 10:59:37 srv prog[5032]: {\"a\":1}", "{\"a\":1}"),
            ("<181>Sep 25 09:18:44 router: [DHCP] text", "[DHCP] text"),
            ("2026-01-02T03:04:05+01:00 srv prog: {\"a\":1}", "{\"a\":1}"),
            (
                "<14>1 2026-01-02T03:04:05Z srv app 1 - - \u{feff}{\"a\":1}",
                "{\"a\":1}",
            ),
            (
                "<14>1 2026-01-02T03:04:05Z srv app 1 id [x@1 a=\"]\\\"{\" b=\"2\"][y@1] LEEF:1.0|a",
                "LEEF:1.0|a",
            ),
            ("\u{feff}{\"a\":1}", "{\"a\":1}"),
            ("\u{ef}\u{bb}\u{bf}{\"a\":1}", "{\"a\":1}"),
            ("HEARTBEAT", "HEARTBEAT"),
            ("<14", "<14"),
            ("", ""),
        ] {
            assert_eq!(record(line), rest, "{line}");
        }
    }
}
