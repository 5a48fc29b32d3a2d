//! Something that must be nowhere, in every form in which a program could have written it.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

pub(crate) struct Needle {
    pub(crate) what: String,
    forms: Vec<Vec<u8>>,
}

impl Needle {
    /// Bytes: as they are, in hexadecimal, and in base64.
    pub(crate) fn new(what: impl Into<String>, bytes: &[u8]) -> Self {
        let mut forms = vec![
            bytes.to_vec(),
            HEXLOWER.encode(bytes).into_bytes(),
            HEXUPPER.encode(bytes).into_bytes(),
        ];
        for encoding in [BASE64, BASE64URL] {
            // As it stands in a longer text, at any of the three places in a group of three bytes.
            for shift in 0..3 {
                let shifted = [&[0; 2][..shift], bytes].concat();
                let text = encoding.encode(&shifted);
                // What depends on the bytes alone: without the first group that has others in it, and the last.
                let start = if shift == 0 { 0 } else { 4 };
                let whole = shifted.len() / 3 * 4;
                if whole > start + 8 {
                    forms.push(text.as_bytes()[start..whole].to_vec());
                }
            }
        }
        Self {
            what: what.into(),
            forms,
        }
    }

    /// Text: in UTF-16 as well.
    pub(crate) fn text(text: &str) -> Self {
        let mut needle = Self::new(text, text.as_bytes());
        for in_order in [u16::to_le_bytes, u16::to_be_bytes] {
            needle
                .forms
                .push(text.encode_utf16().flat_map(in_order).collect());
        }
        needle
    }

    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        !found(std::slice::from_ref(self), bytes).is_empty()
    }
}

/// Which of the needles are in some bytes, found in one pass over them.
pub(crate) fn found<'a>(needles: &'a [Needle], bytes: &[u8]) -> Vec<&'a str> {
    let mut begun_by: Vec<Vec<(&str, &[u8])>> = vec![Vec::new(); 1 << 16];
    for needle in needles {
        for form in &needle.forms {
            begun_by[pair(form[0], form[1])].push((&needle.what, form));
        }
    }
    let mut found = Vec::new();
    for (at, two) in bytes.windows(2).enumerate() {
        for (what, form) in &begun_by[pair(two[0], two[1])] {
            if bytes[at..].starts_with(form) && !found.contains(what) {
                found.push(*what);
            }
        }
    }
    found
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

pub(crate) fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == needle[0]) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[test]
fn the_scan_finds_a_needle_in_every_spelling() {
    let needle = Needle::text("needle-in-name");
    let surrounded = |text: &str| [b"x", text.as_bytes(), b"yz"].concat();
    let utf16 = |in_order: fn(u16) -> [u8; 2]| {
        let units = "needle-in-name".encode_utf16();
        units.flat_map(in_order).collect::<Vec<u8>>()
    };
    for hay in [
        surrounded("needle-in-name"),
        surrounded(&HEXLOWER.encode(b"needle-in-name")),
        surrounded(&HEXUPPER.encode(b"needle-in-name")),
        BASE64.encode(b"needle-in-name").into_bytes(),
        BASE64.encode(b"a needle-in-name").into_bytes(),
        BASE64URL.encode(b"the needle-in-name here").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        assert!(needle.is_in(&hay), "{hay:?}");
    }
    assert!(!needle.is_in(b"needle-in-nam"));
}
