//! Keys and values as simple as most are, measured in one step where all of them is in sight. Whatever is measured
//! here, the long way takes as well.

use std::ops::Range;

use super::json::MOST_KEY_BYTES;
use super::skip::in_number;
use crate::sieve::bytes::Marks;

/// A plain key `"key": ` that stands at `at`: where its text is, and where its value begins. No mark before `at` is
/// ahead.
#[inline(always)]
pub(super) fn key(marks: &mut Marks<'_>, at: usize) -> Option<(Range<usize>, usize)> {
    let text = text(marks, at, MOST_KEY_BYTES)?;
    let value = match marks.bytes().get(text.end + 1..)? {
        [b':', b' ', ..] => text.end + 3,
        [b':', _, ..] => text.end + 2,
        _ => return None,
    };
    Some((text, value))
}

/// Where the text of a string is that stands at `at`, has no escapes and at most `most` bytes. No mark before `at` is
/// ahead.
#[inline(always)]
pub(super) fn text(marks: &mut Marks<'_>, at: usize, most: usize) -> Option<Range<usize>> {
    if *marks.bytes().get(at)? != b'"' {
        return None;
    }
    let text = marks.next() + 1..marks.next();
    let whole = text.len() <= most && *marks.bytes().get(text.end)? == b'"';
    whole.then_some(text)
}

/// Where a string, a number or a literal ends that stands at `at`. No mark before `at` is ahead.
#[inline(always)]
pub(super) fn value(marks: &mut Marks<'_>, at: usize) -> Option<usize> {
    let bytes = marks.bytes().get(at..)?;
    match bytes.first()? {
        b'"' => string(marks),
        b'-' | b'0'..=b'9' => Some(at + bytes.iter().position(|byte| !in_number(*byte))?),
        b't' => bytes.starts_with(b"true").then_some(at + 4),
        b'f' => bytes.starts_with(b"false").then_some(at + 5),
        b'n' => bytes.starts_with(b"null").then_some(at + 4),
        _ => None,
    }
}

/// Where the string ends whose opening quote is the next mark.
#[inline(always)]
fn string(marks: &mut Marks<'_>) -> Option<usize> {
    marks.next();
    loop {
        let end = marks.next();
        match marks.bytes().get(end..)? {
            [b'"', ..] => return Some(end + 1),
            [b'\\', escaped, ..] if *escaped >= 0x20 => marks.pass_to(end + 2),
            _ => return None,
        }
    }
}

/// Where the next member begins, behind a comma that stands at `at`.
#[inline(always)]
pub(super) fn comma(marks: &Marks<'_>, at: usize) -> Option<usize> {
    match marks.bytes().get(at..)? {
        [b',', b' ', ..] => Some(at + 2),
        [b',', ..] => Some(at + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sieve::bytes::Window;

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
            let mut input = text.as_bytes();
            let mut window = Window::new(&mut input, 64);
            window.look(text.len()).unwrap();
            let (mut marks, at) = window.marks();
            let end = key(&mut marks, at).and_then(|(_, at)| value(&mut marks, at));
            let member = end.and_then(|end| comma(&marks, end));
            assert_eq!(member, expected, "{text}");
        }
    }
}
