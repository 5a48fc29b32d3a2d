//! Keys and values as simple as most are, measured in one step where all of them is in sight. Whatever is measured
//! here, the long way takes as well.

use super::json::MOST_KEY_BYTES;
use super::skip::in_number;
use crate::sieve::bytes::plain_prefix;

/// A plain key `"key": `, and how long it is with its colon and the space behind.
#[inline]
pub(super) fn key(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (b'"', rest) = bytes.split_first()? else {
        return None;
    };
    let plain = plain_prefix(rest);
    if plain > MOST_KEY_BYTES {
        return None;
    }
    match rest.get(plain..)? {
        [b'"', b':', b' ', ..] => Some((&rest[..plain], plain + 4)),
        [b'"', b':', _, ..] => Some((&rest[..plain], plain + 3)),
        _ => None,
    }
}

/// How long a string, a number or a literal is.
#[inline]
pub(super) fn value(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => string(bytes),
        b'-' | b'0'..=b'9' => bytes.iter().position(|byte| !in_number(*byte)),
        b't' => bytes.starts_with(b"true").then_some(4),
        b'f' => bytes.starts_with(b"false").then_some(5),
        b'n' => bytes.starts_with(b"null").then_some(4),
        _ => None,
    }
}

/// How long a string with its quotes is.
#[inline]
fn string(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes.get(1..)?;
    loop {
        rest = &rest[plain_prefix(rest)..];
        match rest {
            [b'"', ..] => return Some(bytes.len() - rest.len() + 1),
            [b'\\', escaped, behind @ ..] if *escaped >= 0x20 => rest = behind,
            _ => return None,
        }
    }
}

/// How long a member is with the comma and the space behind it.
#[inline]
pub(super) fn member(bytes: &[u8]) -> Option<usize> {
    let (_, key) = key(bytes)?;
    let end = key + value(&bytes[key..])?;
    match bytes.get(end..)? {
        [b',', b' ', ..] => Some(end + 2),
        [b',', ..] => Some(end + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_simple_or_not_in_sight_is_left() {
        for (text, expected) in [
            ("\"a\":\"b\",\"c\":1}", Some(8)),
            ("\"a\": -1.5e3, \"c\":1}", Some(13)),
            ("\"a\":\"\\u0041\\\\\\\"\",", Some(17)),
            ("\"a\":true,", Some(9)),
            ("\"a\":false,", Some(10)),
            ("\"a\":null,", Some(9)),
            ("\"a\":1}", None),
            ("\"a\":1", None),
            ("\"a\":\"b", None),
            ("\"a\":\"b\\", None),
            ("\"a\":\"b\\\n\",", None),
            ("\"a\":\"b\nc\",", None),
            ("\"\\u0041\":1,", None),
            ("\"a\":{},", None),
            ("\"a\":tru,", None),
            ("\"a\"", None),
            ("\"a", None),
            ("", None),
        ] {
            assert_eq!(member(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(key(b"\"a\": 1"), Some((b"a".as_slice(), 5)));
        assert_eq!(key(b"\"a\":1"), Some((b"a".as_slice(), 4)));
    }
}
