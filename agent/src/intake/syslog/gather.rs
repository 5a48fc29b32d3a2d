//! Messages as lines, until there are enough for a piece.

use zeroize::Zeroizing;

use super::MOST_BYTES;

/// The header of RFC 5424 that says nothing.
const NO_HEADER: &[u8] = b"<13>1 - - - - - - ";

/// Lines that wait to be handed on: one message, one line.
///
/// Whatever a message holds, it is one record or none. A line's end in the middle of it becomes a NUL, which no
/// format takes for space, so that what follows is never read as a message of its own. One that begins neither with
/// a header nor with a word is given an empty header: the first bytes of a piece then never look like a document,
/// like compression or like another encoding, which would make one message decide how all others are read.
#[derive(Default)]
pub struct Gather(Zeroizing<Vec<u8>>);

impl Gather {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a message. False where there is no room for it beside what waits; there always is when nothing does, for
    /// messages of up to [`MOST_BYTES`].
    pub fn add(&mut self, message: &[u8]) -> bool {
        let message = message.trim_ascii();
        let Some(first) = message.first() else {
            return true;
        };
        let headed = *first == b'<' || first.is_ascii_alphanumeric();
        let header = if headed { &[] } else { NO_HEADER };
        if self.0.len() + header.len() + message.len() + 1 > Self::MOST {
            return false;
        }
        if self.0.capacity() == 0 {
            // At its full size from the start, so that no copy is left behind in growing.
            self.0 = Zeroizing::new(Vec::with_capacity(Self::MOST));
        }
        self.0.extend_from_slice(header);
        let start = self.0.len();
        self.0.extend_from_slice(message);
        for byte in &mut self.0[start..] {
            if *byte == b'\n' {
                *byte = 0;
            }
        }
        self.0.push(b'\n');
        true
    }

    /// Room for one message of the greatest length, its header and its line's end.
    const MOST: usize = MOST_BYTES + NO_HEADER.len() + 1;

    /// Takes all that waits.
    pub fn take(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(messages: &[&[u8]]) -> Vec<u8> {
        let mut gather = Gather::default();
        for message in messages {
            assert!(gather.add(message));
        }
        gather.take().to_vec()
    }

    #[test]
    fn each_message_is_one_line() {
        assert_eq!(
            lines(&[b"<14>one\r\n", b"  two\n\n", b"<15>three\nfour", b"", b"\n"]),
            b"<14>one\ntwo\n<15>three\0four\n"
        );
    }

    #[test]
    fn a_message_without_header_or_word_is_given_an_empty_header() {
        for message in [
            &b"{\"a\":1}"[..],
            b"[x]",
            b"\x1f\x8b",
            b"\xff\xfe",
            b"\xef\xbb\xbf{}",
            b"\0",
        ] {
            let mut expected = b"<13>1 - - - - - - ".to_vec();
            expected.extend_from_slice(message);
            expected.push(b'\n');
            assert_eq!(lines(&[message]), expected);
        }
    }

    #[test]
    fn what_waits_is_bounded_and_the_longest_message_has_room() {
        let mut gather = Gather::default();
        assert!(gather.add(&[b'{'; MOST_BYTES]));
        assert!(!gather.add(b"x"));
        drop(gather.take());
        assert!(gather.is_empty() && gather.add(b"x"));
    }
}
